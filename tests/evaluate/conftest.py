"""Predictions that the tests of this room share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.taxonomy.labels import Taxonomy, taxonomy

Make = Callable[..., Predictions]
MIKELS = taxonomy("mikels8")


@pytest.fixture
def make() -> Make:
    """Return a function that makes N predictions, better than chance, with everything they may hold."""

    def predictions(
        rows: int = 120, *, labels: Taxonomy | None = MIKELS, seed: int = 0, **columns: Any
    ) -> Predictions:
        rng = np.random.default_rng(seed)
        frame: dict[str, Any] = {"path": [f"{row:04}.jpg" for row in range(rows)]}
        if labels is not None:
            truth = rng.integers(len(labels), size=rows)
            logits = rng.normal(size=(rows, len(labels))) + 1.5 * np.eye(len(labels))[truth]
            shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            frame |= {f"p_{name}": shares[:, k] for k, name in enumerate(labels.names)}
            frame["label"] = [labels.names[k] for k in truth]
            frame["embedding"] = list((logits @ rng.normal(size=(len(labels), 12))).astype(np.float32))
        for axis in ("valence", "arousal"):
            frame[f"target_{axis}"] = rng.uniform(-1, 1, size=rows)
            frame[axis] = np.clip(0.5 * frame[f"target_{axis}"] + 0.3 * rng.normal(size=rows), -1, 1)
        frame |= columns
        kept = {name: values for name, values in frame.items() if values is not None}
        return Predictions(pd.DataFrame(kept), metadata=Metadata(taxonomy=labels))

    return predictions
