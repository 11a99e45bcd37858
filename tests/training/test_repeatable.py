"""A step's gradients are the same each time, with two threads and on a loaded machine."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils import deterministic

from evocative.losses.contrastive_center import contrastive_center
from evocative.recipe import Recipe
from evocative.training import fit
from evocative.training.repeatable import repeatable
from evocative.training.run import run

FILLED = "fill_uninitialized_memory"
ROWS, SIZE, LABELS = 64, 1280, 8
"""As a MobileNet has it; torch adds with atomics from 32,768 numbers, and 64 · 1,280 are 81,920."""


@pytest.fixture
def _two_threads_and_load() -> Iterator[None]:
    """Compute with two threads while another one keeps the machine busy."""
    before, rest = torch.get_num_threads(), threading.Event()

    def work() -> None:
        block = bytes(1 << 20)
        while not rest.is_set():
            hashlib.sha256(block).digest()  # without Python's lock

    load = threading.Thread(target=work, daemon=True)
    torch.set_num_threads(2)
    load.start()
    yield
    rest.set()
    load.join()
    torch.set_num_threads(before)


def gradients(times: int) -> set[bytes]:
    """Compute the gradient of the same centres so often, and return the different ones."""
    dice = torch.Generator().manual_seed(0)
    embedding = torch.randn(ROWS, SIZE, generator=dice)
    labels = torch.randint(LABELS, (ROWS,), generator=dice)
    drawn = torch.randn(LABELS, SIZE, generator=dice)
    found = set()
    for _ in range(times):
        centers = drawn.clone().requires_grad_()
        contrastive_center(embedding, labels, centers, margin=100.0).backward()  # type: ignore[no-untyped-call]
        assert centers.grad is not None
        found.add(centers.grad.numpy().tobytes())
    return found


@pytest.mark.usefixtures("_two_threads_and_load")
def test_gradients_of_centres_are_added_in_one_order_under_load() -> None:
    with repeatable("cpu"):
        assert len(gradients(8)) == 1


def test_with_two_threads_the_gradient_is_that_of_one() -> None:
    before = torch.get_num_threads()
    with repeatable("cpu"):
        torch.set_num_threads(1)
        alone = gradients(1)
        torch.set_num_threads(2)
        both = gradients(1)
    torch.set_num_threads(before)
    (one,), (two,) = alone, both
    first, second = (torch.frombuffer(bytearray(each), dtype=torch.float32) for each in (one, two))
    torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-6)


def test_the_loop_computes_so_and_leaves_torch_as_it_was(
    tiny_data: Path, tiny_recipe: Callable[..., Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, step = [], fit._step

    def noted(*given: Any) -> dict[str, float]:
        seen.append(
            (
                torch.are_deterministic_algorithms_enabled(),
                getattr(deterministic, FILLED),
            )
        )
        return step(*given)

    monkeypatch.setattr(fit, "_step", noted)
    run(tiny_recipe(training={"epochs": 1}), data_root=tiny_data, output=tmp_path / "run")
    assert set(seen) == {(True, False)}
    assert not torch.are_deterministic_algorithms_enabled()
    assert getattr(deterministic, FILLED)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_nothing_is_changed_for_other_devices(device: str) -> None:
    with repeatable(device):
        assert not torch.are_deterministic_algorithms_enabled()


def test_what_the_caller_has_set_stays() -> None:
    torch.use_deterministic_algorithms(mode=True)
    try:
        with repeatable("cpu"):
            assert not torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(mode=False)
    with pytest.raises(ValueError, match="stop"), repeatable("cpu"):
        raise ValueError("stop")
    assert not torch.are_deterministic_algorithms_enabled()
