"""What raters said of a batch's images beyond a label and a mean: votes, and how far they agreed."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor


@dataclass(frozen=True)
class Raters:
    """Votes and spreads of N images, NaN where nobody has said: terms leave such rows out."""

    votes: Float[Tensor, "N K"]
    """How many chose each label; K = 0 where there are no votes."""
    sd: Float[Tensor, "N 3"]
    """Standard deviation of the ratings of valence, arousal, dominance, on the scale from -1 to 1."""
    error: Float[Tensor, "N 3"]
    """Standard error of their mean: the SD over the root of the number of raters."""

    def rows(self, indices: Int64[Tensor, " B"], *, device: torch.device | str = "cpu") -> "Raters":
        """Return some images' rows, in the order asked for, on a device."""
        chosen = indices.cpu()
        return Raters(*(each[chosen].to(device) for each in (self.votes, self.sd, self.error)))
