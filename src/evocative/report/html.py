"""The page of a report: one HTML file with everything in it, which needs no network."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evocative.data.atomic import replacing
from evocative.errors import DataError
from evocative.evaluate.figures import words
from evocative.evaluate.report import Classification, Figure, Report, read_report
from evocative.metrics.classification import KINDS

FILE: Final = "report.html"
PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CSS_PIXELS: Final = 0.55
"""For each pixel of a picture: type of 7 points at 200 dots an inch becomes as large as small text."""
Tile = tuple[str, Figure, str]


@dataclass(frozen=True)
class Shown:
    """A picture as the page holds it."""

    title: str
    caption: str
    data: str
    """PNG in base64."""
    width: int
    """In CSS pixels, so that all pictures are shown at one scale."""


def write_page(folder: str | Path) -> Path:
    """Make the page of a report in a folder, from its report.json and pictures, and return its path.

    Raises:
        DataError: There is no report, a picture that it names is not there, or the page cannot be written.
    """
    folder = Path(folder)
    report = read_report(folder)
    page = render(report, {picture.file: _bytes(folder / picture.file) for picture in report.pictures})
    with replacing(folder / FILE) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return folder / FILE


def render(report: Report, pictures: Mapping[str, bytes]) -> str:
    """Return the page.

    Args:
        report: What was measured.
        pictures: The PNG of every picture that the report names, by file name.

    Raises:
        DataError: A picture is not among them.
    """
    shown = {}
    for picture in report.pictures:
        if picture.file not in pictures:
            raise DataError(f"the report names the picture {picture.file}, which was not given")
        png = pictures[picture.file]
        data = base64.b64encode(png).decode("ascii")
        shown[Path(picture.file).stem] = Shown(
            picture.title, picture.caption, data, _width(png, picture.file)
        )
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            shown=shown,
            title=title(report),
            lead=_lead(report),
            notes=list(_notes(report)),
            tiles=[tile for tile in _tiles(report) if isfinite(tile[1].value)],
            colors=_colors(report),
            origin=list(_origin(report)),
            macro=_macro(report.classification),
            style=Markup(style()),  # noqa: S704 (our own file)
            zip=zip,
        )
    )


def title(report: Report) -> str:
    """Return what was measured, on what: "embedded on fi8, test"."""
    origin = report.provenance
    where = " ".join(filter(None, ["on", origin.data])) if origin.data else ""
    split = f", {origin.split} rows" if origin.split else ""
    return " ".join(filter(None, [origin.model or "Predictions", where])) + split


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evocative.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "number": _number,
        "brief": lambda value: f"{value:.4g}",
        "range": _range,
        "count": lambda value: f"{value:,}",
        "track": _track,
        "words": lambda name: str(name).replace("_", "-").replace(".png", " (picture)"),
    }
    return environment


def style() -> str:
    """Return the look that all pages share, as CSS."""
    return resources.files("evocative.report").joinpath("templates/report.css").read_text(encoding="utf-8")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: the report names this picture and it cannot be read ({error.strerror or error}); "
            "evaluate again"
        ) from error


def _width(png: bytes, name: str) -> int:
    """Return how wide a picture is shown: its header's width, scaled."""
    if png[:8] != PNG_SIGNATURE or len(png) < 24:
        raise DataError(f"{name}: expected a PNG, found something else; evaluate again")
    return round(int.from_bytes(png[16:20], "big") * CSS_PIXELS)


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}") if isfinite(value) else "–"


def _range(figure: Figure) -> str:
    if not isfinite(figure.low) or not isfinite(figure.high):
        return ""
    return f"[{_number(figure.low)}, {_number(figure.high)}]"


def _track(figure: Figure) -> Markup:
    """Draw a figure in [0, 1] as a dot on a line, with its interval as a bar."""
    if not isfinite(figure.value):
        return Markup("")
    bar = Markup("")
    if isfinite(figure.low) and isfinite(figure.high):
        width = 100 * (figure.high - figure.low)
        bar = Markup('<i style="left:{:.2f}%;width:{:.2f}%"></i>').format(100 * figure.low, width)
    return Markup('<span class="track">{}<b style="left:{:.2f}%"></b></span>').format(bar, 100 * figure.value)


def _lead(report: Report) -> str:
    counts, intervals = report.counts, report.intervals
    text = f"{counts.rows:,} images"
    if counts.labelled:
        text += f", {counts.labelled:,} with a label"
    if counts.rated:
        text += f", {counts.rated:,} with valence, arousal or dominance"
    if not intervals.resamples:
        return text + ". No intervals were asked for."
    unit = "images" if intervals.groups is None else f"whole groups ({intervals.groups:,} of them)"
    others = "".join(f"; {words(name)}: {how}" for name, how in _others(report))
    return (
        f"{text}. In brackets: {intervals.level:.0%} intervals, {intervals.method}, "
        f"{intervals.resamples:,} draws of {unit}{others}."
    )


def _others(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the figures that are there and whose intervals are made otherwise, and how."""
    there = {"ari": report.clustering, "nmi": report.clustering, "ece": report.calibration}
    for name, how in report.intervals.others.items():
        if there.get(name) is not None:
            yield name, how


def _notes(report: Report) -> Iterator[str]:
    """Say what whoever reads the figures should know first."""
    counts, origin = report.counts, report.provenance
    if (known := report.trained_on) and (known.images or known.left_out):
        yield str(known)
    if counts.errors:
        yield f"{counts.errors:,} of {counts.rows:,} images have no answer and are in no figure."
    if counts.unlabelled and counts.labelled:
        yield f"{counts.unlabelled:,} images have no label; figures of labels leave them out."
    if counts.left_out:
        yield f"{counts.left_out:,} predictions of images that the table does not have were left out."
    if origin.mapping:
        yield f"Labels of two taxonomies were compared. {origin.mapping[:1].upper()}{origin.mapping[1:]}."
    if counts.unreachable:
        names = ", ".join(origin.unreachable)
        told = f"{counts.unreachable:,} images have a label that no answer leads to ({names})"
        yield f"{told}; figures of labels leave them out."
    if origin.answered_in and report.cross_sentiment:
        yield f"Top-2 cross-sentiment is measured as the model answers, in {origin.answered_in}."


def _tiles(report: Report) -> Iterator[Tile]:
    """Yield the figures that most people look for."""
    if report.classification:
        labels = report.classification
        yield "accuracy", labels.accuracy, f"{labels.accuracy.n:,} rows"
        yield "macro F1", labels.macro_f1, _averaged(labels, "macro_f1")
        yield "macro ROC-AUC", labels.macro_roc_auc, "each label against all others"
    if report.cross_sentiment:
        yield "cross-sentiment", report.cross_sentiment[0].rate, "two best labels; lower is better"
    if report.clustering:
        yield "ARI", report.clustering.ari, "clusters and labels"
    for one in report.dimensions:
        yield f"{one.name}, r", one.pearson_r, f"CCC {_number(one.ccc.value)}, {one.ccc.n:,} rows"


def _averaged(labels: Classification, figure: str) -> str:
    """Say how many labels a macro figure is the mean of."""
    every, n = len(labels.classes), labels.averaged.get(figure, len(labels.classes))
    return f"{every} labels" if n == every else f"{n} of {every} labels"


def _macro(labels: Classification | None) -> str:
    """Say which macro figures leave labels out, if any do."""
    if labels is None:
        return ""
    every, called = len(labels.classes), {"f1": "F1", "roc_auc": "ROC-AUC"}
    told = [
        f"{called.get(kind, kind)} of {n} of {every}"
        for kind in KINDS
        if (n := labels.averaged.get(f"macro_{kind}", every)) < every
    ]
    return (
        f"Macro figures are means over the labels where the figure is defined: {', '.join(told)}."
        if told
        else ""
    )


def _colors(report: Report) -> dict[str, str]:
    labels = (report.provenance.taxonomy or {}).get("labels", [])
    return {str(label["name"]): str(label["color"]) for label in labels}


def _origin(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what was measured, by what, as pairs of a name and a value."""
    origin, counts = report.provenance, report.counts
    how = origin.preprocessing or {}
    taxonomy = origin.taxonomy or {}
    told = {
        "model": origin.model,
        "weights": origin.weights,
        "data": origin.data,
        "rows": (origin.split or "all") + f", {counts.rows:,}",
        "trained on": _trained_on(report),
        "taxonomy": taxonomy and f"{taxonomy['name']} ({taxonomy['source']})",
        "mapping": origin.mapping,
        "preprocessing": ", ".join(f"{key} {_value(value)}" for key, value in how.items()),
        "precision": origin.precision,
        "mirror images": "averaged with" if origin.flip else None,
        "predicted by": origin.predicted_by and f"evocative {origin.predicted_by}",
        "measured by": f"evocative {origin.evocative}, seed {origin.seed}",
    }
    yield from ((name, str(value)) for name, value in told.items() if value)


def _trained_on(report: Report) -> str:
    """Say how many of the rows the model has learnt from."""
    known = report.trained_on
    if known is None:
        return "not known which of these images"
    return f"{known.images:,} of these {known.rows:,} images, {known.unknown:,} not known"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
    return str(value)
