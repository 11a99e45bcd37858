"""How much a second head search gains from the feature store.

    python benchmarks/feature_store.py --data-root DATA --weights-root WEIGHTS --output features.json

A search over five folds of FI-8 and eight strengths of a linear head (least squares on ±1, scikit-learn's
`RidgeClassifier`) on frozen features of EfficientNet-B0, run twice with one store in an empty folder. The
first run computes the features of all images, the second finds them; both read the table, hash every file
and fit every head. Prints seconds and their ratio, and writes JSON.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import RidgeClassifier

from evocative.data.atomic import replacing
from evocative.data.splits import VALIDATION, read_folds
from evocative.datasets import dataset
from evocative.inference.features import extract
from evocative.models.backbone import Backbone
from evocative.preprocessing import Preprocessing

FOLDS = Path(__file__).resolve().parents[1] / "src" / "evocative" / "recipes" / "folds" / "fi8.csv"
STRENGTHS = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0, 100000.0)


def search(backbone: Backbone, data_root: Path, store: Path) -> dict[str, float]:
    """Run the whole search once."""
    began = time.perf_counter()
    table = dataset("fi8").read(data_root / "fi8")
    found = extract(backbone, table, preprocessing=Preprocessing(interpolation="bicubic"), store=store)
    extracted = time.perf_counter()
    fold, labels, x = read_folds(FOLDS, table), table.labels, found.pooled[0]
    fixed = fold == VALIDATION
    accuracy = dict.fromkeys(STRENGTHS, 0.0)
    for number in range(5):
        train, test = (fold != number) & ~fixed, fold == number
        mean, sd = x[train].mean(0), x[train].std(0) + 1e-6
        inside, held = (x[train] - mean) / sd, (x[test] - mean) / sd
        for strength in STRENGTHS:
            head = RidgeClassifier(strength, solver="cholesky").fit(inside, labels[train])
            accuracy[strength] += float(np.mean(head.predict(held) == labels[test])) / 5
    ended = time.perf_counter()
    best = max(accuracy, key=lambda strength: accuracy[strength])
    return {
        "seconds": ended - began, "features_seconds": extracted - began, "heads_seconds": ended - extracted,
        "computed": found.computed, "images": len(table), "strength": best, "accuracy": accuracy[best],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--weights-root", type=Path, required=True)
    parser.add_argument("--output", type=Path, help="Where the figures go, as JSON.")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    weights = options.weights_root / "tf_efficientnet_b0.features.pth"
    backbone = Backbone("tf_efficientnet_b0", weights=str(weights), pool="last_map")
    with tempfile.TemporaryDirectory() as folder:
        runs = [search(backbone, options.data_root, Path(folder)) for _ in range(2)]
    ratio = runs[0]["seconds"] / runs[1]["seconds"]
    for name, figures in zip(("first", "second"), runs, strict=True):
        print(name, *(f"{key} {value:,.4g}" for key, value in figures.items()), sep="  ")
    print(f"the second run is {ratio:.0f} times as fast")
    if options.output:
        with replacing(options.output) as file:
            content = {"runs": runs, "ratio": ratio, "threads": options.threads}
            file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
