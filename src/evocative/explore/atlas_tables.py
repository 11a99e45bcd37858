"""A comparison of atlases as text for a terminal, as Markdown, as JSON, and as a picture of its curves.

write_comparison(compared, "curves.png")     # or .pdf, .svg; or .txt, .md, .json
"""

import json
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from evocative.data.atomic import replacing
from evocative.errors import DataError, unknown
from evocative.explore.atlas_comparison import FIGURES, Compared
from evocative.metrics.quality_diversity import OverSeeds
from evocative.metrics.significance import Welch
from evocative.plots.progress import plot_search
from evocative.plots.style import save
from evocative.text_table import aligned, piped

STYLES: Final = ("text", "markdown", "json")
SUFFIXES: Final = {".txt": "text", ".md": "markdown", ".json": "json"}
PICTURES: Final = (".png", ".pdf", ".svg")
_WORDS: Final = {"coverage": "coverage", "qd_score": "QD score", "best": "best fitness"}


def render(compared: Compared, style: str = "text") -> str:
    """Return a comparison as `text`, `markdown` or `json`.

    Raises:
        DataError: There is no such style.
    """
    if style not in STYLES:
        raise DataError(unknown("format", style, STYLES))
    if style == "json":
        return json.dumps(compared.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    draw = piped if style == "markdown" else aligned
    parts = [
        f"After {compared.evaluations:,} evaluations, of {compared.cells:,} cells:", draw(_means(compared))
    ]  # fmt: skip
    if compared.differences:
        parts += [f"Less {compared.against}, over seeds:", draw(_differences(compared))]
    notes = "\n".join(f"- {note}" for note in (*_caveats(compared), *compared.notes))
    return "\n\n".join([*parts, notes] if notes else parts) + "\n"


def plot_compared(compared: Compared) -> Figure:
    """Draw coverage and QD score against evaluations and final profiles, an arm a colour."""
    steps = {
        figure: {
            name: [(run.curve["evaluations"], run.curve[figure]) for run in runs]
            for name, runs in compared.runs.items()
        }
        for figure in ("coverage", "qd_score")
    }
    profiles = {
        name: [(run.elites["fitness"].to_numpy(dtype=np.float64), run.num_cells) for run in runs]
        for name, runs in compared.runs.items()
    }
    return plot_search(steps["coverage"], steps["qd_score"], profiles)


def write_comparison(compared: Compared, path: str | Path) -> Path:
    """Write a comparison; the suffix (.txt, .md, .json, .png, .pdf, .svg) says how.

    Raises:
        DataError: The suffix says nothing, or the file cannot be written.
    """
    path, suffix = Path(path), Path(path).suffix.lower()
    if suffix in PICTURES:
        return save(plot_compared(compared), path)
    if suffix not in SUFFIXES:
        raise DataError(f"{path}: expected a name that ends in {', '.join((*SUFFIXES, *PICTURES))}")
    with replacing(path) as unfinished:
        unfinished.write_text(render(compared, SUFFIXES[suffix]), encoding="utf-8")
    return path


def _means(compared: Compared) -> list[list[str]]:
    rows = [["", "seeds", *(_WORDS[name] for name in FIGURES)]]
    for name, figures in compared.arms.items():
        cells = [_mean(figures[figure], 100 if figure == "coverage" else 1) for figure in FIGURES]
        rows.append([name, str(len(compared.runs[name])), *cells])
    return rows


def _mean(one: OverSeeds, times: int) -> str:
    unit, digits = (" %", 1) if times == 100 else ("", 2 if abs(one.mean) >= 10 else 3)
    text = f"{times * one.mean:.{digits}f}"
    if isfinite(one.sd):
        text += (
            f" ± {times * one.sd:.{digits}f} [{times * one.low:.{digits}f}, {times * one.high:.{digits}f}]"
        )
    return text + unit


def _differences(compared: Compared) -> list[list[str]]:
    rows = [["", *(_WORDS[name] for name in FIGURES)]]
    for name, figures in compared.differences.items():
        p = compared.corrected[name]
        rows.append(
            [
                name,
                *(_difference(figures[each], p[each], 100 if each == "coverage" else 1) for each in FIGURES),
            ]
        )
    return rows


def _difference(one: Welch, p: float, times: int) -> str:
    unit, digits = (" points", 1) if times == 100 else ("", 3)
    text = f"{times * one.difference:+.{digits}f}{unit}"
    if isfinite(one.low):
        text += f" [{times * one.low:+.{digits}f}, {times * one.high:+.{digits}f}], p = {p:.2g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _caveats(compared: Compared) -> list[str]:
    many = [len(runs) for runs in compared.runs.values()]
    if max(many) < 2:
        return ["One seed an arm: how much another would change is not known."]
    told = ["± SD over seeds; [95 % interval of the mean, Student's t]."]
    if compared.differences:
        told.append(
            "Differences: Welch's t-test over seeds, intervals one by one; p by Holm, for all of them."
        )
    return told
