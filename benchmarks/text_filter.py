"""Train the recipe text-filter on planted text; measure it on the hand-checked images of benchmarks/text.py.

    python -m benchmarks.text_filter images DATA WORK [--number 1000]    # WORK/text_filter/PART/{text,others}
    evocative train text-filter --data-root WORK --output RUN [--set …]   # what was set: docs/results/text.md
    python -m benchmarks.text_filter measure DATA WORK --model NAME=RUN/model … [--picture FILE]

Photographs are the images of OASIS that have no verdict, and images of FI-8 drawn at random; those in which
the text reader reads anything at 640 pixels are left out, so that "others" are without text as far as that
goes. Each comes twice: with text written on it (benchmarks/planted_text.py), and without, half of these with
unreadable marks. All are 400 × 320 before that, and are stored as JPEG at a quality of 70 to 95.

No image with a verdict is trained on. Thresholds are chosen on the half `choose`: the one with the greatest
recall less false alarms. The half `report` is what figures are of.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.planted_text import plant
from benchmarks.text import FOLDERS, SIZE, VERDICTS, classifier, measure, ours, share
from PIL import Image
from sklearn.metrics import roc_auc_score, roc_curve

from evocative.curate.ocr import OcrDetector, OcrSettings
from evocative.curate.text import text_table
from evocative.data.find import find_images
from evocative.data.image import decode
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.plots import new_figure, plot_confusion, save

NAMES = ("others", "text")
PARTS = ("train", "validation", "test")
SHARES = (0.70, 0.85)
"""Of the photographs up to which each part goes, as in the recipe; both versions of one are in one part."""


def photographs(data: Path, number: int, seed: int) -> Table:
    """Return images without a verdict: all of OASIS, and of FI-8 as many as are left to `number`."""
    known = set(pd.read_csv(VERDICTS)["file"])
    oasis = [path for path in find_images([data / FOLDERS["oasis"]]) if path.name not in known]
    fi8 = np.random.default_rng(seed).permutation(np.array(list(find_images([data / "fi8"])), dtype=object))
    chosen = [*oasis, *fi8[: max(0, number - len(oasis))]][:number]
    return Table(pd.DataFrame({"path": [path.relative_to(data).as_posix() for path in chosen]}), root=data)


def make_images(data: Path, work: Path, *, number: int, seed: int) -> None:
    table = photographs(data, number, seed)
    reader = OcrDetector(OcrSettings(sizes=(640,)))
    looked = text_table(table, detector=reader, store=work / "cache").frame["text"].to_numpy()
    clean = np.flatnonzero(looked < 0.25)
    random = np.random.default_rng(seed)
    for place, row in enumerate(random.permutation(clean)):
        part = PARTS[np.searchsorted(SHARES, place / len(clean), side="right")]
        try:
            image = decode(table.paths[row]).resize(SIZE, Image.Resampling.BICUBIC)
        except DataError as error:
            print(error)
            continue
        for label in NAMES:
            target = work / "text_filter" / part / label / f"{row:05d}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            drawn = label == "text" or random.random() < 0.5
            changed = plant(image, random, words=label == "text") if drawn else image
            changed.save(target, quality=int(random.integers(70, 96)))
    print(f"{len(clean)} of {len(table)} photographs without text, each stored with and without planted text")


def matrix(looked: pd.DataFrame, threshold: float) -> np.ndarray:
    """Return (2, 2) counts of the reported half, verdicts in rows: others, text."""
    counts = np.zeros((2, 2), dtype=np.int64)
    here = looked[(looked["half"] == "report") & (looked["verdict"] != "doubtful")]
    np.add.at(counts, ((here["verdict"] == "text").astype(int), (here["score"] >= threshold).astype(int)), 1)
    return counts


def chosen_threshold(looked: pd.DataFrame) -> float:
    here = looked[(looked["half"] == "choose") & (looked["verdict"] != "doubtful")]
    false, true, thresholds = roc_curve(here["verdict"] == "text", here["score"])
    return float(min(1.0, thresholds[np.argmax(true - false)]))


def figures(looked: pd.DataFrame, threshold: float) -> dict[str, Any]:
    sure = looked[looked["verdict"] != "doubtful"]
    counts = matrix(looked, threshold)
    hits = sure[sure["half"] == "report"]
    found, text = hits["score"] >= threshold, hits["verdict"] == "text"
    areas = {
        half: roc_auc_score(part["verdict"] == "text", part["score"]) for half, part in sure.groupby("half")
    }
    return {
        "threshold": threshold, "matrix": counts.tolist(), "area": areas,
        "recall": share(found[text]), "false_alarms": share(found[~text]),
        "recall_oasis": share(found[text & (hits["set"] == "oasis")]),
        "images_per_second": len(looked) / float(looked["seconds"].sum()),
    }  # fmt: skip


def measure_all(data: Path, work: Path, models: dict[str, str], picture: Path | None) -> None:
    verdicts = pd.read_csv(VERDICTS)
    results: dict[str, Any] = {}
    drawn = {}
    for name in ["reader", *models]:
        kept = work / f"looked_{name.replace(' ', '_')}.csv"
        if not kept.exists():
            look = ours() if name == "reader" else classifier(models[name])
            measure({name: look}, data, verdicts, fit=True)[name].to_csv(kept, index=False)
        looked = pd.read_csv(kept)
        chosen = chosen_threshold(looked)
        results[name] = {"chosen": figures(looked, chosen), "half": figures(looked, 0.5)}
        drawn[name] = matrix(looked, 0.5 if name == "reader" else chosen)
    print(json.dumps(results, indent=2))
    (work / "figures.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if picture:
        figure = new_figure(2.0 * len(drawn), 2.1)
        for (name, counts), axes in zip(drawn.items(), figure.subplots(1, len(drawn)), strict=True):
            plot_confusion(counts, names=NAMES, axes=axes, title=name)
        save(figure, picture)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=["images", "measure"])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--number", type=int, default=1000, help="photographs to begin with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    if arguments.step == "images":
        make_images(arguments.data, arguments.work, number=arguments.number, seed=arguments.seed)
    else:
        models = dict(each.split("=", 1) for each in arguments.model)
        measure_all(arguments.data, arguments.work, models, arguments.picture)


if __name__ == "__main__":
    main()
