"""Random changes of pictures against naive loops."""

import numpy as np
import pytest
import torch

from evocative.generate.diff_augment import CHANGES, augmented

PICTURES = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(3)) * 2 - 1


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_color_shifts_brightness_then_saturation_then_contrast() -> None:
    found = augmented(PICTURES, ["color"], seeded())
    draws = torch.rand(3, 6, 1, 1, 1, generator=seeded())[..., 0, 0, 0].numpy()
    for row, picture in enumerate(PICTURES.numpy().astype(np.float64)):
        brighter = picture + draws[0, row] - 0.5
        grey = brighter.mean(axis=0)
        colored = grey + (brighter - grey) * 2 * draws[1, row]
        contrasted = colored.mean() + (colored - colored.mean()) * (draws[2, row] + 0.5)
        np.testing.assert_allclose(found[row].numpy(), contrasted, atol=1e-5)


def test_translation_moves_by_at_most_an_eighth_and_leaves_nothing_behind() -> None:
    found = augmented(PICTURES, ["translation"], seeded()).numpy()
    shifts = torch.randint(-2, 3, (2, 6), generator=seeded()).numpy()
    for row, picture in enumerate(PICTURES.numpy()):
        expected = np.zeros_like(picture)
        for y in range(16):
            for x in range(16):
                down, across = y + shifts[0, row], x + shifts[1, row]
                if 0 <= down < 16 and 0 <= across < 16:
                    expected[:, y, x] = picture[:, down, across]
        np.testing.assert_array_equal(found[row], expected)


def test_cutout_hides_a_square_of_half_the_side() -> None:
    found = augmented(PICTURES, ["cutout"], seeded()).numpy()
    middles = torch.randint(0, 17, (2, 6), generator=seeded()).numpy()
    for row, picture in enumerate(PICTURES.numpy()):
        expected = picture.copy()
        down, across = middles[:, row]
        expected[:, max(0, down - 4) : down + 4, max(0, across - 4) : across + 4] = 0
        np.testing.assert_array_equal(found[row], expected)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_let_gradients_through_and_follow_the_seed(name: str) -> None:
    pictures = PICTURES.clone().requires_grad_()
    found = augmented(pictures, [name], seeded())
    found.square().sum().backward()  # type: ignore[no-untyped-call]
    assert pictures.grad is not None
    assert pictures.grad.abs().sum() > 0
    assert torch.equal(found, augmented(PICTURES, [name], seeded()))
    assert not torch.equal(found, augmented(PICTURES, [name], seeded(1)))


def test_without_changes_pictures_stay_as_they_are() -> None:
    assert augmented(PICTURES, (), seeded()) is PICTURES
