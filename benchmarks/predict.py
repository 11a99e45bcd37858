"""Images a second of `Predictor.stream`, against a plain loop and against torch's DataLoader.

All do the same work with the same weights: decode, resize to the network's input, compute, softmax.
- stream: `Predictor.stream` as it comes: threads, draft decoding, folded batch norms, the device's precision
- stream fp32: the same in float32
- DataLoader fp32: the usual pipeline, one Dataset, worker processes, batches, the model as it is
- loop fp32: one image at a time, opened with Pillow, resized, computed

Rounds alternate between them, so that whatever else the machine does hits all alike. The median counts.

    python benchmarks/predict.py FOLDER [--model DIR] [--images N] [--batch-size 32] [--workers N]
        [--rounds 3] [--device auto] [--threads N] [--json FILE]
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from evocative.data.find import find_images
from evocative.inference.predictor import Predictor
from evocative.models.place import EMBEDDED
from evocative.models.store import Loaded, load_model

Run = Callable[[], NDArray[np.float32]]


class Files(Dataset[Tensor]):
    """What most people write: open, convert, resize, scale."""

    def __init__(self, paths: list[Path], loaded: Loaded) -> None:
        self.paths, self.size = paths, loaded.preprocessing.size
        self.mean = torch.tensor(loaded.preprocessing.mean).view(3, 1, 1)
        self.sd = torch.tensor(loaded.preprocessing.sd).view(3, 1, 1)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> Tensor:
        with Image.open(self.paths[row]) as file:
            image = file.convert("RGB").resize((self.size, self.size), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        return (pixels.float() / 255 - self.mean) / self.sd


class Singles:
    """One image at a time, each time anew."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def __iter__(self) -> Iterator[Tensor]:
        return (self.files[row][None] for row in range(len(self.files)))


def plain(loaded: Loaded, paths: list[Path], *, batch_size: int, workers: int, device: torch.device) -> Run:
    """Return the loop (batch size 1) or the DataLoader pipeline, in float32."""
    model = loaded.model.to(device)
    files = Files(paths, loaded)
    batches: Iterable[Tensor] = (
        DataLoader(
            files, batch_size, num_workers=workers, persistent_workers=True, multiprocessing_context="spawn"
        )
        if batch_size > 1
        else Singles(files)
    )

    def run() -> NDArray[np.float32]:
        rows = []
        with torch.inference_mode():
            for images in batches:
                logits = model(images.to(device)).logits
                assert logits is not None, "this benchmark needs a model with emotions"
                rows.append(logits.softmax(1).cpu().numpy())
        return np.concatenate(rows)

    return run


def streamed(predictor: Predictor, paths: list[Path]) -> Run:
    def run() -> NDArray[np.float32]:
        answers = predictor.stream(paths)
        return np.array([list((answer.probabilities or {}).values()) for answer in answers], dtype=np.float32)

    return run


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    found = list(islice(find_images([arguments.folder]), arguments.images))
    paths = list(islice(cycle(found), arguments.images))
    loaded = load_model(arguments.model)
    settings = {"device": arguments.device, "batch_size": arguments.batch_size, "workers": arguments.workers}
    fast = Predictor(loaded.model, loaded.preprocessing, **settings)
    exact = Predictor(loaded.model, loaded.preprocessing, precision="fp32", **settings)
    pipeline = {"workers": arguments.workers, "device": fast.device}
    runs = {
        f"stream {fast.metadata.precision}": streamed(fast, paths),
        "stream fp32": streamed(exact, paths),
        "DataLoader fp32": plain(loaded, paths, batch_size=arguments.batch_size, **pipeline),
        "loop fp32": plain(loaded, paths, batch_size=1, **pipeline),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    results = {}
    for number in range(arguments.rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            results[name] = run()
            if number:  # the first round starts workers and warms caches
                seconds[name].append(time.perf_counter() - start)
    reference = results["loop fp32"]
    return {
        name: {
            "images_per_second": round(len(paths) / statistics.median(times), 1),
            "rounds": [round(len(paths) / each, 1) for each in times],
            "largest_difference_of_a_probability": float(np.abs(results[name] - reference).max()),
        }
        for name, times in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    report = {
        "model": arguments.model.name,
        "images": arguments.images,
        "batch_size": arguments.batch_size,
        "workers": arguments.workers,
        "threads": arguments.threads,
        "device": torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else platform.processor() or "cpu",
        "torch": torch.__version__,
        "results": measure(arguments),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
