"""Gram matrices and modules: by hand, by naive loops, under autocast; absurd sizes are refused."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from evocative.errors import ModelError
from evocative.models.gram import (
    FUSIONS,
    Fusion,
    GramModule,
    LowRankBilinear,
    check_size,
    count_weights,
    gram_matrix,
)
from evocative.models.second_order import covariance, matrix_sqrt, signed_sqrt, upper_triangle


def silu(x: float) -> float:
    return x / (1 + float(np.exp(-x)))


def worked_module(fusion: Fusion) -> GramModule:
    """C = 2, so one number a branch; weights that are easy to follow with a pencil."""
    module = GramModule(2, fusion=fusion)
    with torch.no_grad():
        assert isinstance(module.dense, nn.Linear)
        assert isinstance(module.norm, nn.BatchNorm1d)
        module.dense.weight.copy_(torch.tensor([[1.0, -1.0, 0.5, 0.1]]))
        module.dense.bias.fill_(-0.2)
        module.conv.weight.copy_(torch.tensor([[[[2.0]], [[-1.0]]]]))
        module.conv.bias.fill_(0.5)  # type: ignore[union-attr]
        assert module.norm.running_mean is not None
        assert module.norm.running_var is not None
        module.norm.running_mean.fill_(0.25)
        module.norm.running_var.fill_(4.0 - module.norm.eps)
        module.norm.weight.fill_(3.0)
        module.norm.bias.fill_(1.0)
    return module.eval()


def test_gram_matrix_by_hand() -> None:
    maps = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])  # F = [[1, 2], [3, 4]]
    products = torch.tensor([[[5.0, 11.0], [11.0, 25.0]]])
    assert torch.equal(gram_matrix(maps, divide_by_hw=False), products)
    assert torch.equal(gram_matrix(maps), products / 2)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_module_by_hand(fusion: Fusion) -> None:
    maps = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    # G/2 = [2.5, 5.5, 5.5, 12.5]; dense: 2.5 − 5.5 + 2.75 + 1.25 − 0.2 = 0.8; batch norm: (· − .25)/2 · 3 + 1
    style = (silu(0.8) - 0.25) / 2 * 3 + 1
    # 1×1 convolution: 2·1 − 3 + 0.5 = −0.5 and 2·2 − 4 + 0.5 = 0.5
    mean = (silu(-0.5) + silu(0.5)) / 2
    expected = {
        "add": [style + mean],
        "multiply": [style * mean],
        "average": [(style + mean) / 2],
        "concatenate": [style, mean],
    }
    assert worked_module(fusion)(maps)[0].tolist() == pytest.approx(expected[fusion])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    channels=st.integers(2, 6),
    places=st.integers(1, 5),
    compress=st.integers(1, 6),
)
def test_naive_loops_agree(seed: int, channels: int, places: int, compress: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed % 1000)
    module = GramModule(channels, compress=compress).double()
    maps = rng.normal(size=(3, channels, places, 2))
    found = module(torch.tensor(maps))  # in training mode: batch statistics
    weights = {key: value.numpy() for key, value in module.state_dict().items()}
    style = np.zeros((3, channels // 2))
    means = np.zeros((3, channels // 2))
    for b in range(3):
        inner = maps[b]
        if compress < channels:
            squeeze = weights["compress.weight"][:, :, 0, 0]
            inner = np.einsum("oc,chw->ohw", squeeze, maps[b])
        gram = np.array([[(first * second).mean() for second in inner] for first in inner])
        for d in range(channels // 2):
            style[b, d] = silu(weights["dense.weight"][d] @ gram.ravel() + weights["dense.bias"][d])
            pixels = (
                np.einsum("c,chw->hw", weights["conv.weight"][d, :, 0, 0], maps[b]) + weights["conv.bias"][d]
            )
            means[b, d] = np.mean([silu(pixel) for pixel in pixels.ravel()])
    style = (style - style.mean(0)) / np.sqrt(style.var(0) + 1e-5)
    np.testing.assert_allclose(found.detach().numpy(), style + means, rtol=1e-7, atol=1e-9)


def test_gradients() -> None:
    torch.manual_seed(0)
    module = GramModule(3, compress=2).double()
    maps = torch.randn(3, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (maps,))


def test_compression_is_a_projection_of_the_gram_matrix() -> None:
    torch.manual_seed(0)
    module = GramModule(6, compress=2)
    maps = torch.randn(2, 6, 3, 3)
    squeeze = module.state_dict()["compress.weight"][:, :, 0, 0]
    torch.testing.assert_close(gram_matrix(module.compress(maps)), squeeze @ gram_matrix(maps) @ squeeze.T)
    assert module(maps).shape == (2, 3)


def test_a_map_that_is_narrow_already_is_not_compressed() -> None:
    assert isinstance(GramModule(6, compress=6).compress, nn.Identity)


@pytest.mark.parametrize("divide_by_hw", [True, False])
def test_gram_matrix_keeps_float32_under_autocast(divide_by_hw: bool) -> None:
    torch.manual_seed(0)
    maps = torch.randn(2, 5, 7, 7)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = gram_matrix(maps, divide_by_hw=divide_by_hw)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, gram_matrix(maps, divide_by_hw=divide_by_hw))
    assert gram_matrix(maps.bfloat16()).dtype == torch.float32


def test_module_under_autocast_keeps_its_style_branch_exact() -> None:
    torch.manual_seed(0)
    module, maps = GramModule(8, fusion="concatenate").eval(), torch.randn(2, 8, 5, 5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = module(maps)
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed[:, :4], module(maps)[:, :4])
    torch.testing.assert_close(mixed, module(maps), rtol=0.05, atol=0.02)


def test_memory_format_makes_no_difference() -> None:
    torch.manual_seed(0)
    maps = torch.randn(2, 8, 5, 5)
    last = maps.to(memory_format=torch.channels_last)
    torch.testing.assert_close(gram_matrix(last), gram_matrix(maps))


def test_the_gradient_keeps_the_memory_format() -> None:
    """Else every layer before the map slows down: batch norm's gradient took a third longer."""
    for layout in (torch.channels_last, torch.contiguous_format):
        maps = torch.randn(2, 8, 5, 5).contiguous(memory_format=layout).requires_grad_()
        torch.autograd.backward(GramModule(8)(maps).square().sum())
        assert maps.grad is not None
        assert maps.grad.is_contiguous(memory_format=layout)


def test_odd_channels_are_halved_downwards() -> None:
    assert GramModule(7).num_features == 3
    assert GramModule(7, fusion="concatenate").num_features == 6


def test_one_image_alone_cannot_be_trained_on() -> None:
    module = GramModule(4)
    with pytest.raises(ModelError, match=r"batch of one image.*at least two"):
        module(torch.randn(1, 4, 3, 3))
    assert module.eval()(torch.randn(1, 4, 3, 3)).shape == (1, 2)
    module.train()
    module.norm.eval()
    assert module(torch.randn(1, 4, 3, 3)).shape == (1, 2)


@pytest.mark.parametrize(("channels", "compress"), [(48, None), (7, None), (96, 64), (64, 64), (130, 5)])
@pytest.mark.parametrize(
    "form",
    [
        {}, {"triangle": True}, {"rank": 3}, {"rank": 1, "branch_norm": "none"}, {"branch_norm": "layer"},
        {"start": "zero"}, {"start": "zero", "triangle": True, "branch_norm": "none"},
    ],
)  # fmt: skip
def test_the_count_of_weights_is_that_of_the_module(
    channels: int, compress: int | None, form: dict[str, Any]
) -> None:
    module = GramModule(channels, compress=compress, **form)
    found = sum(each.numel() for each in module.parameters())
    assert count_weights(channels, compress=compress, **form) == found


@pytest.mark.parametrize("normalization", ["none", "signed_sqrt", "matrix_sqrt"])
@pytest.mark.parametrize("center", [False, True])
@pytest.mark.parametrize("triangle", [False, True])
def test_the_forms_are_put_together_in_order(normalization: Any, center: bool, triangle: bool) -> None:
    torch.manual_seed(0)
    maps = torch.randn(3, 6, 4, 4)
    module = GramModule(
        6, compress=4, normalization=normalization, center=center, triangle=triangle, branch_norm="none"
    )
    matrix = (covariance if center else gram_matrix)(module.compress(maps))
    if normalization != "none":
        matrix = 2 * signed_sqrt(matrix) if normalization == "signed_sqrt" else matrix_sqrt(matrix)  # √4 = 2
    vector = upper_triangle(matrix) if triangle else matrix.flatten(1)
    assert isinstance(module.dense, nn.Linear)
    style = nn.functional.silu(vector @ module.dense.weight.T + module.dense.bias)
    torch.testing.assert_close(module.style(maps), style)
    means = nn.functional.silu(module.conv(maps)).mean((2, 3))
    torch.testing.assert_close(module(maps), style + means)


def test_the_triangle_can_say_all_that_the_whole_matrix_can() -> None:
    torch.manual_seed(0)
    whole, half, maps = GramModule(4), GramModule(4, triangle=True), torch.randn(3, 4, 5, 5)
    assert isinstance(whole.dense, nn.Linear)
    assert isinstance(half.dense, nn.Linear)
    square = whole.dense.weight.detach().view(2, 4, 4)
    with torch.no_grad():
        half.dense.weight.copy_(upper_triangle((square + square.transpose(1, 2)) / 2))
        half.dense.bias.copy_(whole.dense.bias)
    torch.testing.assert_close(half.style(maps), whole.style(maps))


def test_low_rank_is_a_dense_layer_whose_rows_share_factors() -> None:
    torch.manual_seed(0)
    layer, matrix = LowRankBilinear(5, 3, rank=2), torch.randn(4, 5, 5)
    factors = [each.weight.detach() for each in (layer.left, layer.right, layer.outputs)]
    rows = torch.einsum("ri,rj,kr->kij", *factors)  # W_k = U diag(p_k) Vᵀ
    torch.testing.assert_close(layer(matrix), matrix.flatten(1) @ rows.flatten(1).T + layer.outputs.bias)


@pytest.mark.parametrize(
    "form",
    [
        {"normalization": "signed_sqrt", "triangle": True}, {"normalization": "matrix_sqrt", "center": True},
        {"rank": 2, "branch_norm": "layer"}, {"start": "zero", "branch_norm": "none", "rank": 2},
    ],
)  # fmt: skip
def test_gradients_of_other_forms(form: dict[str, Any]) -> None:
    torch.manual_seed(0)
    module = GramModule(4, **form).double()
    if module.gain is not None:
        nn.init.normal_(module.gain)
    maps = torch.randn(3, 4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (maps,))
    torch.autograd.backward(module(maps).sum())
    assert all(each.grad is not None for each in module.parameters())


def test_a_branch_that_starts_at_zero_is_not_there_and_yet_learns() -> None:
    torch.manual_seed(0)
    module, maps = GramModule(6, start="zero"), torch.randn(4, 6, 3, 3)
    assert torch.equal(module(maps), nn.functional.silu(module.conv(maps)).mean((2, 3)))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    before = module.dense.state_dict()["weight"].clone()
    for _ in range(2):
        optimizer.zero_grad()
        torch.autograd.backward((module(maps) - torch.randn(4, 3)).square().sum())
        optimizer.step()
    assert module.gain is not None
    assert (module.gain != 0).all()
    assert not torch.equal(module.dense.state_dict()["weight"], before)


def test_without_batch_norm_one_image_can_be_trained_on() -> None:
    for kind in ("layer", "none"):
        module = GramModule(4, branch_norm=kind)
        assert module(torch.randn(1, 4, 3, 3)).shape == (1, 2)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_centred_maps_keep_the_gradients_memory_format(layout: torch.memory_format) -> None:
    maps = torch.randn(2, 8, 5, 5).contiguous(memory_format=layout).requires_grad_()
    module = GramModule(8, center=True, normalization="matrix_sqrt")
    torch.autograd.backward(module(maps).square().sum())
    assert maps.grad is not None
    assert maps.grad.is_contiguous(memory_format=layout)


def test_the_counts_of_the_plan() -> None:
    assert sum(count_weights(each) for each in (24, 48, 64, 160)) == pytest.approx(2.3e6, rel=0.02)
    assert sum(count_weights(each) for each in (48, 64, 160, 272)) == pytest.approx(12.3e6, rel=0.02)
    assert sum(count_weights(each) for each in (256, 512, 1024)) == pytest.approx(613e6, rel=0.01)


def test_absurd_sizes_are_refused_with_their_numbers_and_the_way_out() -> None:
    with pytest.raises(ModelError) as caught:
        check_size((256, 512, 1024))
    message = str(caught.value)
    for part in ("613,", "537,397,248", "50,000,000", "gram.compress = 64", "gram.rank = 64", "gram.maps"):
        assert part in message
    check_size((256, 512, 1024), compress=64)
    check_size((256, 512, 1024), rank=64)
    check_size((512,), triangle=True)
    with pytest.raises(ModelError, match="67,"):
        check_size((512,))
    check_size((48, 64, 160))
    check_size((256, 512), max_weights=67_240_960)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ModelError, match="at least 2 channels, not 1"):
        GramModule(1)
    with pytest.raises(ModelError, match="at least 1 channel, not 0"):
        GramModule(4, compress=0)
    with pytest.raises(ModelError, match=r"gram\.rank must be at least 1, not 0"):
        GramModule(4, rank=0)
    with pytest.raises(ModelError, match="exclude each other"):
        GramModule(4, rank=2, triangle=True)
    with pytest.raises(ModelError, match="would make the other branch zero"):
        GramModule(4, start="zero", fusion="multiply")
