"""The self-supervised task of Huang et al. 2024: by how much was this picture turned?

Section 3.1.1, (7) and (8), after Gidaris et al. 2018 (*Unsupervised representation learning by predicting
image rotations*): an image is turned clockwise by each angle of a task, and a head on the backbone's vector
tells the angles apart. Tasks of table 2: a {0, 180}, b {90, 270}, c {0, 90, 180, 270}, d multiples of 45.

Differs from the paper in: "transposed and then flipped vertically" turns a picture counter-clockwise, so the
paper's 90 and 270 are each other's; here an image's label is the angle by which it truly is turned,
clockwise. How 45° is made is not said: never with black corners here, which would tell the angle by
themselves (`recipe.map_networks.RotationConfig`).
"""

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor
from torch.nn import functional

from evocative.errors import RecipeError
from evocative.recipe.map_networks import RotationConfig, RotationTask

ANGLES: dict[RotationTask, tuple[int, ...]] = {
    "a": (0, 180),
    "b": (90, 270),
    "c": (0, 90, 180, 270),
    "d": (0, 45, 90, 135, 180, 225, 270, 315),
}
"""Degrees clockwise of each task; a label is the place in this list."""


@dataclass(frozen=True)
class Turned:
    """Turned copies of a batch of B images."""

    images: Shaped[Tensor, "N 3 H W"]
    """Beside the batch's own."""
    labels: Int64[Tensor, " M"]
    """Of the B unturned images and then the N copies, M = B + N; -1: takes no part in the task."""


def turn(
    images: Shaped[Tensor, "B C H W"], degrees: float, *, zoom: float = 1.0
) -> Shaped[Tensor, "B C H W"]:
    """Turn square images clockwise.

    Multiples of 90° without zoom are exact, whatever the type; others are bilinear, and what lies outside is
    the mirrored picture.

    Args:
        images: Of any type; whole numbers are rounded back to theirs.
        degrees: Clockwise, as one looks at the picture.
        zoom: 1 or more; √2 leaves no outside at any angle.

    Raises:
        RecipeError: The images are not square.

    Example:
        >>> turn(torch.tensor([[[[1, 2], [3, 4]]]]), 90)
        tensor([[[[3, 1],
                  [4, 2]]]])
    """
    if images.shape[2] != images.shape[3]:
        raise RecipeError(f"rotation: expected square images, found {images.shape[3]} × {images.shape[2]}")
    quarters, rest = divmod(degrees, 90)
    if rest == 0 and zoom == 1:
        return torch.rot90(images, k=-int(quarters), dims=(2, 3))
    c, s = cos(radians(degrees)) / zoom, sin(radians(degrees)) / zoom
    backward = torch.tensor([[[c, s, 0.0], [-s, c, 0.0]]], device=images.device)  # from output to input
    grid = functional.affine_grid(backward.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    turned = functional.grid_sample(
        images.float(), grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    return turned.to(images.dtype) if images.is_floating_point() else turned.round_().to(images.dtype)


def turned_copies(
    images: Shaped[Tensor, "B 3 H W"], config: RotationConfig, *, key: tuple[int, ...]
) -> Turned:
    """Turn a batch as the recipe says, (7).

    The unturned images are themselves the copies of 0° where the task has 0° and all copies are made without
    zoom.

    Args:
        images: A batch's, after augmentation.
        config: Task, copies and corners.
        key: Numbers that the lot of `copies = "one"` depends on: seed, step, place in the step, process.
    """
    angles, zoom = ANGLES[config.task], _zoom(config)
    count = len(images)
    own = torch.full((count,), -1, dtype=torch.int64, device=images.device)
    if config.copies == "one":
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*key, 1))))
        drawn = torch.from_numpy(random.integers(len(angles), size=count)).to(images.device)
        turned = torch.empty_like(images)
        for place, degrees in enumerate(angles):
            rows = drawn == place
            if bool(rows.any()):  # grid_sample takes no empty batch
                turned[rows] = turn(images[rows], degrees, zoom=zoom)
        return Turned(turned, torch.cat([own, drawn]))
    made = list(range(len(angles)))
    if zoom == 1 and 0 in angles:
        own[:] = angles.index(0)
        made.remove(angles.index(0))
    labels = torch.tensor(made, device=images.device).repeat_interleave(count)
    copies = [turn(images, angles[place], zoom=zoom) for place in made]
    return Turned(torch.cat(copies), torch.cat([own, labels]))


def rotation_loss(logits: Float[Tensor, "M R"], labels: Int64[Tensor, " M"]) -> Float[Tensor, ""]:
    """Return L_rot of (8): the mean cross-entropy over the copies that take part (label 0 or more)."""
    if not bool((labels >= 0).any()):
        return logits.float().sum() * 0
    return functional.cross_entropy(logits.float(), labels, ignore_index=-1)  # (8)


def _zoom(config: RotationConfig) -> float:
    """Return by how much all copies of a task are enlarged, so that no corner is missing at any angle."""
    if config.corners == "reflect":
        return 1.0
    return max(_needed(degrees) for degrees in ANGLES[config.task])


def _needed(degrees: float) -> float:
    """Return side over the side of the largest upright square inside a square turned so: |cos| + |sin|."""
    return 1.0 if degrees % 90 == 0 else abs(cos(radians(degrees))) + abs(sin(radians(degrees)))
