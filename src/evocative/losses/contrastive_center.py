"""Contrastive-center losses: embeddings near their own class's centre, the centres far from one another.

`intra`, `inter` and `contrastive_center` are equations (4.19)–(4.21) of *Motiejauskas 2026*; `qi_su` is the
older ratio form of *Qi & Su 2017*. The centres are learned with the model. A row whose label is -1 counts for
nothing and gets no gradient; a batch without any label gives 0, still attached to the graph.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def intra(
    embedding: Float[Tensor, "B D"], labels: Int64[Tensor, " B"], centers: Float[Tensor, "K D"]
) -> Float[Tensor, ""]:
    """Return the mean squared distance of each embedding to its own class's centre (4.19).

    Args:
        embedding: The penultimate features u; they are taken in the centres' precision.
        labels: Class indices; -1 where there is none.
        centers: One learnable centre a class.
    """
    known = labels >= 0
    own = centers[labels.clamp(min=0)]
    squares: Tensor = (embedding.to(centers.dtype) - own).square().sum(dim=1)
    return _mean_where(squares, known)


def inter(centers: Float[Tensor, "K D"], margin: float) -> Float[Tensor, ""]:
    """Return the mean over pairs of centres of (max(0, margin − distance))² (4.20); 0 for a single class."""
    count = centers.shape[0]
    first, second = torch.triu_indices(count, count, offset=1, device=centers.device)
    distances = torch.linalg.vector_norm(centers[first] - centers[second], dim=1)
    pairs = max(count * (count - 1) // 2, 1)  # each pair stands twice in (4.20), in sum and in divisor
    overlap: Tensor = (margin - distances).clamp(min=0).square().sum()
    return overlap / pairs


def contrastive_center(
    embedding: Float[Tensor, "B D"],
    labels: Int64[Tensor, " B"],
    centers: Float[Tensor, "K D"],
    *,
    margin: float,
    inter_weight: float = 1.0,
) -> Float[Tensor, ""]:
    """Return intra + λ·inter (4.21); (4.18) is λ = 1.

    Args:
        embedding: See `intra`.
        labels: See `intra`. Without any label the whole term is 0, the part between the centres too.
        centers: See `intra`.
        margin: m, the distance up to which two centres push each other away.
        inter_weight: λ.
    """
    apart = inter(centers, margin)
    total = intra(embedding, labels, centers) + inter_weight * apart
    return total * (labels >= 0).any().to(total.dtype)


def qi_su(
    embedding: Float[Tensor, "B D"],
    labels: Int64[Tensor, " B"],
    centers: Float[Tensor, "K D"],
    *,
    delta: float = 1.0,
) -> Float[Tensor, ""]:
    """Return Qi & Su's contrastive-center loss, a ratio formed for each image by itself.

    An image's part is ½ · d²(own centre) / (Σ d²(other centres) + δ). Differs from the paper in: the mean
    over the labelled images, not their sum, so that its weight does not depend on the batch's size. (A
    widespread port divides the batch's sum of numerators by its sum of denominators; that is another loss.)

    Args:
        embedding: See `intra`.
        labels: See `intra`.
        centers: See `intra`.
        delta: δ > 0, keeps the ratio finite; 1 in the paper.
    """
    known = labels >= 0
    differences = embedding.to(centers.dtype)[:, None, :] - centers[None, :, :]
    squares = differences.square().sum(dim=2)  # (B, K)
    own = squares.gather(1, labels.clamp(min=0)[:, None]).squeeze(1)
    is_own = torch.nn.functional.one_hot(labels.clamp(min=0), centers.shape[0]).bool()
    others = squares.masked_fill(is_own, 0).sum(dim=1)
    return _mean_where(own / (2 * (others + delta)), known)


def _mean_where(values: Float[Tensor, " B"], known: Tensor) -> Float[Tensor, ""]:
    """Return the mean of the known values; 0, attached to the graph, where there is none."""
    zero = torch.zeros_like(values)
    return torch.where(known, values, zero).sum() / known.sum().clamp(min=1)
