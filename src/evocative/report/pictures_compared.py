"""The page of ways of making pictures, compared: tables, some pictures of each way, what they look like.

write_compared_page(compare_pictures(ways, judges), ways, "compared/index.html")

Pictures are drawn at random from each way and emotion, not picked: a page of the best ones flatters.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from evocative.data.atomic import replacing
from evocative.data.image import decode
from evocative.errors import DataError
from evocative.explore.achieved import Achieved
from evocative.explore.comparison import Comparison
from evocative.explore.comparison_text import number, table_cells, titled, told
from evocative.explore.looked import REAL, Way
from evocative.explore.spread import Neighbours
from evocative.explore.style_found import StyleFound
from evocative.plots.thumbnails import thumbnail
from evocative.report.html import style

PIXELS: Final = 112
"""Of the longer side of a thumbnail."""
EACH: Final = 3
"""Pictures of each emotion and way."""
FEATURES: Final = 12
"""Features of style that are shown."""
PAIRS: Final = 4
"""Made pictures that are shown beside their nearest real image."""


@dataclass(frozen=True)
class Panel:
    """A thumbnail with what is said below it."""

    name: str
    said: str
    data: str
    """JPEG in base64; empty where the picture could not be read."""


@dataclass(frozen=True)
class Cell:
    """A cell of a coloured table."""

    text: str
    strength: float
    """-1 … 1: how strongly it is coloured."""


@dataclass(frozen=True)
class Grid:
    """A coloured table."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Shown:
    """One way as the page holds it."""

    title: str
    pictures: tuple[tuple[str, tuple[Panel, ...]], ...]
    """By asked emotion."""
    confusion: Grid | None
    styles: tuple[Grid, ...]
    pairs: tuple[tuple[Panel, Panel], ...]
    """Made pictures and their nearest real images."""


def write_compared_page(
    found: Comparison, ways: Sequence[Way], path: str | Path, *, seed: int = 0, originals: bool = True
) -> Path:
    """Write the page, whole or not at all, and return its path.

    Args:
        found: The figures.
        ways: Whose pictures are shown, as they were compared.
        path: The file, which ends in .html.
        seed: Of the draw of pictures.
        originals: Show the nearest real images; without it, the page holds no picture that somebody took.

    Raises:
        DataError: The ending is another one, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise DataError(f"{path}: a page ends in .html, not in {path.suffix or 'nothing'}")
    page = _environment().get_template("pictures_compared.html.j2").render(
        tables=table_cells(found),
        ways=[_shown(found, way, ways, seed=seed, originals=originals) for way in ways if way.name != REAL],
        judges=found.judges, errors=found.errors, real=any(way.name == REAL for way in ways),
        style=Markup(style()),  # noqa: S704 (our own file)
    )  # fmt: skip
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return path


def _shown(found: Comparison, way: Way, ways: Sequence[Way], *, seed: int, originals: bool) -> Shown:
    key = (way.name, way.made_for)
    first = found.judges[0].name
    aim = next(one for one in found.achieved if (one.way, one.made_for, one.judge) == (*key, first))
    near = [one for one in found.neighbours if (one.way, one.made_for, one.judge) == (*key, first)]
    real = [one for one in ways if one.name == REAL]
    return Shown(
        title=titled(*key),
        pictures=_pictures(found.rows, way, first, seed),
        confusion=_confusion(aim),
        styles=tuple(
            _style(one) for one in found.style if (one.way, one.made_for) == key and not one.left_out
        ),
        pairs=_pairs(near[0], way, real[0]) if near and real and originals else (),
    )


def _pictures(
    rows: pd.DataFrame, way: Way, judge: str, seed: int
) -> tuple[tuple[str, tuple[Panel, ...]], ...]:
    """Draw some pictures of each asked emotion, and tell what the judge says of them."""
    mine = rows[(rows["way"] == way.name) & (rows["made_for"] == way.made_for) & (rows["judge"] == judge)]
    mine = mine.reset_index(drop=True)
    generator = np.random.default_rng(seed)
    found = []
    groups = {name: np.flatnonzero(mine["asked"] == name) for name in mine["asked"].dropna().unique()}
    groups = groups or {"": np.arange(len(mine))}
    for name, places in groups.items():
        chosen = np.sort(generator.choice(places, min(EACH, len(places)), replace=False))
        panels = [_panel(way.table.paths[row], _said(mine.iloc[row])) for row in chosen]
        found.append((str(name), tuple(panels)))
    return tuple(found)


def _said(row: "pd.Series[Any]") -> str:
    """Return what a judge says of a picture: its emotion, and the asked one's probability, also at worst."""
    views = [float(row[name]) for name in row.index if str(name).startswith("p_")]
    if not views or not isfinite(views[0]):
        axes = [f"{axis} {float(row[axis]):+.2f}" for axis in ("valence", "arousal", "dominance")]
        return ", ".join(each for each in axes if "nan" not in each)
    least = f", {min(views):.2f} on its worst view" if len(views) > 1 else ""
    return f"{row['emotion']}; asked {views[0]:.2f}{least}"


def _panel(path: Path, said: str) -> Panel:
    try:
        small = thumbnail(decode(path), pixels=PIXELS)
    except DataError as error:
        return Panel(path.name, str(error), "")
    stream = BytesIO()
    Image.fromarray(np.asarray(small)).save(stream, "JPEG", quality=85)
    return Panel(path.name, said, base64.b64encode(stream.getvalue()).decode("ascii"))


def _confusion(aim: Achieved) -> Grid | None:
    if not aim.confusion:
        return None
    rows = []
    for name, counts in zip(aim.labels, aim.confusion, strict=True):
        total = sum(counts)
        if total:
            rows.append((f"{name} ({total})", tuple(Cell(f"{n / total:.2f}", n / total) for n in counts)))
    title = f"Asked (rows) and found by {aim.judge} (columns), shares"
    return Grid(title, aim.labels, tuple(rows))


def _style(one: StyleFound) -> Grid:
    """Lay the contrasts of the features that differ most between emotions in real images side by side."""
    spread = np.nan_to_num(one.real.std(axis=0), nan=-1.0)
    rows = []
    for f in np.argsort(-spread, kind="stable")[:FEATURES]:
        pairs = [
            Cell(f"{one.real[k, f]:+.2f} / {one.made[k, f]:+.2f}", float(np.clip(one.made[k, f], -1, 1)))
            for k in range(len(one.emotions))
        ]
        name = one.features[f]
        r = one.agreement[name].value
        rows.append((name, (*pairs, Cell(number(r), r), Cell(number(one.q[name]), 0.0))))
    every = (*(one.by_emotion[name] for name in one.emotions), one.overall)
    rows.append(("r over all features", (*(Cell(told(r), r.value) for r in every), Cell("", 0.0))))
    title = "Style: contrast between emotions in real images / in these, in SDs of real images"
    return Grid(title, (*one.emotions, "r", "q"), tuple(rows))


def _pairs(near: Neighbours, way: Way, real: Way) -> tuple[tuple[Panel, Panel], ...]:
    made = dict(zip(way.table.frame["path"].astype(str), way.table.paths, strict=True))
    taken = dict(zip(real.table.frame["path"].astype(str), real.table.paths, strict=True))
    return tuple(
        (_panel(made[each.picture], "made"), _panel(taken[each.real], f"real, at {each.distance:.3f}"))
        for each in near.nearest[:PAIRS]
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evocative.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["shade"] = _shade
    return environment


def _shade(strength: float) -> str:
    """Return a cell's colour: blue above nothing, orange below."""
    if not isfinite(strength):
        return "transparent"
    share = round(70 * min(abs(strength), 1))
    return f"color-mix(in srgb, {'#0072b2' if strength >= 0 else '#d55e00'} {share}%, transparent)"
