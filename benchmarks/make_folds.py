"""Make the committed folds: stratified, OASIS by theme, near-duplicates of FI-8 together.

FI-8 is dealt to six equal parts: five folds, and a fixed validation part which no fold holds out, so that
settings are never chosen on rows that a figure is reported on. OASIS, with 617 images, has five folds only.

    python benchmarks/make_folds.py --data-root DATA --weights-root WEIGHTS

Two images are near-duplicates when the cosine of their frozen MobileNetV2 vectors exceeds 0.91. Of the
pairs above 0.93, 13 were looked at: each showed one scene. The pairs between 0.91 and 0.93 were not looked
at; joining two strangers costs a fold nothing. The folds in `src/evocative/recipes/folds` were made by this.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from evocative.data.splits import VALIDATION, folds, write_folds
from evocative.data.table import Table
from evocative.datasets import dataset
from evocative.inference.predictor import Predictor
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe import ModelConfig

COSINE = 0.91
TARGET = Path(__file__).resolve().parents[1] / "src" / "evocative" / "recipes" / "folds"


def pooled_vectors(table: Table, weights: Path) -> np.ndarray:
    """Return unit vectors (N, 1280) of the frozen backbone."""
    config = ModelConfig(
        backbone="mobilenetv2_100", weights=str(weights), backbone_args={"pad_type": "same"},
        emotions=False, dimensions=("valence",),
    )  # fmt: skip
    half = (0.5, 0.5, 0.5)
    predictor = Predictor(create_model(config), Preprocessing(mean=half, sd=half), precision="fp32")
    embedding = predictor.predict_table(table).embedding
    assert embedding is not None
    unit: np.ndarray = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    return unit


def near_duplicates(vectors: np.ndarray) -> np.ndarray:
    """Return the number of each row's cluster."""
    rows, columns = [], []
    for start in range(0, len(vectors), 1000):
        near = np.argwhere(vectors[start : start + 1000] @ vectors.T > COSINE)
        rows.append(near[:, 0] + start)
        columns.append(near[:, 1])
    edges = np.concatenate(rows), np.concatenate(columns)
    graph = csr_array((np.ones(len(edges[0])), edges), shape=(len(vectors), len(vectors)))
    return np.asarray(connected_components(graph, directed=False)[1])


def main() -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--weights-root", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, help="An .npy file that keeps the vectors.")
    options = parser.parse_args()
    torch.manual_seed(0)
    fi8 = dataset("fi8").read(options.data_root / "fi8")
    if options.vectors and options.vectors.exists():
        vectors = np.load(options.vectors)
    else:
        vectors = pooled_vectors(fi8, options.weights_root / "mobilenetv2_100.imagenet.pth")
        if options.vectors:
            np.save(options.vectors, vectors)
    clusters = near_duplicates(vectors)
    print(f"fi8: {len(fi8)} images, {len(fi8) - len(np.unique(clusters))} of them beside a near-duplicate")
    fi8 = fi8.assign(group=clusters.astype(str))
    oasis = dataset("oasis").read(options.data_root / "oasis")
    for name, table in (("fi8", fi8), ("oasis", oasis)):
        number = folds(table, k=6 if name == "fi8" else 5, seed=0)
        number = np.where(number == 5, VALIDATION, number)
        write_folds(TARGET / f"{name}.csv", table, number)
        print(name, np.bincount(number + 1).tolist(), "rows: validation part, folds 0 to 4")


if __name__ == "__main__":
    main()
