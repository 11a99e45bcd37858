"""Style on real images: what goes with valence, arousal and emotions, and what an SVM learns from it.

    python benchmarks/style.py --data DATA --cache cache --output style.json --pictures docs/images

DATA holds oasis/ and fi8/. Settings of the machine are chosen on a sample of FI-8's fixed validation part;
its accuracy is of the committed folds, which leave that part out.
"""

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from evocative.data.atomic import replacing
from evocative.data.splits import VALIDATION, read_folds, sample
from evocative.data.table import Table, concatenate
from evocative.datasets import dataset
from evocative.explain.style import style_of, style_of_table
from evocative.explain.style_correlations import Correlations, correlate
from evocative.explain.style_names import LINEAR
from evocative.inference.predictions import Predictions, write_predictions
from evocative.metrics.classification import classification_metrics
from evocative.metrics.intervals import bootstrap_figures
from evocative.plots.correlations import plot_correlation_matrix, plot_correlations
from evocative.plots.style import PAGE_WIDTH, new_figure, save, styled
from evocative.training.style_svm import SvmSettings, out_of_fold, train_and_predict

FOLDS = Path(__file__).parents[1] / "src" / "evocative" / "recipes" / "folds" / "fi8.csv"
ROWS, CHOOSE_ON = 4000, 1000
GRID = tuple(itertools.product((1.0, 4.0), (0.005, 0.02)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "cache", "output", "pictures"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, help="also write the machine's answers")
    asked = parser.parse_args()
    oasis = dataset("oasis").read(asked.data / "oasis")
    figures: dict[str, Any] = {"oasis": _oasis(oasis, asked.cache, asked.pictures)}
    figures["milliseconds"] = _milliseconds(oasis)
    figures["fi8"] = _fi8(asked)
    with replacing(asked.output) as unfinished:
        unfinished.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _oasis(table: Table, cache: Path, pictures: Path) -> dict[str, Any]:
    style = style_of_table(table, store=cache)
    found = {kind: correlate(style, table, kind=kind) for kind in ("spearman", "pearson")}
    _draw_strongest(found["spearman"], pictures / "style_oasis.png")
    return {kind: _plain(one) for kind, one in found.items()}


@styled
def _draw_strongest(found: Correlations, path: Path) -> None:
    figure = new_figure(PAGE_WIDTH, 2.6)
    for axes, target in zip(figure.subplots(1, 2), ("valence", "arousal"), strict=True):
        best = found.strongest(target, 10)
        ends = [[getattr(one, end) for _, one in best] for end in ("value", "low", "high")]
        sure = [found.sure(target, name) for name, _ in best]
        plot_correlations([name for name, _ in best], *ends, sure=sure, title=target, axes=axes)
    save(figure, path)


def _fi8(asked: argparse.Namespace) -> dict[str, Any]:
    whole = dataset("fi8").read(asked.data / "fi8")
    fold = read_folds(FOLDS, whole)
    rows, choose_on = (
        sample(whole.select(mask), number, seed=0)
        for mask, number in ((fold != VALIDATION, ROWS), (fold == VALIDATION, CHOOSE_ON))
    )
    style = style_of_table(rows, store=asked.cache)
    correlations = correlate(style, rows, n_resamples=200)
    _draw_matrix(correlations, asked.pictures / "style_fi8.png")
    settings, tried = _chosen(concatenate([rows, choose_on]), len(rows), asked.cache)
    start = time.process_time()
    predictions = out_of_fold(style, rows, read_folds(FOLDS, rows), settings=settings)
    if asked.predictions is not None:
        write_predictions(predictions, asked.predictions)
    return {
        "rows": len(rows), "settings": vars(settings), "tried_on_validation": tried,
        "measured": _measured(predictions), "cpu_seconds": time.process_time() - start,
        "spearman": _plain(correlations),
    }  # fmt: skip


def _chosen(table: Table, first: int, cache: Path) -> tuple[SvmSettings, list[dict[str, float]]]:
    """Return the settings of the best accuracy on the rows after the first, learned on the first."""
    style, train = style_of_table(table, store=cache), np.arange(len(table)) < first
    tried = []
    for c, gamma in GRID:
        settings = SvmSettings(c=c, gamma=gamma)
        found = train_and_predict(style, table, train=train, rows=~train, settings=settings)
        tried.append({"c": c, "gamma": gamma, "accuracy": _accuracy(found)})
    best = max(tried, key=lambda one: one["accuracy"])
    return SvmSettings(c=best["c"], gamma=best["gamma"]), tried


def _accuracy(predictions: Predictions) -> float:
    assert predictions.probabilities is not None
    return float((predictions.probabilities.argmax(axis=1) == predictions.labels)[predictions.ok].mean())


def _measured(predictions: Predictions) -> dict[str, Any]:
    assert predictions.probabilities is not None
    guess, labels = (
        predictions.probabilities[predictions.ok].argmax(axis=1),
        predictions.labels[predictions.ok],
    )

    def figures(labels: np.ndarray, guess: np.ndarray) -> dict[str, float]:
        return classification_metrics(labels, guess, names=predictions.names).figures()

    commonest = float(np.bincount(labels).max() / len(labels))
    found = bootstrap_figures(figures, labels, guess)
    return {"commonest_label": commonest} | {name: one.to_dict() for name, one in found.items()}


def _milliseconds(table: Table, images: int = 40) -> float:
    """Return processor time an image, decoding included, one thread."""
    start = time.process_time()
    for path in table.paths[:images]:
        style_of(path)
    return 1000 * (time.process_time() - start) / images


def _plain(found: Correlations) -> dict[str, Any]:
    return {
        target: {
            name: one.to_dict() | {"p": found.p[target, name], "q": found.q[target, name]}
            for name, one in found.strongest(target)
        }
        for target in found.targets
    }


def _draw_matrix(found: Correlations, path: Path) -> None:
    grid = [[found.found[target, name] for target in found.targets] for name in LINEAR]
    values = np.array([[one.value for one in row] for row in grid])
    sure = np.array([[found.sure(target, name) for target in found.targets] for name in LINEAR])
    save(plot_correlation_matrix(LINEAR, found.targets, values, sure=sure), path, dpi=150)


if __name__ == "__main__":
    main()
