"""Random views of pictures: what is shifted, turned and scaled a little must still look the same.

    views = Views(jitter=0.05, scale=0.1, rotation=10.0)
    looked_at = views.applied(pictures, views.drawn(generators))

A network's answer to one exact grid of pixels can be driven anywhere by a pattern that no one sees; what must
hold for shifted, scaled and turned copies has to be a pattern that stays one (Olah 2017, "Transformation
robustness"). All changes are one affine map, so that a picture is resampled once, bilinearly; what comes in
from outside mirrors what is inside. Gradients flow through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from evocative.errors import RecipeError
from evocative.recipe.ranges import STRICT


@dataclass(frozen=True)
class Views:
    """How far views differ; every change is as likely one way as the other.

    Raises:
        RecipeError: A setting is out of range.
    """

    __pydantic_config__ = STRICT

    jitter: float = 0.05
    """Shift across and down, uniform within ± this share of the side."""
    scale: float = 0.1
    """Enlarging by a factor between 1/(1 + scale) and 1 + scale, its logarithm uniform."""
    rotation: float = 10.0
    """Degrees, uniform within ± this."""
    mirror: bool = True
    """Half of the views are mirror images."""

    def __post_init__(self) -> None:
        wanted = {"jitter": 0.5, "scale": 1.0, "rotation": 180.0}
        for name, most in wanted.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise RecipeError(f"views.{name}: expected 0 to {most:g}, found {value}")

    @property
    def still(self) -> bool:
        """Whether every view is the picture itself."""
        return not (self.jitter or self.scale or self.rotation or self.mirror)

    def drawn(self, generators: Sequence[torch.Generator]) -> Float[Tensor, "N 5"]:
        """Draw a view from each generator: shift across and down, log scale, angle (radians), side (±1)."""
        draws = torch.stack([torch.rand(5, generator=each) for each in generators]) * 2 - 1
        spans = torch.tensor([self.jitter, self.jitter, log(1 + self.scale), self.rotation * pi / 180])
        side = torch.where(draws[:, 4:] < 0, -1.0, 1.0) if self.mirror else torch.ones(len(draws), 1)
        return torch.cat([draws[:, :4] * spans, side], dim=1)

    def applied(self, pictures: Float[Tensor, "N 3 S S"], draws: Float[Tensor, "N 5"]) -> Tensor:
        """Return what the draws show of pictures, (N, 3, S, S)."""
        if self.still:
            return pictures
        grid = affine_grid(matrices(draws).to(pictures), list(pictures.shape), align_corners=False)
        return grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


STILL = Views(jitter=0.0, scale=0.0, rotation=0.0, mirror=False)
"""No change at all."""


def matrices(draws: Float[Tensor, "N 5"]) -> Float[Tensor, "N 2 3"]:
    """Return where each place of a view lies in its picture: scaled, turned, mirrored, shifted."""
    across, down, log_scale, angle, side = draws.unbind(1)
    cosine, sine = angle.cos() / log_scale.exp(), angle.sin() / log_scale.exp()
    top = torch.stack([cosine * side, -sine, 2 * across], dim=1)
    bottom = torch.stack([sine * side, cosine, 2 * down], dim=1)
    return torch.stack([top, bottom], dim=1)
