"""Turned copies: the label is the angle by which a picture was truly turned."""

from math import atan2, degrees

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from evocative.errors import RecipeError
from evocative.losses.objective import Objective
from evocative.losses.rotation import ANGLES, rotation_loss, turn, turned_copies
from evocative.recipe.map_networks import RotationConfig, RotationTask
from evocative.recipe.settings import LossConfig

TASKS: tuple[RotationTask, ...] = ("a", "b", "c", "d")


def ramp(size: int = 33) -> Tensor:
    """Return a picture (1, 3, S, S) that grows brighter to the right."""
    return torch.linspace(-1, 1, size).expand(1, 3, size, size).contiguous()


def direction(image: Tensor) -> float:
    """Measure clockwise from the right, in degrees, where a picture of one slope grows brighter."""
    middle = image[0, 12:-12, 12:-12]
    across, down = middle.diff(dim=1).mean().item(), middle.diff(dim=0).mean().item()
    return degrees(atan2(down, across)) % 360


@pytest.mark.parametrize("corners", ["crop", "reflect"])
@pytest.mark.parametrize("task", TASKS)
def test_the_angle_of_a_gradient_is_its_label(task: RotationTask, corners: str) -> None:
    config = RotationConfig(task=task, corners=corners)  # type: ignore[arg-type]
    images = ramp()
    turned = turned_copies(images, config, key=(0,))
    everything = torch.cat([images, turned.images])
    seen = set()
    for image, label in zip(everything, turned.labels.tolist(), strict=True):
        if label >= 0:
            seen.add(label)
            difference = (direction(image) - ANGLES[task][label] + 180) % 360 - 180
            assert abs(difference) < 1e-3
    assert seen == set(range(len(ANGLES[task])))


@pytest.mark.parametrize("task", TASKS)
def test_by_lot_each_image_is_turned_once_by_its_label(task: RotationTask) -> None:
    images = ramp().expand(40, 3, 33, 33).contiguous()
    config = RotationConfig(task=task, copies="one")
    turned = turned_copies(images, config, key=(5, 1))
    assert turned.images.shape == images.shape
    assert turned.labels[:40].eq(-1).all()
    labels = turned.labels[40:].tolist()
    assert set(labels) == set(range(len(ANGLES[task])))
    for image, label in zip(turned.images, labels, strict=True):
        assert abs((direction(image) - ANGLES[task][label] + 180) % 360 - 180) < 1e-3
    again = turned_copies(images, config, key=(5, 1))
    assert torch.equal(again.images, turned.images)
    assert not torch.equal(turned_copies(images, config, key=(5, 2)).labels, turned.labels)


def test_an_angle_that_no_image_drew_is_none_of_the_copies() -> None:
    images = ramp().expand(3, 3, 33, 33).contiguous()
    turned = turned_copies(images, RotationConfig(task="d", copies="one"), key=(0,))
    assert len(set(turned.labels[3:].tolist())) < 8
    for image, label in zip(turned.images, turned.labels[3:].tolist(), strict=True):
        assert abs((direction(image) - ANGLES["d"][label] + 180) % 360 - 180) < 1e-3


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_quarters_are_pillows_to_the_pixel(angle: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    expected = np.array(Image.fromarray(pixels).rotate(-angle))  # Pillow turns counter-clockwise
    found = turn(torch.from_numpy(pixels).permute(2, 0, 1)[None], angle)
    assert np.array_equal(found[0].permute(1, 2, 0).numpy(), expected)
    slow = turn(torch.from_numpy(pixels).permute(2, 0, 1)[None].double(), angle + 1e-9)
    assert np.abs(slow[0].permute(1, 2, 0).numpy() - expected).max() < 1e-3


def test_what_the_paper_calls_ninety_is_two_hundred_and_seventy() -> None:
    """Transposed, then flipped vertically: the paper's "90° clockwise"."""
    image = torch.arange(9.0).view(1, 1, 3, 3)
    assert torch.equal(image.transpose(2, 3).flip(2), turn(image, 270))
    assert torch.equal(image.flip(2).transpose(2, 3), turn(image, 90))


def test_there_are_no_corners_from_outside() -> None:
    """One grey everywhere: a turned copy shows nothing that is not there."""
    images = torch.full((1, 3, 32, 32), 200, dtype=torch.uint8)
    for corners in ("crop", "reflect"):
        turned = turned_copies(images, RotationConfig(task="d", corners=corners), key=(0,))
        assert turned.images.eq(200).all()


def test_the_zoom_does_not_tell_the_angle() -> None:
    """With corners cropped, all eight copies show the same inner part at the same scale."""
    size = 65
    y, x = torch.meshgrid(torch.linspace(-1, 1, size), torch.linspace(-1, 1, size), indexing="ij")
    rings = (x**2 + y**2).sqrt().expand(1, 3, size, size).contiguous()
    turned = turned_copies(rings, RotationConfig(task="d"), key=(0,))
    assert turned.labels.tolist() == [-1, *range(8)]
    assert (turned.images - turned.images[:1]).abs().max() < 0.02
    assert turned.images[0, 0, 32, 0].item() == pytest.approx(2**-0.5, abs=0.02)
    exact = turned_copies(rings, RotationConfig(task="d", corners="reflect"), key=(0,))
    assert exact.labels.tolist() == list(range(8))


def test_the_unturned_image_is_the_copy_of_zero_degrees() -> None:
    images = torch.rand(2, 3, 8, 8)
    for task, labels in (("a", [0, 0, 1, 1]), ("b", [-1, -1, 0, 0, 1, 1])):
        turned = turned_copies(images, RotationConfig(task=task), key=(0,))  # type: ignore[arg-type]
        assert turned.labels.tolist() == labels
        assert len(turned.images) == len(labels) - 2


def test_the_loss_is_the_mean_over_copies_that_take_part() -> None:
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]], requires_grad=True)
    found = rotation_loss(logits, torch.tensor([-1, 1, 0]))
    by_hand = (np.log(1 + np.exp(-1.0)) + np.log(1 + np.exp(-2.0))) / 2
    assert found.item() == pytest.approx(by_hand)
    torch.autograd.backward(found)
    assert logits.grad is not None
    assert logits.grad[0].eq(0).all()
    nothing = rotation_loss(logits, torch.tensor([-1, -1, -1]))
    assert nothing.item() == 0


def test_pictures_that_are_not_square_are_refused() -> None:
    with pytest.raises(RecipeError, match="expected square images, found 8 × 6"):
        turn(torch.zeros(1, 3, 6, 8), 90)


def test_the_objective_adds_lambda_times_the_rotation_while_training_only() -> None:
    objective = Objective([LossConfig(), LossConfig(name="rotation", weight=0.5)])
    assert objective.needs_rotation
    generator = torch.Generator().manual_seed(0)
    logits, rotation = torch.randn(2, 3, generator=generator), torch.randn(4, 4, generator=generator)
    labels, turns = torch.tensor([0, 2]), torch.tensor([0, 0, 1, 3])
    given = {
        "logits": logits, "vad": None, "class_centers": None, "labels": labels,
        "target_vad": torch.full((2, 3), torch.nan),
    }  # fmt: skip
    total = objective(torch.zeros(2, 5), **given, rotation=rotation, turns=turns)
    expected = torch.nn.functional.cross_entropy(logits, labels) + 0.5 * rotation_loss(rotation, turns)
    torch.testing.assert_close(total.total, expected)
    assert set(total.terms) == {"cross_entropy", "rotation"}
    with pytest.raises(RecipeError, match=r"rotation needs a model with a head for angles"):
        objective(torch.zeros(2, 5), **given)
    validated = objective.eval()(torch.zeros(2, 5), **given)
    torch.testing.assert_close(validated.total, torch.nn.functional.cross_entropy(logits, labels))
