"""How well wrong labels are found: 10 % of the labels of 3,000 images of FI-8 are flipped at random.

    python benchmarks/labels.py --data-root DATA --weights-root WEIGHTS --cache store --output labels.json \
        --sheet suspicious.png

Features of the frozen EfficientNet-B0 of ImageNet, its last map averaged (the embedded model has learnt
FI-8), and linear heads in five stratified folds. Measured for each score: the area under the curve of
telling flipped labels from the others, with a bootstrap interval; for each choice of findings its precision
and recall. Not all labels that were left alone are right, so that areas and precisions are lower bounds.
`--sheet` draws the 50 most suspicious of the labels as they are. Writes JSON.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.metrics import roc_auc_score

from evocative.curate.confident_learning import CHOICES, SCORES, confident_joint, suspects, suspicion
from evocative.curate.labels import find_labels, predict_out_of_fold
from evocative.data.atomic import replacing
from evocative.data.splits import sample
from evocative.data.table import Table
from evocative.datasets import dataset
from evocative.metrics.intervals import bootstrap
from evocative.models.backbone import Backbone
from evocative.plots.thumbnails import cropped
from evocative.preprocessing import Preprocessing

ROWS, SHARE, SHOWN, COLUMNS = 3000, 0.1, 50, 10
PREPROCESSING = Preprocessing(interpolation="bicubic")


def flipped(table: Table, *, seed: int) -> tuple[Table, np.ndarray]:
    """Give a share of the rows one of the other labels, and say which they are."""
    assert table.taxonomy is not None
    random, k = np.random.default_rng(seed), len(table.taxonomy.names)
    wrong = np.zeros(len(table), dtype=bool)
    wrong[random.choice(len(table), round(SHARE * len(table)), replace=False)] = True
    labels = np.where(wrong, (table.labels + random.integers(1, k, len(table))) % k, table.labels)
    return table.assign(label=np.array(table.taxonomy.names, dtype=object)[labels]), wrong


def measure(table: Table, backbone: Backbone, store: Path | None, *, seed: int) -> dict[str, Any]:
    """Flip, look for what was flipped, and count."""
    noisy, wrong = flipped(table, seed=seed)
    predictions = predict_out_of_fold(noisy, backbone, preprocessing=PREPROCESSING, store=store)
    p = np.asarray(predictions.probabilities, dtype=np.float64)[predictions.ok]
    p /= p.sum(1, keepdims=True)
    labels, wrong = noisy.labels[predictions.ok], wrong[predictions.ok]
    found: dict[str, Any] = {
        "rows": len(labels), "flipped": int(wrong.sum()), "seed": seed,
        "accuracy_on_given": float((p.argmax(1) == table.labels[predictions.ok]).mean()),
        "estimated_noise": confident_joint(p, labels).noise,
    }  # fmt: skip
    for score in SCORES:
        values = suspicion(p, labels, score=score)
        found[f"auc_{score}"] = bootstrap(lambda t, s: float(roc_auc_score(t, s)), wrong, values).to_dict()
    for choose in CHOICES:
        chosen = suspects(p, labels, choose=choose)
        found[f"choose_{choose}"] = {
            "findings": int(chosen.sum()), "precision": float(wrong[chosen].mean()),
            "recall": float(chosen[wrong].mean()),
        }  # fmt: skip
    return found


def draw_sheet(table: Table, backbone: Backbone, store: Path | None, target: Path) -> None:
    """Draw the most suspicious labels as they are: label as given, then the likelier one, and the score."""
    from matplotlib.figure import Figure

    found = find_labels(table, backbone=backbone, preprocessing=PREPROCESSING, store=store, limit=SHOWN)
    print(f"{found.table}: estimated share of wrong labels {found.settings['noise']:.3f}")
    figure = Figure(figsize=(2 * COLUMNS, 2.45 * -(-SHOWN // COLUMNS)), layout="tight")
    for place, row in enumerate(found.frame.itertuples(index=False)):
        axes = figure.add_subplot(-(-SHOWN // COLUMNS), COLUMNS, place + 1)
        with Image.open(table.root / str(row.path)) as image:
            axes.imshow(cropped(image, pixels=200))
        axes.set_title(f"{place + 1}: {row.label}\n→ {row.likely} {row.score:.2f}", fontsize=9)
        axes.set_axis_off()
        print(place + 1, row.path, row.evidence, sep="\t")
    figure.savefig(target, dpi=80)


def main() -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--weights-root", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    table = sample(dataset("fi8").read(options.data_root / "fi8"), ROWS, seed=0)
    weights = str(options.weights_root / "tf_efficientnet_b0.features.pth")
    backbone = Backbone("tf_efficientnet_b0", weights=weights, pool="last_map")
    runs = [measure(table, backbone, options.cache, seed=seed) for seed in range(options.seeds)]
    with replacing(options.output) as file:
        file.write_text(json.dumps({"share": SHARE, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(runs, indent=2))
    if options.sheet:
        draw_sheet(table, backbone, options.cache, options.sheet)


if __name__ == "__main__":
    main()
