"""The centre losses: hand-worked cases, naive loops, gradients, gaps."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from evocative.losses.contrastive_center import contrastive_center, inter, intra, qi_su

# Three centres in the plane: distances 5 (0–1), 1 (0–2) and √18 (1–2)
CENTERS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
EMBEDDING = torch.tensor([[1.0, 0.0], [3.0, 3.0], [7.0, 7.0], [0.0, 3.0]])
LABELS = torch.tensor([0, 1, -1, 2])

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
LOSSES: dict[str, Loss] = {
    "intra": intra,
    "contrastive_center": lambda x, y, c: contrastive_center(x, y, c, margin=3.0, inter_weight=2.0),
    "qi_su": lambda x, y, c: qi_su(x, y, c, delta=0.5),
}


def test_intra_by_hand() -> None:
    # squared distances to the own centre: 1, 1, (no label), 4
    assert intra(EMBEDDING, LABELS, CENTERS).item() == pytest.approx(6 / 3)


def test_inter_by_hand() -> None:
    # m = 2: only the pair at distance 1 is too near, by 1; six ordered pairs, two of them this one
    assert inter(CENTERS, 2.0).item() == pytest.approx(2 * 1**2 / 6)
    # m = 6: (6 − 5)², (6 − 1)², (6 − √18)²
    assert inter(CENTERS, 6.0).item() == pytest.approx((1 + 25 + (6 - 18**0.5) ** 2) / 3)


def test_contrastive_center_by_hand() -> None:
    total = contrastive_center(EMBEDDING, LABELS, CENTERS, margin=2.0, inter_weight=3.0)
    assert total.item() == pytest.approx(2 + 3 * (1 / 3))


def test_qi_su_by_hand() -> None:
    # to the centres: (1, 20, 2), (18, 1, 13), –, (9, 10, 4)
    parts = [1 / (2 * (22 + 1)), 1 / (2 * (31 + 1)), 4 / (2 * (19 + 1))]
    assert qi_su(EMBEDDING, LABELS, CENTERS).item() == pytest.approx(sum(parts) / 3)
    batch_sums = (1 + 1 + 4) / (2 * (22 + 31 + 19 + 1))
    assert qi_su(EMBEDDING, LABELS, CENTERS).item() != pytest.approx(batch_sums, rel=0.01)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    batch=st.integers(1, 6),
    classes=st.integers(1, 5),
    width=st.integers(1, 4),
    margin=st.floats(0, 8),
    inter_weight=st.floats(0, 100),
    delta=st.floats(0.1, 5),
)
def test_naive_loops_agree(  # noqa: PLR0917
    seed: int, batch: int, classes: int, width: int, margin: float, inter_weight: float, delta: float
) -> None:
    rng = np.random.default_rng(seed)
    x, c = rng.normal(size=(batch, width)), rng.normal(size=(classes, width))
    y = rng.integers(-1, classes, batch)
    pull, ratio, count = 0.0, 0.0, 0
    for k in range(batch):
        if y[k] < 0:
            continue
        count += 1
        own = float(((x[k] - c[y[k]]) ** 2).sum())
        others = sum(float(((x[k] - c[j]) ** 2).sum()) for j in range(classes) if j != y[k])
        pull += own
        ratio += 0.5 * own / (others + delta)
    push = 0.0
    for i in range(classes):
        for j in range(classes):
            if i != j:
                push += max(0.0, margin - float(np.sqrt(((c[i] - c[j]) ** 2).sum()))) ** 2
    push /= max(classes * (classes - 1), 1)
    tensors = (torch.tensor(x), torch.tensor(y), torch.tensor(c))
    assert inter(tensors[2], margin).item() == pytest.approx(push)
    assert intra(*tensors).item() == pytest.approx(pull / max(count, 1))
    assert qi_su(*tensors, delta=delta).item() == pytest.approx(ratio / max(count, 1))
    expected = pull / count + inter_weight * push if count else 0.0
    total = contrastive_center(*tensors, margin=margin, inter_weight=inter_weight)
    assert total.item() == pytest.approx(expected)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(name: str) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(5, 3, dtype=torch.float64, generator=generator, requires_grad=True)
    c = torch.randn(4, 3, dtype=torch.float64, generator=generator, requires_grad=True)
    y = torch.tensor([0, 3, -1, 3, 2])
    assert torch.autograd.gradcheck(lambda a, b: LOSSES[name](a, y, b), (x, c))


@pytest.mark.parametrize("name", LOSSES)
def test_rows_without_label_get_no_gradient(name: str) -> None:
    x = EMBEDDING.clone().requires_grad_()
    torch.autograd.backward(LOSSES[name](x, LABELS, CENTERS))
    assert x.grad is not None
    assert (x.grad[2] == 0).all()
    assert (x.grad[[0, 1, 3]] != 0).any(dim=1).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_without_labels_gives_an_attached_zero(name: str) -> None:
    x, c = EMBEDDING.clone().requires_grad_(), CENTERS.clone().requires_grad_()
    loss = LOSSES[name](x, torch.full((4,), -1), c)
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert x.grad is not None
    assert c.grad is not None
    assert (x.grad == 0).all()
    assert (c.grad == 0).all()


def test_centres_that_coincide_have_a_finite_gradient() -> None:
    centers = torch.zeros(3, 2, requires_grad=True)
    loss = inter(centers, 1.5)
    torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(1.5**2)
    assert centers.grad is not None
    assert centers.grad.isfinite().all()


def test_half_precision_embeddings_are_compared_in_the_centres_precision() -> None:
    loss = intra(EMBEDDING.bfloat16(), LABELS, CENTERS)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(2.0)
