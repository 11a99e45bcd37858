"""Duplicates: how many planted copies are found, how much is found in error, and a million hashes.

    python -m benchmarks.duplicates --data ../shared/data --fi8 2000 --output duplicates.json

Three parts. `copies`: every fifth image of OASIS and of a part of FI-8 gets a copy of each kind. An image
that is not planted and yet found is a duplicate that was there already, or an error; the first such pairs go
to a contact sheet (--sheet), to be looked at. `leaks`: 20 pairs across a split. `million`: synthetic 64-bit
hashes with planted near pairs; time, and the peak memory of the process.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.tampering import SOUGHT
from PIL import Image

from evocative.curate.clusters import components
from evocative.curate.duplicates import find_duplicates
from evocative.curate.findings import Findings
from evocative.curate.fingerprint import MIRROR
from evocative.curate.hamming import near_pairs
from evocative.curate.leaks import find_leaks
from evocative.data.find import find_images
from evocative.data.image import decode
from evocative.data.table import Table


def plant(folder: Path, sources: list[Path], every: int, seed: int) -> pd.DataFrame:
    """Link all images into a folder and write copies of every nth; return path, source, kind."""
    rng = np.random.default_rng(seed)
    rows = []
    for number, source in enumerate(sources):
        name = f"{number:05d}{source.suffix}"
        (folder / name).symlink_to(source.resolve())
        rows.append((name, number, "original"))
        for place, (kind, change) in enumerate(SOUGHT.items()) if number % every == 0 else ():
            name = f"{number:05d}-{place}.jpg"
            change(decode(source), rng).save(folder / name, "JPEG", quality=90)
            rows.append((name, number, kind))
    return pd.DataFrame(rows, columns=["path", "number", "kind"])


def copies(sources: list[Path], every: int, sheet: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = plant(folder, sources, every, seed=0)
        table = Table(rows[["path"]], root=folder)
        started = time.perf_counter()
        found = find_duplicates(table)
        seconds = time.perf_counter() - started
        result = judged(rows, found) | {"images": len(rows), "seconds": round(seconds, 1)}
        if sheet is not None:
            contact_sheet(rows, found, folder, sheet)
    return result


def clustered(rows: pd.DataFrame, found: Findings) -> pd.DataFrame:
    """Add each row's cluster; what is in none is a cluster of its own."""
    names = dict(zip(found.frame["path"].astype(str), found.frame["cluster"].astype(str), strict=True))
    return rows.assign(cluster=[names.get(path, path) for path in rows["path"]])


def judged(rows: pd.DataFrame, found: Findings) -> dict[str, Any]:
    """Return recall by kind (the copy is in its original's cluster) and the precision of clusters' pairs."""
    frame = clustered(rows, found)
    home = frame[frame["kind"] == "original"].set_index("number")["cluster"]
    planted = frame[frame["kind"] != "original"]
    hit = planted["cluster"].to_numpy() == home[planted["number"]].to_numpy()
    recall = {
        str(kind): [int(part.sum()), len(part)]
        for kind, part in pd.Series(hit).groupby(planted["kind"].array)
    }
    sizes = frame.groupby("cluster").size()
    pairs = int((sizes * (sizes - 1) // 2).sum())
    same = frame.groupby(["cluster", "number"]).size()
    mixed = frame.groupby("cluster")["number"].nunique()
    return {
        "recall": recall,
        "pairs in clusters": pairs,
        "of planted pictures": int((same * (same - 1) // 2).sum()),
        "clusters": int((sizes > 1).sum()),
        "clusters of several sources": int((mixed > 1).sum()),
    }


def contact_sheet(rows: pd.DataFrame, found: Findings, folder: Path, sheet: Path, most: int = 60) -> None:
    """Draw clusters that hold several sources, one a line, at most four images each."""
    frame = clustered(rows, found)
    originals = frame[frame["kind"] == "original"]
    strips = []
    for _, part in originals.groupby("cluster"):
        if len(part) > 1:
            images = [np.asarray(decode(folder / path).resize((112, 112))) for path in part["path"][:2]]
            strips.append(np.concatenate(images, axis=1))
    strips = strips[:most]
    while len(strips) % 5:
        strips.append(np.full((112, 224, 3), 255, np.uint8))
    if strips:
        lines = [np.concatenate(strips[at : at + 5], axis=1) for at in range(0, len(strips), 5)]
        Image.fromarray(np.concatenate(lines)).save(sheet)


def leaks(sources: list[Path], pairs: int = 20) -> dict[str, Any]:
    """Plant pairs across the split of a table, four of each kind, and count those that are reported."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = []
        for number, source in enumerate(sources):
            (folder / f"{number:05d}.jpg").symlink_to(source.resolve())
            rows.append((f"{number:05d}.jpg", ("train", "test")[number % 5 == 4]))
        wanted = set()
        for place, number in enumerate(rng.choice(len(sources), pairs, replace=False)):
            path, side = rows[number]
            copy = f"copy-{path}"
            change = list(SOUGHT.values())[place % len(SOUGHT)]
            change(decode(sources[number]), rng).save(folder / copy, "JPEG", quality=90)
            rows.append((copy, "test" if side == "train" else "train"))
            wanted.add((path, copy))
        table = Table(pd.DataFrame(rows, columns=["path", "split"]), root=folder)
        frame = find_leaks(table, find_duplicates(table)).frame
        clusters = {str(path): set(part["cluster"]) for path, part in frame.groupby("path")}
    hits = [bool(clusters.get(one, set()) & clusters.get(other, set())) for one, other in wanted]
    return {"planted": pairs, "found": sum(hits), "leaking images": int(frame["path"].nunique())}


def million(count: int, radius: int, planted: int = 50_000) -> dict[str, Any]:
    """Cluster random words, the last of them near or mirrored copies of the first."""
    rng = np.random.default_rng(2)
    words = rng.integers(0, 2**64, count, dtype=np.uint64)
    for _ in range(radius):  # at most so many bits, as some are drawn twice
        words[-planted:] = words[-planted:] if _ else words[:planted]
        words[-planted:] ^= np.uint64(1) << rng.integers(0, 64, planted, dtype=np.uint64)
    words[-planted // 2 :] ^= np.uint64(MIRROR)
    started = time.perf_counter()
    plain, _ = near_pairs(words, radius=radius)
    mirror, _ = near_pairs(words, radius=radius, mask=MIRROR)
    labels = components(count, np.concatenate([plain, mirror]))
    seconds = time.perf_counter() - started
    return {
        "words": count,
        "radius": radius,
        "planted pairs": planted,
        "found": int((labels[:planted] == labels[-planted:]).sum()),
        "pairs by chance": len(plain) + len(mirror) - planted,
        "seconds": round(seconds, 1),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with oasis/ and fi8/")
    parser.add_argument("--fi8", type=int, default=2000, help="images of FI-8")
    parser.add_argument("--every", type=int, default=5, help="every nth image gets copies")
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--radius", type=int, default=11)
    parser.add_argument("--sheet", type=Path, help="a PNG of clusters that were not planted")
    parser.add_argument("--output", type=Path)
    settings = parser.parse_args()
    result: dict[str, Any] = {"million": million(settings.words, settings.radius)}  # first: its memory alone
    print(json.dumps(result, indent=2), flush=True)
    oasis = list(find_images([settings.data / "oasis"]))
    fi8 = list(find_images([settings.data / "fi8"]))
    fi8 = fi8[:: max(1, len(fi8) // max(settings.fi8, 1))][: settings.fi8]
    result["copies"] = copies(oasis + fi8, settings.every, settings.sheet)
    result["leaks"] = leaks(oasis)
    print(json.dumps(result, indent=2))
    for kind, (hits, planted) in result["copies"]["recall"].items():
        print(f"| {kind} | {hits} of {planted} | {hits / planted:.3f} |")
    if settings.output is not None:
        settings.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
