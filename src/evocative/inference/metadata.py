"""What is written beside predictions: whose they are, and how they were made."""

import re
from dataclasses import dataclass
from typing import Any, Final

import evocative
from evocative.errors import DataError, ModelError
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.labels import Taxonomy, taxonomy

FORMAT: Final = 1
"""Version of the file's format; a reader refuses another."""


@dataclass(frozen=True)
class Metadata:
    """Who made the predictions, and how. Everything may be unknown."""

    taxonomy: Taxonomy | None = None
    """Of the probabilities, in the model's order; None without an emotion head."""
    model: str | None = None
    """Name of the model."""
    weights: str | None = None
    """`sha256:` and a digest of all weights."""
    preprocessing: Preprocessing | None = None
    precision: str | None = None
    """`fp32`, `bf16` or `fp16`."""
    flip: bool = False
    """Whether each image's answer is averaged with its mirror image's."""
    embedding_size: int | None = None
    """D, the numbers of an embedding; None without embeddings."""
    dimension_sd: bool = False
    """Whether the model says how sure it is of the dimensions: columns `<axis>_sd`."""
    version: str | None = None
    """Of evocative."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; `from_dict` reads them."""
        return {
            "kind": "predictions",
            "format": FORMAT,
            "taxonomy": None if self.taxonomy is None else self.taxonomy.to_dict(),
            "model": self.model,
            "weights": self.weights,
            "preprocessing": None if self.preprocessing is None else self.preprocessing.to_dict(),
            "precision": self.precision,
            "flip": self.flip,
            "embedding_size": self.embedding_size,
            **({"dimension_sd": True} if self.dimension_sd else {}),
            "evocative": self.version or evocative.__version__,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Metadata":
        """Read what `to_dict` wrote, or some of it; unknown keys are left alone.

        Raises:
            DataError: The format is a later one, or taxonomy or preprocessing are not what they should be.
        """
        found = values.get("format", FORMAT)
        if str(found) != str(FORMAT):
            raise DataError(
                f"format {found} of predictions is unknown here, expected {FORMAT}; update evocative"
            )
        taxonomy, preprocessing = values.get("taxonomy"), values.get("preprocessing")
        try:
            return cls(
                taxonomy=None if taxonomy is None else _taxonomy(taxonomy),
                model=_text(values, "model"),
                weights=_text(values, "weights"),
                preprocessing=None if preprocessing is None else _preprocessing(preprocessing),
                precision=_text(values, "precision"),
                flip=_truth(values, "flip"),
                embedding_size=_whole(values, "embedding_size"),
                dimension_sd=_truth(values, "dimension_sd"),
                version=_text(values, "evocative"),
            )
        except (ModelError, TypeError, ValueError) as error:
            raise DataError(f"metadata: {error}") from error


def _taxonomy(stored: object) -> Taxonomy:
    return Taxonomy.from_dict(stored) if isinstance(stored, dict) else taxonomy(str(stored))


def _preprocessing(stored: object) -> Preprocessing:
    if not isinstance(stored, dict):
        raise DataError(f"metadata: preprocessing must be an object, not {repr(stored)[:80]}")
    return Preprocessing.from_dict(stored)


def _text(values: dict[str, Any], key: str) -> str | None:
    stored = values.get(key)
    if stored is None or isinstance(stored, str):
        return stored
    raise DataError(f"metadata: {key} must be text, not {repr(stored)[:80]}")


def _truth(values: dict[str, Any], key: str) -> bool:
    stored = str(values.get(key) or False).lower()  # CSV keeps it as a word
    if stored not in ("true", "false"):
        raise DataError(f"metadata: {key} must be true or false, not {repr(values[key])[:80]}")
    return stored == "true"


def _whole(values: dict[str, Any], key: str) -> int | None:
    stored = values.get(key)
    if stored is None:
        return None
    if isinstance(stored, bool) or not re.fullmatch(r"[0-9]{1,9}", str(stored)):
        raise DataError(f"metadata: {key} must be a whole number, not {repr(stored)[:80]}")
    return int(stored)
