"""Moves in a latent space of independent standard normal numbers that end where pictures are likely.

shell_loss   how far a vector is from where the normal's vectors lie
mutated      a vector mixed with noise; crossed: two vectors mixed; neither leaves the normal's shell
"""

from math import log, pi, sqrt

from jaxtyping import Float
from torch import Tensor


def shell_loss(latents: Float[Tensor, "N Z"]) -> Float[Tensor, " N"]:
    """Return minus the log density of vectors' radii under the standard normal, 0 at the likeliest, √(Z - 1).

    A radius r of Z normal numbers has the density of chi, p(r) ∝ r^(Z-1) e^(-r²/2).
    """
    size = latents.shape[1]
    radius = latents.norm(dim=1).clamp(min=1e-6)
    best = sqrt(max(size - 1, 1e-12))
    loss: Tensor = (radius**2 - best**2) / 2 - (size - 1) * (radius.log() - log(best))
    return loss


def mutated(
    latents: Float[Tensor, "N Z"], noise: Float[Tensor, "N Z"], amount: float
) -> Float[Tensor, "N Z"]:
    """Mix vectors with noise so that the normal stays the normal: √(1 - amount²) z + amount ε."""
    return sqrt(1 - amount**2) * latents + amount * noise


def crossed(
    first: Float[Tensor, "N Z"], second: Float[Tensor, "N Z"], share: Float[Tensor, " N"]
) -> Float[Tensor, "N Z"]:
    """Mix two vectors on a quarter of a circle, at the length that they would have at right angles.

    Independent normal vectors are nearly at right angles, and their children have the normal's mean square.
    Relatives are not: added up as they are, each generation would be longer than the one before, and noise of
    a given amount would mean less and less.
    """
    angle = share[:, None] * pi / 2
    one, other = angle.cos() * first, angle.sin() * second
    squares = one.square().sum(1, keepdim=True) + other.square().sum(1, keepdim=True)
    mixed = one + other
    found: Tensor = mixed * (squares.sqrt() / mixed.norm(dim=1, keepdim=True).clamp(min=1e-6))
    return found
