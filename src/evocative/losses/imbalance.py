"""Cross-entropy where some labels are rare: weights of labels, logits moved by the prior, focal loss.

Three remedies for the same ill, which add up when used together: weights and `logit_adjustment` both make
rare labels likelier, so that one of them is enough as a rule.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional as F  # as torch's own pages call it

from evocative.recipe.settings import ClassWeights


def class_weights(
    class_counts: Sequence[int], kind: ClassWeights, *, beta: float = 0.999
) -> Float[Tensor, " K"] | None:
    """Return a weight for each label; their mean over the counted rows is 1.

    Args:
        class_counts: Rows of each label.
        kind: `balanced`: in inverse proportion to the rows, as scikit-learn, n / (K · n_k); `sqrt`: to their
            square root, half the way; `effective`: to the effective number (1 − βⁿ) / (1 − β), which stops
            growing at about 1 / (1 − β) rows (Cui 2019, proposition 1); `none`: no weights.
        beta: β of `effective`, in [0, 1).

    Returns:
        K weights, 0 for a label without rows; None for `none`.

    Example:
        >>> class_weights([4, 1], "sqrt")
        tensor([0.8333, 1.6667])
    """
    if kind == "none":
        return None
    counts = torch.tensor(class_counts, dtype=torch.float64)
    rows = counts.clamp(min=1)
    if kind == "balanced":
        weights = counts.sum() / (len(counts) * rows)
        return torch.where(counts > 0, weights, 0.0).float()
    inverse = rows.rsqrt() if kind == "sqrt" else (1 - beta) / (1 - beta**rows)
    weights = inverse * counts.sum() / (inverse * counts).sum().clamp(min=1e-12)
    return torch.where(counts > 0, weights, 0.0).float()


def log_prior(class_counts: Sequence[int]) -> Float[Tensor, " K"]:
    """Return the logarithm of each label's share of rows; a label without rows counts as one row."""
    counts = torch.tensor(class_counts, dtype=torch.float64).clamp(min=1)
    return (counts / counts.sum()).log().float()


def cross_entropy(
    logits: Float[Tensor, "B K"],
    labels: Int64[Tensor, " B"],
    *,
    weights: Float[Tensor, " K"] | None = None,
    smoothing: float = 0.0,
    gamma: float = 0.0,
) -> Float[Tensor, ""]:
    """Return the weighted mean of (1 − p)^γ · −log p over the labelled rows, p of the row's own label.

    Args:
        logits: Of any precision.
        labels: -1 where there is none; at least one is known.
        weights: Of each label; the mean is weighted by them.
        smoothing: Share of the target that all labels have in common.
        gamma: γ of the focal loss (Lin 2017, equation 5; α are the weights); 0: torch's cross-entropy.
    """
    if gamma == 0:
        return F.cross_entropy(logits, labels, weight=weights, ignore_index=-1, label_smoothing=smoothing)
    rows = F.cross_entropy(
        logits, labels, weight=weights, ignore_index=-1, label_smoothing=smoothing, reduction="none"
    )
    known = labels.clamp(min=0)
    own = logits.softmax(dim=1).gather(1, known[:, None]).squeeze(1)
    focus = (1 - own).clamp(min=1e-7) ** gamma
    each = torch.ones_like(rows) if weights is None else weights[known]
    return (focus * rows).sum() / torch.where(labels >= 0, each, 0).sum().clamp(min=1e-12)
