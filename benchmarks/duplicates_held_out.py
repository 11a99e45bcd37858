r"""Duplicates held out: recall by kind of tampering, with pictures that `duplicates.py` does not plant.

    python -m benchmarks.duplicates_held_out --data ../shared/data --plant oasis=120 --plant osie=80 \
        --plant text-positive=50 --plant fi8=250 --seed 6 --cache cache/ --output duplicates_held_out.json

All images of the folders are looked through; a random part of each gets a copy. Each kind of tampering is a
run of its own, so that a copy cannot be found by way of an easier copy of the same picture. Pictures that
`duplicates.py` plants copies of by default, which were seen while thresholds were chosen, get none here.
Pairs of different pictures are counted once over all runs, without those that are there when nothing is
planted: look at them (--pairs) to say which are in error.
"""

import argparse
import itertools
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.tampering import OTHERS, SOUGHT, Change
from scipy.stats import binomtest

from evocative.curate.clusters import components, exact_links, near_links, pairs_of
from evocative.curate.fingerprint import fingerprints
from evocative.data.find import find_images
from evocative.data.image import decode
from evocative.data.table import Table

SEEN = {"oasis": slice(0, None, 5), "fi8": slice(0, 12_000, 6)}
"""Places of images that former runs planted copies of, in their order on disk."""
DETUNED: dict[str, tuple[float, ...]] = {"15° rotated": (5.0, 15.0)}
"""Kinds that are tried once more with other `rotations`."""


def wilson(hits: int, count: int) -> list[float]:
    """Return the 95 % interval of a share, Wilson's."""
    interval = binomtest(hits, count).proportion_ci(method="wilson")
    return [round(float(interval.low), 3), round(float(interval.high), 3)]


def drawn(data: Path, name: str, count: int, seed: int) -> tuple[list[Path], set[Path]]:
    """Return a folder's images, and those of them that get copies."""
    images = list(find_images([data / name]))
    seen = set(images[SEEN[name]]) if name in SEEN else set()
    free = [image for image in images if image not in seen]
    places = np.random.default_rng(seed).choice(len(free), min(count, len(free)), replace=False)
    return images, {free[place] for place in places}


def linked(paths: list[Path], cache: Path, rotations: tuple[float, ...] = (5.0,)) -> "pd.Series[int]":
    """Return the cluster of each path, with the check's default settings."""
    root = Path("/")  # the pictures and their copies have no folder in common
    names = [str(path.relative_to(root)) for path in paths]
    prints = fingerprints(Table(pd.DataFrame({"path": names}), root=root), store=cache)
    links = exact_links(prints)
    links += near_links(prints, known=links, rotations=rotations)
    return pd.Series(components(len(paths), pairs_of(links)), index=[str(path) for path in paths])


def strangers(clusters: "pd.Series[int]", source: dict[str, str]) -> set[tuple[str, str]]:
    """Return pairs of different pictures in one cluster, a copy under its original's name."""
    frame = pd.DataFrame({"cluster": clusters.array, "source": [source.get(p, p) for p in clusters.index]})
    pairs: set[tuple[str, str]] = set()
    for _, part in frame.groupby("cluster")["source"]:
        pairs |= set(itertools.combinations(sorted(set(part)), 2))
    return pairs


def planted(chosen: list[Path], change: Change, folder: Path, seed: int) -> dict[str, str]:
    """Write a copy of each picture; return the copies' originals."""
    rng = np.random.default_rng(seed)
    source = {}
    for number, original in enumerate(chosen):
        copy = folder / f"{number:05d}.jpg"
        change(decode(original), rng).save(copy, "JPEG", quality=90)
        source[str(copy)] = str(original)
    return source


def tried(
    images: list[Path], chosen: list[Path], change: Change, *, cache: Path, seed: int,
    rotations: tuple[float, ...] = (5.0,),
) -> tuple[dict[str, Any], set[tuple[str, str]]]:  # fmt: skip
    """Plant one kind of copy; return how many were found, and the pairs of different pictures."""
    with tempfile.TemporaryDirectory() as name:
        source = planted(chosen, change, Path(name).resolve(), seed)
        started = time.perf_counter()
        clusters = linked([*images, *map(Path, source)], cache, rotations)
        seconds = time.perf_counter() - started
    missed = [of for copy, of in source.items() if clusters[copy] != clusters[of]]
    found = len(source) - len(missed)
    row = {
        "found": found, "planted": len(source), "interval": wilson(found, len(source)),
        "seconds": round(seconds, 1), "missed": missed,
    }  # fmt: skip
    return row, strangers(clusters, source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the folders that --plant names")
    parser.add_argument("--plant", action="append", required=True, metavar="FOLDER=COUNT")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps fingerprints")
    parser.add_argument("--pairs", type=Path, help="a JSON of pairs of different pictures, to be looked at")
    parser.add_argument("--output", type=Path)
    settings = parser.parse_args()
    data = settings.data.resolve()
    images: list[Path] = []
    chosen: list[Path] = []
    for name, count in (text.split("=") for text in settings.plant):
        here, some = drawn(data, name, int(count), settings.seed)
        images += here
        chosen += sorted(some)
    before = strangers(linked(images, settings.cache), {})
    result: dict[str, Any] = {
        "images": len(images), "planted": settings.plant, "seed": settings.seed,
        "pairs without copies": len(before), "kinds": {},
    }  # fmt: skip
    new: set[tuple[str, str]] = set()
    for kind, change in (SOUGHT | OTHERS).items():
        for rotations in [(5.0,), *([DETUNED[kind]] if kind in DETUNED else [])]:
            row, pairs = tried(
                images, chosen, change, cache=settings.cache, seed=settings.seed, rotations=rotations
            )
            row["missed"] = [str(Path(path).relative_to(data)) for path in row["missed"]]
            row["pairs of strangers"] = len(pairs - before)
            name = kind if rotations == (5.0,) else f"{kind}, rotations {rotations}"
            result["kinds"][name] = row
            new |= pairs - before
            print(name, {key: row[key] for key in row if key != "missed"}, flush=True)
    result["pairs by copies"] = len(new)
    if settings.pairs is not None:
        settings.pairs.write_text(json.dumps(sorted(new), indent=1), encoding="utf-8")
    if settings.output is not None:
        settings.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
