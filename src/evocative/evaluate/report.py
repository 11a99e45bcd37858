"""Report: what was measured on predictions, every figure with the rows it rests on and its interval.

`report.json` holds its fields as they stand here; docs/report.md tells them. What is undefined, a rate of no
rows or an end of an interval that nothing supports, is NaN in Python and null in the file.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from evocative.data.atomic import replacing
from evocative.errors import DataError
from evocative.metrics.intervals import PERCENTILE
from evocative.plain import plain

FORMAT: Final = 1
"""Version of the fields; a reader refuses a later one."""
FILE: Final = "report.json"

Number = Annotated[float, BeforeValidator(lambda value: nan if value is None else value)]
"""A float that is null in the file where it is not finite."""


@dataclass(frozen=True)
class Figure:
    """One measured number; str() gives "0.719 [0.704, 0.734]"."""

    value: Number
    low: Number
    """End of the interval; its level and method stand in `Report.intervals`."""
    high: Number
    n: int
    """Rows that the number rests on."""

    def __str__(self) -> str:
        if not isfinite(self.value):
            return "–"
        ends = f" [{self.low:.3f}, {self.high:.3f}]" if isfinite(self.low) and isfinite(self.high) else ""
        return f"{self.value:.3f}{ends}"


@dataclass(frozen=True)
class Provenance:
    """What was measured, and by what. None where the predictions do not say."""

    evocative: str
    """Version that measured."""
    seed: int
    """Of k-means, of the bootstrap's draws and of the pictures."""
    model: str | None = None
    weights: str | None = None
    """`sha256:` and the digest of the model's weights."""
    predicted_by: str | None = None
    """Version of evocative that predicted."""
    taxonomy: dict[str, Any] | None = None
    """Name, source and labels, as `Taxonomy.to_dict` gives them."""
    preprocessing: dict[str, Any] | None = None
    precision: str | None = None
    flip: bool = False
    """Whether each image's answer is averaged with its mirror image's."""
    data: str | None = None
    """Name of the table that the labels come from."""
    split: str | None = None
    """Which of the table's rows were measured; None: all."""
    mapping: str | None = None
    """How labels of one taxonomy were read as another's, with the publication; None: they are the same."""
    answered_in: str | None = None
    """The taxonomy that the model answers in, where its probabilities were mapped to the one above; top-2
    cross-sentiment is measured in it. None: the one above."""
    unreachable: tuple[str, ...] = ()
    """Labels that the mapping never leads to: rows that have one are in no figure of labels."""


@dataclass(frozen=True)
class Intervals:
    """How the intervals were made."""

    level: float
    resamples: int
    groups: int | None
    """How many groups there are; whole groups were drawn. None: rows were drawn one by one."""
    method: str = PERCENTILE
    others: Mapping[str, str] = field(default_factory=dict)
    """Figures that another method serves, to that method: ari, nmi, ece."""


@dataclass(frozen=True)
class Counts:
    """How many rows there are of each kind."""

    rows: int
    errors: int
    """Images without an answer; they are in no figure."""
    predicted: int
    labelled: int
    """Predicted rows with a label."""
    unlabelled: int
    """Predicted rows without one."""
    rated: int
    """Predicted rows with a target of valence, arousal or dominance."""
    left_out: int = 0
    """Predictions that were left out because the table does not have their image."""
    unreachable: int = 0
    """Labelled rows whose label the mapping never leads to; they are in no figure of labels."""


@dataclass(frozen=True)
class TrainedOn:
    """How many of the rows with an answer the model was trained on, as far as files are the same."""

    images: int
    """Rows whose image it was trained on."""
    rows: int
    """Rows with an answer."""
    unknown: int = 0
    """Rows of which nobody knows."""
    left_out: int = 0
    """Rows that were left out since it was trained on them."""

    def __str__(self) -> str:
        note = "Copies that were resized or saved anew are not recognised."
        unknown = f"; of {self.unknown:,} it is not known" if self.unknown else ""
        if self.left_out:
            told = f"{self.left_out:,} images that the model was trained on were left out"
        elif not self.images:
            told = f"The model was trained on none of {self.rows - self.unknown:,} images"
        elif self.images == self.rows:
            told = (
                f"The model was trained on all {self.rows:,} images: the figures say nothing of new pictures"
            )
        else:
            told = (
                f"The model was trained on {self.images:,} of {self.rows:,} images: the figures are better "
                "than of new pictures; --unseen leaves these out"
            )
        return f"{told}{unknown}. {note}"


@dataclass(frozen=True)
class Class:
    """How well one label is recognised."""

    name: str
    sentiment: str | None
    support: int
    """Rows that have this label."""
    predicted: int
    """Rows that are predicted as this."""
    precision: Figure
    recall: Figure
    f1: Figure
    roc_auc: Figure
    """This label against all others."""


@dataclass(frozen=True)
class Confusion:
    """How often each label (row) is predicted as each label (column)."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Classification:
    """How well labels are recognised (`evocative.metrics.classification`)."""

    accuracy: Figure
    macro_precision: Figure
    macro_recall: Figure
    macro_f1: Figure
    macro_roc_auc: Figure
    classes: tuple[Class, ...]
    confusion: Confusion
    averaged: Mapping[str, int] = field(default_factory=dict)
    """Macro figure to how many labels it is the mean of: those where the figure is defined."""


@dataclass(frozen=True)
class Bin:
    """The rows whose highest probability lies in (low, high]."""

    low: float
    high: float
    n: int
    confidence: Number
    accuracy: Number


@dataclass(frozen=True)
class Calibration:
    """How far probabilities can be trusted (`evocative.metrics.calibration`)."""

    ece: Figure
    nll: Figure
    brier: Figure
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Clustering:
    """How well the embedding is sorted by label (`evocative.metrics.clustering`)."""

    clusters: int
    """k of k-means: the number of labels of the taxonomy."""
    size: int
    """D, the numbers of an embedding."""
    ari: Figure
    nmi: Figure
    asr: Figure
    asr_threshold: Number
    """δ: the largest of the smallest 10 % of all pairwise distances."""


@dataclass(frozen=True)
class CrossSentiment:
    """How often the two best labels are of opposite sentiment (`evocative.metrics.sentiment`)."""

    theta: float
    """Both probabilities are at least this."""
    rows: int
    eligible: int
    cross: int
    positive_negative: int
    """Best label positive, second negative."""
    negative_positive: int
    positive_positive: int
    negative_negative: int
    unpolar: int
    """One of the two labels is neutral or has no sentiment; not eligible."""
    rate: Figure


@dataclass(frozen=True)
class Dimension:
    """How well one dimension in [-1, 1] is predicted (`evocative.metrics.dimensional`)."""

    name: str
    mae: Figure
    rmse: Figure
    pearson_r: Figure
    spearman_rho: Figure
    ccc: Figure
    ceiling: Mapping[str, Figure] = field(default_factory=dict)
    """What the raters' SD and number allow (`evocative.metrics.ceiling`): reliability, r, ccc, rmse; empty
    where the table does not say them."""
    uncertainty: Mapping[str, Figure] = field(default_factory=dict)
    """Of predicted SDs (`evocative.metrics.uncertainty`): nll, crps, sharpness, spread_r, coverage_50, …;
    empty where none are predicted."""


@dataclass(frozen=True)
class Picture:
    """A picture beside the report."""

    file: str
    title: str
    caption: str


@dataclass(frozen=True)
class Report:
    """Everything that was measured. A part is None where the rows do not allow it; `absent` says why."""

    provenance: Provenance
    intervals: Intervals
    counts: Counts
    classification: Classification | None = None
    calibration: Calibration | None = None
    clustering: Clustering | None = None
    cross_sentiment: tuple[CrossSentiment, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    pictures: tuple[Picture, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    """Part or picture to why it is not there."""
    trained_on: TrainedOn | None = None
    """How many rows the model was trained on; None: not known."""
    format: int = FORMAT

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for strict JSON: what is not finite is None."""
        values: dict[str, Any] = plain(asdict(self))
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Report":
        """Read what `to_dict` returned; fields of later versions that are unknown here are left alone.

        Raises:
            DataError: It is no report, or of a later format.
        """
        found = values.get("format")
        if found != FORMAT:
            raise DataError(f"expected a report of format {FORMAT}, found {found!r}; evaluate again")
        try:
            return TypeAdapter(cls).validate_python(dict(values))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
            raise DataError(f"this is no report: {wrong}") from error


def read_report(path: str | Path) -> Report:
    """Read `report.json`, or the one in a folder.

    Raises:
        DataError: There is none, or it is not a report.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() else path
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such report; make one by evocative evaluate") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(values, dict):
        raise DataError(f"{path}: expected a report, found {type(values).__name__}")
    try:
        return Report.from_dict(values)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def write_json(report: Report, path: Path) -> None:
    """Write a report as strict JSON, whole or not at all.

    Raises:
        DataError: The file cannot be written.
    """
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as unfinished:
        unfinished.write_text(text + "\n", encoding="utf-8")
