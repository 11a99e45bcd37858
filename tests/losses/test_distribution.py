"""The loss of label distributions: torch's own divergence, gaps, the soft cross-entropy's gradient."""

import pytest
import torch
from torch.nn import functional as F  # as torch's own pages call it

from evocative.errors import RecipeError
from evocative.losses.distribution import distribution_loss
from evocative.losses.objective import Objective
from evocative.losses.raters import Raters
from evocative.recipe import LossConfig

NAN = float("nan")
VOTES = torch.tensor([[3.0, 1.0, 0.0], [NAN, NAN, NAN], [0.0, 0.0, 0.0], [2.0, 2.0, 4.0]])


def test_torchs_divergence_agrees() -> None:
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    known = [0, 3]
    shares = VOTES[known] / VOTES[known].sum(1, keepdim=True)
    expected = F.kl_div(logits[known].log_softmax(1), shares, reduction="batchmean")
    torch.testing.assert_close(distribution_loss(logits, VOTES), expected)


def test_the_gradient_is_the_soft_cross_entropys_and_none_without_votes() -> None:
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(1), requires_grad=True)
    torch.autograd.backward(distribution_loss(logits, VOTES))
    assert logits.grad is not None
    assert (logits.grad[[1, 2]] == 0).all()
    shares = VOTES / VOTES.sum(1, keepdim=True)
    rows = logits.detach()[[0, 3]].requires_grad_(True)
    torch.autograd.backward(F.cross_entropy(rows, shares[[0, 3]]))
    assert rows.grad is not None
    torch.testing.assert_close(logits.grad[[0, 3]], rows.grad)


def test_one_vote_each_is_no_loss_where_the_answer_is_uniform() -> None:
    assert distribution_loss(torch.zeros(2, 5), torch.ones(2, 5)).item() == pytest.approx(0, abs=1e-7)
    assert distribution_loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]])).item() == pytest.approx(
        0.6931, abs=1e-4
    )


def test_prior_votes_count_like_votes() -> None:
    logits = torch.randn(1, 3, generator=torch.Generator().manual_seed(2))
    one, other = torch.tensor([[3.0, 1.0, 0.0]]), torch.tensor([[4.0, 2.0, 1.0]])
    torch.testing.assert_close(distribution_loss(logits, one, prior=1.0), distribution_loss(logits, other))


def test_no_votes_at_all_give_an_attached_zero() -> None:
    logits = torch.randn(2, 3, requires_grad=True)
    loss = distribution_loss(logits, torch.full((2, 3), NAN))
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


def test_negative_votes_are_refused() -> None:
    with pytest.raises(RecipeError, match="0 or above"):
        distribution_loss(torch.zeros(1, 2), torch.tensor([[-1.0, 2.0]]))


def test_labels_and_votes_share_a_head() -> None:
    """A row with a label, one with votes, one with both: each term takes its own."""
    logits = torch.randn(3, 3, generator=torch.Generator().manual_seed(3))
    labels = torch.tensor([2, -1, 1])
    votes = torch.tensor([[NAN, NAN, NAN], [3.0, 1.0, 0.0], [0.0, 5.0, 5.0]])
    raters = Raters(votes, torch.full((3, 3), NAN), torch.full((3, 3), NAN))
    objective = Objective([LossConfig(), LossConfig(name="distribution", weight=0.5)])
    losses = objective(
        torch.zeros(3, 2), logits=logits, vad=None, class_centers=None, labels=labels,
        target_vad=torch.full((3, 3), NAN), raters=raters,
    )  # fmt: skip
    expected = F.cross_entropy(logits[[0, 2]], labels[[0, 2]]) + 0.5 * distribution_loss(logits, votes)
    torch.testing.assert_close(losses.total, expected)
