"""What was measured of maps against fixations: figures with intervals, on disk as JSON, CSV and Markdown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from evocative.data.atomic import replacing
from evocative.data.csv_file import csv_text
from evocative.datasets.card import LeftOut
from evocative.metrics.intervals import Interval, bootstrap
from evocative.plain import plain

CENTER = "centre prior"
ELSEWHERE = "prior from other images"
RESIDUAL = "spectral residual"
ITTI_KOCH = "Itti–Koch"
FIGURES = ("auc", "auc_judd", "auc_borji", "auc_shuffled", "nss", "cc", "sim", "kl", "emd")
LOWER_IS_BETTER = ("kl", "emd")


@dataclass(frozen=True)
class GazeSettings:
    """What is computed, and how."""

    sigma: float | None = None
    """Pixels, the blur of a fixation; None: what the data's owners use."""
    shuffled_images: int = 10
    """How many other images' fixations the shuffled AUC draws from; the benchmark's number."""
    emd: bool = True
    """Whether the earth mover's distance, the slowest, is computed (needs the extra `gaze`)."""
    ceiling: bool = True
    """Whether viewers are held against each other."""
    splits: int = 3
    """Random halves of the viewers."""
    bootstrap: int = 1000
    """Draws for intervals."""
    seed: int = 0
    limit: int | None = None
    """How many images maps are held against, the first ones; None: all. Priors and the shuffled AUC's draws
    are of all images either way, so that a baseline does not grow weak with the number of images."""


@dataclass(frozen=True)
class MapFigures:
    """How well one kind of map says where people looked."""

    name: str
    figures: Mapping[str, Interval]
    """Means over images, by the names of `FIGURES`."""
    over_center: Mapping[str, Interval]
    """Paired differences from the centre prior on the same images; empty for the prior itself."""


@dataclass(frozen=True)
class GazeReport:
    """What was measured on gaze data."""

    data: str
    images: int
    fixations: int
    viewers: int
    """The most that one image has."""
    sigma: float
    sigma_source: str
    settings: GazeSettings
    maps: tuple[MapFigures, ...]
    rows: tuple[Mapping[str, object], ...]
    """One an image and map: image, map and the figures."""
    left_out: tuple[LeftOut, ...] = ()
    findings: Mapping[str, Interval] = field(default_factory=dict)
    """Further figures of a model's maps: how alike they are across emotions, and what they remove."""


def summed_up(rows: Sequence[Mapping[str, object]], settings: GazeSettings) -> tuple[MapFigures, ...]:
    """Return means over images with intervals, and paired differences from the centre prior."""
    by: dict[str, dict[object, Mapping[str, object]]] = {}
    for row in rows:
        by.setdefault(str(row["map"]), {})[row["image"]] = row
    center = by.get(CENTER, {})
    return tuple(
        MapFigures(
            name,
            {
                figure: _interval([_number(row, figure) for row in of.values()], settings)
                for figure in FIGURES
            },
            {}
            if name == CENTER
            else {
                figure: _interval(
                    [
                        _number(row, figure) - _number(center[image], figure)
                        for image, row in of.items()
                        if image in center
                    ],
                    settings,
                )
                for figure in FIGURES
            },
        )
        for name, of in by.items()
    )


def _number(row: Mapping[str, object], figure: str) -> float:
    value = row.get(figure)
    return float(value) if isinstance(value, float) else float("nan")


def _interval(values: list[float], settings: GazeSettings) -> Interval:
    """Return the mean of what is defined, with its interval; images are drawn."""
    kept = np.array([value for value in values if isfinite(value)])
    if not kept.size:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    draws = max(1, settings.bootstrap)
    return bootstrap(lambda drawn: float(drawn.mean()), kept, n_resamples=draws, seed=settings.seed)


def write_gaze(report: GazeReport, folder: str | Path) -> None:
    """Write report.json, images.csv (a row an image and map) and table.md into a folder.

    Raises:
        DataError: The folder cannot be written to.
    """
    names = ["image", "map", *FIGURES]
    rows = [[_cell(row[name]) if name in row else None for name in names] for row in report.rows]
    texts = {
        "report.json": json.dumps(to_dict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "images.csv": csv_text([names, *rows]),
        "table.md": table(report),
    }
    for name, text in texts.items():
        with replacing(Path(folder) / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")


def to_dict(report: GazeReport) -> dict[str, Any]:
    """Return plain values for strict JSON: what is not finite is None; rows are left to the CSV."""
    values: dict[str, Any] = plain({**asdict(report), "rows": None})
    del values["rows"]
    return values


def table(report: GazeReport, *, intervals: bool = True) -> str:
    """Return figures as a Markdown table, a line a map, each figure a mean over images with its interval."""
    shown = [name for name in FIGURES if any(isfinite(each.figures[name].value) for each in report.maps)]
    lines = [
        "| map | "
        + " | ".join(f"{name} {'↓' if name in LOWER_IS_BETTER else '↑'}" for name in shown)
        + " | n |",
        "|---|" + "---:|" * (len(shown) + 1),
    ]
    for each in report.maps:
        cells = [_text(each.figures[name], intervals=intervals) for name in shown]
        lines.append(
            f"| {each.name} | {' | '.join(cells)} | {each.figures['cc'].n or each.figures['nss'].n} |"
        )
    return "\n".join(lines) + "\n"


def _text(one: Interval, *, intervals: bool) -> str:
    if not isfinite(one.value):
        return "–"
    ends = f" [{one.low:.3f}, {one.high:.3f}]" if intervals and isfinite(one.low) else ""
    return f"{one.value:.3f}{ends}"


def _cell(value: object) -> object:
    return (f"{value:.6g}" if isfinite(value) else None) if isinstance(value, float) else value
