"""A comparison on disk: results.json and results.csv for programs, results.md for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final

import pandas as pd

import evocative
from evocative.data.atomic import replacing
from evocative.data.csv_file import csv_text
from evocative.evaluate.compare import EMBEDDING, LOWER_IS_BETTER, Compared, Comparison
from evocative.evaluate.paired import Estimate
from evocative.plain import plain

FORMAT: Final = 1
"""Version of the fields of results.json."""
NAMES: Final = {
    "accuracy": "accuracy", "macro_f1": "macro F1", "ari": "ARI", "nmi": "NMI", "asr": "ASR",
    "cross_sentiment": "cross-sentiment",
    **{f"{axis}_{kind}": f"{axis} {name}" for axis in ("valence", "arousal", "dominance")
       for kind, name in (("r", "r"), ("ccc", "CCC"))},
}  # fmt: skip
"""Figures in the order of columns, and how people call them."""


@dataclass(frozen=True)
class About:
    """What the files say besides the figures."""

    title: str = "Comparison"
    titles: Mapping[str, str] = field(default_factory=dict)
    """How tables call arms; by their names where they are not here."""
    notes: Sequence[str] = ()
    """Sentences below the tables."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further plain values for results.json, as the study's settings."""
    pictures: Sequence[tuple[str, str]] = ()
    """File names beside results.md, each with what it shows."""


def write_results(comparison: Comparison, folder: Path, about: About | None = None) -> None:
    """Write results.json, results.csv and results.md into a folder; older ones are replaced.

    Raises:
        DataError: The folder cannot be written to.
    """
    about = about or About()
    content = {
        "format": FORMAT,
        "evocative": evocative.__version__,
        "title": about.title,
        **{name: getattr(comparison, name) for name in ("reference", "level", "resamples", "seed", "groups")},
        "notes": list(about.notes),
        "figures": [plain(asdict(row)) for row in comparison.rows],
        **about.details,
    }
    with replacing(folder / "results.json") as file:
        file.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    with replacing(folder / "results.csv") as file:
        table = pd.DataFrame([_flat(row) for row in comparison.rows])
        file.write_text(csv_text(table), encoding="utf-8", newline="")
    with replacing(folder / "results.md") as file:
        file.write_text(markdown(comparison, about), encoding="utf-8")


def markdown(comparison: Comparison, about: About | None = None) -> str:
    """Return a page of tables: figures of every arm, differences from the reference, and how to read them."""
    about = about or About()
    figures = [name for name in NAMES if name in comparison.figures]
    reference = _title(comparison.reference, about)
    heads = ["", *(NAMES[name] + (" ↓" if name in LOWER_IS_BETTER else "") for name in figures)]
    means = [[_arm(comparison, arm, about), *_cells(comparison, arm, figures)] for arm in comparison.arms]
    parts = [f"# {about.title}", _table(heads, means)]
    others = [arm for arm in comparison.arms if arm != comparison.reference]
    if others:
        rows = [[_title(arm, about), *_differences(comparison, arm, figures)] for arm in others]
        parts += [f"## Difference from {reference}", _table(heads, rows)]
    parts += [f"![{told}]({name})\n\n*{told}*" for name, told in about.pictures]
    parts.append("\n".join(f"- {note}" for note in [*_reading(comparison, figures), *about.notes]))
    return "\n\n".join(parts) + "\n"


def _reading(comparison: Comparison, figures: Sequence[str]) -> list[str]:
    """Say what a cell is and which interval is which."""
    spread = any(isfinite(row.sd_seeds) for row in comparison.rows)
    first = "Mean ± standard deviation over seeds" if spread else "One seed"
    lower = " ↓: lower is better." if set(figures) & set(LOWER_IS_BETTER) else ""
    found = [f"{first}; {_ns(comparison, figures)}.{lower}", f"Over folds: {_folds(figures)}."]
    methods: dict[str, list[str]] = {}
    for row in comparison.rows:
        if row.difference is not None and row.difference.method and row.figure in NAMES:
            names = methods.setdefault(row.difference.method, [])
            names += [NAMES[row.figure]] if NAMES[row.figure] not in names else []
    for method, names in methods.items():
        found.append(f"{100 * comparison.level:g} % intervals of {', '.join(names)}: {method}.")
    if methods:
        found.append(
            "**Bold**: the interval does not hold 0. Intervals are not corrected for how many there are."
        )
    return found


def _folds(figures: Sequence[str]) -> str:
    """Say how figures of several folds became one."""
    pooled = ", ".join(NAMES[name] for name in figures if name not in EMBEDDING)
    inner = ", ".join(NAMES[name] for name in figures if name in EMBEDDING)
    told = [f"{pooled} of the test rows of all folds together"] if pooled else []
    return "; ".join([*told, f"{inner} measured in each run, then averaged"] if inner else told)


def _ns(comparison: Comparison, figures: Sequence[str]) -> str:
    """Say how many images the figures rest on."""
    names: dict[int, list[str]] = {}
    for figure in figures:
        n = max(row.n for row in comparison.rows if row.figure == figure)
        names.setdefault(n, []).append(NAMES[figure])
    return "; ".join(f"n = {n:,} images for {', '.join(some)}" for n, some in names.items())


def _cells(comparison: Comparison, arm: str, figures: Sequence[str]) -> list[str]:
    cells = []
    for figure in figures:
        row = comparison.find(arm, figure)
        sd = "" if row is None or not isfinite(row.sd_seeds) else f" ± {_number(row.sd_seeds)}"
        cells.append("–" if row is None or not isfinite(row.mean.value) else _number(row.mean.value) + sd)
    return cells


def _differences(comparison: Comparison, arm: str, figures: Sequence[str]) -> list[str]:
    found = [comparison.find(arm, figure) for figure in figures]
    return [_difference(None if row is None else row.difference) for row in found]


def _difference(one: Estimate | None) -> str:
    if one is None or not isfinite(one.value):
        return "–"
    value = _number(one.value, sign=True)
    if not isfinite(one.low):
        return value
    value = f"**{value}**" if one.low > 0 or one.high < 0 else value
    return f"{value} [{_number(one.low, sign=True)}, {_number(one.high, sign=True)}]"


def _number(value: float, *, sign: bool = False) -> str:
    """Return three decimals without a leading zero, with a true minus.

    Example:
        >>> _number(0.5124), _number(-0.02, sign=True), _number(1.0)
        ('.512', '−.020', '1.000')
    """
    text = f"{value:+.3f}" if sign else f"{value:.3f}"
    return text.replace("0.", ".", 1).replace("-", "−") if abs(value) < 1 else text.replace("-", "−")


def _title(arm: str, about: About) -> str:
    return about.titles.get(arm, arm)


def _arm(comparison: Comparison, arm: str, about: About) -> str:
    runs = max(row.mean.runs for row in comparison.rows if row.arm == arm)
    told = f"{_title(arm, about)} ({runs} run{'s' if runs != 1 else ''})"
    return f"*{told}, reference*" if arm == comparison.reference else told


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _flat(row: Compared) -> dict[str, Any]:
    found = {"arm": row.arm, "figure": row.figure, **_named("", row.mean), "sd_seeds": row.sd_seeds}
    difference = {} if row.difference is None else _named("difference_", row.difference)
    return {**found, "n": row.n, **difference}


def _named(prefix: str, one: Estimate) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in asdict(one).items()}
