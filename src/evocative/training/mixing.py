"""Two images in one: mixup (Zhang 2018) and CutMix (Yun 2019).

An image is mixed only with one of its batch that has the same kinds of targets: emotion with emotion,
valence and arousal with valence and arousal. So no target is invented or lost when data sets with different
targets are trained on together; an image that is alone in its kind stays as it is. Which images meet, and in
what share, depends on the recipe's seed and the step alone.

Differs from the papers in: the mixed image is rounded to whole grey levels.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from evocative.data.dataset import Batch
from evocative.recipe import Augmentation


@dataclass(frozen=True)
class Mixed:
    """A batch for the objective: of two labels a row, the first counts `share`, the other the rest."""

    batch: Any
    """Images and dimensions mixed; labels of the first images."""
    partner_labels: Int64[Tensor, " B"]
    share: float
    """λ in [0, 1]; 1: nothing was mixed."""


def mix(batch: Any, augmentation: Augmentation, *, key: tuple[int, ...]) -> Mixed:
    """Mix a batch as the recipe says; where it asks for both ways, each step takes one of them by lot.

    Args:
        batch: A `data.dataset.Batch` on any device; where nothing is asked for, anything with labels.
        augmentation: Its `mixup` and `cutmix` are the α of Beta(α, α), from which λ is drawn; 0: not so.
        key: Numbers that the draw depends on: seed, step, place in the step, process.
    """
    alphas = (augmentation.mixup, augmentation.cutmix)
    if not any(alphas) or len(batch) < 2:
        return Mixed(batch, batch.labels, 1.0)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
    cut = random.random() < 0.5 if all(alphas) else alphas[1] > 0
    share = float(random.beta(alphas[cut], alphas[cut]))
    partners = torch.from_numpy(_partners(_kinds(batch), random)).to(batch.labels.device)
    if cut:
        images, share = _paste(batch.images, batch.images[partners], share, random)
    else:
        images = _blend(batch.images, batch.images[partners], share)
    vad = share * batch.vad + (1 - share) * batch.vad[partners]
    return Mixed(replace(batch, images=images, vad=vad), batch.labels[partners], share)


def _kinds(batch: Batch) -> Int64[np.ndarray, " B"]:
    """Number the rows by which of their four targets are there."""
    present = torch.cat([batch.labels[:, None] >= 0, torch.isfinite(batch.vad)], dim=1)
    powers = 2 ** np.arange(present.shape[1], dtype=np.int64)
    return np.asarray(present.cpu().numpy().astype(np.int64) @ powers, dtype=np.int64)


def _partners(kinds: Int64[np.ndarray, " B"], random: np.random.Generator) -> Int64[np.ndarray, " B"]:
    """Give each row the next one of its kind in a random order, the last one the first."""
    partners = np.arange(len(kinds), dtype=np.int64)
    order = np.argsort(random.random(len(kinds)), kind="stable")
    for kind in np.unique(kinds):
        rows = order[kinds[order] == kind]
        partners[rows] = np.roll(rows, -1)
    return partners


def _blend(
    images: UInt8[Tensor, "B 3 H W"], others: UInt8[Tensor, "B 3 H W"], share: float
) -> UInt8[Tensor, "B 3 H W"]:
    return torch.lerp(others.float(), images.float(), share).round_().to(torch.uint8)


def _paste(
    images: UInt8[Tensor, "B 3 H W"],
    others: UInt8[Tensor, "B 3 H W"],
    share: float,
    random: np.random.Generator,
) -> tuple[UInt8[Tensor, "B 3 H W"], float]:
    """Put a box of the others, of area 1 − λ, over the images; return them with the share that is left.

    The box's centre may lie anywhere, so that a part of it may fall outside: the share tells what remained.
    """
    height, width = images.shape[2:]
    side = np.sqrt(1 - share)
    tall, wide = round(height * side), round(width * side)
    row, column = int(random.random() * height), int(random.random() * width)
    top, left = max(0, row - tall // 2), max(0, column - wide // 2)
    bottom, right = min(height, row - tall // 2 + tall), min(width, column - wide // 2 + wide)
    pasted = images.clone()
    pasted[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    return pasted, 1 - max(0, bottom - top) * max(0, right - left) / (height * width)
