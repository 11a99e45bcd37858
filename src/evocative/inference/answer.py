"""Answer: what a model says of one image, or why it cannot say anything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from evocative.errors import ModelError
from evocative.taxonomy.labels import Sentiment

if TYPE_CHECKING:
    from evocative.explain.emotion_map import EmotionMap

FIELDS = (
    "path",
    "emotion",
    "probability",
    "probabilities",
    "sentiment",
    "valence",
    "arousal",
    "dominance",
    "error",
)
"""The fields of `Answer.to_dict`, in the order of the JSON line (docs/predictions.md)."""


@dataclass(frozen=True)
class Answer:
    """What a model says of one image. A field is None where the model has no such head, or after an error.

    Example:
        >>> answer = Answer(path="photo.jpg", probabilities={"awe": 0.75, "fear": 0.25}, emotion="awe")
        >>> answer.ok, answer.top(1)
        (True, [('awe', 0.75)])
    """

    path: str | None = None
    """The file as it was named; None for an image that came as bytes, as a PIL image or as an array."""
    emotion: str | None = None
    """The most probable label."""
    probability: float | None = None
    """Of `emotion`, in [0, 1]."""
    probabilities: dict[str, float] | None = None
    """Of every label of the model's taxonomy, in its order; they sum to 1."""
    sentiment: Sentiment | None = None
    """Of `emotion`: positive, negative or neutral; None where the taxonomy leaves it open."""
    valence: float | None = None
    """From -1 (unpleasant) to 1 (pleasant)."""
    arousal: float | None = None
    """From -1 (calm) to 1 (excited)."""
    dominance: float | None = None
    """From -1 (overwhelmed) to 1 (in control)."""
    dimension_sd: dict[str, float] | None = None
    """How sure the model is of each dimension: an SD by its name; None where it does not say."""
    embedding: Float32[np.ndarray, " D"] | None = field(default=None, compare=False, repr=False)
    """The vector that the heads read."""
    error: str | None = None
    """Why there is no answer; None where all is well."""
    look: "Callable[..., tuple[EmotionMap, ...]] | None" = field(default=None, compare=False, repr=False)
    """How maps of the image are made (`Predictor.maps`); None where the image is not at hand any more."""

    @property
    def ok(self) -> bool:
        """Whether there is an answer rather than an error."""
        return self.error is None

    def top(self, k: int = 3) -> list[tuple[str, float]]:
        """Return the k most probable labels with their probabilities, best first; [] without any."""
        ranked = sorted((self.probabilities or {}).items(), key=lambda item: -item[1])
        return ranked[:k]

    def map(self, target: str | None = None, *, method: str = "auto") -> "EmotionMap":
        """Return where in the image an emotion rests: the image is looked at once more.

        Args:
            target: A label; `valence`, `arousal` or `dominance`; `-valence`: what makes it low; by default
                the most probable emotion.
            method: One of `evocative.explain.named.METHODS`, or `auto`.

        Raises:
            ModelError: There is no answer, the image is not at hand any more, or there is no such target.
            DataError: The image cannot be read any more.

        Example:
            >>> answer = evocative.load().predict("photo.jpg")  # doctest: +SKIP
            >>> answer.map("awe").resized(600, 800, stretch=True)  # doctest: +SKIP
        """
        if self.error is not None:
            raise ModelError(f"there is no answer to map: {self.error}")
        if self.look is None:
            raise ModelError(
                f"{self.path or 'image'}: the image is not at hand any more (it was streamed without a path, "
                "or the answer was stored); use Predictor.maps(image)"
            )
        wanted = target or self.emotion
        if wanted is None:
            raise ModelError("the model predicts no emotion: name a dimension, as answer.map('arousal')")
        return self.look(targets=[wanted], method=method)[0]

    def __repr__(self) -> str:
        """Say what matters in one line; `to_dict` has every number."""
        if self.error is not None:
            return f"Answer({self.path!r}, error={self.error!r})"
        told = [f"{label} {p:.2f}" for label, p in self.top()]
        told += [f"{axis} {value:+.2f}" for axis, value in self._dimensions()]
        return f"Answer({self.path!r}: {', '.join(told)})"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the likeliest labels with bars, and the dimensions."""
        rows = [
            f'<tr><td>{escape(label)}</td><td>{p:.2f}</td><td><div style="width:{100 * p:.0f}px;height:.7em;'
            'background:#4477AA"></div></td></tr>'
            for label, p in self.top(5)
        ]
        rows += [
            f"<tr><td>{axis}</td><td>{value:+.2f}</td><td></td></tr>" for axis, value in self._dimensions()
        ]
        head = f"<caption>{escape(self.path or 'image')}</caption>"
        return f"<table>{head}{''.join(rows)}</table>" if self.ok else f"<p>{escape(str(self.error))}</p>"

    def _dimensions(self) -> list[tuple[str, float]]:
        said = [(axis, getattr(self, axis)) for axis in ("valence", "arousal", "dominance")]
        return [(axis, value) for axis, value in said if value is not None]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the model out of what is pickled."""
        return self.__dict__ | {"look": None}

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON line, numbers to six significant digits; no embedding.

        `dimension_sd` is there only where the model says it.
        """
        plain = {name: _rounded(getattr(self, name)) for name in FIELDS}
        if self.dimension_sd is not None:
            plain["dimension_sd"] = {axis: _rounded(sd) for axis, sd in self.dimension_sd.items()}
        if self.probabilities is not None:
            plain["probabilities"] = {label: _rounded(p) for label, p in self.probabilities.items()}
        return plain


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
