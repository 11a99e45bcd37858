"""The loop: batches in, weights out, and everything needed to go on after a crash."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import nn

from evocative.data.dataset import Batch
from evocative.errors import DivergedError, TrainingError
from evocative.losses.objective import Losses, Objective
from evocative.losses.raters import Raters
from evocative.losses.rotation import turned_copies
from evocative.models.create import Output
from evocative.outputs import appending
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from evocative.training.ema import AveragedWeights
from evocative.training.log import RunLog
from evocative.training.mixing import mix
from evocative.training.optimizer import clip_gradients, set_learning_rate
from evocative.training.repeatable import repeatable
from evocative.training.schedule import learning_rate

PATIENCE = 50
"""Steps in a row that fp16 may skip for overflow before the run is given up."""


@dataclass(frozen=True)
class Setup:
    """What a run computes with."""

    fabric: Fabric
    """Device, precision and processes."""
    model: Any
    """An EmotionModel that Fabric has set up."""
    optimizer: Any
    """Likewise."""
    objective: Objective
    recipe: Recipe
    preprocessing: Preprocessing
    """How images become input."""
    folder: Path
    """Where `last.ckpt`, `best.ckpt` and the logs live."""
    steps_per_epoch: int
    """Optimiser steps."""
    batches: Callable[[int, int], Iterable[Batch]]
    """Batches of an epoch (from 0), without the first so many."""
    answer: Callable[..., Output]
    """What the network says of a batch and, where images are trained on, of turned copies beside it."""
    validate: Callable[[], dict[str, float]]
    """Figures on the validation rows; empty where there are none."""
    raters: Raters | None = None
    """What raters said of the training rows, where a loss reads it."""
    average: AveragedWeights = field(default_factory=AveragedWeights)
    """Of the weights; `fit` begins it where the recipe asks for it."""

    def save(self, name: str, progress: Progress) -> None:
        """Write a checkpoint into the folder."""
        save_checkpoint(
            self.fabric, self.folder / name, model=self.model, optimizer=self.optimizer, progress=progress,
            average=self.average,
        )  # fmt: skip


def fit(setup: Setup) -> Progress:
    """Train until the recipe's last epoch, from the last checkpoint where there is one.

    With `training.ema` the model holds the average of its weights afterwards.

    Raises:
        DivergedError: The gradient is not a number; the last checkpoint is good.
    """
    fabric, settings = setup.fabric, setup.recipe.training
    progress = _restore(setup)
    log = RunLog(
        setup.folder, active=fabric.global_rank == 0, resume_step=progress.step,
        total_steps=settings.epochs * setup.steps_per_epoch,
    )  # fmt: skip
    clock, overflows = time.monotonic(), 0
    with log, repeatable(fabric.device):
        while progress.epoch < settings.epochs:
            _train_mode(setup.model.module, settings.batch_norm)
            setup.objective.train()
            for group in _groups(setup.batches(progress.epoch, progress.micro_step), settings.accumulation):
                figures = _step(setup, group, progress)
                overflows = 0 if math.isfinite(figures["gradient_norm"]) else overflows + 1
                if overflows > (PATIENCE if settings.precision == "fp16" else 0):
                    raise _broken(setup, figures, progress)
                _count(setup, group, progress)
                setup.average.update(setup.model.module, step=progress.step)
                log.step(progress.step, figures, images=_images(group, fabric))
                if fabric.broadcast(time.monotonic() - clock > settings.checkpoint_minutes * 60):
                    setup.save("last.ckpt", progress)
                    clock = time.monotonic()
            if progress.micro_step == 0:
                raise TrainingError(
                    "an epoch has no whole step: training.batch_size is above the training rows"
                )
            progress.epoch, progress.micro_step = progress.epoch + 1, 0
            _finish_epoch(setup, progress, log)
            setup.save("last.ckpt", progress)
            clock = time.monotonic()
    setup.average.copy_to(setup.model.module)
    return progress


def _restore(setup: Setup) -> Progress:
    path = setup.folder / "last.ckpt"
    setup.average.begin(setup.model.module, decay=setup.recipe.training.ema)
    if not path.exists():
        return Progress()
    return load_checkpoint(
        setup.fabric, path, model=setup.model, optimizer=setup.optimizer, average=setup.average
    )


def _step(setup: Setup, group: list[Batch], progress: Progress) -> dict[str, float]:
    """Take one optimiser step over accumulated batches; the weights stay where the gradient is broken."""
    fabric, recipe = setup.fabric, setup.recipe
    rate = learning_rate(
        progress.step, config=recipe.schedule, lr=recipe.optimizer.lr,
        steps_per_epoch=setup.steps_per_epoch, epochs=recipe.training.epochs,
    )  # fmt: skip
    set_learning_rate(setup.optimizer, rate)
    torch.manual_seed((recipe.seed * 1_000_003 + progress.step) * 4_096 + fabric.global_rank)
    figures = {"lr": rate, "loss": 0.0}
    for number, batch in enumerate(group):
        with fabric.no_backward_sync(setup.model, enabled=number < len(group) - 1):
            losses = _losses(setup, batch, progress, number=number)
            fabric.backward(losses.total / len(group))
        for name, value in {"loss": losses.total, **losses.terms}.items():
            figures[name] = figures.get(name, 0.0) + float(value.detach()) / len(group)
    figures["gradient_norm"] = clip_gradients(fabric, setup.model, setup.optimizer, recipe.optimizer)
    if math.isfinite(figures["gradient_norm"]) or recipe.training.precision == "fp16":
        setup.optimizer.step()
    setup.optimizer.zero_grad()
    return figures


def _losses(setup: Setup, batch: Batch, progress: Progress, *, number: int) -> Losses:
    if len(batch) == 0:
        raise TrainingError(
            f"step {progress.step + 1}: no image of a batch can be read ({batch.failures[0].reason}). "
            "Look through the images with  evocative predict FOLDER --format csv"
        )
    key = (setup.recipe.seed, progress.step, number, setup.fabric.global_rank)
    mixed = mix(batch.to(setup.fabric.device), setup.recipe.augmentation, key=key)
    seen, turned = mixed.batch, None
    if setup.objective.needs_rotation:
        turned = turned_copies(seen.images, setup.recipe.rotation, key=key)
    output = setup.answer(seen) if turned is None else setup.answer(seen, turned.images)
    losses: Losses = setup.objective(
        output.embedding, logits=output.logits, vad=output.vad, labels=seen.labels, target_vad=seen.vad,
        class_centers=setup.model.module.class_centers, partner_labels=mixed.partner_labels,
        share=mixed.share, scores=output.scores, rotation=output.rotation,
        turns=None if turned is None else turned.labels, vad_sd=output.vad_sd,
        raters=None if setup.raters is None else setup.raters.rows(seen.indices, device=seen.labels.device),
    )  # fmt: skip
    return losses


def _images(group: list[Batch], fabric: Fabric) -> int:
    return sum(len(batch) for batch in group) * fabric.world_size


def _count(setup: Setup, group: list[Batch], progress: Progress) -> None:
    """Note the step, and name the images that could not be read."""
    progress.step += 1
    progress.micro_step += len(group)
    failures = [failure for batch in group for failure in batch.failures]
    progress.unreadable += len(failures)
    if failures and setup.fabric.global_rank == 0:
        with appending(setup.folder / "unreadable.txt") as file:
            file.writelines(f"{failure.reason}\n" for failure in failures)


def _broken(setup: Setup, figures: dict[str, float], progress: Progress) -> DivergedError:
    """Say at which step the gradient was no number, what is kept, and what may help."""
    last = setup.folder / "last.ckpt"
    kept = f"the last good checkpoint is {last}" if last.exists() else "there is no checkpoint yet"
    terms = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    return DivergedError(
        f"step {progress.step + 1} (epoch {progress.epoch + 1}): the gradient is not a number ({terms}); "
        f"{kept}. Try an optimizer.lr below {setup.recipe.optimizer.lr:g}, a smaller optimizer.clip_norm, or "
        'training.precision = "fp32"'
    )


def _finish_epoch(setup: Setup, progress: Progress, log: RunLog) -> None:
    """Write the epoch's figures, and keep the weights where they are the best so far."""
    settings, model = setup.recipe.training, setup.model.module
    with setup.average.within(model):
        figures = setup.validate()
    log.write("epoch", progress.step, {"epoch": progress.epoch, **figures})
    text = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    log.say(f"epoch {progress.epoch}/{settings.epochs}  {'validation: ' + text if text else 'done'}")
    if settings.select == "last":
        return
    if settings.monitor not in figures:
        setup.save("last.ckpt", progress)
        raise TrainingError(
            f"training.monitor = {settings.monitor!r}, but validation gives {sorted(figures) or 'nothing'}. "
            'Choose one of these, or training.select = "last"'
        )
    value, best = figures[settings.monitor], progress.best
    if not math.isfinite(value):
        return
    if best is None or (value < best if settings.monitor == "loss" else value > best):
        progress.best, progress.best_epoch = value, progress.epoch
        with setup.average.within(model):
            setup.save("best.ckpt", progress)


def _train_mode(model: nn.Module, batch_norm: str) -> None:
    """Let everything learn but the batch norms of a backbone that the recipe freezes."""
    model.train()
    if batch_norm in ("statistics", "frozen"):
        for module in model.get_submodule("backbone").modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()


def _groups(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Join batches to groups of a step; a last group that is too small is left out."""
    rest = iter(batches)
    while len(group := list(islice(rest, size))) == size:
        yield group
