"""How fast images become network inputs, against plain Pillow, in alternation on the same files.

    python benchmarks/decode.py --folder PHOTOS [--size 224] [--rounds 5] [--limit 500] [--json RESULT.json]

Three ways, each from a path to a uint8 tensor, one thread, files in the page cache:

    pillow      Image.open(path).convert("RGB").resize(…): no checks, no orientation, full size
    full size   decode(path), then the evaluation transform
    draft       decode(path, at_least=decode_size(…)), then the same: what prediction does

Each round goes through all files and takes the three ways for every file, each first in turn, so that caches
and other load on the machine treat all of them alike. Trust the ratios: the rates depend on the machine.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from PIL import Image

from evocative.data.find import find_images
from evocative.data.image import decode
from evocative.data.transforms import decode_size, evaluation_transform
from evocative.errors import DataError
from evocative.preprocessing import Preprocessing


def main() -> None:
    parser = argparse.ArgumentParser(description="Time decoding against plain Pillow.")
    parser.add_argument("--folder", type=Path, required=True, help="folder of images, searched recursively")
    parser.add_argument("--size", type=int, default=224, help="height and width of the network's input")
    parser.add_argument("--rounds", type=int, default=5, help="passes over all files")
    parser.add_argument("--limit", type=int, default=500, help="how many files at most")
    parser.add_argument("--json", type=Path, help="also write the result here")
    options = parser.parse_args()
    torch.set_num_threads(1)
    paths = list(islice(sound(options.folder), options.limit))
    if not paths:
        parser.error(f"no images that can be decoded in {options.folder}")
    ways = make_ways(Preprocessing(size=options.size))
    rounds = [time_round(paths, ways) for _ in range(options.rounds)]
    rates = {name: len(paths) / median(seconds[name] for seconds in rounds) for name in ways}
    ratios = {name: median(seconds["pillow"] / seconds[name] for seconds in rounds) for name in ways}
    print(f"{len(paths)} images to {options.size} × {options.size}, median of {options.rounds} rounds")
    for name in ways:
        print(f"{name:>10}: {rates[name]:8.1f} images/s, {ratios[name]:.2f} × pillow")
    if options.json:
        result = {
            "images": len(paths),
            "size": options.size,
            "rates": rates,
            "ratios": ratios,
            "rounds": rounds,
        }
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def sound(folder: Path) -> Iterator[Path]:
    """Yield the files that decode; reading them also brings them into the page cache."""
    for path in find_images([folder]):
        try:
            decode(path)
        except DataError as error:
            print(f"left out: {error}")
        else:
            yield path


def make_ways(preprocessing: Preprocessing) -> dict[str, Callable[[Path], object]]:
    size, at_least = (preprocessing.size,) * 2, decode_size(preprocessing)
    transform = evaluation_transform(preprocessing)

    def to_tensor(image: Image.Image) -> torch.Tensor:
        return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()

    def pillow(path: Path) -> object:
        with Image.open(path) as image:
            return to_tensor(image.convert("RGB").resize(size, Image.Resampling.BILINEAR))

    return {
        "pillow": pillow,
        "full size": lambda path: transform(decode(path)),
        "draft": lambda path: transform(decode(path, at_least=at_least)),
    }


def time_round(paths: list[Path], ways: dict[str, Callable[[Path], object]]) -> dict[str, float]:
    """Return the seconds of each way for one pass over all files."""
    seconds = dict.fromkeys(ways, 0.0)
    for number, path in enumerate(paths):
        names = list(ways)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            start = perf_counter()
            ways[name](path)
            seconds[name] += perf_counter() - start
    return seconds


if __name__ == "__main__":
    main()
