"""The schedules against torch's own, stepped the usual way."""

from itertools import pairwise
from typing import Any

import pytest
import torch

from evocative.recipe import ScheduleConfig
from evocative.training.schedule import learning_rate

STEPS, EPOCHS, LR = 7, 6, 0.02


def rates(config: ScheduleConfig) -> list[float]:
    return [
        learning_rate(step, config=config, lr=LR, steps_per_epoch=STEPS, epochs=EPOCHS)
        for step in range(STEPS * EPOCHS)
    ]


def torchs(make: Any, **settings: float) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = make(optimizer, **settings)
    found = []
    for _ in range(STEPS * EPOCHS):
        found.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return found


def test_cosine_restarts_equals_torch() -> None:
    ours = rates(ScheduleConfig(name="cosine_restarts", period_epochs=2, min_lr=1e-4))
    theirs = torchs(torch.optim.lr_scheduler.CosineAnnealingWarmRestarts, T_0=2 * STEPS, eta_min=1e-4)
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_cosine_equals_torch() -> None:
    ours = rates(ScheduleConfig(name="cosine", min_lr=1e-3))
    theirs = torchs(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=STEPS * EPOCHS, eta_min=1e-3)
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_restart_comes_back_to_the_highest_rate() -> None:
    ours = rates(ScheduleConfig(name="cosine_restarts", period_epochs=5, min_lr=1e-4))
    assert ours[0] == ours[5 * STEPS] == LR
    assert min(ours) == ours[5 * STEPS - 1] > 1e-4


def test_warmup_climbs_from_near_zero() -> None:
    ours = rates(ScheduleConfig(name="constant", warmup_epochs=1))
    assert ours[0] == pytest.approx(LR / 8)
    assert all(later > earlier for earlier, later in pairwise(ours[:STEPS]))
    assert set(ours[STEPS:]) == {LR}


def test_step_falls_by_a_factor_every_period_down_to_the_floor() -> None:
    steps = ScheduleConfig(name="step", period_epochs=10, factor=0.5, min_lr=2e-5)
    rates = [
        learning_rate(step, config=steps, lr=1e-4, steps_per_epoch=3, epochs=60)
        for step in (0, 29, 30, 89, 179)
    ]
    assert rates == [1e-4, 1e-4, 5e-5, 2.5e-5, 2e-5]
