"""Heads: bounds, columns, refusals."""

import pytest
import torch

from evocative.errors import ModelError
from evocative.models.heads import DimensionHead, EmotionHead


def test_emotion_head_is_linear() -> None:
    head = EmotionHead(5, 3, dropout=0.5).eval()
    first, second = torch.randn(2, 5), torch.randn(2, 5)
    torch.testing.assert_close(head(first) + head(second), head(first + second) + head.linear.bias)


def test_dropout_acts_in_training_only() -> None:
    torch.manual_seed(0)
    head = EmotionHead(50, 2, dropout=0.5)
    embedding = torch.randn(1, 50)
    assert not torch.equal(head(embedding), head(embedding))
    head.eval()
    assert torch.equal(head(embedding), head(embedding))


def test_dimensions_are_bounded_and_stand_in_their_own_column() -> None:
    head = DimensionHead(4, ("dominance", "valence"))
    assert head.dimensions == ("valence", "dominance")
    vad = head(torch.randn(6, 4) * 100)
    assert vad.shape == (6, 3)
    assert vad[:, 1].isnan().all()
    assert (vad[:, [0, 2]].abs() <= 1).all()
    expected = torch.tanh(head.linear(torch.ones(1, 4)))[0]
    assert head(torch.ones(1, 4))[0, [0, 2]].tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    ("dimensions", "message"),
    [
        ((), "one to three different"),
        (("valence", "valence"), "one to three different"),
        (("valance",), "did you mean 'valence'"),
    ],
)
def test_wrong_dimensions_are_refused(dimensions: tuple[str, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        DimensionHead(4, dimensions)
