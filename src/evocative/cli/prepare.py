"""`evocative prepare`: from a copy of a data set to a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.cli.loudness import note
from evocative.cli.options import KeepRoot
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.datasets.card import Count, DatasetCard, Reading

SHOWN = 20


def prepare(
    name: Annotated[str, typer.Argument(help="A data set (see: evocative datasets).")],
    root: Annotated[Path, typer.Argument(help="Its folder; for csv the file.")],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", callback=beforehand.output_file, help="The table: ends in .csv or .parquet."
        ),
    ],
    split: Annotated[
        str | None,
        typer.Option(
            metavar="TRAIN/VALIDATION/TEST",
            help="Shares, as 80/5/15: stratified, whole groups together. Without it, the data's own split.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the split, and of what a data set draws.")] = 0,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An option of the data set (see its card); repeatable."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=COLUMN", help="csv: a table's column, and the file's name of it; repeatable."
        ),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="csv: scale of valence, arousal and dominance, as 1..9.")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="csv: folder that the paths are relative to.")] = None,
    taxonomy: Annotated[
        str | None,
        typer.Option(help="csv, folder: name of the labels' taxonomy; own: your words, whatever they are."),
    ] = None,
    keep_root: KeepRoot = True,
) -> None:
    """Write the table of a data set, and say what is expected, found and missing."""
    from evocative.data.storage import checked_suffix
    from evocative.data.table import check_table, write_table
    from evocative.datasets.catalogue import dataset

    card = dataset(name)
    checked_suffix(output)
    fractions = None if split is None else shares(split)
    given = {"columns": _columns(column), "scale": scale, "images": images, "taxonomy": taxonomy}
    reading = card.load(root, **_options(name, given), **card.settings(_settings(card, options, seed)))
    table = reading.table
    if fractions is not None:
        table = _split(table, fractions, seed)
    check_table(table)
    write_table(table, output, keep_root=keep_root)
    for hint in reading.hints:
        typer.echo(f"hint: {hint}", err=True)
    typer.echo(summary(reading, card.counts(table), table))
    typer.echo(
        f"\nwrote {output}: {len(table):,} rows" + (f" of {table.taxonomy.name}" if table.taxonomy else "")
    )


def shares(text: str) -> dict[str, float]:
    """Read 80/5/15 (or .8/.05/.15) as shares of train, validation and test; a part of 0 is left out.

    Raises:
        DataError: These are not three numbers that add up to 100 or 1.
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        numbers = []
    total = sum(numbers)
    if len(numbers) != 3 or min(numbers) < 0 or not any(abs(total - whole) < 1e-6 for whole in (1, 100)):
        raise DataError(f"--split {text}: expected train/validation/test that add up to 100, such as 80/5/15")
    names = ("train", "validation", "test")
    return {name: number / total for name, number in zip(names, numbers, strict=True) if number > 0}


def summary(reading: "Reading", counts: "list[Count]", table: "Table") -> str:
    """Return what is expected, found and missing, the splits, and what was left out."""
    lines = _counts(counts)
    if table.splits:
        lines += ["", "splits: " + ", ".join(f"{name} {rows:,}" for name, rows in table.splits.items())]
    if reading.left_out:
        lines += ["", f"left out ({len(reading.left_out)}):"]
        lines += [f"  {item.path}: {item.reason}" for item in reading.left_out[:SHOWN]]
        if len(reading.left_out) > SHOWN:
            lines.append(f"  … and {len(reading.left_out) - SHOWN} more")
    return "\n".join(lines)


def _counts(counts: "list[Count]") -> list[str]:
    published = any(count.expected is not None for count in counts)
    width = max(len(count.name) for count in counts)
    lines = [f"{'':<{width}}" + (f"{'expected':>10}" if published else "") + f"{'found':>10}"]
    for count in counts:
        expected = "–" if count.expected is None else f"{count.expected:,}"
        line = f"{count.name:<{width}}" + (f"{expected:>10}" if published else "") + f"{count.found:>10,}"
        lines.append(line + _difference(count))
    return lines


def _difference(count: "Count") -> str:
    if count.expected is None or count.expected == count.found:
        return ""
    return (
        f"   {count.missing:,} missing" if count.missing else f"   {count.found - count.expected:,} too many"
    )


def _split(table: "Table", fractions: Mapping[str, float], seed: int) -> "Table":
    from evocative.data.splits import split

    if table.splits:
        note("the data's own split is replaced (leave --split out to keep it)")
    return split(table, fractions=fractions, seed=seed)


def _columns(pairs: list[str] | None) -> dict[str, str] | None:
    """Read NAME=COLUMN pairs."""
    return _pairs(pairs, "--column", "NAME=COLUMN, such as label=emotion") or None


def _settings(card: "DatasetCard", pairs: list[str] | None, seed: int) -> dict[str, str]:
    """Read NAME=VALUE pairs; a data set that draws takes the command's seed if it is given none."""
    default = {"seed": str(seed)} if "seed" in card.options else {}
    return default | _pairs(pairs, "--set", "NAME=VALUE, such as level=7")


def _pairs(pairs: list[str] | None, option: str, expected: str) -> dict[str, str]:
    read = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise DataError(f"{option} {pair}: expected {expected}")
        read[name] = value
    return read


def _options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, if this data set takes them."""
    taken = {"csv": ("columns", "scale", "images", "taxonomy"), "folder": ("taxonomy",)}.get(name, ())
    options = {key: value for key, value in given.items() if value is not None}
    for key in options:
        if key not in taken:
            option = "--column" if key == "columns" else f"--{key}"
            raise DataError(f"{option} is not for {name}, whose files say it themselves; leave it out")
    return options
