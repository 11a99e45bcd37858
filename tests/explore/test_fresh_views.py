"""Fresh views do what they say, at the picture's size, and are the same in whatever batches."""

import numpy as np
import pytest
import torch

from evocative.errors import RecipeError
from evocative.explore.fresh_views import FRESH, NOISE, seen


def pictures(count: int = 4, size: int = 32) -> torch.Tensor:
    coarse = torch.rand(count, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.interpolate(coarse, (size, size), mode="bilinear")
    return smooth.mul(255).round().to(torch.uint8)


@pytest.mark.parametrize("view", ["plain", *FRESH])
def test_any_batches_and_size_and_seed(view: str) -> None:
    whole = pictures()
    found = seen(whole, view)
    assert found.shape == whole.shape
    assert found.dtype == torch.uint8
    parts = [seen(whole[start : start + 2], view, first=start) for start in (0, 2)]
    assert torch.equal(torch.cat(parts), found)
    assert torch.equal(seen(whole, view, seed=1), found) == (view not in ("crop", "noise"))
    # what a person hardly sees: a few grey levels on average, but for the mirror and the crop
    if view not in ("mirror", "crop"):
        assert (found.float() - whole.float()).abs().mean() < NOISE


def test_mirror_and_noise_by_hand() -> None:
    whole = pictures()
    assert torch.equal(seen(whole, "mirror"), whole.flip(3))
    grey = torch.full((8, 3, 64, 64), 128, dtype=torch.uint8)
    change = seen(grey, "noise").float() - 128
    assert abs(change.mean()) < 0.2
    assert change.std() == pytest.approx(NOISE, rel=0.02)
    assert not torch.equal(change[0], change[1])


def test_blur_and_jpeg_take_away_fine_noise_and_leave_flat_colour() -> None:
    generator = torch.Generator().manual_seed(0)
    fine = torch.randint(0, 256, (2, 3, 64, 64), generator=generator, dtype=torch.uint8)
    for view in ("blur", "jpeg"):
        assert seen(fine, view).float().std() < fine.float().std()
        flat = torch.full((1, 3, 64, 64), 200, dtype=torch.uint8)
        np.testing.assert_allclose(seen(flat, view).numpy(), 200, atol=1)


def test_unknown_view_and_no_picture() -> None:
    with pytest.raises(RecipeError, match="did you mean 'jpeg'"):
        seen(pictures(), "jpg")
    assert len(seen(pictures()[:0], "jpeg")) == 0
