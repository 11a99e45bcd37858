"""Learning rates as pure functions of the step: nothing to save, nothing to restore."""

import math

from evocative.recipe import ScheduleConfig


def learning_rate(
    step: int, *, config: ScheduleConfig, lr: float, steps_per_epoch: int, epochs: int
) -> float:
    """Return the learning rate of an optimiser step.

    `cosine_restarts` is Loshchilov & Hutter 2017 (equation 5) with a fixed period, moved at every step;
    `cosine` has one period over the whole run; `step` multiplies the rate by `factor` once a period, down to
    `min_lr`. The warm-up multiplies either by a line from zero.

    Args:
        step: Optimiser steps done so far, from 0.
        config: Name, period, floor and warm-up.
        lr: The highest learning rate.
        steps_per_epoch: Optimiser steps in an epoch.
        epochs: Epochs of the run.

    Example:
        >>> restarts = ScheduleConfig(name="cosine_restarts", period_epochs=5, min_lr=1e-4)
        >>> [
        ...     round(learning_rate(s, config=restarts, lr=0.02, steps_per_epoch=10, epochs=20), 5)
        ...     for s in (0, 25, 49, 50)
        ... ]
        [0.02, 0.01005, 0.00012, 0.02]
    """
    warmup = config.warmup_epochs * steps_per_epoch
    ramp = min(1.0, (step + 1) / (warmup + 1)) if warmup > 0 else 1.0
    if config.name == "constant":
        return lr * ramp
    if config.name == "step":
        falls = int(step // (steps_per_epoch * config.period_epochs))
        return ramp * max(config.min_lr, lr * config.factor**falls)
    period = steps_per_epoch * (config.period_epochs if config.name == "cosine_restarts" else max(epochs, 1))
    turn = (step % period) / period
    return ramp * (config.min_lr + (lr - config.min_lr) * 0.5 * (1 + math.cos(math.pi * turn)))
