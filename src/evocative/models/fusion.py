"""How vectors meet: a Gram module's two branches, and the backbone's vector with what the modules say.

*Motiejauskas 2026*, (4.5) to (4.7), adds; the other ways are the ablations its text mentions, and two that
leave the backbone's vector h as it is: z stands beside it (`append`), or corrects it, at first by nothing
(`residual`).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError, unknown
from evocative.recipe.settings import BackboneFusion, Fusion

FUSIONS: tuple[Fusion, ...] = ("add", "multiply", "concatenate", "average")


def fuse(
    first: Float[Tensor, "B D"], second: Float[Tensor, "B D"], fusion: BackboneFusion
) -> Float[Tensor, "B fused"]:
    """Join two vectors of one length; `concatenate` doubles the length, the others keep it.

    Raises:
        ModelError: Not one of `FUSIONS`: `append` and `residual` take vectors of two lengths.
    """
    if fusion == "add":
        return first + second
    if fusion == "multiply":
        return first * second
    if fusion == "average":
        return (first + second) / 2
    if fusion == "concatenate":
        return torch.cat([first, second], dim=1)
    raise ModelError(unknown("fusion", fusion, FUSIONS))


def fused_width(width: int, fusion: Fusion) -> int:
    """Return the length of what `fuse` makes of two vectors of length `width`."""
    return 2 * width if fusion == "concatenate" else width


def joined_width(pooled: int, width: int, fusion: BackboneFusion) -> int:
    """Return the length of the embedding u.

    Args:
        pooled: Length P of the backbone's vector h.
        width: Length D of the modules' z; 0 without modules.
        fusion: How the two meet.

    Example:
        >>> [joined_width(1280, 136, fusion) for fusion in ("add", "append", "residual")]
        [136, 1416, 1280]
    """
    if width == 0 or fusion == "residual":
        return pooled
    return pooled + width if fusion == "append" else fused_width(width, fusion)


class Residual(nn.Module):
    """A correction of the backbone's vector that starts at zero: u = h + γ ∘ (W·z + b).

    γ has one number an entry of h and begins at 0 (ReZero: Bachlechner 2021; a gain an entry: LayerScale,
    Touvron 2021), so that before the first step u is h, to the bit. The first step moves γ only, those after
    it W, b and all that is below.
    """

    def __init__(self, width: int, pooled: int) -> None:
        """Take z of length `width` and h of length `pooled`."""
        super().__init__()
        self.linear = nn.Linear(width, pooled)
        self.gain = nn.Parameter(torch.zeros(pooled))

    def forward(self, pooled: Float[Tensor, "B P"], z: Float[Tensor, "B D"]) -> Float[Tensor, "B P"]:
        """Return u from h and z, in z's precision, whatever autocast says."""
        with torch.autocast(z.device.type, enabled=False):
            corrected: Tensor = pooled.to(z.dtype) + self.gain * self.linear(z)
            return corrected
