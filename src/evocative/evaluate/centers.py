"""Class centres: where in the embedding each label lies, as the model learned it or as its images say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float64

from evocative.evaluate.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

FEWEST = 2
"""Labels that distances between centres need."""


@dataclass(frozen=True, eq=False)
class Centers:
    """A centre for each of some labels."""

    names: tuple[str, ...]
    vectors: Float64[np.ndarray, "K D"]
    origin: Literal["learned", "means"]
    """`learned`: parameters of the model, moved by its loss; `means`: of the vectors with each true label."""


def learned_centers(model: "str | Path") -> Centers | None:
    """Return the centres that a model was trained with, None where it has none.

    Args:
        model: A model's folder, or hf-hub:org/name.

    Raises:
        ModelError: It cannot be read.
    """
    from evocative.models.store import load_model

    loaded = load_model(model)
    centers = loaded.model.class_centers
    if centers is None or loaded.taxonomy is None:
        return None
    return Centers(loaded.taxonomy.names, centers.detach().double().numpy(), "learned")


def mean_centers(rows: Rows) -> Centers | str:
    """Return the mean vector of each label that a row has, or say why there are none."""
    if rows.taxonomy is None or rows.embedding is None:
        return "the predictions hold no embedding" if rows.taxonomy else "the predictions hold no labels"
    present = np.unique(rows.labels[rows.known])
    if len(present) < FEWEST:
        return f"distances need {FEWEST} labels among the rows, found {len(present)}"
    means = [rows.embedding[rows.labels == k].mean(axis=0, dtype=np.float64) for k in present]
    return Centers(tuple(rows.taxonomy.names[k] for k in present), np.stack(means), "means")
