"""`evocative compare`: repeats of recipes, measured or printed, with means, SDs, intervals and tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from evocative.cli import beforehand
from evocative.cli.options import MapLabels

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.evaluate.repeats import Repeats
    from evocative.evaluate.sources import Group

AGAINST = "--against"


class Command(TyperCommand):
    """Lets --against take all words up to the next option, as a shell's `runs/plain-*` gives them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write the option before each of its words."""
        words: list[str] = []
        taking = False
        for word in args:
            if word == AGAINST or word.startswith("-"):
                taking = word == AGAINST
                words += [] if taking else [word]
                continue
            words += [AGAINST, word] if taking else [word]
        if args and args[-1] == AGAINST:
            words.append(AGAINST)  # without a word: click says so
        return super().parse_args(ctx, words)


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Run folders, folders of runs, predictions, or printed figures as accuracy=81.4±0.2%:5; "
            "NAME=RUN names it.",
        ),
    ],
    *,
    against: Annotated[
        list[str] | None,
        typer.Option(AGAINST, metavar="RUN...", help="What to compare with: repeats of one recipe."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path,
            help="What people said, for predictions without labels: a table or folder.",
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="train, validation, test or all; else test where there is one.")
    ] = None,
    map_labels: MapLabels = False,
    labels: Annotated[bool, typer.Option("--labels", help="Show figures of each label, too.")] = False,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    bootstrap: Annotated[int, typer.Option(min=1, help="Draws for the paired bootstrap.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of clusters and draws.")] = 0,
    style: Annotated[str, typer.Option("--format", help="text, markdown, csv or json, on stdout.")] = "text",
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            callback=beforehand.output_files,
            help="Also write a file: .txt, .md, .csv or .json; may be given often.",
        ),
    ] = None,
) -> None:
    """Compare repeated runs: mean ± SD of every figure, Welch's test, paired bootstrap and McNemar's test.

    Runs whose recipes differ only in seed, fold and name are repeats of each other. Without --against, only
    their means are told. Published means and SDs can stand on either side:

    evocative compare 81.806±0.177:5 --against 81.368±0.174:5
    """
    from evocative.evaluate.difference_tables import Compared, render, write
    from evocative.evaluate.repeats import compare_repeats
    from evocative.evaluate.sources import groups_of, merged, told_apart

    table = _table(data)
    reading = Reading(table, split, map_labels, seed)
    groups = told_apart([*groups_of(runs), *([merged(groups_of(against))] if against else [])])
    sides = [reading.repeats(group) for group in groups]
    differences = []
    if against:
        differences = [
            compare_repeats(side, sides[-1], level=level, resamples=bootstrap, seed=seed)
            for side in sides[:-1]
        ]
    compared = Compared(sides, differences, labels=labels)
    for path in output or []:
        write(compared, path)
    typer.echo(render(compared, style), nl=False)


class Reading:
    """How predictions are read: which truth, which rows."""

    def __init__(self, table: "Table | None", split: str | None, mapped: bool, seed: int) -> None:
        self.table, self.split, self.mapped, self.seed = table, split, mapped, seed

    def repeats(self, group: "Group") -> "Repeats":
        """Measure a group's runs, or take what was printed."""
        from evocative.cli.evaluate import from_file
        from evocative.evaluate.repeats import Repeats

        if group.printed is not None:
            return Repeats.printed(group.name, group.printed)
        read = [
            [
                from_file(member.predictions, self.table, split=self.split, mapped=self.mapped)
                for member in folds
            ]
            for folds in group.repeats
        ]
        merged = any(one.answered is not None for folds in read for one in folds)
        rows = [[one.comparable for one in folds] for folds in read]
        return Repeats.of(group.name, rows, seed=self.seed, merged=merged)


def _table(data: Path | None) -> "Table | None":
    from evocative.cli.evaluate import read_data

    return None if data is None else read_data(data, None)
