"""Make the record of the images that a model was trained on, for a folder that has none.

    python benchmarks/training_images.py src/evocative/embedded --data-root DATA

Reads the recipe in the folder's config.json, and that of each earlier stage in its provenance, gathers their
training rows below DATA and writes training_images.safetensors into the folder: 64 bits of the SHA-256 of
each image's file, and nothing else of it. Refuses where the rows are not as many as the folder says.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from evocative.data.atomic import replacing
from evocative.data.content import content_digests, short_digests
from evocative.models.training_images import FILE, TrainingImages
from evocative.recipe import parse
from evocative.training.sources import gather


def recipes(provenance: Any) -> Iterator[Mapping[str, Any]]:
    """Find the recipes in a provenance: they name their data and their model."""
    if isinstance(provenance, Mapping):
        if {"data", "model"} <= set(provenance):
            yield provenance
            return
        for value in provenance.values():
            yield from recipes(value)
    elif isinstance(provenance, list):
        for each in provenance:
            yield from recipes(each)


def main() -> None:
    """Write the record, and say how large it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data-root", type=Path, required=True)
    arguments = parser.parse_args()
    provenance = json.loads((arguments.folder / "config.json").read_text(encoding="utf-8"))["provenance"]
    found, counts = [], []
    for plain in recipes(provenance):
        table = gather(parse({"name": "any", "data": plain["data"]}).data, arguments.data_root).train
        digests = content_digests(table.paths)
        if None in digests:
            parser.error(f"{plain['name']}: {digests.count(None)} images cannot be read")
        found.append(short_digests(digests))
        counts.append(len(set(table.frame["path"])))
        print(f"{plain['name']}: {counts[-1]:,} images, {len(found[-1]):,} different files")
    if counts[0] != provenance["rows"]["train"]:
        parser.error(f"the folder says {provenance['rows']['train']:,} rows, found {counts[0]:,}")
    record = TrainingImages(np.unique(np.concatenate(found)))
    with replacing(arguments.folder / FILE) as unfinished:
        unfinished.write_bytes(record.to_bytes())
    size = (arguments.folder / FILE).stat().st_size
    print(f"{arguments.folder / FILE}: {len(record):,} digests, {size:,} bytes")


if __name__ == "__main__":
    main()
