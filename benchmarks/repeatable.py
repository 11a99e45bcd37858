"""Whether a run on the CPU ends at the same weights each time, and which tensor differs first if not.

    OMP_WAIT_POLICY=PASSIVE python benchmarks/repeatable.py [--runs 8] [--threads 2] [--load 4] [--free]

Trains MobileNetV2 (0.35) by cross-entropy and contrastive-center loss on made images of 48 pixels, 10 steps
an epoch, several times over, each time in a process of its own; `--load` processes that never rest keep the
machine busy meanwhile. A run notes a digest of every layer's answer, every gradient and, after each step, all
weights, in the order in which they are computed. Prints how many runs ended at which weights, and the first
note in which each differs from the first run. Ends with status 1 if any differs.

`--free` leaves out what the package does to make runs repeatable (`training/repeatable.py`), to show what
that is worth; `--bare` notes the weights only, so that the clock tells what a run costs. In the environment,
ATEN_CPU_CAPABILITY=avx2 and ONEDNN_MAX_CPU_ISA=AVX2 make an older CPU of this one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext, redirect_stderr
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from PIL import Image

from evocative.data.table import Table, write_table
from evocative.recipe import Recipe, parse
from evocative.taxonomy.labels import TAXONOMIES

IMAGES = 320


def make_images(folder: Path) -> None:
    """Write smooth noise, of another colour for each emotion, and its table."""
    dice, labels = np.random.default_rng(0), TAXONOMIES["mikels8"].names
    rows = []
    for number in range(IMAGES):
        coarse = dice.integers(0, 200, (6, 6, 3))
        coarse[..., number % 3] += number % len(labels) * 7
        image = Image.fromarray(coarse.astype(np.uint8)).resize((64, 64), Image.Resampling.BICUBIC)
        image.save(folder / f"{number}.png")
        rows.append((f"{number}.png", labels[number % len(labels)], "train"))
    frame = pd.DataFrame(rows, columns=["path", "label", "split"])
    write_table(Table(frame, taxonomy=TAXONOMIES["mikels8"], root=folder, name="made"), folder / "made.csv")


def recipe(arguments: argparse.Namespace) -> Recipe:
    return parse(
        {
            "name": "repeatable", "data": {"sources": [{"path": "made.csv"}]}, "preprocessing": {"size": 48},
            "model": {"backbone": "mobilenetv2_035", "weights": None},
            "losses": [{"name": "cross_entropy"}, {"name": "contrastive_center", "weight": 0.1}],
            "training": {
                "epochs": arguments.epochs, "batch_size": arguments.batch, "precision": arguments.precision,
                "workers": arguments.workers, "select": "last",
            },
        }
    )  # fmt: skip


def digest(tensor: torch.Tensor) -> int:
    return crc32(tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes())


class Notes:
    """Writes digests in the order of computing."""

    def __init__(self, file: Path, *, trace: bool) -> None:
        self.file, self.trace, self.step = file.open("w", encoding="utf-8"), trace, 0

    def note(self, what: str, tensor: Any) -> None:
        """Note one tensor, or several."""
        for number, each in enumerate(tensor if isinstance(tensor, tuple | list) else [tensor]):
            if isinstance(each, torch.Tensor):
                self.file.write(json.dumps([self.step, f"{what}[{number}]", digest(each)]) + "\n")

    def watch(self, network: torch.nn.Module) -> None:
        """Note what every layer answers, and its gradients."""
        for name, module in network.named_modules() if self.trace else ():
            if not list(module.children()):
                module.register_forward_hook(
                    lambda _m, _i, out, name=name: self.note(f"answer of {name}", out)
                )
        for name, each in network.named_parameters() if self.trace else ():
            each.register_post_accumulate_grad_hook(  # type: ignore[no-untyped-call]
                lambda p, name=name: self.note(f"gradient of {name}", p.grad)
            )

    def weights(self, network: torch.nn.Module) -> None:
        """Note all weights after a step."""
        joined = crc32(b"".join(digest(each).to_bytes(4) for each in network.state_dict().values()))
        self.file.write(json.dumps([self.step, "weights", joined]) + "\n")
        self.step += 1


def one_run(folder: Path, arguments: argparse.Namespace) -> None:
    """Train once, and note."""
    from evocative.training import fit
    from evocative.training.run import run

    torch.set_num_threads(arguments.threads)
    notes = Notes(folder / "notes.jsonl", trace=not arguments.bare)
    step: Any = fit._step
    watched: list[float] = []

    def noted(setup: Any, group: Any, progress: Any) -> Any:
        if not watched:
            notes.watch(setup.model.module)
            watched.append(time.monotonic())
        figures = step(setup, group, progress)
        notes.weights(setup.model.module)
        return figures

    fit._step = noted
    if arguments.free:
        vars(fit)["repeatable"] = lambda _device: nullcontext()
    with redirect_stderr(StringIO()):
        run(recipe(arguments), data_root=folder.parent, output=folder / "run")
    notes.file.write(json.dumps([-1, "seconds", time.monotonic() - watched[0]]) + "\n")
    notes.file.close()


def read(folder: Path) -> tuple[list[Any], float]:
    """Return a run's notes, and the seconds that its steps took."""
    lines = (folder / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    *notes, (_, _, seconds) = [json.loads(line) for line in lines]
    return notes, seconds


def compare(place: Path, arguments: argparse.Namespace) -> Counter[int]:
    """Run so many times, print how each ended, and count the ends."""
    import evocative.training.run  # noqa: F401 (once, before the runs are forked off)

    ends: Counter[int] = Counter()
    first: list[Any] = []
    for number in range(arguments.runs):
        folder = place / f"run-{number}"
        folder.mkdir()
        process = get_context("fork").Process(target=one_run, args=(folder, arguments))
        process.start()
        process.join()
        notes, seconds = read(folder)
        first = first or notes
        ends[notes[-1][2]] += 1
        where = next((mine for his, mine in zip(first, notes, strict=True) if his != mine), None)
        told = f"differs first in step {where[0] + 1}: {where[1]}" if where else "as the first"
        print(f"run {number}: {notes[-1][2]:08x}  {seconds:.1f} s  {told}", flush=True)
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--load", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--free", action="store_true")
    arguments = parser.parse_args()
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.load)]
    try:
        with tempfile.TemporaryDirectory() as name:
            make_images(Path(name))
            ends = compare(Path(name), arguments)
    finally:
        for process in load:
            process.terminate()
    print(f"{len(ends)} different ends: {sorted(ends.values(), reverse=True)}")
    sys.exit(len(ends) > 1)


if __name__ == "__main__":
    main()
