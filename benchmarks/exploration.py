"""All ways of making pictures, compared: what `evocative compare-pictures` says of given folders beside FI-8.

python benchmarks/exploration.py MADE… --data-root DATA --output OUT [--model NAME=FOLDER]…

MADE are folders that `write_made` wrote (of an atlas, a generator, optimised pictures …). Real images are the
fixed validation part of FI-8's committed folds, which no generator of the recipes is shown; training images
are the rest, as many. The embedded model itself has learnt from all of them, so that a fair baseline needs
models that were trained without that part (`--set data.fold="validation"`). Prints Markdown tables, and how
long each step took; writes the page, comparison.json, pictures.csv and tables.md.
"""

import argparse
import time
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from evocative.data.splits import VALIDATION, read_folds
from evocative.data.table import Table
from evocative.datasets.catalogue import dataset
from evocative.explore.achieved import Draws
from evocative.explore.comparison import Asked, compare_pictures, write_comparison
from evocative.explore.comparison_text import tables
from evocative.explore.judge import Judge, load_judge
from evocative.explore.looked import thinned, ways_of
from evocative.explore.made import read_made
from evocative.report.pictures_compared import write_compared_page


def real_images(root: Path, count: int) -> tuple[Table, Table]:
    """Return validation images, as many of each emotion, and as many training images."""
    table = dataset("fi8").load(root / "fi8").table
    with as_file(files("evocative.recipes") / "folds" / "fi8.csv") as path:
        held_out = np.asarray(read_folds(path, table)) == VALIDATION
    each = count // len(table.taxonomy or ())
    labels = table.labels
    rows = [np.flatnonzero(held_out & (labels == k))[:each] for k in np.unique(labels[labels >= 0])]
    return table.select(np.sort(np.concatenate(rows))), thinned(table.select(~held_out), count)


def judge_of(text: str) -> Judge:
    name, sign, source = text.partition("=")
    judge = load_judge(None if text == "embedded" else (source if sign else text), batch_size=16)
    judge.name = name if sign else judge.name
    return judge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("made", nargs="+", type=Path)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--model", action="append", help="NAME=FOLDER; default: embedded")
    parser.add_argument("--pictures", type=int, default=160, help="of each way at most")
    parser.add_argument("--real", type=int, default=320, help="real images, and training images")
    parser.add_argument("--originals", action="store_true", help="show nearest real images on the page")
    asked = parser.parse_args()
    began = time.process_time()
    real, training = real_images(asked.data_root, asked.real)
    made = [thinned(read_made(path), 4 * asked.pictures) for path in asked.made]
    ways = [*ways_of(made, limit=asked.pictures), *ways_of([], real=real)]
    judges = [judge_of(text) for text in asked.model or ["embedded"]]
    settings = Asked(store=asked.output / "style", draws=Draws(n_resamples=500))
    found = compare_pictures(ways, judges, training=training, asked=settings)
    write_comparison(found, asked.output)
    write_compared_page(found, ways, asked.output / "index.html", originals=asked.originals)
    text = "\n".join(f"### {heading}\n\n{table}" for heading, table in tables(found).items())
    (asked.output / "tables.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
