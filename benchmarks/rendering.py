"""Drawing genomes: pictures per second in batch against one by one, and the share of time that scoring takes.

Three ways of drawing the same genomes alternate, and so does scoring by the embedded model, so that whatever
else the machine does strikes all alike; medians over rounds are printed, of processor time on one thread.

    batch        one program for all genomes: coordinates once, common rows once
    one by one   a program a genome
    by level     one program, all rows of a level and function at a time on gathered operands: what was tried
                 and given up, kept here as a measure (rows of all genomes are held at once)

    python benchmarks/rendering.py [--size 224] [--count 64] [--rounds 7] [--generations 30] [--json FILE]
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from evocative.explore.functions import BINARY, UNARY
from evocative.explore.genome import SPECIES, Species, make_species
from evocative.explore.judge import load_judge, quantized
from evocative.explore.program import ONE, RADIUS, Program, X, Y, coordinates

LEVEL_ELEMENTS = 2**21
"""Numbers that all rows of a block hold in `by level`: the fastest of 2^16 to 2^23 where it was tried."""


def seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def by_level(program: Program, outputs: list[int], size: int) -> Tensor:
    """Compute rows level by level: one weighted sum a function and level, one call a function."""
    steps = [_planned(program, rows) for rows in _grouped(program)]
    line = coordinates(size)
    y, x = (part.reshape(-1) for part in torch.meshgrid(line, line, indexing="ij"))
    found = torch.empty(len(outputs), size * size)
    block = max(256, LEVEL_ELEMENTS // len(program.rows))
    for start in range(0, size * size, block):
        part = slice(start, start + block)
        values = torch.empty(len(program.rows), len(x[part]))
        values[X], values[Y], values[ONE] = x[part], y[part], 1.0
        values[RADIUS] = (x[part].square() + y[part].square()).sqrt()
        for rows, compute in steps:
            values[rows] = compute(values)
        found[:, part] = values[outputs]
    return found.view(len(outputs), size, size)


def _grouped(program: Program) -> list[list[int]]:
    levels = [0] * len(program.rows)
    groups: dict[tuple[int, str, bool], list[int]] = {}
    for row, (name, sources, weights) in enumerate(program.rows):
        if sources:
            levels[row] = 1 + max(levels[source] for source in sources)
            groups.setdefault((levels[row], name, bool(weights)), []).append(row)
    return [groups[key] for key in sorted(groups)]


def _planned(program: Program, rows: list[int]) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    name = program.rows[rows[0]][0]
    sources = [program.rows[row][1] for row in rows]
    flat = torch.tensor([source for each in sources for source in each])
    if name in BINARY:
        first, second = flat[::2], flat[1::2]
        return torch.tensor(rows), lambda values: BINARY[name](values[first], values[second])
    weights = torch.tensor([weight for row in rows for weight in program.rows[row][2]])
    offsets = torch.tensor([0, *np.cumsum([len(each) for each in sources])[:-1]])
    return torch.tensor(rows), lambda values: UNARY[name](
        embedding_bag(flat, values, offsets, mode="sum", per_sample_weights=weights)
    )


def evolved(species: Species[Any], options: argparse.Namespace) -> list[Any]:
    generator = np.random.default_rng(0)
    genomes = species.random(options.count, generator)
    for _ in range(options.generations):
        genomes = species.mutated(genomes, generator)
    return genomes


def ways(species: Species[Any], genomes: list[Any], size: int) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {
        "batch": lambda: species.render(genomes, size),
        "one by one": lambda: [species.render([genome], size) for genome in genomes],
    }
    if species.kind != "weights":

        def levels() -> None:
            program = Program()
            rows = [row for genome in genomes for row in genome.write(program)]
            by_level(program, rows, size)

        found["by level"] = levels
    return found


def measure(kind: str, options: argparse.Namespace) -> dict[str, float]:
    species = make_species(kind)
    genomes = evolved(species, options)
    judge = load_judge(device="cpu")
    pictures = quantized(species.render(genomes, options.size))
    work = ways(species, genomes, options.size) | {
        "quantized": lambda: quantized(species.render(genomes, options.size)),
        "scoring": lambda: judge.score(pictures),
        "mutation": lambda: species.mutated(genomes, np.random.default_rng(1)),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(options.rounds):
        for name, each in work.items():
            times[name].append(seconds(each))
    spent = {name: statistics.median(each) for name, each in times.items()}
    figures = {f"{name}, pictures/s": options.count / each for name, each in spent.items()}
    around = spent["quantized"] + spent["mutation"]
    return figures | {
        "batch / one by one": spent["one by one"] / spent["batch"],
        "share of scoring": spent["scoring"] / (spent["scoring"] + around),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--generations", type=int, default=30)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Any] = {
        "size": options.size,
        "count": options.count,
        "generations": options.generations,
        "torch": torch.__version__,
        "processor": platform.processor() or platform.machine(),
    }
    for kind in SPECIES:
        found[kind] = measure(kind, options)
        for name, value in found[kind].items():
            print(f"{kind:12} {name:28} {value:10.3g}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
