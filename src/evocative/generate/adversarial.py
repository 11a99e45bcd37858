"""What generator and discriminator want of each other.

    hinge            D: E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))    G: −E D(G(z))    (Miyato 2018a, 16, 17)
    non-saturating   D: E softplus(−D(x)) + E softplus(D(G(z)))       G: E softplus(−D(G(z)))
    R1               D: γ/2 · E ‖∇D(x)‖², x of the table              (Mescheder 2018, 9)
    categorical      D: x is of its label, G(z) is "made"             G: G(z) is of the label asked for
                     (Tan 2017, section III; rows without a label count only as made)

Tan 2017: ArtGAN. Miyato 2018a: Spectral normalization for GANs. Mescheder 2018: Which training methods for
GANs do actually converge?
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy, relu, softplus

from evocative.generate.generator_settings import Adversarial


def discriminator_loss(
    real: Float[Tensor, " N"], made: Float[Tensor, " M"], kind: Adversarial
) -> Float[Tensor, ""]:
    """Return what the discriminator pays for its realness of the table's pictures and of made ones."""
    if kind == "hinge":
        return relu(1 - real).mean() + relu(1 + made).mean()
    return softplus(-real).mean() + softplus(made).mean()


def generator_loss(made: Float[Tensor, " M"], kind: Adversarial) -> Float[Tensor, ""]:
    """Return what the generator pays for its pictures' realness."""
    return -made.mean() if kind == "hinge" else softplus(-made).mean()


def gradient_penalty(realness: Float[Tensor, " N"], pictures: Float[Tensor, "N 3 S S"]) -> Float[Tensor, ""]:
    """Return R1 without γ: half the mean squared norm of the realness's slope at the table's pictures.

    Args:
        realness: Computed from `pictures`, which must require gradients.
        pictures: What the discriminator was given.
    """
    (slope,) = torch.autograd.grad(realness.sum(), pictures, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean() / 2


def categorical_loss(classes: Float[Tensor, "N K1"], labels: Int64[Tensor, " N"]) -> Float[Tensor, ""]:
    """Return the cross-entropy of the rows with a label; 0 where no row has one.

    Args:
        classes: Logits of the K labels and of "made", which is label K.
        labels: -1 where a row has none.
    """
    if not (labels >= 0).any():
        return classes.sum() * 0
    return cross_entropy(classes, labels, ignore_index=-1)


def made_class(classes: Float[Tensor, "N K1"]) -> Int64[Tensor, " N"]:
    """Return the label "made", N times."""
    return torch.full((len(classes),), classes.shape[1] - 1, dtype=torch.int64, device=classes.device)
