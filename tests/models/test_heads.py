"""Heads: bounds, columns, refusals."""

import pytest
import torch

from evocative.errors import ModelError
from evocative.models.heads import SD_FLOOR, SD_START, DimensionHead, EmotionHead


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


def test_a_head_says_how_sure_it_is() -> None:
    head = DimensionHead(4, ("dominance", "valence"), sd=True)
    embedding = torch.randn(6, 4) * 100
    fresh = head.spread(embedding)
    assert fresh is not None
    torch.testing.assert_close(fresh[:, [0, 2]], torch.full((6, 2), SD_START))
    assert fresh[:, 1].isnan().all()
    head.say_sd([0.12], rows=[1])
    said = head.spread(embedding)
    assert said is not None
    torch.testing.assert_close(said[0, [0, 2]], torch.tensor([SD_START, 0.12]))
    assert head.sd_linear is not None
    torch.nn.init.normal_(head.sd_linear.weight)
    wild = head.spread(embedding * 100)
    assert wild is not None
    assert ((wild[:, [0, 2]] >= SD_FLOOR) & (wild[:, [0, 2]] <= 1)).all()
    assert DimensionHead(4, ("valence",)).spread(embedding) is None


def test_an_sd_changes_no_other_weight() -> None:
    torch.manual_seed(0)
    plain = DimensionHead(4, ("valence",))
    torch.manual_seed(0)
    sure = DimensionHead(4, ("valence",), sd=True)
    assert torch.equal(plain.linear.weight, sure.linear.weight)


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


def test_scales_multiply_each_dimension_s_sd_and_nothing_else() -> None:
    head = DimensionHead(4, ("dominance", "valence"), sd=True)
    embedding = torch.randn(6, 4)
    before, said = head.spread(embedding), head(embedding)
    assert before is not None
    head.scale_sd([2.0, 3.5])
    after = head.spread(embedding)
    assert after is not None
    torch.testing.assert_close(after[:, 0], before[:, 0] * 2)
    torch.testing.assert_close(after[:, 2], before[:, 2] * 3.5)
    torch.testing.assert_close(head(embedding), said, equal_nan=True, rtol=0, atol=0)
    assert "sd_scale" not in head.state_dict()  # folders without it stay readable
    for wrong in ([1.0], [1.0, 0.0], [1.0, float("nan")]):
        with pytest.raises(ModelError, match="positive factor for each of valence, dominance"):
            head.scale_sd(wrong)
    with pytest.raises(ModelError, match="says no SD"):
        DimensionHead(4, ("valence",), sd_scale=(2.0,))
