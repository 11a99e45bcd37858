"""How vectors meet: by hand, their lengths, and the residual's start."""

import pytest
import torch
from torch import nn

from evocative.errors import ModelError
from evocative.models.fusion import FUSIONS, Residual, fuse, fused_width, joined_width
from evocative.recipe.settings import BackboneFusion, Fusion


@pytest.mark.parametrize("fusion", FUSIONS)
def test_fuse(fusion: Fusion) -> None:
    first, second = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 5.0]])
    expected = {"add": [4, 7], "multiply": [3, 10], "average": [2, 3.5], "concatenate": [1, 2, 3, 5]}
    found = fuse(first, second, fusion)
    assert found[0].tolist() == expected[fusion]
    assert found.shape[1] == fused_width(2, fusion)


def test_what_takes_two_lengths_is_not_fused() -> None:
    with pytest.raises(ModelError, match="unknown fusion 'append'"):
        fuse(torch.ones(1, 2), torch.ones(1, 2), "append")


@pytest.mark.parametrize(
    ("fusion", "expected"),
    [
        ("add", 136),
        ("multiply", 136),
        ("average", 136),
        ("concatenate", 272),
        ("append", 1416),
        ("residual", 1280),
    ],
)
def test_the_length_of_the_embedding(fusion: BackboneFusion, expected: int) -> None:
    assert joined_width(1280, 136, fusion) == expected
    assert joined_width(1280, 0, fusion) == 1280


def test_residual_by_hand() -> None:
    residual = Residual(2, 3)
    h, z = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[1.0, -1.0]])
    assert torch.equal(residual(h, z), h)
    with torch.no_grad():
        residual.gain.copy_(torch.tensor([0.0, 1.0, 2.0]))
        residual.linear.weight.copy_(torch.tensor([[9.0, 9.0], [2.0, 1.0], [0.0, 3.0]]))
        residual.linear.bias.fill_(0.5)
    assert residual(h, z).tolist() == [[1.0, 3.5, -2.0]]  # 2 + (2 − 1 + .5), 3 + 2(−3 + .5)


def test_a_residual_stays_in_float32_under_autocast() -> None:
    residual, h, z = Residual(4, 8), torch.randn(2, 8).bfloat16(), torch.randn(2, 4)
    nn.init.normal_(residual.gain)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = residual(h, z)
    assert found.dtype == torch.float32
    assert torch.equal(found, residual(h, z))
