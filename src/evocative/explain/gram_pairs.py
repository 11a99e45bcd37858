"""Which pairs of channels speak for an emotion: its gradient through the Gram matrices that a model reads.

    modules = gram_gradients(model, image, "awe")       # one a Gram module
    modules[0].pairs(5)                                 # the five pairs that raise awe most
    gram_map(model, targets=["awe"])(image)             # the same sum, place by place

With y the score of an emotion and G the Gram matrix of a map F, the pair (i, j) adds to first order
2·∂y/∂G_ij·G_ij (once for i = j): gradient times input. As G_ij is a mean over places, so is their sum:
Σ_ij ∂y/∂G_ij·G_ij = 1/(H·W)·Σ_p f_pᵀ·(∂y/∂G)·f_p, which says where in the picture the texture is that speaks.
The maps that the modules' other branch reads are held fixed (Motiejauskas 2026, figure 4.3).

A whitened matrix (`models.whitened`) is Wᵀ·C·W, with C = Σ (f − μ)·(f − μ)ᵀ / (H·W) about the mean μ of the
training images: there C stands for G and f − μ for f, and ∂y/∂C = W·(∂y/∂(WᵀCW))·Wᵀ is of the network's own
channels. A pair that speaks departs together from what is usual. As the network reads roots of these numbers,
the first order is half of what they are worth (x·∂√x/∂x = ½·√x).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from evocative.errors import ModelError
from evocative.explain.emotion_map import MapFunction
from evocative.explain.layers import evaluating
from evocative.explain.targets import Score, scores, target_names
from evocative.models.create import EmotionModel
from evocative.models.necks import maps_of, statistics_of
from evocative.models.second_order import gram_matrix, mean_and_sd
from evocative.models.whitened import WhitenedGram, WhitenedNeck

_PLAIN: Final = ("motiejauskas2026", "motiejauskas2024", "zhang2022")
"""Necks that read Gram matrices as they come."""


@dataclass(frozen=True)
class Pair:
    """Two channels of a map, and what goes with their firing together."""

    first: int
    second: int
    """The same as `first` for a channel's own mean square."""
    together: float
    """G_ij: the mean over places of their product (of what they are above μ, where the model whitens)."""
    slope: float
    """Of the score along the pair: ∂y/∂G_ij + ∂y/∂G_ji, or ∂y/∂G_ii."""
    added: float
    """What the pair adds to the score, to first order: slope · together."""


@dataclass(frozen=True, eq=False)
class GramGradient:
    """An emotion's gradient through one Gram module."""

    map: int | str
    """The map that the module reads: timm's number, or a module's name."""
    target: str
    gram: NDArray[np.floating]
    """G (C, C); about μ where the model whitens."""
    gradient: NDArray[np.floating]
    """∂y/∂G (C, C), made symmetric, which changes no sum."""

    @property
    def added(self) -> float:
        """What all pairs add together, to first order: how much of the emotion this module carries."""
        return float((self.gram.astype(np.float64) * self.gradient).sum())

    def pairs(self, k: int = 10, *, lowering: bool = False) -> list[Pair]:
        """Return the k pairs that raise the score most, or lower it most, strongest first.

        Args:
            k: At least 1.
            lowering: The other end.

        Raises:
            ModelError: k is below 1.
        """
        if k < 1:
            raise ModelError(f"pairs: expected k of 1 or more, found {k}")
        rows, columns = np.triu_indices(len(self.gram))
        slopes = self.gradient[rows, columns] * np.where(rows == columns, 1, 2)
        added = slopes * self.gram[rows, columns]
        order = np.argsort(added if lowering else -added, kind="stable")[:k]
        return [
            Pair(int(rows[n]), int(columns[n]), float(self.gram[rows[n], columns[n]]), float(slopes[n]),
                 float(added[n]))
            for n in order
        ]  # fmt: skip


def gram_gradients(
    model: EmotionModel, image: Float[Tensor, "1 3 H W"], target: str, *, score: Score = "logit"
) -> list[GramGradient]:
    """Return a target's gradient through each of a model's Gram modules, for one picture.

    Args:
        model: With a neck of Gram modules; it stays as it is.
        image: Normalised.
        target: An emotion or a dimension (`targets.target_names`).
        score: Of an emotion: `logit`, or `log_odds` against all others.

    Raises:
        ModelError: The model reads no Gram matrix, or has no such target.
    """
    names = target_names(model, [target])
    found, gradients = _through(model, image, names, score=score)
    return [
        GramGradient(each.name, target, each.gram[0].cpu().numpy(), gradient[0, 0].cpu().numpy())
        for each, gradient in zip(found, gradients, strict=True)
    ]


def gram_map(
    model: EmotionModel, *, targets: Sequence[str] | None = None, score: Score = "logit"
) -> MapFunction:
    """Return what shows where the texture is that speaks for an emotion through the Gram modules.

    Modules on smaller maps are enlarged to the largest, their sums kept; what speaks against it is cut off.

    Args:
        model: With a neck of Gram modules; it stays as it is.
        targets: As in `cam`.
        score: See there.

    Raises:
        ModelError: The model reads no Gram matrix, or there is no such target.
    """
    names = target_names(model, targets)
    _check(model, names)

    def maps(images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B K h w"]:
        found, gradients = _through(model, images, names, score=score)
        size = max((tuple(each.map.shape[2:]) for each in found), key=lambda shape: shape[0] * shape[1])
        total = images.new_zeros(len(images), len(names), *size)
        for module, gradient in zip(found, gradients, strict=True):
            features = module.map
            places = features.shape[2] * features.shape[3]
            each = torch.einsum("bkcd,bchw,bdhw->bkhw", gradient, features, features) / places
            shrunk = places / (size[0] * size[1])  # the sum over places stays
            total += interpolate(each, size=size, mode="bilinear", align_corners=False) * shrunk
        return total.relu()

    return maps


@dataclass(frozen=True, eq=False)
class _Module:
    """What one Gram module reads of images."""

    name: int | str
    map: Tensor
    """F (B, C, h, w), less μ where it is whitened."""
    gram: Tensor
    """Its Gram matrix (B, C, C)."""


def _through(
    model: EmotionModel, images: Float[Tensor, "B 3 H W"], names: Sequence[str], *, score: Score
) -> tuple[list[_Module], list[Tensor]]:
    """Return what the modules read, and of each ∂y/∂G (B, K, C, C) made symmetric."""
    _check(model, names)
    config = model.config
    with evaluating(model):
        with torch.no_grad():
            pooled, every = model.backbone(images)
        seen = dict(zip(model.backbone.map_indices, every, strict=True))
        own = maps_of(config) if config.neck in _PLAIN else ()  # whose Gram matrices are as they come
        maps = [] if config.neck == "whitened_gram" else [seen[name] for name in maps_of(config)]
        moments = [mean_and_sd(seen[name]) for name in config.dimension_maps]
        with torch.enable_grad():
            grams = {name: gram_matrix(seen[name]).requires_grad_() for name in own}
            read = {name: gram_matrix(seen[name]).requires_grad_() for name in statistics_of(config)}
            said = model.describe(
                pooled, maps, list(grams.values()) or None, torch.cat(moments, dim=1) if moments else None,
                statistics=[(seen[name].mean(dim=(2, 3)), gram) for name, gram in read.items()],
            )  # fmt: skip
            wanted = scores(model, said, names, score=score)
            asked = _asked(model, names)
            leaves = [*grams.values(), *(read[name] for name in asked)]
            rows = [_gradient(wanted[:, place].sum(), leaves) for place in range(len(names))]
    plain = [_Module(name, seen[name], gram.detach()) for name, gram in grams.items()]
    whitened = [_centered(name, seen[name], mean) for name, mean in asked.items()]
    return [*plain, *whitened], [torch.stack(each, dim=1) for each in zip(*rows, strict=True)]


def _centered(name: int | str, features: Tensor, mean: Tensor) -> _Module:
    centered = features.to(mean.dtype) - mean[:, None, None]
    return _Module(name, centered, gram_matrix(centered))


def _asked(model: EmotionModel, names: Sequence[str]) -> dict[int | str, Tensor]:
    """Return the maps whose whitened matrices the targets' heads read, with their means μ."""
    config, found = model.config, dict[int | str, Tensor]()
    labels = model.taxonomy.names if model.taxonomy is not None else ()
    if isinstance(model.neck, WhitenedNeck):
        found |= _means(maps_of(config), model.neck.whitened)
    if model.dimension_gram is not None and not set(names) <= set(labels):
        found |= _means(config.dimension_maps, model.dimension_gram)
    return found


def _means(names: Sequence[int | str], module: WhitenedGram) -> dict[int | str, Tensor]:
    return {name: module.get_buffer(f"mean_{number}") for number, name in enumerate(names)}


def _gradient(score: Tensor, grams: Sequence[Tensor]) -> list[Tensor]:
    found = torch.autograd.grad(score, grams, retain_graph=True, materialize_grads=True)
    return [(each + each.transpose(1, 2)) / 2 for each in found]


def reads_grams(model: EmotionModel) -> bool:
    """Return whether a model's neck has Gram modules."""
    return model.config.neck in (*_PLAIN, "whitened_gram") and bool(maps_of(model.config))


def _check(model: EmotionModel, names: Sequence[str]) -> None:
    if not reads_grams(model) and not _asked(model, names):
        raise ModelError(
            "this model reads no Gram matrix, so that no pair of channels can speak; take one with Gram "
            "modules, as the embedded one, or as the recipes dissertation-fi8 and zhang2022 train it"
        )
