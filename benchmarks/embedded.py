"""Train the embedded model in its two stages, measure it, and renew what comes with the package.

    python benchmarks/embedded.py --data-root DATA --weights-root WEIGHTS --output runs/embedded
    python benchmarks/embedded.py … --into src/evocative/embedded        # also renew the embedded model

Emotions are measured on FI-8's fixed validation part, by both stages on the five folds. Valence and arousal
are measured on OASIS by the committed folds (whole themes), by the recipe `default` on the averaged backbone
that saw all of FI-8 and nothing of OASIS; once more by a linear head, and by both kinds of heads on the
frozen pretrained backbone. *Frozen* is a linear head on the latter's pooled features, fitted to the same
rows. Every run is the command `evocative train`; a finished one is not repeated, an interrupted one goes on.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from evocative.training.folder import changed_settings

FOLDS = range(5)
NAMES = TAXONOMIES["mikels8"].names
SENTIMENTS = {label.name: label.sentiment for label in TAXONOMIES["mikels8"]}
ONLY_OASIS = (
    'data.sources=[{dataset="oasis", path="oasis", folds="oasis"}]', "data.taxonomy=none",
    'losses=[{name="dimensions"}]', "model.emotions=false",
    "training.head_emotions_band=false", "training.head_group_effect=false",
)  # fmt: skip
LINEAR = ('model.neck="motiejauskas2026"', "model.dimension_maps=[]", *ONLY_OASIS)
PRETRAINED = 'model.weights="tf_efficientnet_b0.features.pth"'
MAIN = ("accuracy", "macro_f1", "cross_sentiment")
Figures = dict[str, dict[str, Interval]]

CARD = """
Which of Mikels' eight emotions a photograph evokes, and how pleasant (valence) and how stirring (arousal)
it is. EfficientNet-B0 up to its last block, its upper half trained three times and averaged, and linear heads
on its pooled vector and on Gram matrices of three whitened feature maps.

## Trained on

13,540 images of FI-8 (You et al. 2016; Flickr and Instagram photographs, one emotion each by majority of five
crowd workers; squashed to 224×224) and 617 of the 900 images of OASIS (Kurdi et al. 2017; mean valence and
arousal of about 100 raters each), from ImageNet weights that had been trained further on salient objects
(MIT / Apache-2.0). FI-8 states no licence and is meant for research; the weights carry no image. Whoever
needs cleared training data trains the recipes `fi8` and `default` on their own.

## Not fit for

Saying what a person in the picture feels, or what one viewer will feel; decisions about people;
moderation of disturbing content; drawings, screenshots, memes, medical or satellite images. Fear and
anger are rare in the training data (4 and 5 %) and often missed. Probabilities are those of one network on
one benchmark: measure on your own images before you rely on them.
"""


@dataclass(frozen=True)
class Job:
    """One training by the command."""

    name: str
    recipe: str
    settings: tuple[str, ...] = ()
    from_runs: bool = False
    """Whether the recipe's weights are a run of this benchmark, not a file below --weights-root."""


SEEDS = range(3)
HELD = 'data.fold="validation"'
AS_IT_IS = ("training.epochs=0", "training.average_with_start=0")
STAGES = (
    Job("fi8-frozen", "fi8", (HELD, *AS_IT_IS)),
    *(Job(f"fi8-validation-{seed}", "fi8", (HELD, f"seed={seed}")) for seed in SEEDS),
    *(Job(f"fi8-{seed}", "fi8", (f"seed={seed}",)) for seed in SEEDS),
)
OASIS_ARMS: dict[str, tuple[str, ...]] = {
    "oasis": ("data.sources.0.folds=none",),  # all of FI-8 is trained on
    "oasis-linear": LINEAR,
    "oasis-frozen": (*LINEAR, PRETRAINED),
    "oasis-frozen-second-order": (*ONLY_OASIS, PRETRAINED),
}
"""Settings of the heads on OASIS, by their name."""
RUNS = f"model.weights={json.dumps([f'fi8-validation-{seed}/model' for seed in SEEDS])}"
HEADS = (
    Job("fi8-validation", "fi8", (HELD, *AS_IT_IS, "training.head_start=false", RUNS), from_runs=True),
    Job("validation", "default", (HELD, RUNS), from_runs=True),
    Job("frozen-second-order", "fi8-second-order", (HELD,)),
    *(
        Job(f"{name}-{fold}", "default", (f"data.fold={fold}", *settings), PRETRAINED not in settings)
        for name, settings in OASIS_ARMS.items()
        for fold in FOLDS
    ),
    Job("default", "default", from_runs=True),
)
EMOTION_ARMS = ("fi8-validation", "frozen-second-order", *(f"fi8-validation-{seed}" for seed in SEEDS))
"""Beside what is measured: the average of the runs with its own head, other heads, single runs."""


def train(job: Job, options: argparse.Namespace) -> None:
    """Run one training by the command, unless it is done."""
    folder: Path = options.output / job.name
    settings = [*job.settings, "evaluation.bootstrap=0"]
    if (folder / "model" / "config.json").exists():
        changed = changed_settings(folder / "recipe.json", load(job.recipe, settings))
        if [name for name in changed if not name.startswith("evaluation.")]:
            raise SystemExit(
                f"{folder} was trained by another recipe ({', '.join(changed)}): remove it, or name another "
                "--output"
            )
        return
    weights = options.output if job.from_runs else options.weights_root
    command = [
        sys.executable, "-m", "evocative", "train", job.recipe, "--data-root", options.data_root,
        "--weights-root", weights, "--output", folder, "--cache", options.output / "features",
        *(["--resume"] if (folder / "recipe.json").exists() else []),
    ]  # fmt: skip
    command += [word for setting in settings for word in ("--set", setting)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("a", encoding="utf-8") as log:
        subprocess.run([str(word) for word in command], check=True, stdout=log, stderr=log, env=environment)


def read(output: Path, names: list[str]) -> Predictions:
    """Join the predictions of runs on disjoint rows, in the order of their paths.

    Runs of two data sets name their folders in the paths, runs of one do not.
    """
    parts = [read_predictions(output / name / "predictions.parquet") for name in names]
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    frame["path"] = frame["path"].str.replace(r"^(fi8|oasis)/", "", regex=True)
    frame = frame.sort_values("path")
    return Predictions(frame.reset_index(drop=True), parts[0].metadata, name=names[0])


def rated(predictions: Predictions) -> Predictions:
    """Leave out what has no valence: images of FI-8."""
    frame = predictions.frame
    rows = np.isfinite(predictions.targets[:, 0])
    return Predictions(frame[rows].reset_index(drop=True), predictions.metadata, name=predictions.name)


def macro_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    return classification_metrics(labels, predicted, names=NAMES).macro_f1


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean(labels == predicted))


def cross_rate(probabilities: np.ndarray) -> float:
    return top2_cross_sentiment(probabilities, names=NAMES, sentiments=SENTIMENTS).rate


def emotion_figures(trained: Predictions, frozen: Predictions) -> Figures:
    """Measure both on the validation part, and their paired differences."""
    found: Figures = {"trained": {}, "frozen": {}, "difference": {}}
    best, labels = {}, trained.labels
    for name, predictions in (("trained", trained), ("frozen", frozen)):
        assert predictions.probabilities is not None
        assert predictions.paths == trained.paths
        probabilities = predictions.probabilities.astype(np.float64)
        best[name] = probabilities.argmax(1)
        found[name]["accuracy"] = bootstrap(accuracy, labels, best[name])
        found[name]["macro_f1"] = bootstrap(macro_f1, labels, best[name], n_resamples=500)
        found[name]["cross_sentiment"] = bootstrap(cross_rate, probabilities, n_resamples=500)
        for number, emotion in enumerate(NAMES):
            rows = labels == number
            found[name][f"recall_{emotion}"] = bootstrap(accuracy, labels[rows], best[name][rows])
    for figure, function in (("accuracy", accuracy), ("macro_f1", macro_f1)):
        found["difference"][figure] = bootstrap_difference(
            function, labels, best["trained"], best["frozen"], n_resamples=500
        )
    return found


def dimension_figures(trained: Predictions, frozen: Predictions) -> Figures:
    """Measure both on pooled folds of OASIS, resampling themes, and their paired differences."""
    found: Figures = {"trained": {}, "frozen": {}, "difference": {}}
    assert trained.paths == frozen.paths
    themes = trained.frame["group"].astype(str).to_numpy()
    for column, axis in enumerate(("valence", "arousal")):
        target = trained.targets[:, column]
        said = {"trained": trained.dimensions[:, column], "frozen": frozen.dimensions[:, column]}
        for name, values in said.items():
            found[name][f"{axis}_r"] = bootstrap(pearson_r, target, values, groups=themes)
            found[name][f"{axis}_ccc"] = bootstrap(ccc, target, values, groups=themes)
        found["difference"][f"{axis}_r"] = bootstrap_difference(
            pearson_r, target, said["trained"], said["frozen"], groups=themes
        )
    return found


def renew(options: argparse.Namespace, found: Figures) -> None:
    """Write the model that was trained on all rows into the package, with the measured figures."""
    loaded = load_model(options.output / "default" / "model")
    loaded.model.fold(partly=True)  # faster, and equal to rounding
    kinds = {"valence": "5fold", "arousal": "5fold"}  # others: where settings were compared
    measured = {
        f"{name}_{kinds.get(name.split('_')[0], 'validation')}": vars(interval)
        for name, interval in found["trained"].items()
    }
    first = json.loads((options.output / "fi8-0" / "recipe.json").read_text(encoding="utf-8"))
    save_model(
        loaded.model, options.into, preprocessing=loaded.preprocessing,
        provenance={**loaded.config["provenance"], "first_stage": first, "first_stage_seeds": [*SEEDS]},
        measured=measured, precision="float16", card=CARD,
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
    parser.add_argument("--jobs", type=int, default=2, help="Runs at the same time.")
    parser.add_argument("--threads", type=int, default=1, help="Of each run.")
    options = parser.parse_args()
    for jobs in (STAGES, HEADS):
        with ThreadPoolExecutor(options.jobs) as executor:
            runs = [executor.submit(train, job, options) for job in jobs]
        for finished in runs:
            finished.result()  # a broken run is told once the others are done
    output: Path = options.output
    frozen = read(output, ["fi8-frozen"])
    emotions = emotion_figures(read(output, ["validation"]), frozen)
    for name in EMOTION_ARMS:
        alone = emotion_figures(read(output, [name]), frozen)
        print(name, *(f"  {figure}: {alone['trained'][figure]}" for figure in MAIN), sep="\n")
    arms = {name: rated(read(output, [f"{name}-{fold}" for fold in FOLDS])) for name in OASIS_ARMS}
    dimensions = dimension_figures(arms["oasis"], arms["oasis-frozen"])
    for name in ("oasis-linear", "oasis-frozen-second-order"):
        print(f"{name}, and what oasis has above it")
        beside = dimension_figures(arms["oasis"], arms[name])
        for part in ("frozen", "difference"):
            print(*(f"  {part} {figure}: {value}" for figure, value in beside[part].items()), sep="\n")
    found = {name: {**emotions[name], **dimensions[name]} for name in emotions}
    for name, intervals in found.items():
        print(name, *(f"  {figure}: {interval}" for figure, interval in intervals.items()), sep="\n")
    plain = {name: {key: vars(value) for key, value in part.items()} for name, part in found.items()}
    with replacing(output / "figures.json") as file:
        file.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    if options.into:
        renew(options, found)


if __name__ == "__main__":
    main()
