"""Repeats and their differences as tables: text for a terminal, Markdown, CSV and JSON."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

import evocative
from evocative.data.atomic import replacing
from evocative.data.csv_file import csv_text
from evocative.errors import DataError, unknown
from evocative.evaluate.figures import is_of_one_label, lower_is_better, words
from evocative.evaluate.repeats import Differences, Repeats, Row
from evocative.metrics.significance import McNemar, Sample
from evocative.plain import plain
from evocative.text_table import aligned, piped

FORMAT: Final = 1
"""Version of the fields of the JSON file."""
SUFFIXES: Final = {".txt": "text", ".md": "markdown", ".csv": "csv", ".json": "json"}


@dataclass(frozen=True)
class Compared:
    """Everything that a comparison of repeats says."""

    sides: Sequence[Repeats]
    differences: Sequence[Differences] = ()
    """Of each side but the last with the last; none where nothing was to be compared with."""
    labels: bool = False
    """Whether tables show figures of single labels too; JSON and CSV always have them."""


def render(compared: Compared, style: str) -> str:
    """Return a comparison as `text`, `markdown`, `csv` or `json`.

    Raises:
        DataError: There is no such style.
    """
    if style not in _RENDERERS:
        raise DataError(unknown("format", style, _RENDERERS))
    return _RENDERERS[style](compared)


def write(compared: Compared, path: Path) -> None:
    """Write a comparison; the suffix (.txt, .md, .csv, .json) says how.

    Raises:
        DataError: The suffix says nothing, or the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}, found {path.suffix!r}")
    with replacing(path) as file:
        file.write_text(render(compared, SUFFIXES[path.suffix.lower()]), encoding="utf-8")


def _text(compared: Compared) -> str:
    return "\n".join(_blocks(compared, aligned, heading=lambda told: f"{told}\n")) + "\n"


def _markdown(compared: Compared) -> str:
    return "\n".join(_blocks(compared, piped, heading=lambda told: f"## {told}\n")) + "\n"


def _blocks(
    compared: Compared, table: Callable[[Sequence[Sequence[str]]], str], *, heading: Callable[[str], str]
) -> Iterator[str]:
    """Yield headings, tables and notes."""
    if not compared.differences:
        yield heading("Mean ± standard deviation over repeats")
        yield table(_means(compared))
        return
    for place, one in enumerate(compared.differences):
        if place:
            yield ""
        sides = (compared.sides[place], compared.sides[-1])
        yield heading(" against ".join(f"{side.name} ({_runs(side)})" for side in sides))
        yield table(_differences(one, labels=compared.labels))
        yield ""
        yield from (f"- {note}" for note in _notes(one))


def _runs(side: Repeats) -> str:
    return f"{side.n} repeat{'' if side.n == 1 else 's'}" if side.repeats else f"as printed, n = {side.n}"


def _means(compared: Compared) -> list[list[str]]:
    names = dict.fromkeys(name for side in compared.sides for name in side.samples)
    shown = [name for name in names if compared.labels or not is_of_one_label(name)]
    heads = ["", *(f"{side.name} ({_runs(side)})" for side in compared.sides)]
    return [
        heads,
        *([_called(name), *_line(compared, name)] for name in shown),
    ]


def _line(compared: Compared, name: str) -> list[str]:
    samples = [side.samples.get(name) for side in compared.sides]
    return [_mean(sample, _digits(*samples)) for sample in samples]


def _of(row: Row) -> int:
    return _digits(row.first, row.second)


def _differences(one: Differences, *, labels: bool) -> list[list[str]]:
    """Return a line a figure of both sides; columns that would be empty are left out."""
    both = [row for row in one.rows if row.first is not None and row.second is not None]
    rows = [row for row in both if labels or not is_of_one_label(row.figure)] or both
    told = f"{100 * one.level:g} %"
    columns: list[tuple[str, Callable[[Row], str]]] = [
        ("", lambda row: _called(row.figure)),
        (one.first, lambda row: _mean(row.first, _of(row))),
        (one.second, lambda row: _mean(row.second, _of(row))),
        ("difference", lambda row: _difference(row, _of(row))),
    ]
    if any(row.welch is not None and isfinite(row.welch.low) for row in rows):
        columns += [(f"Welch {told}", lambda row: _ends(row.welch, _of(row))), ("df", _df), ("p", _p)]
    if any(row.images is not None for row in rows):
        columns.append((f"bootstrap {told}", lambda row: _ends(row.images, _of(row))))
    return [[head for head, _ in columns], *([cell(row) for _, cell in columns] for row in rows)]


def _notes(one: Differences) -> Iterator[str]:
    if any(row.welch is not None and isfinite(row.welch.low) for row in one.rows):
        yield (
            "Welch: t-test of the repeats, variances not taken as equal; it says whether other seeds would "
            "give the difference again."
        )
    else:
        yield "No test of repeats: each side needs two or more, and figures that vary."
    method = next((row.images.method for row in one.rows if row.images is not None), "")
    if method:
        yield f"Bootstrap: {method}, repeats averaged; it says whether other images would give it again."
    for place, test in enumerate(one.mcnemar):
        yield _mcnemar(test, one, f"repeats {place + 1}" if len(one.mcnemar) > 1 else "")
    yield from one.notes
    if any(lower_is_better(row.figure) for row in one.rows):
        yield "↓: lower is better."


def _mcnemar(test: McNemar, one: Differences, which: str) -> str:
    corrected = f"; χ² = {test.chi2:.2f} with continuity correction, {_p_is(test.chi2_p)}"
    return (
        f"McNemar{', ' if which else ''}{which}: of {test.n:,} images only {one.first} is right on "
        f"{test.only_first:,}, only {one.second} on {test.only_second:,}. Exact {_p_is(test.p)}; "
        f"mid-{_p_is(test.mid_p)}{corrected if isfinite(test.chi2) else ''}."
    )


def _called(name: str) -> str:
    return words(name) + (" ↓" if lower_is_better(name) else "")


def _mean(one: Sample | None, digits: int) -> str:
    if one is None or not isfinite(one.mean):
        return "–"
    return _number(one.mean, digits) + (f" ± {_number(one.sd, digits)}" if isfinite(one.sd) else "")


def _digits(*samples: Sample | None) -> int:
    """Return how many decimals the figures of a line need: four of shares, three of numbers above 1."""
    means = [abs(one.mean) for one in samples if one is not None and isfinite(one.mean)]
    return 4 if max(means, default=0.0) < 1 else 3


def _difference(row: Row, digits: int) -> str:
    if row.first is None or row.second is None or not isfinite(row.first.mean - row.second.mean):
        return "–"
    return _number(row.first.mean - row.second.mean, digits, sign=True)


def _ends(one: Any, digits: int) -> str:
    if one is None or not isfinite(one.low):
        return "–"
    return f"[{_number(one.low, digits, sign=True)}, {_number(one.high, digits, sign=True)}]"


def _df(row: Row) -> str:
    return "–" if row.welch is None or not isfinite(row.welch.df) else f"{row.welch.df:.1f}"


def _p(row: Row) -> str:
    return "–" if row.welch is None or not isfinite(row.welch.p) else _small(row.welch.p)


def _small(p: float) -> str:
    """Return a p value to three decimals, four where it is small, or say that it is smaller still.

    Example:
        >>> _small(0.0213), _small(0.00042), _small(1e-9)
        ('.021', '.0004', '< .0001')
    """
    if p < 0.0001:
        return "< .0001"
    return f"{p:.{3 if p >= 0.001 else 4}f}".removeprefix("0")


def _p_is(p: float) -> str:
    return f"p {'' if p < 0.0001 else '= '}{_small(p)}"


def _number(value: float, digits: int, *, sign: bool = False) -> str:
    """Return decimals without a leading zero, with a true minus."""
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    return text.replace("0.", ".", 1).replace("-", "−") if abs(value) < 1 else text.replace("-", "−")


def _csv(compared: Compared) -> str:
    heads = ["side", "against", "figure", "mean", "sd", "n", "against_mean", "against_sd", "against_n",
             "difference", "welch_low", "welch_high", "welch_t", "welch_df", "welch_p", "images_low",
             "images_high", "images"]  # fmt: skip
    rows = [_csv_line(one, row) for one in compared.differences for row in one.rows]
    for side in () if compared.differences else compared.sides:
        rows += [
            [side.name, None, name, *_plain_sample(sample), *[None] * (len(heads) - 6)]
            for name, sample in side.samples.items()
        ]
    return csv_text([heads, *rows])


def _csv_line(one: Differences, row: Row) -> list[Any]:
    found = row.welch
    welch = [None] * 5 if found is None else [found.low, found.high, found.t, found.df, found.p]
    images = [None] * 3 if row.images is None else [row.images.low, row.images.high, one.shared]
    difference = None if row.first is None or row.second is None else row.first.mean - row.second.mean
    cells = [one.first, one.second, row.figure, *_plain_sample(row.first), *_plain_sample(row.second),
             difference, *welch, *images]  # fmt: skip
    return [None if isinstance(cell, float) and not isfinite(cell) else cell for cell in cells]


def _plain_sample(one: Sample | None) -> list[Any]:
    if one is None:
        return [None] * 3
    return [value if isfinite(value) else None for value in (one.mean, one.sd, one.n)]


def _json(compared: Compared) -> str:
    sides = [
        {
            "name": side.name,
            "repeats": side.n,
            "printed": not side.repeats,
            "figures": {
                name: {**asdict(sample), "values": list(side.values.get(name, ()))}
                for name, sample in side.samples.items()
            },
        }
        for side in compared.sides
    ]
    content = {
        "format": FORMAT, "evocative": evocative.__version__, "sides": sides,
        "differences": [asdict(one) for one in compared.differences],
    }  # fmt: skip
    return json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


_RENDERERS: Final[dict[str, Callable[[Compared], str]]] = {
    "text": _text, "markdown": _markdown, "csv": _csv, "json": _json,
}  # fmt: skip
