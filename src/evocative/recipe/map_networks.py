"""Settings of the networks that make a map of where emotion lies, and of turning pictures for training.

Sections of `model` and of the recipe itself:

    [model]                    [model.islamnet]          [rotation]
    neck = "islamnet"          reduction = 16            task = "c"
"""

from dataclasses import dataclass
from typing import Literal

from evocative.recipe.ranges import STRICT, Count, From0, PartOfOne, Share, Width

RotationTask = Literal["a", "b", "c", "d"]


@dataclass(frozen=True)
class IslamnetConfig:
    """ISLAMNet, Huang et al. 2024, section 3.1.2; `model.neck = "islamnet"`."""

    __pydantic_config__ = STRICT

    map: int | str = -1
    """f1: a number of timm's `out_indices`, -1 for the deepest map, or a module's name."""
    channels: Width | None = None
    """Of f2. The paper does not say; None: a quarter of f1's."""
    reduction: Count = 16
    """r of the channel attention's perceptron, whose hidden layer has channels / r numbers; CBAM's."""
    rectify: bool = True
    """A ReLU after the 1×1 convolution, of which the paper does not speak: f2, f3 and f4 are then not
    negative, so that a large value of the emotion map means much and not little."""


@dataclass(frozen=True)
class WscnetConfig:
    """WSCNet, She et al. 2020 and Yang et al. 2018; `model.neck = "wscnet"`."""

    __pydantic_config__ = STRICT

    map: int | str = -1
    """As in `islamnet`."""
    maps_per_label: Width = 4
    """k, the detectors of each label."""
    pool: Literal["average", "max"] = "average"
    """How a label's maps become its score: the authors' public code averages, the text takes maxima."""


@dataclass(frozen=True)
class WildcatConfig:
    """WILDCAT, Durand et al. 2017; `model.neck = "wildcat"`."""

    __pydantic_config__ = STRICT

    map: int | str = -1
    """As in `islamnet`."""
    maps_per_label: Width = 8
    """M, the modalities of each label."""
    top: PartOfOne = 0.2
    """k⁺: the share of places, or at least one, whose highest values count for a label."""
    bottom: Share = 0.2
    """k⁻: the same of the lowest values; 0: none."""
    alpha: From0 = 0.7
    """α, what the lowest values count beside the highest."""


@dataclass(frozen=True)
class RotationConfig:
    """Turned copies of training images, for the loss `rotation`; without that loss nothing is turned."""

    __pydantic_config__ = STRICT

    task: RotationTask = "c"
    """Angles, clockwise: a: 0, 180; b: 90, 270; c: 0, 90, 180, 270; d: multiples of 45."""
    copies: Literal["all", "one"] = "all"
    """Each image at all angles of the task, or at one of them by lot: then every task costs the same."""
    corners: Literal["crop", "reflect"] = "crop"
    """What an angle beside multiples of 90 does about corners. `crop`: all of the task's copies are zoomed to
    the square that lies inside at each of its angles, so that the zoom tells nothing of the angle; `reflect`:
    mirrored picture, which is there at odd multiples of 45 only."""
