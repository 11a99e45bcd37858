"""Whether maps tell of what a network has learnt: its weights are drawn anew, from the top down.

A map that stays the same when the network knows nothing any more shows the picture's edges, not the answer
(Adebayo 2018, *Sanity checks for saliency maps*, section 4, cascading randomisation). Differs from the paper
in: weights of a part are shuffled within each tensor, so that their distribution stays; timm's stages are the
parts.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.explain.emotion_map import MapFunction
from evocative.models.create import EmotionModel
from evocative.models.stages import stages


@dataclass(frozen=True, eq=False)
class Randomised:
    """How alike maps are after so much of a network was drawn anew."""

    part: str
    """What was drawn anew last: `heads`, then `stage 6` … `stage 0` (the stem)."""
    correlations: NDArray[np.float64]
    """(B, K): Spearman's correlation of each map with the trained network's; NaN where one is constant."""

    @property
    def mean(self) -> float:
        """Of the correlations that are known; NaN without any."""
        known = self.correlations[np.isfinite(self.correlations)]
        return float(known.mean()) if known.size else float("nan")


def randomisation_check(
    model: EmotionModel,
    make: Callable[[EmotionModel], MapFunction],
    images: Float[Tensor, "B 3 H W"],
    *,
    seed: int = 0,
) -> list[Randomised]:
    """Compare maps of a network with those of the same network after each part was drawn anew, top down.

    Args:
        model: Trained; it stays as it is: a copy is spoilt.
        make: From a model to its maps, as `map_function` with a method.
        images: Normalised.
        seed: Of the shuffling.

    Returns:
        One entry a part: the heads and the neck first, then the backbone's stages from the last to the stem.
        Correlations that stay near 1 to the end tell against the method.

    Raises:
        ModelError: timm does not know the network's stages, or there are no images.

    Example:
        >>> randomisation_check(model, partial(map_function, method="grad-cam"), images)  # doctest: +SKIP
    """
    if not len(images):
        raise ModelError("randomisation: expected at least one image, found none")
    spoilt = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    before = make(model)(images)
    found = []
    for part, parameters in _parts(spoilt):
        _shuffle(parameters, generator)
        found.append(Randomised(part, _correlations(before, make(spoilt)(images))))
    return found


def _parts(model: EmotionModel) -> list[tuple[str, Sequence[nn.Parameter]]]:
    inside = {id(parameter) for parameter in model.backbone.parameters()}
    new = [each for each in model.parameters() if id(each) not in inside]
    network = model.backbone.network
    every = stages(network)
    backbone = [
        (f"stage {number}", [network.get_parameter(name) for name in every[number]])
        for number in reversed(range(len(every)))
    ]
    return [("heads", new), *backbone]


def _shuffle(parameters: Sequence[nn.Parameter], generator: torch.Generator) -> None:
    with torch.no_grad():
        for each in parameters:
            order = torch.randperm(each.numel(), generator=generator).to(each.device)
            each.copy_(each.flatten()[order].view(each.shape))


def _correlations(one: Float[Tensor, "B K h w"], other: Float[Tensor, "B K h w"]) -> NDArray[np.float64]:
    ranks = [rankdata(each.float().cpu().flatten(2).numpy(), axis=2) for each in (one, other)]
    first, second = (each - each.mean(axis=2, keepdims=True) for each in ranks)
    below = np.sqrt((first**2).sum(axis=2) * (second**2).sum(axis=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(below > 0, (first * second).sum(axis=2) / below, np.nan)
    return found
