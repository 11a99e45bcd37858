"""Which representation is learned better from the same images and features: labels, or valence and arousal?

python benchmarks/representations.py NORMS OUTPUT PREDICTIONS...

PREDICTIONS are the folds of one model with embeddings, valence and arousal as targets. On the embeddings of
the other folds a ridge regression learns valence and arousal, and a multinomial logistic regression the label
of Mikels' eight whose word lies nearest to them. Both answers go to OUTPUT (.parquet), for

    evocative compare-representations OUTPUT --words NORMS --data TABLE
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evocative.evaluate.rated import rated
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions, read_predictions, write_predictions
from evocative.taxonomy.emotion_words import label_places
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.lexicon import read_lexicon

MIKELS = taxonomy("mikels8")
C = 1e-3
"""Of the logistic regression; set once, not chosen by a figure."""


def main(norms: str, output: str, *folds: str) -> None:
    """Fit both on all folds but one, and answer that one."""
    images = rated([read_predictions(fold) for fold in folds])
    if images.rows.embedding is None:
        raise SystemExit("these predictions hold no embeddings")
    features = images.rows.embedding.astype(np.float64)
    targets = images.rows.targets[:, :2].astype(np.float64)
    places = label_places(MIKELS, read_lexicon(norms)).project(("valence", "arousal"))
    labels = places.nearest(targets)
    print("derived labels:", dict(zip(MIKELS.names, np.bincount(labels, minlength=8).tolist(), strict=True)))
    dimensions, shares = np.zeros_like(targets), np.zeros((len(labels), len(MIKELS)))
    for fold in np.unique(images.part):
        fit, asked = images.part != fold, np.flatnonzero(images.part == fold)
        ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(1, 6, 16)))
        dimensions[asked] = ridge.fit(features[fit], targets[fit]).predict(features[asked])
        logistic = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=500))
        logistic.fit(features[fit], labels[fit])
        shares[np.ix_(asked, logistic.classes_)] = logistic.predict_proba(features[asked])
    columns = {f"p_{name}": shares[:, k] for k, name in enumerate(MIKELS.names)}
    columns |= {axis: np.clip(dimensions[:, a], -1, 1) for a, axis in enumerate(("valence", "arousal"))}
    frame = pd.DataFrame({"path": images.frame["path"], **columns})
    write_predictions(Predictions(frame, metadata=Metadata(taxonomy=MIKELS)), Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
