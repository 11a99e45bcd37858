"""Second-order statistics of feature maps, and what the literature does to make them behave.

Pure functions on tensors. The Gram matrix is Gatys 2015 and *Motiejauskas 2026*, (4.9) and (4.10). Its
entries are products, so that a few strong channels rule it: covariances, square roots (of the entries, or of
the matrix) and their scales are the remedies. All is computed in float32 (float64 stays), autocast off: in
half precision sums over hundreds of places lose their digits or overflow.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from evocative.errors import ModelError


def gram_matrix(maps: Float[Tensor, "B C h w"], *, divide_by_hw: bool = True) -> Float[Tensor, "B C C"]:
    """Return the channels' inner products over all places of a map, in float32 (float64 stays).

    Args:
        maps: Feature maps of any floating type.
        divide_by_hw: Divide by the number of places (4.10); without it (4.9), as the 2024 paper does.

    Returns:
        Symmetric positive semi-definite matrices.

    Example:
        >>> gram_matrix(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]), divide_by_hw=False)
        tensor([[[ 5., 11.],
                 [11., 25.]]])
    """
    with torch.autocast(maps.device.type, enabled=False):
        wide = _wide(maps)
        if wide.is_contiguous(memory_format=torch.channels_last):  # keeps the gradient in this order, too
            columns = wide.permute(0, 2, 3, 1).flatten(1, 2)  # Fᵀ, (B, hw, C)
            gram = columns.transpose(1, 2) @ columns
        else:
            rows = wide.flatten(2)  # F, (B, C, hw)
            gram = rows @ rows.transpose(1, 2)  # (4.9)
        return gram / (maps.shape[2] * maps.shape[3]) if divide_by_hw else gram  # (4.10)


def stored_gram(
    gram: Float[Tensor, "B C C"], *, like: Float[Tensor, "B C _ _"], divide_by_hw: bool = True
) -> Float[Tensor, "B C C"]:
    """Return Gram matrices that were computed before, in the type of the maps beside them.

    Raises:
        ModelError: They are wanted without the division by the places, which stored ones have.
    """
    if not divide_by_hw:
        raise ModelError(
            "stored Gram matrices are divided by the number of places (4.10); without the division (4.9) "
            "train on the images"
        )
    return gram.to(like.dtype)


def covariance(maps: Float[Tensor, "B C h w"], *, divide_by_hw: bool = True) -> Float[Tensor, "B C C"]:
    """Return the channels' covariances over all places: the Gram matrix with each channel's mean taken off.

    Σ = (F − μ1ᵀ)(F − μ1ᵀ)ᵀ / (H·W) = G − μμᵀ, with μ the channels' means, as in Li 2017 (*MPN-COV*).

    Raises:
        ModelError: A map of one place, which has no covariance.

    Example:
        >>> covariance(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]))
        tensor([[[0.2500, 0.2500],
                 [0.2500, 0.2500]]])
    """
    if maps.shape[2] * maps.shape[3] < 2:
        raise ModelError(
            "a map of one place has no covariance: choose a shallower map (gram.maps), larger images, or "
            "gram.center = false"
        )
    with torch.autocast(maps.device.type, enabled=False):
        wide = _wide(maps)
        return gram_matrix(wide - wide.mean(dim=(2, 3), keepdim=True), divide_by_hw=divide_by_hw)


def mean_and_sd(maps: Float[Tensor, "B C h w"], *, floor: float = 1e-6) -> Float[Tensor, "B 2*C"]:
    """Return each channel's mean over all places, then each one's standard deviation, in float32.

    The least that style can be said in: what adaptive instance normalisation carries over (Huang & Belongie
    2017), and of the covariance only the diagonal.

    Args:
        maps: Feature maps of any floating type.
        floor: Added to the variance, so that a constant channel has a finite slope.

    Example:
        >>> mean_and_sd(torch.tensor([[[[1.0, 3.0]], [[2.0, 2.0]]]]), floor=0.0)
        tensor([[2., 2., 1., 0.]])
    """
    with torch.autocast(maps.device.type, enabled=False):
        variance, mean = torch.var_mean(_wide(maps), dim=(2, 3), correction=0)
        return torch.cat([mean, torch.sqrt(variance + floor)], dim=1)


def signed_sqrt(matrix: Float[Tensor, "B C C"], *, floor: float = 1e-6) -> Float[Tensor, "B C C"]:
    """Return sign(x)·√|x| of every entry, divided by the length of the whole matrix as a vector.

    Perronnin 2010, section 3; for bilinear features Lin 2015, section 3. The scale of G falls out.

    Args:
        matrix: Any matrices.
        floor: ε in x / √(|x| + ε), which equals sign(x)·√|x| for |x| ≫ ε and has a finite slope, ε^-½, at 0.

    Returns:
        Matrices of Frobenius norm 1; a matrix of zeros stays one.

    Example:
        >>> signed_sqrt(torch.tensor([[[9.0, -4.0], [-4.0, 8.0]]])).round(decimals=2)
        tensor([[[ 0.6000, -0.4000],
                 [-0.4000,  0.5700]]])
    """
    with torch.autocast(matrix.device.type, enabled=False):
        roots = signed_root(matrix, floor=floor)
        return functional.normalize(roots.flatten(1), dim=1, eps=1e-6).view_as(roots)


def signed_root(matrix: Float[Tensor, "B C C"], *, floor: float = 1e-6) -> Float[Tensor, "B C C"]:
    """Return sign(x)·√|x| of every entry; `floor` as in `signed_sqrt`, which divides by the length, too.

    Example:
        >>> signed_root(torch.tensor([[[9.0, -4.0], [-4.0, 0.0]]])).round(decimals=2)
        tensor([[[ 3., -2.],
                 [-2.,  0.]]])
    """
    with torch.autocast(matrix.device.type, enabled=False):
        wide = _wide(matrix)
        return wide * (wide.abs() + floor).rsqrt()


def matrix_sqrt(matrix: Float[Tensor, "B C C"], *, iterations: int = 5) -> Float[Tensor, "B C C"]:
    """Return the square root of positive semi-definite matrices by coupled Newton–Schulz iterations.

    Li 2018, *iSQRT-COV*: A = Σ / tr Σ; Y₀ = A, Z₀ = I; T = ½(3I − Z·Y), Y ← Y·T, Z ← T·Z; the result is
    √(tr Σ)·Y. These are products of matrices only: quick on a GPU, and differentiable for equal eigenvalues,
    too, where an eigendecomposition is not.

    Args:
        matrix: Symmetric positive semi-definite; they may be of any rank, or zero.
        iterations: At least 1. After five, as the paper uses, the root of an eigenvalue with at least 8 % of
            the trace is exact to 1 %; with a share λ far smaller it comes out 7.6·√λ times the root, and
            noise is damped with it. A zero stays zero.

    Raises:
        ModelError: No iteration.

    Example:
        >>> matrix_sqrt(torch.tensor([[[2.0, 0.0], [0.0, 2.0]]])).round(decimals=4)
        tensor([[[1.4142, 0.0000],
                 [0.0000, 1.4142]]])
    """
    if iterations < 1:
        raise ModelError(f"a matrix square root takes at least 1 iteration, not {iterations}")
    with torch.autocast(matrix.device.type, enabled=False):
        wide = _wide(matrix)
        trace = wide.diagonal(dim1=1, dim2=2).sum(dim=1).clamp_min(1e-12)[:, None, None]
        identity = torch.eye(wide.shape[1], dtype=wide.dtype, device=wide.device)
        y = wide / trace  # A
        step = (3 * identity - y) / 2
        y, z = y @ step, step.expand_as(y)
        for _ in range(iterations - 1):
            step = (3 * identity - z @ y) / 2
            y, z = y @ step, step @ z
        return trace.sqrt() * y


def upper_triangle(matrix: Float[Tensor, "B C C"]) -> Float[Tensor, "B T"]:
    """Return the upper triangle of symmetric matrices, row by row, as vectors of T = C(C+1)/2 numbers.

    Entries off the diagonal are multiplied by √2, so that inner products and lengths stay those of the whole
    matrices.

    Example:
        >>> upper_triangle(torch.tensor([[[5.0, 11.0], [11.0, 25.0]]]))
        tensor([[ 5.0000, 15.5563, 25.0000]])
    """
    width = matrix.shape[1]
    rows, columns = torch.triu_indices(width, width, device=matrix.device)
    weights = torch.where(rows == columns, 1.0, math.sqrt(2)).to(matrix.dtype)
    return matrix[:, rows, columns] * weights


def bilinear_forms(
    matrix: Float[Tensor, "B C C"], left: Float[Tensor, "R C"], right: Float[Tensor, "R C"]
) -> Float[Tensor, "B R"]:
    """Return u_rᵀ·G·v_r for each pair of rows u_r of `left` and v_r of `right`.

    For a Gram matrix that is the mean over all places of (u_rᵀf)(v_rᵀf): the pooled Hadamard product of two
    projections of the map (Kim 2017).
    """
    return ((left @ matrix) * right).sum(dim=2)


def _wide(values: Tensor) -> Tensor:
    return values if values.dtype == torch.float64 else values.float()
