"""Ways of making pictures, compared: aim, what is left on fresh views, transfer, diversity, style, copies.

ways = ways_of([read_made("gan"), read_made("atlas")], real=read_table("validation.csv"))
found = compare_pictures(ways, [load_judge(), load_judge("other")])
found.achieved                          # a row a way and judge
write_comparison(found, "out")          # comparison.json, pictures.csv

The real images are one more way, `real`, made for people: what a judge says of them is what can be expected.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from evocative.data.atomic import replacing
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.style import style_of_table
from evocative.explore.achieved import Achieved, Agreement, Draws, Robust, achieved, agreement, robust
from evocative.explore.fresh_views import FRESH, PLAIN
from evocative.explore.judge import Judge
from evocative.explore.looked import PEOPLE, REAL, Looked, Way, look, rows_of
from evocative.explore.spread import GenomeSpread, Neighbours, Spread, genome_spreads, neighbours, spreads
from evocative.explore.style_found import Styled, StyleFound, style_found
from evocative.plain import plain

FORMAT_VERSION: Final = 2
FILE: Final = "comparison.json"
ROWS: Final = "pictures.csv"
KIND: Final = "compared pictures"
Watch = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Asked:
    """What is compared.

    Attributes:
        views: Fresh views besides the pictures as they are.
        style: Measure style, where there are real images.
        store: Folder that keeps the style of images, by their content; None keeps nothing.
        draws: Of bootstrap intervals.
        seed: Of views and of draws of rows.
    """

    views: tuple[str, ...] = tuple(FRESH)
    style: bool = True
    store: str | Path | None = None
    draws: Draws = field(default_factory=Draws)
    seed: int = 0


@dataclass(frozen=True)
class Told:
    """A way or a judge, as the comparison names it."""

    name: str
    made_for: str = ""
    n: int = 0
    weights: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """All figures."""

    ways: tuple[Told, ...]
    judges: tuple[Told, ...]
    achieved: tuple[Achieved, ...]
    robust: tuple[Robust, ...]
    agreement: tuple[Agreement, ...]
    spread: tuple[Spread, ...]
    genomes: tuple[GenomeSpread, ...]
    neighbours: tuple[Neighbours, ...]
    style: tuple[StyleFound, ...]
    """By the first judge."""
    rows: pd.DataFrame
    """One a picture and judge: what was asked, what was said, the asked emotion's probability by view."""
    errors: tuple[tuple[str, str], ...] = ()
    """Pictures that could not be read, and why."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values without the rows; what is no number is None."""
        flat = ("ways", "judges", "achieved", "robust", "agreement", "genomes", "neighbours")
        values: dict[str, Any] = {name: [asdict(one) for one in getattr(self, name)] for name in flat}
        values["spread"] = [asdict(one) | {"within_mean": one.within_mean} for one in self.spread]
        values["style"] = [one.to_dict() for one in self.style]
        values["errors"] = [list(pair) for pair in self.errors]
        return {"format_version": FORMAT_VERSION, **plain(values)}


def compare_pictures(
    ways: Sequence[Way],
    judges: Sequence[Judge],
    *,
    training: Table | None = None,
    asked: Asked | None = None,
    watch: Watch = iter,
) -> Comparison:
    """Compare ways of making pictures by what judges say of them.

    Args:
        ways: As `ways_of` sorts them; with real images, style and nearest neighbours are told as well.
        judges: Who looks; the first one's answers and features go with style.
        training: What generators were shown, to tell copying; needs real images that they were not shown.
        asked: What is compared.
        watch: Passes batches on as they are done, to show progress.

    Raises:
        DataError: There is no judge, two have one name, or no judge knows any of the emotions asked for.
    """
    asked = asked or Asked()
    _check(ways, judges, training)
    genomes = genome_spreads(ways, seed=asked.seed)  # a cell that is no genome is told before the long part
    every = [
        [look(way, judge, views=asked.views, seed=asked.seed, watch=watch) for way in ways]
        for judge in judges
    ]
    flat = [looked for row in every for looked in row]
    _refuse_strangers(flat)
    shown = [_shown(training, judge, watch) for judge in judges]
    return Comparison(
        ways=tuple(Told(way.name, way.made_for, len(way)) for way in ways),
        judges=tuple(Told(judge.name, weights=judge.weights) for judge in judges),
        achieved=tuple(achieved(looked, asked.draws) for looked in flat),
        robust=tuple(one for looked in flat for one in robust(looked, asked.draws)),
        agreement=_agreements(every, asked.draws),
        spread=tuple(one for row in every for one in spreads(row, seed=asked.seed)),
        genomes=genomes,
        neighbours=tuple(
            one for row, known in zip(every, shown, strict=True) for one in _neighbours(row, ways, known)
        ),
        style=_styles(ways, every[0], asked, watch) if asked.style else (),
        rows=pd.concat([rows_of(way, looked) for row in every for way, looked in zip(ways, row, strict=True)],
                       ignore_index=True),
        errors=tuple(
            (path, error)
            for way, looked in zip(ways, every[0], strict=True)
            for path, error in zip(way.table.frame["path"].astype(str), looked.errors, strict=True)
            if error is not None
        ),
    )  # fmt: skip


def write_comparison(found: Comparison, folder: str | Path) -> Path:
    """Write comparison.json and pictures.csv into a folder, each whole or not at all; return the former.

    Raises:
        DataError: They cannot be written, or would replace a made table.
    """
    folder = Path(folder)
    check_output(folder)
    write_rows(found.rows, {"kind": KIND}, folder / ROWS)
    with replacing(folder / FILE) as unfinished:
        unfinished.write_text(json.dumps(found.to_dict(), indent=1, allow_nan=False), encoding="utf-8")
    return folder / FILE


def check_output(folder: Path) -> None:
    """Refuse a folder whose pictures.csv is another table: a made table's file has that name, too.

    Raises:
        DataError: It is such a folder.
    """
    if (folder / ROWS).is_file() and read_rows(folder / ROWS)[1].get("kind") != KIND:
        raise DataError(
            f"{folder}: its {ROWS} is no comparison, and would be replaced; name another folder (--output)"
        )


def _check(ways: Sequence[Way], judges: Sequence[Judge], training: Table | None) -> None:
    names = [judge.name for judge in judges]
    if not names or len(set(names)) < len(names):
        raise DataError(
            f"judges need one name each, at least one of them: found {names}; name them NAME=MODEL"
        )
    if not ways:
        raise DataError("there are no pictures to compare")
    if training is not None and not any(way.name == REAL for way in ways):
        raise DataError(
            "whether training images were copied needs real images beside them, never shown; add them"
        )


def _refuse_strangers(every: Sequence[Looked]) -> None:
    """Refuse where nothing was asked for that anybody can judge."""
    if not any(looked.counted().any() or not np.isnan(looked.targets).all() for looked in every):
        known = ", ".join(sorted({name for looked in every for name in looked.names})) or "no emotion"
        raise DataError(
            "the pictures ask for nothing that a judge predicts: give each row a label "
            f"(known: {known}) or a dimension"
        )


def _shown(training: Table | None, judge: Judge, watch: Watch) -> Looked | None:
    if training is None:
        return None
    return look(Way("training", PEOPLE, training), judge, views=(), watch=watch)


def _agreements(every: Sequence[Sequence[Looked]], draws: Draws) -> tuple[Agreement, ...]:
    """Compare each two judges on each way: where pictures were made for one of them, that one is first."""
    found = []
    for one, other in product(range(len(every)), repeat=2):
        for first, second in zip(every[one], every[other], strict=True):
            if one != other and (first.own or first.made_for == PEOPLE):
                found.append(agreement(first, second, draws))
    return tuple(found)


def _neighbours(every: Sequence[Looked], ways: Sequence[Way], known: Looked | None) -> list[Neighbours]:
    real = [place for place, way in enumerate(ways) if way.name == REAL]
    if not real:
        return []
    paths = [list(way.table.frame["path"].astype(str)) for way in ways]
    each = (
        neighbours(looked, every[real[0]], (paths[place], paths[real[0]]), known)
        for place, looked in enumerate(every)
        if place not in real
    )
    return [one for one in each if one is not None]


def _styles(
    ways: Sequence[Way], every: Sequence[Looked], asked: Asked, watch: Watch
) -> tuple[StyleFound, ...]:
    if not any(way.name == REAL for way in ways) or len(ways) < 2:
        return ()
    styled = [
        Styled(
            way.name, way.made_for, style_of_table(way.table, store=asked.store, watch=watch).matrix,
            looked.asked, looked.vad[PLAIN],
        )
        for way, looked in zip(ways, every, strict=True)
    ]  # fmt: skip
    real = next(one for one in styled if one.way == REAL)
    return tuple(style_found(one, real, every[0].names, seed=asked.seed) for one in styled if one is not real)
