"""What a comparison needs of a finished run; the slow part is kept beside its predictions."""

import json
from dataclasses import asdict
from math import isfinite, nan
from typing import Any

from evocative.data.atomic import replacing
from evocative.data.kept import kept
from evocative.evaluate.runs import Run, cluster
from evocative.inference.predictions import Predictions, read_predictions
from evocative.metrics.clustering import ClusteringMetrics
from evocative.study.jobs import Job

CLUSTERING = "clustering.json"


def is_measured(job: Job) -> bool:
    """Say whether ARI, NMI and ASR of the run's predictions are kept, or that it has none."""
    kept = job.folder / CLUSTERING
    return kept.is_file() and kept.stat().st_mtime_ns >= job.predictions.stat().st_mtime_ns


def measure(job: Job, predictions: Predictions | None = None) -> ClusteringMetrics | None:
    """Return ARI, NMI and ASR of a finished run, those that are kept or new ones, which are kept then.

    Args:
        job: A finished run.
        predictions: Its predictions, if they are read already.
    """
    path = job.folder / CLUSTERING
    if is_measured(job) and (earlier := kept(path, _read)) is not None:
        return earlier[0]
    found = cluster(predictions or read_predictions(job.predictions))
    values = {} if found is None else asdict(found)
    plain = {name: value if isfinite(value) else None for name, value in values.items()}
    with replacing(path) as file:
        file.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return found


def _read(values: Any) -> tuple[ClusteringMetrics | None]:
    """Return what is kept, None in it where the run has none, and raise anything where it is damaged."""
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
