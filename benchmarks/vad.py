"""Does a third dimension keep more of the categories than two? FI-8's labels learnt as labels, as VA and VAD.

python benchmarks/vad.py NORMS DATA WEIGHTS STORE OUTPUT

No images at hand have rated dominance. So each label of FI-8 is turned into the published place of its word
(NORMS, Warriner et al. 2013), and the same frozen features of the same images learn, without the committed
validation part: the label (multinomial logistic regression; a ridge regression of the eight indicators beside
it, which differs from VA and VAD in its targets alone), VA, and VAD (ridge regressions). All answers to the
validation part go to OUTPUT, for

    evocative compare-representations va=OUTPUT/va.parquet vad=OUTPUT/vad.parquet … --words NORMS

where `va` and `vad` hold the label's probabilities, too.

`va_rule` and `vad_rule` are VA and VAD read by a rule that was learnt, too: linear discriminant analysis of
out-of-fold answers to the training rows, in place of the nearest published place.
"""

import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from evocative.data.splits import VALIDATION, read_folds
from evocative.data.table import Table
from evocative.datasets import dataset
from evocative.inference.features import extract
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions, write_predictions
from evocative.models.backbone import Backbone
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.emotion_words import label_places
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.lexicon import read_lexicon

MIKELS = taxonomy("mikels8")
AXES = ("valence", "arousal", "dominance")
C, PENALTIES = 1e-3, np.logspace(1, 6, 16)
"""As in benchmarks/representations.py; ridges' penalties are chosen by leave-one-out on training rows."""


def main(norms: str, data: str, weights: str, store: str, output: str) -> None:
    """Learn on the folds, answer the validation part."""
    table = dataset("fi8").read(Path(data) / "fi8")
    held = (
        read_folds(Path(str(resources.files("evocative"))) / "recipes" / "folds" / "fi8.csv", table)
        == VALIDATION
    )
    backbone = Backbone("tf_efficientnet_b0", weights=weights, pool="last_map")
    how = Preprocessing(size=224, fit="squash", interpolation="bicubic")
    found = extract(backbone, table, preprocessing=how, store=store, maps=())
    print(f"{found.computed} images computed, {int((~held).sum())} to learn from, {int(held.sum())} held out")
    x = StandardScaler().fit(found.pooled[0][~held]).transform(found.pooled[0])
    labels = table.labels
    fit, asked, said = x[~held], x[held], table.select(held)
    shares = LogisticRegression(C=C, max_iter=200).fit(fit, labels[~held]).predict_proba(asked)
    indicators = RidgeCV(PENALTIES).fit(fit, np.eye(len(MIKELS))[labels[~held]]).predict(asked)
    _write(said, Path(output) / "indicators.parquet", _softmax(8 * indicators))
    means = label_places(MIKELS, read_lexicon(norms)).means
    for count, name in ((2, "va"), (3, "vad")):
        targets = means[labels[~held], :count]
        chosen = RidgeCV(PENALTIES).fit(fit, targets)
        points = chosen.predict(asked)
        _write(said, Path(output) / f"{name}.parquet", shares, np.clip(points, -1, 1))
        rule = LinearDiscriminantAnalysis().fit(_out_of_fold(fit, targets, chosen.alpha_), labels[~held])
        _write(said, Path(output) / f"{name}_rule.parquet", rule.predict_proba(points))
        truth = means[labels[held], :count]
        r = [float(np.corrcoef(points[:, a], truth[:, a])[0, 1]) for a in range(count)]
        print(name, "penalty", chosen.alpha_, "r", np.round(r, 3).tolist())
    print("places:", dict(zip(MIKELS.names, means.round(2).tolist(), strict=True)))
    print("r of the axes over images:", np.corrcoef(means[labels[~held]].T).round(2).tolist())


def _out_of_fold(x: np.ndarray, targets: np.ndarray, alpha: float) -> np.ndarray:
    said = np.zeros_like(targets)
    for inner, outer in KFold(5, shuffle=True, random_state=0).split(x):
        said[outer] = Ridge(alpha).fit(x[inner], targets[inner]).predict(x[outer])
    return said


def _softmax(values: np.ndarray) -> np.ndarray:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _write(table: Table, path: Path, shares: np.ndarray, points: np.ndarray | None = None) -> None:
    columns = {"path": table.frame["path"].astype(str).to_numpy(), "label": table.frame["label"].to_numpy()}
    columns |= {f"p_{name}": shares[:, k] for k, name in enumerate(MIKELS.names)}
    if points is not None:
        columns |= {axis: points[:, a] for a, axis in enumerate(AXES[: points.shape[1]])}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_predictions(Predictions(pd.DataFrame(columns), metadata=Metadata(taxonomy=MIKELS)), path)


if __name__ == "__main__":
    main(*sys.argv[1:])
