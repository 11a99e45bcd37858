"""Cross-validate the default recipe on the committed folds, and renew the embedded model.

    python benchmarks/embedded.py --data-root DATA --weights-root WEIGHTS --output runs/embedded
    python benchmarks/embedded.py … --into src/evocative/embedded        # also renew the embedded model

Two arms on the same folds: `frozen` is the pretrained backbone with linear heads (the recipe with 0 epochs),
`trained` the recipe itself. Every run is the command `evocative train`; a finished one is not repeated, an
interrupted one goes on. Predictions of the five held-out folds are pooled and bootstrapped (OASIS by theme).
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from evocative.data.atomic import replacing
from evocative.inference.predictions import Predictions, read_predictions
from evocative.metrics.classification import classification_metrics
from evocative.metrics.dimensional import ccc, pearson_r
from evocative.metrics.intervals import Interval, bootstrap, bootstrap_difference
from evocative.metrics.sentiment import top2_cross_sentiment
from evocative.models.store import load_model, save_model
from evocative.recipe import load
from evocative.taxonomy.labels import TAXONOMIES

FOLDS = range(5)
ARMS = {"frozen": ["training.epochs=0", "training.average_with_start=0"], "trained": []}
NAMES = TAXONOMIES["mikels8"].names
SENTIMENTS = {label.name: label.sentiment for label in TAXONOMIES["mikels8"]}

CARD = """
Which of Mikels' eight emotions a photograph evokes, and how pleasant (valence) and how stirring (arousal)
it is. MobileNetV2 with two linear heads, all layers trained.

## Trained on

13,540 images of FI-8 (You et al. 2016; Flickr and Instagram photographs, one emotion each by majority of five
crowd workers; squashed to 224×224) and 617 of the 900 images of OASIS (Kurdi et al. 2017; mean valence and
arousal of about 100 raters each), from ImageNet weights (Apache-2.0). FI-8 states no licence and is meant for
research; the weights carry no image. Whoever needs cleared training data trains the recipe on their own.

## Not fit for

Saying what a person in the picture feels, or what one viewer will feel; decisions about people;
moderation of disturbing content; drawings, screenshots, memes, medical or satellite images. Fear and
anger are rare in the training data (4 and 5 %) and mostly missed. Probabilities are those of one network on
one benchmark: measure on your own images before you rely on them.
"""


def train(arm: str, fold: int | None, options: argparse.Namespace) -> Path:
    """Run one training by the command, unless it is done, and return its folder."""
    name = f"{arm}-{'all' if fold is None else fold}"
    folder: Path = options.output / name
    done = folder / ("model/config.json" if fold is None else "predictions.parquet")
    settings = [*ARMS[arm], *options.set, *([] if fold is None else [f"data.fold={fold}"])]
    settings.append("evaluation.bootstrap=0")
    if done.exists():
        before = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        if before != load("default", settings).to_dict():
            raise SystemExit(f"{folder} was trained by another recipe: remove it, or name another --output")
        return folder
    command = [
        sys.executable, "-m", "evocative", "train", "default", "--data-root", options.data_root,
        "--weights-root", options.weights_root, "--output", folder, "--cache", options.output / "cache",
        *(["--resume"] if (folder / "recipe.json").exists() else []),
    ]  # fmt: skip
    command += [word for setting in settings for word in ("--set", setting)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("a", encoding="utf-8") as log:
        subprocess.run([str(word) for word in command], check=True, stdout=log, stderr=log, env=environment)
    return folder


def pool(arm: str, options: argparse.Namespace) -> Predictions:
    """Join the held-out predictions of the five folds, in the order of their paths."""
    parts = [read_predictions(options.output / f"{arm}-{fold}" / "predictions.parquet") for fold in FOLDS]
    frame = pd.concat([part.frame for part in parts], ignore_index=True).sort_values("path")
    return Predictions(frame.reset_index(drop=True), parts[0].metadata, name=arm)


def macro_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    return classification_metrics(labels, predicted, names=NAMES).macro_f1


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean(labels == predicted))


def cross_rate(probabilities: np.ndarray) -> float:
    return top2_cross_sentiment(probabilities, names=NAMES, sentiments=SENTIMENTS).rate


def figures(arms: dict[str, Predictions]) -> dict[str, dict[str, Interval]]:
    """Measure both arms on the same rows, and their paired difference."""
    found: dict[str, dict[str, Interval]] = {name: {} for name in [*arms, "difference"]}
    frozen, trained = arms["frozen"], arms["trained"]
    assert frozen.paths == trained.paths
    rows = trained.labels >= 0
    best = {}
    for name, predictions in arms.items():
        assert predictions.probabilities is not None
        probabilities = predictions.probabilities[rows].astype(np.float64)
        best[name] = probabilities.argmax(1)
        labels = predictions.labels[rows]
        found[name]["accuracy"] = bootstrap(accuracy, labels, best[name])
        found[name]["macro_f1"] = bootstrap(macro_f1, labels, best[name], n_resamples=300)
        found[name]["cross_sentiment"] = bootstrap(cross_rate, probabilities, n_resamples=300)
    labels = trained.labels[rows]
    found["difference"]["accuracy"] = bootstrap_difference(accuracy, labels, best["trained"], best["frozen"])
    found["difference"]["macro_f1"] = bootstrap_difference(
        macro_f1, labels, best["trained"], best["frozen"], n_resamples=300
    )
    for axis, column in (("valence", 0), ("arousal", 1)):
        rated = np.isfinite(trained.targets[:, column])
        target = trained.targets[rated, column]
        themes = trained.frame["group"][rated].astype(str).to_numpy()
        said = {name: predictions.dimensions[rated, column] for name, predictions in arms.items()}
        for name, values in said.items():
            found[name][f"{axis}_r"] = bootstrap(pearson_r, target, values, groups=themes)
            found[name][f"{axis}_ccc"] = bootstrap(ccc, target, values, groups=themes)
        found["difference"][f"{axis}_r"] = bootstrap_difference(
            pearson_r, target, said["trained"], said["frozen"], groups=themes
        )
    return found


def renew(options: argparse.Namespace, found: dict[str, dict[str, Interval]]) -> None:
    """Write the model that was trained on all rows into the package, with the cross-validated figures."""
    loaded = load_model(options.output / "trained-all" / "model")
    plain = {name: vars(interval) for name, interval in found["trained"].items()}
    measured = {f"{name}_5fold": figure for name, figure in plain.items()}
    save_model(
        loaded.model, options.into, preprocessing=loaded.preprocessing,
        provenance=loaded.config["provenance"], measured=measured, half=True, card=CARD,
        licence="trained on data for research use; no licence is stated for FI-8",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--weights-root", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--into", type=Path, help="Folder of the embedded model, to renew it.")
    parser.add_argument("--set", action="append", default=[], help="A setting for both arms.")
    parser.add_argument("--jobs", type=int, default=2, help="Runs at the same time.")
    parser.add_argument("--threads", type=int, default=1, help="Of each run.")
    options = parser.parse_args()
    jobs: list[tuple[str, int | None]] = [("trained", fold) for fold in FOLDS]
    jobs += [("trained", None), *(("frozen", fold) for fold in FOLDS)]
    with ThreadPoolExecutor(options.jobs) as executor:
        runs = [executor.submit(train, arm, fold, options) for arm, fold in jobs]
    for finished in runs:
        finished.result()  # a broken run is told once the others are done
    found = figures({arm: pool(arm, options) for arm in ARMS})
    for name, intervals in found.items():
        print(name, *(f"  {figure}: {interval}" for figure, interval in intervals.items()), sep="\n")
    plain = {name: {key: vars(value) for key, value in part.items()} for name, part in found.items()}
    with replacing(options.output / "figures.json") as file:
        file.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    if options.into:
        renew(options, found)


if __name__ == "__main__":
    main()
