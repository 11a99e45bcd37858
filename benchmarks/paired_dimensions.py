"""Arms of a study on the same test rows: figures, and paired differences from the first arm.

python benchmarks/paired_dimensions.py runs/oasis/runs/joint-nll runs/oasis/runs/gram-nll runs/a+runs/b

Each argument is an arm's folder of runs, whose folds are pooled; arms joined by + answer together,
by the mean of their answers (SDs: of the equal mixture of normal distributions). Differences are on
rows that both answered, known by folder and file name; 95 % intervals draw whole groups where rows
have one. Accuracy is of rows with a label.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from evocative.evaluate.rated import Rated, rated
from evocative.evaluate.rows import Draws
from evocative.inference.predictions import Predictions, read_predictions
from evocative.metrics.classification import classification_metrics
from evocative.metrics.dimensional import ccc, mae, pearson_r
from evocative.metrics.uncertainty import uncertainty_metrics

AXES = ("valence", "arousal")
DRAWS = Draws(1000)


def arm(names: str) -> Rated:
    """Read the runs of an arm, or of several that answer together."""
    folders = [sorted(Path(name).glob("*/predictions.parquet")) for name in names.split("+")]
    if not all(folders):
        raise SystemExit(f"{names}: no */predictions.parquet")
    return rated([_mean([read_predictions(file) for file in files]) for files in zip(*folders, strict=True)])


def _mean(members: list[Predictions]) -> Predictions:
    """Return the mean answer of members on the same rows in the same order."""
    first = members[0]
    if len(members) == 1:
        return first
    frames = [member.frame.set_index("path").loc[first.frame["path"].tolist()] for member in members]
    frame = first.frame.set_index("path").drop(columns="embedding", errors="ignore")
    for name in [*AXES, *(column for column in frame if str(column).startswith("p_"))]:
        if name in frame:
            frame[name] = np.mean([each[name] for each in frames], axis=0)
    for axis in AXES:
        if all(f"{axis}_sd" in each for each in frames):
            squares = [each[f"{axis}_sd"] ** 2 + each[axis] ** 2 for each in frames]
            frame[f"{axis}_sd"] = np.sqrt(np.mean(squares, axis=0) - frame[axis] ** 2)
    return Predictions(frame.reset_index(), metadata=first.metadata, name=first.name)


def columns(one: Rated) -> pd.DataFrame:
    """Return what figures are made of, by path."""
    rows = one.rows
    frame: dict[str, np.ndarray] = {}
    for number, axis in enumerate(AXES):
        frame[f"{axis}_true"], frame[axis] = rows.targets[:, number], rows.dimensions[:, number]
        sd = one.optional(one.frame, f"{axis}_sd")
        frame[f"{axis}_sd"] = np.full(len(one), np.nan) if sd is None else sd
    frame["true"] = rows.labels
    nobody = np.full(len(one), -1)
    frame["said"] = nobody if rows.probabilities is None else rows.probabilities.argmax(axis=1)
    frame["group"] = np.arange(len(one)) if rows.groups is None else rows.groups
    keys = ["/".join(Path(path).parts[-2:]) for path in one.frame["path"].astype(str)]
    return pd.DataFrame(frame, index=pd.Index(keys), dtype=np.float64)


def figures(data: np.ndarray, names: list[str], prefix: str = "") -> dict[str, float]:
    """Return every figure that the columns of one arm allow."""
    at = {name: data[:, number] for number, name in enumerate(names)}
    found = {}
    for axis in AXES:
        true, said, sd = at[f"{axis}_true"], at[axis], at[f"{axis}_sd"]
        there = np.isfinite(true) & np.isfinite(said)
        if there.sum() > 2:
            for name, metric in (("r", pearson_r), ("CCC", ccc), ("MAE", mae)):
                found[f"{prefix}{axis} {name}"] = metric(true[there], said[there])
        if (there & np.isfinite(sd)).any():
            spread = uncertainty_metrics(true[there], said[there], sd[there]).figures()
            for name in ("nll", "crps", "coverage_50", "coverage_95"):
                found[f"{prefix}{axis} {name}"] = spread[name]
    known = (at["true"] >= 0) & (at["said"] >= 0)
    if known.any():
        truth, answer = (at[name][known].astype(int) for name in ("true", "said"))
        scores = classification_metrics(truth, answer, names=[str(k) for k in range(8)])
        found |= {f"{prefix}accuracy": scores.accuracy, f"{prefix}macro F1": scores.macro_f1}
    return found


def main(*arms: str) -> None:
    """Print figures of each arm, then differences from the first."""
    tables = [columns(arm(one)) for one in arms]
    names = [str(name) for name in tables[0].columns]
    for title, table in zip(arms, tables, strict=True):
        _print(title, lambda data: figures(data, names), table.to_numpy(), table["group"].to_numpy())
    for title, table in zip(arms[1:], tables[1:], strict=True):
        common = tables[0].index.intersection(table.index)
        both = np.concatenate([tables[0].loc[common].to_numpy(), table.loc[common].to_numpy()], axis=1)
        half = len(names)

        def difference(data: np.ndarray, half: int = half) -> dict[str, float]:
            first, second = figures(data[:, :half], names), figures(data[:, half:], names)
            return {name: second[name] - first[name] for name in second if name in first}

        _print(f"{title} − {arms[0]}", difference, both, tables[0].loc[common, "group"].to_numpy())


def _print(
    title: str, metric: Callable[[np.ndarray], dict[str, float]], data: np.ndarray, groups: np.ndarray
) -> None:
    codes = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    print(f"\n{title}, {len(data)} rows")
    for name, figure in DRAWS.figures(metric, data, groups=codes).items():
        print(f"  {name:22} {figure}")


if __name__ == "__main__":
    main(*sys.argv[1:])
