"""The objective: β = 0 to the bit, masked targets, both heads together, class weights, refusals."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from evocative.errors import RecipeError
from evocative.losses.contrastive_center import contrastive_center, qi_su
from evocative.losses.objective import LOSSES, Losses, Objective
from evocative.losses.vad import dimension_loss
from evocative.recipe.settings import LossConfig

NAN = float("nan")
CROSS_ENTROPY = LossConfig()


class Batch:
    """Random outputs and targets with gaps in both."""

    def __init__(self, *, labels: Tensor | None = None) -> None:
        generator = torch.Generator().manual_seed(5)
        self.embedding = torch.randn(6, 4, generator=generator, requires_grad=True)
        self.weight = torch.randn(3, 4, generator=generator)
        self.centers = torch.randn(3, 4, generator=generator, requires_grad=True)
        self.labels = torch.tensor([0, 2, -1, 1, -1, 0]) if labels is None else labels
        self.targets = torch.tensor(
            [[0.5, NAN, NAN], [NAN] * 3, [0.1, -0.4, NAN], [NAN] * 3, [NAN] * 3, [0, 1, NAN]]
        )

    @property
    def logits(self) -> Tensor:
        return self.embedding @ self.weight.T

    @property
    def vad(self) -> Tensor:
        predicted = torch.tanh(self.embedding[:, :2])
        return torch.cat([predicted, torch.full((6, 1), NAN)], dim=1)

    def lose(self, *terms: LossConfig, counts: list[int] | None = None) -> Losses:
        losses: Losses = Objective(terms, class_counts=counts)(
            self.embedding,
            logits=self.logits,
            vad=self.vad,
            class_centers=self.centers,
            labels=self.labels,
            target_vad=self.targets,
        )
        return losses


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_beta_zero_is_cross_entropy_to_the_bit(smoothing: float) -> None:
    batch = Batch(labels=torch.tensor([0, 2, 1, 1, 0, 2]))
    config = LossConfig(label_smoothing=smoothing)
    ours = batch.lose(config, LossConfig(name="contrastive_center", weight=0.0)).total
    plain = nn.functional.cross_entropy(batch.logits, batch.labels, label_smoothing=smoothing)
    assert torch.equal(ours, plain)
    gradients = [torch.autograd.grad(each, batch.embedding)[0] for each in (ours, plain)]
    assert torch.equal(*gradients)


def test_beta_zero_computes_no_centre_term(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Tensor:
        raise RuntimeError("computed")

    monkeypatch.setitem(LOSSES, "contrastive_center", never)
    losses = Batch().lose(CROSS_ENTROPY, LossConfig(name="contrastive_center", weight=0.0))
    assert list(losses.terms) == ["cross_entropy"]


def test_total_is_the_weighted_sum_of_the_terms() -> None:
    batch = Batch()
    losses = batch.lose(
        CROSS_ENTROPY,
        LossConfig(name="contrastive_center", weight=0.5, margin=2.5, inter_weight=4.0),
        LossConfig(name="qi_su", weight=0.25, delta=2.0),
        LossConfig(name="dimensions", weight=3.0, kind="huber"),
    )
    known = batch.labels >= 0
    expected = {
        "cross_entropy": nn.functional.cross_entropy(batch.logits[known], batch.labels[known]),
        "contrastive_center": contrastive_center(
            batch.embedding, batch.labels, batch.centers, margin=2.5, inter_weight=4.0
        ),
        "qi_su": qi_su(batch.embedding, batch.labels, batch.centers, delta=2.0),
        "dimensions": dimension_loss(batch.vad, batch.targets, kind="huber"),
    }
    assert {name: each.item() for name, each in losses.terms.items()} == pytest.approx(
        {name: each.item() for name, each in expected.items()}
    )
    weights = {"cross_entropy": 1, "contrastive_center": 0.5, "qi_su": 0.25, "dimensions": 3}
    total = sum(weights[name] * each.item() for name, each in expected.items())
    assert losses.total.item() == pytest.approx(total)
    assert not any(each.requires_grad for each in losses.terms.values())


def test_rows_without_any_target_get_no_gradient() -> None:
    batch = Batch()
    terms = [LossConfig(name=name) for name in ("cross_entropy", "contrastive_center", "qi_su", "dimensions")]
    torch.autograd.backward(batch.lose(*terms).total)
    assert batch.embedding.grad is not None
    has_gradient = (batch.embedding.grad != 0).any(dim=1)
    assert has_gradient.tolist() == [True, True, True, True, False, True]


def test_a_batch_without_labels_still_learns_its_dimensions() -> None:
    batch = Batch(labels=torch.full((6,), -1))
    losses = batch.lose(CROSS_ENTROPY, LossConfig(name="contrastive_center"), LossConfig(name="dimensions"))
    torch.autograd.backward(losses.total)
    assert losses.terms["cross_entropy"] == 0
    assert losses.terms["contrastive_center"] == 0
    assert losses.total.item() == pytest.approx(dimension_loss(batch.vad, batch.targets).item())
    assert batch.centers.grad is not None
    assert batch.embedding.grad is not None
    assert batch.embedding.grad.isfinite().all()


def test_balanced_class_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = torch.tensor([0, 0, 0, 1, 2, 2])
    weights = compute_class_weight("balanced", classes=np.arange(3), y=labels.numpy())
    batch = Batch(labels=labels)
    ours = batch.lose(LossConfig(class_weights="balanced"), counts=[3, 1, 2]).total
    plain = nn.functional.cross_entropy(
        batch.logits, labels, weight=torch.tensor(weights, dtype=torch.float32)
    )
    assert ours.item() == pytest.approx(plain.item())


def test_a_label_without_rows_weighs_nothing() -> None:
    objective = Objective([LossConfig(class_weights="balanced")], class_counts=[4, 0, 4])
    assert objective.class_weights is not None
    assert objective.class_weights.tolist() == pytest.approx([2 / 3, 0, 2 / 3])


def test_nothing_that_counts_is_an_attached_zero() -> None:
    batch = Batch()
    total = batch.lose(LossConfig(weight=0.0)).total
    torch.autograd.backward(total)
    assert total.item() == 0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "at least one term"),
        ([CROSS_ENTROPY, CROSS_ENTROPY], "each term may stand once"),
        ([LossConfig(weight=-1.0)], "0 or more, not -1"),
        ([LossConfig(weight=NAN)], "0 or more, not nan"),
        ([LossConfig(class_weights="balanced")], "needs the class counts"),
    ],
)
def test_contradictory_terms_are_refused(terms: list[LossConfig], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Objective(terms)


def test_an_unknown_term_is_refused() -> None:
    config = LossConfig()
    object.__setattr__(config, "name", "cross_entropie")
    with pytest.raises(RecipeError, match="did you mean 'cross_entropy'"):
        Objective([config])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cross_entropy", "emotion head"),
        ("contrastive_center", "class centres"),
        ("qi_su", "class centres"),
        ("dimensions", "dimension head"),
    ],
)
def test_a_model_that_lacks_what_a_term_needs_is_refused(name: str, message: str) -> None:
    batch = Batch()
    objective = Objective([LossConfig(name=name)])  # type: ignore[arg-type]
    assert objective.needs_class_centers == (message == "class centres")
    with pytest.raises(RecipeError, match=f"{name} needs a model with .*{message}"):
        objective(
            batch.embedding,
            logits=None,
            vad=None,
            class_centers=None,
            labels=batch.labels,
            target_vad=batch.targets,
        )
