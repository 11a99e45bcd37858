"""The loss of a label distribution: raters disagree, and the network is asked for their shares.

Geng 2016, Label distribution learning, as You et al. and others use it for emotions: the Kullback-Leibler
divergence of the answer from the votes' shares.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import RecipeError


def distribution_loss(
    logits: Float[Tensor, "B K"], votes: Float[Tensor, "B K"], *, prior: float = 0.0
) -> Float[Tensor, ""]:
    """Return KL(q ‖ p), the mean over images with votes; its gradient is that of the soft cross-entropy.

    Args:
        logits: p is their softmax.
        votes: How many raters chose each label, or any shares in proportion; NaN or all 0 where there are
            none. q = (votes + prior) / sum.
        prior: Votes that every label is given beforehand: few raters tell little of rare labels.

    Returns:
        0 or above; 0, attached to the graph, when no image has votes.

    Raises:
        RecipeError: The prior or a vote is below 0.

    Example:
        >>> distribution_loss(torch.zeros(1, 2), torch.tensor([[5.0, 5.0]]))
        tensor(0.)
    """
    if prior < 0 or bool((votes < 0).any()):
        raise RecipeError("distribution: votes and vote_prior are 0 or above")
    log_p = logits.float().log_softmax(1)
    known = votes.isfinite().all(dim=1) & (votes.nan_to_num().sum(dim=1) > 0)
    counts = torch.where(known[:, None], votes.to(log_p), 1.0) + prior
    q = counts / counts.sum(dim=1, keepdim=True)
    divergence = (torch.xlogy(q, q) - q * log_p).sum(dim=1)
    return torch.where(known, divergence, 0.0).sum() / known.sum().clamp(min=1)
