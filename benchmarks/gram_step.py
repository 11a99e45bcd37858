"""A training step with Gram modules against one without: how much do the modules cost?

Steps of the two networks alternate, so that whatever else the machine does strikes both alike, and each pair
of neighbours gives a ratio; the median is printed. A step is forward, cross-entropy, backward, SGD. The ratio
of processor time stands beside that of wall time: on the CPU other programs disturb it less.

    python benchmarks/gram_step.py [--batch 32] [--size 224] [--steps 15] [--precision bf16] [--channels-last]
                                   [--device cuda] [--json FILE]
"""

import argparse
import json
import platform
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from evocative.models.create import EmotionModel, create_model
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy

LABELS = taxonomy("mikels8")


def make(maps: tuple[int, ...], options: argparse.Namespace) -> tuple[EmotionModel, torch.optim.Optimizer]:
    torch.manual_seed(0)
    config = ModelConfig(
        backbone=options.backbone, weights=None, gram=GramConfig(maps=maps, compress=options.compress)
    )
    model = create_model(config, LABELS).to(options.device)
    if options.channels_last:
        model = model.to(memory_format=torch.channels_last)
    return model.train(), torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)


def autocast(options: argparse.Namespace) -> AbstractContextManager[Any]:
    if options.precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(options.device).type, dtype=torch.bfloat16)


def synchronize(options: argparse.Namespace) -> None:
    """Wait until the GPU, if there is one, has done what it was told."""
    if torch.device(options.device).type == "cuda":
        torch.cuda.synchronize()


def step(
    model: EmotionModel,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    options: argparse.Namespace,
) -> tuple[float, float]:
    """Train one step and return its seconds: on the wall's clock, and of processor time."""
    synchronize(options)
    start, busy = time.perf_counter(), time.process_time()
    with autocast(options):
        logits = model(images).logits
        loss = nn.functional.cross_entropy(logits, labels)
    torch.autograd.backward(loss)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    synchronize(options)
    return time.perf_counter() - start, time.process_time() - busy


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Time both networks in turns."""
    images = torch.randn(options.batch, 3, options.size, options.size, device=options.device)
    if options.channels_last:
        images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(len(LABELS), (options.batch,), device=options.device)
    networks = {"without": make((), options), "with": make(tuple(options.maps), options)}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in networks}
    for number in range(options.warmup + options.steps):
        order = list(networks) if number % 2 == 0 else list(networks)[::-1]
        for name in order:
            took = step(*networks[name], images, labels, options)
            if number >= options.warmup:
                seconds[name].append(took)
    plain, gram = np.array(seconds["without"]), np.array(seconds["with"])  # (steps, 2)
    low, high = np.quantile(gram[:, 0] / plain[:, 0], [0.25, 0.75])
    return {
        "ratio": float(np.median(gram[:, 0] / plain[:, 0])),
        "ratio_quartiles": [float(low), float(high)],
        "ratio_processor": float(np.median(gram[:, 1] / plain[:, 1])),
        "seconds_without": float(np.median(plain[:, 0])),
        "seconds_with": float(np.median(gram[:, 0])),
        "weights_without": sum(each.numel() for each in networks["without"][0].parameters()),
        "weights_with": sum(each.numel() for each in networks["with"][0].parameters()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backbone", default="efficientnetv2_rw_s")
    parser.add_argument("--maps", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--compress", type=int)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--steps", type=int, default=15, help="measured pairs of steps")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="of torch on the CPU")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    result = compare(options)
    settings = {key: value for key, value in vars(options).items() if key != "json"}
    environment = {
        "torch": torch.__version__,
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
    }
    if torch.device(options.device).type == "cuda":
        environment["gpu"] = torch.cuda.get_device_name()
    low, high = result["ratio_quartiles"]
    print(
        f"with / without = {result['ratio']:.3f} (quartiles {low:.3f} to {high:.3f}), of processor time "
        f"{result['ratio_processor']:.3f}; {result['seconds_with']:.3f} s against "
        f"{result['seconds_without']:.3f} s a step of {options.batch} images, {options.steps} pairs"
    )
    if options.json:
        options.json.write_text(
            json.dumps({"settings": settings, "environment": environment, "result": result}, indent=2) + "\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
