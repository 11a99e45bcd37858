"""How often intervals hold the truth, and the figure that they are of, simulated with known truth.

    python benchmarks/intervals.py --json docs/results/intervals.json

Every figure of a report that has an interval, at n = 140, 500 and 2,256 rows: `held` is how often 95 %
intervals hold the figure's value in the population, `own` how often they hold the sample's own value, both
of so many samples; `none` how often there is no interval. `former` is the percentile bootstrap that
evocative used for all.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import xlogy

from evocative.data.atomic import replacing
from evocative.evaluate.compare import compare_runs
from evocative.evaluate.figures import figures_of
from evocative.evaluate.parts import calibration, classification, cross_sentiment, dimensions
from evocative.evaluate.report import Counts, Intervals, Provenance, Report
from evocative.evaluate.rows import Draws, Rows
from evocative.evaluate.runs import Run
from evocative.metrics.agreement import agreement_intervals
from evocative.metrics.calibration import calibration_metrics
from evocative.plain import plain
from evocative.taxonomy.labels import taxonomy

SIZES = (140, 500, 2256)
MIKELS = taxonomy("mikels8")
POPULATION = 400_000
FORMER = 60
"""Draws of the former intervals: enough to see where they lie."""
SHARES = np.array([0.3, 0.25, 0.2, 0.1, 0.08, 0.05, 0.015, 0.005])
"""Of the labels: the last two are rare."""
Ends = tuple[float, float, float]
"""Value, low and high."""
Sample = Callable[[int, np.random.Generator], dict[str, Ends]]


def partitions(n: int, rng: np.random.Generator, *, known: float, grouped: bool) -> dict[str, Ends]:
    """ARI and NMI where clusters know the label in a share of rows, and name one of eight at random else."""
    units = n // 4 if grouped else n
    labels = rng.integers(8, size=units)
    clusters = np.where(rng.random(units) < known, labels, rng.integers(8, size=units))
    groups = None
    if grouped:  # four rows a group, each a copy of the group's own or one of its kind
        groups = np.repeat(np.arange(units), 4)
        fresh = rng.random(4 * units) < 0.5
        mine = rng.integers(8, size=4 * units)
        theirs = np.where(rng.random(4 * units) < known, mine, rng.integers(8, size=4 * units))
        labels, clusters = np.where(fresh, mine, labels[groups]), np.where(fresh, theirs, clusters[groups])
    found = agreement_intervals(labels, clusters, groups=groups)
    ends = {name: (one.value, one.low, one.high) for name, one in found.items()}
    if not grouped:
        cells = labels * 8 + clusters
        drawn = np.array([_agreement(cells[rows]) for rows in rng.integers(n, size=(FORMER, n))])
        for name, values in zip(found, drawn.T, strict=True):
            ends[f"{name}, former"] = (ends[name][0], *np.quantile(values, [0.025, 0.975]))
    return ends


def _agreement(cells: np.ndarray) -> tuple[float, float]:
    """Return ARI and NMI of rows in cells of an 8 × 8 table."""
    table = np.bincount(cells, minlength=64).reshape(8, 8).astype(np.float64)
    together, one, other, all_ = (
        float((part * (part - 1) / 2).sum()) for part in (table, table.sum(0), table.sum(1), table.sum())
    )
    expected = one * other / all_
    joint, first, second = (float(-xlogy(part, part).sum()) for part in _shares(table))
    return (together - expected) / ((one + other) / 2 - expected), 2 * (1 - joint / (first + second))


def _shares(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shares = table / table.sum()
    return shares, shares.sum(0), shares.sum(1)


def true_partitions(*, known: float, grouped: bool) -> dict[str, float]:
    """ARI of pairs of different rows is known²; NMI is that of the table of probabilities."""
    joint = (1 - known) / 64 + known * np.eye(8) / 8
    nmi = float((joint * np.log(joint * 64, where=joint > 0, out=np.zeros((8, 8)))).sum() / np.log(8))
    found = {"ari": known**2, "nmi": nmi}
    return found if grouped else found | {f"{name}, former": value for name, value in found.items()}


def labelled(n: int, rng: np.random.Generator, *, signal: float) -> Rows:
    """Rows of eight labels, two of them rare; probabilities are right as often as they say."""
    truth = rng.choice(8, size=n, p=SHARES)
    logits = rng.normal(size=(n, 8)) + signal * np.eye(8)[truth]
    scores = SHARES * np.exp(signal * logits)  # Bayes: normal densities of unit variance
    shares = scores / scores.sum(axis=1, keepdims=True)
    none = np.full((n, 3), np.nan, dtype=np.float32)
    return Rows(MIKELS, truth.astype(np.int64), shares.astype(np.float32), none, none, None, None)


def rated(n: int, rng: np.random.Generator, *, r: float) -> Rows:
    """Rows with valence, predicted with a correlation and a mean that is off by a twentieth."""
    truth = 0.3 * rng.normal(size=n)
    said = 0.05 + 0.8 * (r * truth + np.sqrt(1 - r * r) * 0.3 * rng.normal(size=n))
    columns = [np.full((n, 3), np.nan, dtype=np.float32) for _ in range(2)]
    columns[0][:, 0], columns[1][:, 0] = truth, said
    return Rows(None, np.full(n, -1, dtype=np.int64), None, columns[1], columns[0], None, None)


def measured(rows: Rows, draws: int) -> dict[str, Ends]:
    """Every figure of a report with its interval, but those of single labels."""
    how = Draws(resamples=draws)
    parts: dict[str, Any] = {
        "classification": classification(rows, how), "calibration": calibration(rows, how),
        "cross_sentiment": cross_sentiment(rows, how), "dimensions": dimensions(rows, how),
    }  # fmt: skip
    kept = {name: part for name, part in parts.items() if not isinstance(part, str)}
    counts = Counts(len(rows.labels), 0, len(rows.labels), 0, 0, 0)
    report = Report(Provenance("", 0), Intervals(0.95, draws, None), counts, **kept)
    found = {name: one for name, one in figures_of(report).items() if not name.endswith("]")}
    ends = {name: (one.value, one.low, one.high) for name, one in found.items()}
    if "ece" in ends and draws:
        assert rows.probabilities is not None
        rng = np.random.default_rng(0)
        every = rng.integers(len(rows.labels), size=(FORMER, len(rows.labels)))
        drawn = [calibration_metrics(rows.labels[some], rows.probabilities[some]).ece for some in every]
        ends["ece, former"] = (ends["ece"][0], *np.quantile(drawn, [0.025, 0.975]))
    return ends


def compared(n: int, rng: np.random.Generator, *, draws: int, gap: float) -> dict[str, Ends]:
    """Paired differences of two models, one the other with more noise."""
    better = labelled(n, rng, signal=1.5)
    assert better.probabilities is not None
    noisy = np.log(better.probabilities + 1e-6) + gap * rng.normal(size=(n, 8))
    shares = np.exp(noisy) / np.exp(noisy).sum(axis=1, keepdims=True)
    worse = Rows(
        MIKELS, better.labels, shares.astype(np.float32), better.dimensions, better.targets, None, None
    )
    paths = tuple(map(str, range(n)))
    arms = {
        name: [Run("0", 0, paths, (None,) * n, rows, None, None)]
        for name, rows in (("worse", worse), ("better", better))
    }
    found = compare_runs(arms, reference="worse", resamples=max(draws, 1)).rows
    told = {f"{row.figure}, difference": row.difference for row in found if row.difference is not None}
    return {name: (one.value, one.low, one.high) for name, one in told.items()}


def scenes(draws: int) -> Iterator[tuple[str, Sample, dict[str, float]]]:
    """Yield what is simulated: its name, a sample's figures with intervals, and the truth."""
    for known in (0.0, 0.2, 0.5, 0.9):
        for grouped in (False, True):
            told = f"clusters know {known:.0%} of the labels" + (", groups of four" if grouped else "")
            truth = true_partitions(known=known, grouped=grouped)
            yield told, partial(partitions, known=known, grouped=grouped), truth
    rng = np.random.default_rng(1)
    for signal in (0.0, 1.0):
        truth = _values(measured_labels(POPULATION, rng, signal=signal, draws=0))
        told = f"labels, signal {signal:g}, calibrated"
        yield (
            told,
            partial(measured_labels, signal=signal, draws=draws),
            truth | {"ece": 0.0, "ece, former": 0.0},
        )
    for r in (0.0, 0.6):
        truth = _values(measured_valence(POPULATION, rng, r=r, draws=0))
        yield f"valence, r = {r:g}", partial(measured_valence, r=r, draws=draws), truth
    for gap in (0.0, 1.0):
        truth = _values(compared(POPULATION // 4, rng, draws=1, gap=gap))
        yield f"paired, noise {gap:g}", partial(compared, draws=draws, gap=gap), truth


def measured_labels(n: int, rng: np.random.Generator, *, signal: float, draws: int) -> dict[str, Ends]:
    """Figures of labels, calibration and cross-sentiment."""
    return measured(labelled(n, rng, signal=signal), draws)


def measured_valence(n: int, rng: np.random.Generator, *, r: float, draws: int) -> dict[str, Ends]:
    """Figures of a dimension."""
    return measured(rated(n, rng, r=r), draws)


def _values(found: Mapping[str, Ends]) -> dict[str, float]:
    return {name: ends[0] for name, ends in found.items()}


def simulate(sample: Sample, truth: Mapping[str, float], n: int, samples: int) -> dict[str, dict[str, float]]:
    """Return of each figure how often intervals hold the truth and its own value, and their mean width."""
    found: dict[str, list[Ends]] = defaultdict(list)
    for number in range(samples):
        for name, ends in sample(n, np.random.default_rng([n, number])).items():
            found[name].append(ends)
    result = {}
    for name, rows in found.items():
        value, low, high = np.array(rows).T
        there = ~np.isnan(low)
        value, low, high = value[there], low[there], high[there]
        slack = 1e-12
        result[name] = {
            "truth": truth[name], "mean": float(value.mean()) if value.size else np.nan,
            "held": float(np.mean((low - slack <= truth[name]) & (truth[name] <= high + slack))),
            "own": float(np.mean((low <= value) & (value <= high))),
            "width": float(np.mean(high - low)), "none": float(1 - there.mean()),
        }  # fmt: skip
    return result


def cost(n: int = 2256) -> dict[str, float]:
    """Seconds for the intervals of ARI and NMI of n rows, now and by 1,000 draws as before."""
    rng = np.random.default_rng(0)
    labels, clusters = rng.integers(8, size=(2, n))
    started = time.perf_counter()
    for _ in range(20):
        agreement_intervals(labels, clusters)
    now = (time.perf_counter() - started) / 20
    cells = labels * 8 + clusters
    started = time.perf_counter()
    for _ in range(1000):  # a table of counts a draw
        _agreement(cells[rng.integers(n, size=n)])
    return {"n": n, "seconds": now, "seconds_former": time.perf_counter() - started}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="also write what was found to this file")
    parser.add_argument("--samples", type=int, default=200, help="samples of each size")
    parser.add_argument("--draws", type=int, default=200, help="draws of a bootstrap")
    parser.add_argument("--only", default="", help="scenes whose name holds this")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    for name, sample, truth in scenes(arguments.draws):
        if arguments.only not in name:
            continue
        results[name] = {n: simulate(sample, truth, n, arguments.samples) for n in SIZES}
        for n, figures in results[name].items():
            for figure, one in figures.items():
                print(
                    f"{name:42} n = {n:5,}  {figure:32} truth {one['truth']:6.3f}  mean {one['mean']:6.3f}  "
                    f"held {one['held']:.2f}  own {one['own']:.2f}  width {one['width']:.3f}  "
                    f"none {one['none']:.2f}",
                    flush=True,
                )
        if arguments.json:
            _write(arguments, results)
    print(_write(arguments, results)["cost"])


def _write(arguments: argparse.Namespace, results: dict[str, Any]) -> dict[str, Any]:
    """Write what was found so far."""
    content = {
        "samples": arguments.samples, "draws": arguments.draws, "level": 0.95, "cpus": os.cpu_count(),
        "cost": cost(), "scenes": results,
    }  # fmt: skip
    if arguments.json:
        with replacing(arguments.json) as file:
            file.write_text(json.dumps(plain(content), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return content


if __name__ == "__main__":
    main()
