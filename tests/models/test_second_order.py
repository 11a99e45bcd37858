"""Second-order statistics: against numpy and scipy, gradients, and the edges (rank, zero, half precision)."""

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from evocative.errors import ModelError
from evocative.models.second_order import (
    bilinear_forms,
    covariance,
    gram_matrix,
    matrix_sqrt,
    mean_and_sd,
    signed_sqrt,
    upper_triangle,
)

FORMS: list[Callable[[Tensor], Tensor]] = [signed_sqrt, matrix_sqrt]


def random_maps(seed: int, channels: int = 4, places: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, channels, places, 2, dtype=torch.float64, generator=generator) + 0.5


def root(matrix: Tensor) -> npt.NDArray[np.float64]:
    return cast(npt.NDArray[np.float64], np.stack([scipy.linalg.sqrtm(each).real for each in matrix.numpy()]))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), channels=st.integers(1, 6), places=st.integers(1, 5))
def test_covariance_is_numpys(seed: int, channels: int, places: int) -> None:
    maps = random_maps(seed, channels, places)
    rows = maps.flatten(2).numpy()
    expected = np.stack([np.atleast_2d(np.cov(each, bias=True)) for each in rows])
    np.testing.assert_allclose(covariance(maps).numpy(), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(covariance(maps, divide_by_hw=False).numpy(), expected * rows.shape[2])
    means = maps.mean(dim=(2, 3))
    torch.testing.assert_close(covariance(maps), gram_matrix(maps) - means[:, :, None] * means[:, None, :])


def test_one_place_has_no_covariance() -> None:
    with pytest.raises(ModelError, match=r"one place has no covariance.*gram\.maps"):
        covariance(torch.ones(2, 3, 1, 1))


def test_signed_sqrt_by_hand() -> None:
    matrix = torch.tensor([[[9.0, -4.0], [-4.0, 1.0]]], dtype=torch.float64)
    expected = torch.tensor([[[3.0, -2.0], [-2.0, 1.0]]], dtype=torch.float64) / 18**0.5
    torch.testing.assert_close(signed_sqrt(matrix), expected, rtol=1e-5, atol=0)
    torch.testing.assert_close(signed_sqrt(1000 * matrix), expected, rtol=1e-5, atol=0)


def test_matrix_sqrt_is_scipys_once_it_has_converged() -> None:
    gram = gram_matrix(random_maps(1))
    np.testing.assert_allclose(matrix_sqrt(gram, iterations=25).numpy(), root(gram), rtol=1e-8, atol=1e-10)


def test_five_iterations_do_to_each_eigenvalue_what_is_said() -> None:
    share = np.array([0.7, 0.2, 0.08, 0.0199, 1e-4, 0.0])
    values = share / share.sum()
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    matrix = torch.tensor((basis * values * 9) @ basis.T)[None]
    found = np.linalg.eigvalsh(matrix_sqrt(matrix)[0].numpy())[::-1] / 3
    np.testing.assert_allclose(found[:3], np.sqrt(values[:3]), rtol=0.01)
    assert found[4] == pytest.approx(1.5**5 * values[4], rel=0.01)
    assert found[5] == pytest.approx(0, abs=1e-12)


def test_one_iteration_by_hand() -> None:
    # A = diag(3, 1)/4, Y = A(3I − A)/2 = diag(.84375, .34375), times √4
    found = matrix_sqrt(torch.tensor([[[3.0, 0.0], [0.0, 1.0]]]), iterations=1)
    torch.testing.assert_close(found, torch.tensor([[[1.6875, 0.0], [0.0, 0.6875]]]))
    with pytest.raises(ModelError, match="at least 1 iteration, not 0"):
        matrix_sqrt(torch.eye(2)[None], iterations=0)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), channels=st.integers(1, 6))
def test_the_triangle_keeps_inner_products(seed: int, channels: int) -> None:
    first, second = gram_matrix(random_maps(seed, channels)), gram_matrix(random_maps(seed + 1, channels))
    short = upper_triangle(first)
    assert short.shape == (3, channels * (channels + 1) // 2)
    torch.testing.assert_close((short * upper_triangle(second)).sum(1), (first * second).sum((1, 2)))


def test_the_triangle_by_hand() -> None:
    matrix = torch.tensor([[[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]]])
    two = 2**0.5
    torch.testing.assert_close(upper_triangle(matrix), torch.tensor([[1, 2 * two, 3 * two, 4, 5 * two, 6]]))


def test_bilinear_forms_are_the_pooled_hadamard_product() -> None:
    maps = random_maps(3)
    left, right = torch.randn(2, 5, 4, dtype=torch.float64).unbind()
    places = maps.flatten(2)
    expected = ((left @ places) * (right @ places)).mean(dim=2)
    torch.testing.assert_close(bilinear_forms(gram_matrix(maps), left, right), expected)


@pytest.mark.parametrize(
    "form",
    [
        signed_sqrt, matrix_sqrt, upper_triangle, covariance, gram_matrix,
        lambda maps: matrix_sqrt(covariance(maps)), lambda maps: signed_sqrt(gram_matrix(maps)),
    ],
)  # fmt: skip
def test_gradients(form: Callable[[Tensor], Tensor]) -> None:
    maps = random_maps(4, channels=3, places=2)
    takes_maps = form not in (signed_sqrt, matrix_sqrt, upper_triangle)
    values = (maps if takes_maps else gram_matrix(maps)).detach().requires_grad_()
    assert torch.autograd.gradcheck(form, (values,))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [0.0, 1e-20, 1e-6, 1e4])
def test_any_rank_and_scale_gives_finite_values_and_gradients(
    form: Callable[[Tensor], Tensor], scale: float
) -> None:
    maps = (scale * torch.ones(2, 6, 2, 1)).requires_grad_()  # rank 1, or 0
    found = form(gram_matrix(maps))
    torch.autograd.backward((found * torch.arange(36.0).view(6, 6)).sum())
    assert found.isfinite().all()
    assert maps.grad is not None
    assert maps.grad.isfinite().all()


@pytest.mark.parametrize("form", FORMS)
def test_zeros_stay_zeros(form: Callable[[Tensor], Tensor]) -> None:
    assert torch.equal(form(torch.zeros(2, 3, 3)), torch.zeros(2, 3, 3))


@pytest.mark.parametrize("form", [*FORMS, covariance])
def test_float32_is_kept_under_autocast(form: Callable[[Tensor], Tensor]) -> None:
    maps = random_maps(5).float()
    values = maps if form is covariance else gram_matrix(maps)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = form(values)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, form(values))
    assert form(values.bfloat16()).dtype == torch.float32


def test_five_iterations_in_float32_lose_nothing_on_wide_ill_conditioned_maps() -> None:
    maps = torch.randn(2, 96, 7, 7, generator=torch.Generator().manual_seed(0)).relu()  # rank 49 of 96
    gram = gram_matrix(maps)
    torch.testing.assert_close(matrix_sqrt(gram).double(), matrix_sqrt(gram.double()), rtol=1e-4, atol=1e-5)


def test_a_constant_channel_has_no_spread_and_a_finite_slope() -> None:
    maps = torch.full((1, 2, 3, 3), 4.0, requires_grad=True)
    found = mean_and_sd(maps)
    torch.testing.assert_close(found, torch.tensor([[4.0, 4.0, 1e-3, 1e-3]]))
    (slope,) = torch.autograd.grad(found.sum(), maps)
    torch.testing.assert_close(slope, torch.full_like(maps, 1 / 9))
