"""Word norms on the titles of WikiArt Emotions: how many words are known, and do they say what raters said?

    python benchmarks/lexicon.py ../shared/data

DATA holds `warriner/Ratings_Warriner_et_al.csv` and `wikiart-emotions/WikiArt-Emotions-All.tsv`. The figures
stand in docs/results/lexicon.md.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from evocative.curate.label_text import label_text
from evocative.data.table import Table
from evocative.datasets.wikiart_emotions import annotations
from evocative.metrics.intervals import bootstrap
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.lexicon import read_lexicon

Numbers = NDArray[np.float64]


def polarity(works: pd.DataFrame) -> Numbers:
    """Return (positive - negative) / (positive + negative) of the raters' shares of emotions, in [-1, 1]."""
    emotions = taxonomy("wikiart20")
    positive, negative = (
        works[[f"votes_{label.name}" for label in emotions if label.sentiment == kind]].sum(axis="columns")
        for kind in ("positive", "negative")
    )
    return ((positive - negative) / (positive + negative)).to_numpy(dtype=np.float64)


def correlation(targets: Numbers, values: Numbers) -> float:
    """Return Pearson's r; NaN where one side does not vary."""
    return float(np.corrcoef(targets, values)[0, 1]) if targets.std() * values.std() > 0 else float("nan")


def area(positive: Numbers, values: Numbers) -> float:
    """Return the area under the ROC curve; NaN where one kind is not drawn."""
    return float(roc_auc_score(positive, values)) if 0 < positive.mean() < 1 else float("nan")


def agreement(positive: Numbers, values: Numbers) -> float:
    """Return the mean of the shares of positive and negative works whose sign is right."""
    right = (values > 0) == (positive > 0)
    return float((right[positive > 0].mean() + right[positive == 0].mean()) / 2)


def main(data: Path) -> None:
    """Print coverage, and correlations with what was felt at image, title and both."""
    norms = read_lexicon(data / "warriner" / "Ratings_Warriner_et_al.csv")
    file = data / "wikiart-emotions" / "WikiArt-Emotions-All.tsv"
    works = annotations(file)
    table = Table(works.assign(path=works["id"]).drop(columns="label"), name="wikiart")
    frame = label_text(table, norms, ["title"], labels=taxonomy("mikels8")).frame
    known = frame["known_words"].to_numpy()
    print(f"{len(frame)} titles, {frame['words'].sum()} words, {known.sum()} known;", end=" ")
    print(f"titles with a known word {(known > 0).sum()}, with two or more {(known > 1).sum()}")
    print(frame["doubts"].str.split("; ").explode().value_counts().to_string())
    print(frame["label"].value_counts().to_string())
    valence = frame["valence"].to_numpy(dtype=np.float64)
    artists = works["group"].fillna("unknown").to_numpy()
    rows = {"one": known > 0, "two": known > 1, "certain": ~frame["uncertain"].to_numpy(dtype=bool)}
    for view in ("title", "art", "image"):
        seen = annotations(file, view=view)
        felt = polarity(seen)
        for name, chosen in rows.items():
            kept = chosen & ~np.isnan(felt)
            r = bootstrap(correlation, felt[kept], valence[kept], groups=artists[kept])
            print(view, name, "r", r)
        kind = seen["sentiment"].isin(["positive", "negative"]).to_numpy(dtype=bool) & (known > 0)
        positive = (seen["sentiment"] == "positive").fillna(value=False).to_numpy(dtype=np.float64)
        for name, metric in (("AUC", area), ("balanced sign", agreement)):
            figure = bootstrap(metric, positive[kind], valence[kind], groups=artists[kind])
            print(view, name, figure, f"positive {positive[kind].mean():.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
