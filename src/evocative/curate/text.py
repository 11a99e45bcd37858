"""Find images that show text (Motiejauskas 2026, section 3.5.1): words tell the emotion, not the picture.

    found = find_text(table, store="store/")                       # findings: drop, or review
    looked = text_table(table, store="store/")                     # path, text (0 to 1), area, evidence: all
    found = find_text(table, detector=ClassifierDetector("runs/text-filter/model"))

Two detectors behind one interface: `OcrDetector` reads, and needs no training; `ClassifierDetector` is the
dissertation's network, "text" against "others", trained with the recipe text-filter. Whatever has `about` and
`look` will do. `text_table` is what the data set webemo_sadness takes as findings.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from evocative.curate.findings import Finding, Findings, collect
from evocative.curate.looks import Detector, Look, look_of, plain
from evocative.data.content_store import ContentStore, look_once
from evocative.data.table import Table
from evocative.errors import DataError, ModelError, unknown

if TYPE_CHECKING:
    from evocative.inference.predictor import Predictor

Watch = Callable[[Iterable[Any]], Iterable[Any]]
DROP: Final = 0.5
"""The score from which on an image shows text: each detector's scale has its threshold there."""
AREA: Final = 0.1
"""Share of the image that words must take, where it is known, for its row to go: nearly twice the most that
they took on 30 photographs with text that thresholds were chosen on (.054; the median is .010)."""
REVIEW: Final = 0.25
"""The score from which on a person should look."""
TextDetector = Detector
"""What says whether images show text."""


class ClassifierDetector:
    """A network that was trained on "text" against "others" (Motiejauskas 2026, section 3.5.1).

    Its probability of text is the score.
    """

    def __init__(self, model: "str | Path | Predictor", *, label: str = "text", device: str = "auto") -> None:
        """Load a model.

        Args:
            model: A model's folder, `hf-hub:org/name`, or a predictor.
            label: What its taxonomy calls images with text.
            device: As in `Predictor`.

        Raises:
            ModelError: There is no such model, or it knows no such label.
        """
        from evocative.inference.predictor import Predictor, load

        predictor = model if isinstance(model, Predictor) else load(model, device=device)
        names = () if predictor.taxonomy is None else predictor.taxonomy.names
        if label not in names:
            raise ModelError(
                f"{predictor.metadata.model or 'model'}: "
                + unknown("label", label, names)
                + "; a text detector is trained on images with and without text (recipe text-filter)"
            )
        self._predictor, self._label = predictor, label
        about = predictor.metadata
        self.about: dict[str, Any] = {
            "detector": "classifier",
            "label": label,
            "weights": about.weights,
            "preprocessing": predictor.preprocessing.to_dict(),
            "precision": about.precision,
        }

    def look(self, paths: Sequence[Path]) -> Iterator[Look]:
        """Look at images, in their order; one that cannot be read gets a look without a score."""
        for answer in self._predictor.stream(paths):
            if answer.probabilities is None:
                yield Look(None, answer.error or "no answer")
            else:
                probability = min(1.0, max(0.0, answer.probabilities[self._label]))
                yield Look(probability, f"probability of text {probability:.3f}")


def find_text(
    table: Table, *, detector: "TextDetector | None" = None, looked: Table | None = None, drop: float = DROP,
    area: float = AREA, review: float = REVIEW, store: str | Path | None = None, watch: Watch | None = None,
) -> Findings:  # fmt: skip
    """Find the images of a table that show text.

    Args:
        table: Whose images; those that cannot be read are left to the check `corrupt`.
        detector: By default an `OcrDetector`.
        looked: What `text_table` said of the same table with the same detector; None: looked for now.
        drop: The score from which on an image's row should go, if words take enough of it.
        area: Share of the image that is enough; a word on a far sign tells no emotion, a caption does. Where
            the detector does not say where the words are, the score decides alone.
        review: The score from which on a person should look; not above `drop`.
        store: A folder that keeps looks by image content, so that a run can go on; None keeps nothing.
        watch: Passes images on as they are looked at, to show progress.

    Returns:
        One finding of the kind `text` an image with a score of `review` or more, with what was seen.

    Raises:
        DataError: The thresholds are out of order or out of range, or the store cannot be used.
        MissingExtra: rapidocr-onnxruntime is not installed.
    """
    if not (0 <= review <= drop <= 1 and 0 <= area <= 1):
        raise DataError(
            f"text: expected 0 ≤ review ≤ drop ≤ 1 and 0 ≤ area ≤ 1, found review={review}, drop={drop}, "
            f"area={area}"
        )
    chosen = detector or _ocr()
    if looked is None:
        looked = text_table(table, detector=chosen, store=store, watch=watch)
    if list(looked.frame["path"]) != list(table.frame["path"]):
        raise DataError(f"{table.name}: what was looked at are other images ({looked.name}); look again")
    frame = looked.frame
    covered = frame["area"].astype("float64") if "area" in frame else pd.Series(np.nan, frame.index)
    enough = covered.isna() | (covered >= area)
    seen = zip(
        frame["path"], frame["text"].astype("float64"), frame["evidence"].fillna(""), enough, strict=True
    )
    findings = [
        Finding(path, "text", score, evidence, "drop" if score >= drop and large else "review")
        for path, score, evidence, large in seen
        if score >= review  # not where it is NaN: the image cannot be read
    ]
    settings = {"drop": drop, "area": area, "review": review, "detector": dict(chosen.about)}
    return collect(findings, table=table, kind="text", settings=settings)


def text_table(
    table: Table, *, detector: "TextDetector | None" = None, store: str | Path | None = None,
    watch: Watch | None = None,
) -> Table:  # fmt: skip
    """Say of each image how surely it shows text.

    Args:
        table: Whose images.
        detector: By default an `OcrDetector`.
        store: As in `find_text`: what one of them looked at, the other finds again.
        watch: As in `find_text`.

    Returns:
        The columns `path`, `text` (0 to 1, text from .5 on; missing where the image cannot be read), `area`
        (share of the image that words take; missing where the detector does not say) and `evidence`, in the
        table's order: what `webemo_sadness` reads as findings.
    """
    looks = _looks(table, detector or _ocr(), store, watch)
    frame = pd.DataFrame(
        {
            "path": table.frame["path"],
            "text": pd.Series([look.score for look in looks], dtype="float64"),
            "area": pd.Series([look.area for look in looks], dtype="float64"),
            "evidence": pd.Series([look.evidence for look in looks], dtype="string"),
        }
    )
    return Table(frame, root=table.root, name=table.name)


def _ocr() -> TextDetector:
    from evocative.curate.ocr import OcrDetector

    return OcrDetector()


def _looks(table: Table, detector: TextDetector, store: str | Path | None, watch: Watch | None) -> list[Look]:
    """Return each row's look: kept ones from the store, others anew, equal files once."""
    kept = ContentStore(store, "text", detector.about, encode=plain, decode=look_of)
    return [look for _, look in look_once(table.paths, detector.look, store=kept, watch=watch)]
