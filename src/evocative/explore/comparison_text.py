"""The comparison as text: Markdown tables that a terminal shows as well."""

from collections.abc import Sequence
from math import isfinite
from typing import Final

from evocative.explore.comparison import Comparison
from evocative.explore.fresh_views import PLAIN
from evocative.explore.looked import PEOPLE
from evocative.metrics.intervals import Interval

STYLE: Final = 5
"""Features that are named."""


Rows = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Heads and rows of cells."""


def tables(found: Comparison) -> dict[str, str]:
    """Return Markdown tables by their headings; those without a row are left out."""
    return {heading: _table(heads, rows) for heading, heads, rows in table_cells(found)}


def table_cells(found: Comparison) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    """Return heading, heads and rows of each table that has a row."""
    every = {
        "Aim and transfer: asked emotion is the strongest (mean probability)": _aim(found),
        "Dimensions: asked against found": _dimensions(found),
        "Of those that convince the first judge, these convince the second": _agreement(found),
        "Fresh views: asked emotion is still the strongest": _robust(found),
        "Diversity in features, at equal n: Vendi score (cosine distance)": _spread(found),
        "Diversity in genomes": _genomes(found),
        "Nearest real image": _neighbours(found),
        "Style: contrasts between emotions, made against real": _style(found),
    }
    return [(heading, heads, rows) for heading, (heads, rows) in every.items() if rows]


def titled(name: str, made_for: str) -> str:
    """Return what a way is called: its name, and whom its pictures were made for."""
    return name if made_for in ("", PEOPLE) else f"{name} for {made_for}"


def told(interval: Interval, digits: int = 2) -> str:
    """Return "0.72 [0.70, 0.74]"; "–" where there is none."""
    if not isfinite(interval.value):
        return "–"
    if not (isfinite(interval.low) and isfinite(interval.high)):
        return f"{interval.value:.{digits}f}"
    return f"{interval.value:.{digits}f} [{interval.low:.{digits}f}, {interval.high:.{digits}f}]"


def number(value: float | None, digits: int = 2) -> str:
    """Return a number; "–" where there is none."""
    return "–" if value is None or not isfinite(value) else f"{value:.{digits}f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (heads, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines) + "\n"


def _aim(found: Comparison) -> Rows:
    cells = {(one.way, one.made_for, one.judge): one for one in found.achieved}
    rows = []
    for way in found.ways:
        mine = [cells[way.name, way.made_for, judge.name] for judge in found.judges]
        if any(one.n for one in mine):
            shown = [f"{told(one.accuracy)} ({number(one.probability.value)})" for one in mine]
            rows.append([titled(way.name, way.made_for), str(max(one.n for one in mine)), *shown])
    return (["way", "n", *(f"by {judge.name}" for judge in found.judges)], rows)


def _dimensions(found: Comparison) -> Rows:
    rows = [
        [titled(one.way, one.made_for), one.judge, axis.axis, str(axis.n), told(axis.pearson_r),
         told(axis.ccc), told(axis.mae)]
        for one in found.achieved
        for axis in one.dimensions
    ]  # fmt: skip
    return (["way", "judge", "dimension", "n", "r", "CCC", "MAE"], rows)


def _agreement(found: Comparison) -> Rows:
    rows = [
        [titled(one.way, one.made_for), one.first, one.second, str(one.n), told(one.share),
         told(one.probability)]
        for one in found.agreement
    ]  # fmt: skip
    return (["way", "first", "second", "n", "share", "second's probability"], rows)


def _robust(found: Comparison) -> Rows:
    views = list(dict.fromkeys(one.view for one in found.robust))
    cells = {(one.way, one.made_for, one.judge, one.view): one for one in found.robust}
    rows = []
    for one in found.achieved:
        mine = [cells[one.way, one.made_for, one.judge, view] for view in views]
        if one.n:
            heads = [titled(one.way, one.made_for), one.judge]
            rows.append([*heads, *(number(each.accuracy.value) for each in mine)])
    return (["way", "judge", *("as it is" if view == PLAIN else view for view in views)], rows)


def _spread(found: Comparison) -> Rows:
    rows = [
        [titled(one.way, one.made_for), one.judge, str(one.whole.available), str(one.equal.n),
         f"{number(one.equal.vendi, 1)} ({number(one.equal.distance)})", number(one.within_mean)]
        for one in found.spread
        if one.whole is not None and one.equal is not None
    ]  # fmt: skip
    return (["way", "judge's features", "pictures", "equal n", "Vendi", "Vendi / n in an emotion"], rows)


def _genomes(found: Comparison) -> Rows:
    rows = [
        [titled(one.way, one.made_for), one.kind, str(one.n), number(one.distance, 3)]
        for one in found.genomes
    ]  # fmt: skip
    return (["way", "kind", "n", "mean distance"], rows)


def _neighbours(found: Comparison) -> Rows:
    rows = [
        [titled(one.way, one.made_for), one.judge, str(one.n), str(one.real), number(one.median, 3),
         number(one.real_median, 3), number(one.near), number(one.copied)]
        for one in found.neighbours
    ]  # fmt: skip
    heads = ["way", "judge's features", "n", "real", "distance", "among real", "near", "nearer to training"]
    return heads, rows


def _style(found: Comparison) -> Rows:
    rows = []
    for one in found.style:
        named = ", ".join(f"{name} {number(r)} ({number(one.q[name])})" for name, r in one.most_alike(STYLE))
        axes = ", ".join(f"{axis} {told(values[2])}" for axis, values in one.dimensions.items())
        heads = [titled(one.way, one.made_for), str(len(one.emotions)), told(one.overall)]
        rows.append([*heads, axes or "–", one.left_out or named or "–"])
    heads = ["way", "emotions", "r of contrasts", "r of what goes with", "most alike: r (q)"]
    return (heads, rows)
