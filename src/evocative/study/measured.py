"""What a comparison needs of a finished run; the slow part is kept beside its predictions."""

import json
from dataclasses import asdict
from functools import partial
from math import isfinite, nan
from pathlib import Path
from typing import Any

from evocative.data.atomic import replacing
from evocative.data.content import content_digest
from evocative.data.kept import kept
from evocative.evaluate.runs import Run, cluster
from evocative.inference.predictions import Predictions, read_predictions
from evocative.metrics.clustering import ClusteringMetrics
from evocative.study.jobs import Job

CLUSTERING = "clustering.json"
_OF = "predictions"
"""The SHA-256 of the file that was measured."""


def is_measured(job: Job) -> bool:
    """Say whether ARI, NMI and ASR of these very predictions are kept, or that they have none."""
    return _kept(job) is not None


def measure(job: Job, predictions: Predictions | None = None) -> ClusteringMetrics | None:
    """Return ARI, NMI and ASR of a finished run, those that are kept or new ones, which are kept then.

    Args:
        job: A finished run.
        predictions: Its predictions, if they are read already.
    """
    earlier = _kept(job)
    if earlier is not None:
        return earlier[0]
    found = cluster(predictions or read_predictions(job.predictions))
    values = {} if found is None else asdict(found)
    plain = {name: value if isfinite(value) else None for name, value in values.items()}
    content = {_OF: content_digest(job.predictions), "figures": plain}
    with replacing(job.folder / CLUSTERING) as file:
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return found


def _kept(job: Job) -> tuple[ClusteringMetrics | None] | None:
    """Return what is kept of these very predictions; None where they are others, by whatever date."""
    return kept(job.folder / CLUSTERING, partial(_read, of=job.predictions))


def _read(content: Any, *, of: Path) -> tuple[ClusteringMetrics | None] | None:
    """Return what is kept, None in it where the run has none, and raise anything where it is damaged.

    None alone where it is of other predictions.
    """
    if _OF not in content or content[_OF] != content_digest(of):
        return None
    values = content["figures"]
    if not all(value is None or isinstance(value, int | float) for value in values.values()):
        raise TypeError("expected numbers")
    numbers: dict[str, Any] = {name: nan if value is None else value for name, value in values.items()}
    return (ClusteringMetrics(**numbers) if numbers else None,)


def run_of(job: Job) -> Run:
    """Return what a comparison needs of a finished run."""
    predictions = read_predictions(job.predictions)
    return Run.of(
        predictions, fold=job.place, seed=job.seed, train_rows=job.rows().get("train"),
        clustering=measure(job, predictions),
    )  # fmt: skip
