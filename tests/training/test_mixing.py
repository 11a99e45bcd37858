"""What meets what, in which share, and that the objective's answer is that of soft labels."""

import numpy as np
import pytest
import torch
from torch import Tensor

from evocative.data.dataset import Batch
from evocative.losses.objective import Objective
from evocative.recipe import Augmentation, LossConfig
from evocative.training.mixing import mix

NAN = float("nan")


def make(count: int = 12, *, seed: int = 0) -> Batch:
    """Half of the rows have a label, every third one valence and arousal."""
    torch.manual_seed(seed)
    vad = torch.rand(count, 3) * 2 - 1
    vad[:, 2] = NAN
    vad[torch.arange(count) % 3 != 0] = NAN
    labels = torch.where(torch.arange(count) % 2 == 0, torch.arange(count) % 4, -1)
    images = torch.randint(0, 256, (count, 3, 10, 8), dtype=torch.uint8)
    return Batch(images=images, labels=labels, vad=vad, indices=torch.arange(count), failures=[])


@pytest.mark.parametrize("ways", [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_only_like_meets_like(ways: tuple[float, float]) -> None:
    batch = make()
    for step in range(20):
        mixed = mix(batch, Augmentation(mixup=ways[0], cutmix=ways[1]), key=(0, step))
        assert torch.equal(batch.labels >= 0, mixed.partner_labels >= 0)
        assert torch.equal(torch.isnan(batch.vad), torch.isnan(mixed.batch.vad))
        assert torch.equal(mixed.batch.labels, batch.labels)
        assert 0 <= mixed.share <= 1


def test_a_row_alone_in_its_kind_stays() -> None:
    batch = make(3)
    batch.labels[:] = torch.tensor([0, -1, 2])
    batch.vad[:] = torch.tensor([[0.1, 0.2, NAN], [0.3, NAN, NAN], [NAN, NAN, NAN]])
    mixed = mix(batch, Augmentation(mixup=1.0), key=(1, 2))
    assert torch.equal(mixed.batch.images, batch.images)
    assert torch.equal(mixed.partner_labels, batch.labels)
    torch.testing.assert_close(mixed.batch.vad, batch.vad, equal_nan=True)


def partner_of(images: Tensor, mixed: Tensor, share: float) -> list[int]:
    """Find, by trying all, which image was blended into which."""
    found = []
    for row in range(len(images)):
        guesses = share * images[row].double() + (1 - share) * images.double()
        gaps = (guesses - mixed[row].double()).abs().amax(dim=(1, 2, 3))
        assert float(gaps.min()) <= 0.51
        found.append(int(gaps.argmin()))
    return found


def test_mixup_blends_images_and_targets_in_the_same_share() -> None:
    batch = make()
    mixed = mix(batch, Augmentation(mixup=1.0), key=(4, 5))
    partners = partner_of(batch.images, mixed.batch.images, mixed.share)
    assert sorted(partners) == list(range(12))
    assert torch.equal(mixed.partner_labels, batch.labels[partners])
    expected = mixed.share * batch.vad + (1 - mixed.share) * batch.vad[partners]
    torch.testing.assert_close(mixed.batch.vad, expected, equal_nan=True)


def test_cutmix_shares_by_what_is_left_of_the_image() -> None:
    batch = make()
    batch.images[:] = torch.arange(12, dtype=torch.uint8)[:, None, None, None]
    shares = []
    for step in range(30):
        mixed = mix(batch, Augmentation(cutmix=1.0), key=(6, step))
        for row in (0, 3):
            own = float((mixed.batch.images[row] == row).float().mean())
            assert own == pytest.approx(mixed.share) or own == 1.0
        shares.append(mixed.share)
    assert min(shares) < 0.5
    assert max(shares) > 0.8


def test_the_share_is_drawn_from_beta() -> None:
    shares = [mix(make(2), Augmentation(mixup=0.3), key=(7, step)).share for step in range(2000)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
    assert np.var(shares) == pytest.approx(1 / (4 * (2 * 0.3 + 1)), abs=0.01)  # of Beta(α, α)


def test_the_same_key_mixes_alike_and_another_differently() -> None:
    batch, both = make(), Augmentation(mixup=0.5, cutmix=0.5)
    one, same, other = (mix(batch, both, key=key) for key in ((1, 2, 0), (1, 2, 0), (1, 3, 0)))
    assert torch.equal(one.batch.images, same.batch.images)
    assert one.share == same.share
    assert one.share != other.share


def test_nothing_is_touched_where_nothing_is_asked_for() -> None:
    batch = make()
    mixed = mix(batch, Augmentation(), key=(0, 0))
    assert mixed.batch is batch
    assert mixed.share == 1


def test_the_objective_is_that_of_soft_labels() -> None:
    torch.manual_seed(3)
    logits, share = torch.randn(5, 4), 0.3
    own, partner = torch.tensor([0, 1, 2, 3, 0]), torch.tensor([1, 2, 2, 0, 3])
    soft = share * torch.eye(4)[own] + (1 - share) * torch.eye(4)[partner]
    objective = Objective([LossConfig(label_smoothing=0.1)])
    found = objective(
        torch.zeros(5, 2), logits=logits, vad=None, class_centers=None, labels=own,
        target_vad=torch.full((5, 3), NAN), partner_labels=partner, share=share,
    )  # fmt: skip
    expected = torch.nn.functional.cross_entropy(logits, soft, label_smoothing=0.1)
    torch.testing.assert_close(found.total, expected)
