"""Depthwise convolutions going backward on the CPU in bfloat16: torch's own against ours.

For each shape both go backward in turn, so that whatever else the machine does strikes both alike; the same
for a whole training step (forward, cross-entropy, backward) of a network. The ratio of medians is printed,
above 1 where ours is faster; both of processor time, which other programs disturb less, and of wall time.

    python benchmarks/depthwise.py [--batch 32] [--size 224] [--repeats 5] [--steps 5]
                                   [--network tf_efficientnet_b0] [--json FILE]
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from torch import Tensor, nn

from evocative.models.depthwise import depthwise_conv2d, is_slow, use_fast_depthwise

Shape = tuple[int, int, int, int]
"""Channels, side of the map, side of the kernel, stride."""


def clock() -> np.ndarray:
    return np.array([time.process_time(), time.perf_counter()])


def in_turn(ways: dict[str, Callable[[], None]], *, repeats: int, warmup: int = 1) -> dict[str, Any]:
    """Run both ways in turn and return medians in seconds, [processor, wall], and their ratio."""
    seconds: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    for number in range(warmup + repeats):
        for name in list(ways) if number % 2 == 0 else list(ways)[::-1]:
            start = clock()
            ways[name]()
            if number >= warmup:
                seconds[name].append(clock() - start)
    medians = {name: np.median(np.stack(each), axis=0) for name, each in seconds.items()}
    ratio = medians["torch"] / medians["ours"]
    return {**{name: each.tolist() for name, each in medians.items()}, "ratio": ratio.tolist()}


def shapes_of(network: nn.Module, size: int) -> list[Shape]:
    """Return the shapes of the network's slow convolutions, each once."""
    found: dict[Shape, None] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        side, stride = int(module.kernel_size[0]), int(module.stride[0])
        found[module.in_channels, int(inputs[0].shape[-1]), side, stride] = None

    hooks = [module.register_forward_hook(note) for module in network.modules() if is_slow(module)]
    with torch.no_grad():
        network(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return list(found)


def backward_of(shape: Shape, *, batch: int, repeats: int) -> dict[str, Any]:
    channels, size, side, stride = shape
    pad = side // 2
    images = torch.randn(batch, channels, size, size).bfloat16().to(memory_format=torch.channels_last)
    weight = torch.randn(channels, 1, side, side).bfloat16().requires_grad_()
    images.requires_grad_()
    results = {
        "torch": nn.functional.conv2d(images, weight, None, stride, pad, 1, channels),
        "ours": depthwise_conv2d(images, weight, stride=stride, padding=(pad, pad)),
    }
    direction = torch.randn_like(results["ours"])

    def way(name: str) -> Callable[[], None]:
        def go() -> None:
            torch.autograd.grad(results[name], [images, weight], direction, retain_graph=True)

        return go

    return in_turn({name: way(name) for name in results}, repeats=repeats)


def step_of(options: argparse.Namespace) -> dict[str, Any]:
    images = torch.randn(options.batch, 3, options.size, options.size).to(memory_format=torch.channels_last)
    labels = torch.arange(options.batch) % 8

    def way(fast: bool) -> Callable[[], None]:
        torch.manual_seed(0)
        network = timm.create_model(options.network, num_classes=8).to(memory_format=torch.channels_last)
        if fast:
            use_fast_depthwise(network)

        def go() -> None:
            with torch.autocast("cpu", torch.bfloat16):
                loss = nn.functional.cross_entropy(network(images), labels)
            torch.autograd.grad(loss, list(network.parameters()))

        return go

    return in_turn({"torch": way(False), "ours": way(True)}, repeats=options.steps)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", default="tf_efficientnet_b0")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--repeats", type=int, default=5, help="of each shape")
    parser.add_argument("--steps", type=int, default=5, help="whole steps of each kind")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = timm.create_model(options.network, num_classes=8)
    layers = []
    for shape in shapes_of(network, options.size):
        figures = backward_of(shape, batch=options.batch, repeats=options.repeats)
        channels, size, side, stride = shape
        layers.append({"channels": channels, "size": size, "kernel": side, "stride": stride, **figures})
        theirs, ours = 1e3 * figures["torch"][0], 1e3 * figures["ours"][0]
        print(
            f"{channels:5d} channels {size:3d} px {side}x{side} stride {stride}: torch / ours "
            f"{figures['ratio'][0]:.2f} ({theirs:.0f} / {ours:.0f} ms)",
            flush=True,
        )
    step = step_of(options)
    print(
        f"a step of {options.network}, {options.batch} images at {options.size} px: torch / ours "
        f"{step['ratio'][0]:.2f} ({step['torch'][0]:.2f} / {step['ours'][0]:.2f} s)"
    )
    settings = {key: value for key, value in vars(options).items() if key != "json"}
    environment = {"torch": torch.__version__, "machine": platform.machine(), "threads": options.threads}
    if options.json:
        result = {"columns": ["processor seconds", "wall seconds"], "layers": layers, "step": step}
        content = {"settings": settings, "environment": environment, "result": result}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
