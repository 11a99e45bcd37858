"""Views: unbiased, exact where nothing changes, and each a map worked out by hand."""

from math import log, pi

import numpy as np
import pytest
import torch

from evocative.errors import RecipeError
from evocative.generate.random_views import STILL, Views


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(number) for number in range(count)]


def picture(size: int = 9) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))


def view(
    across: float = 0, down: float = 0, scale: float = 1, turn: float = 0, side: float = 1
) -> torch.Tensor:
    return torch.tensor([[across, down, log(scale), turn, side]])


def test_changes_nothing_where_nothing_may_change() -> None:
    seen = STILL.applied(picture(), STILL.drawn(generators(1)))
    assert torch.equal(seen, picture())


def test_draws_are_as_likely_one_way_as_the_other() -> None:
    views = Views(jitter=0.1, scale=0.25, rotation=20.0)
    draws = views.drawn(generators(4000)).numpy()
    ends = np.array([0.1, 0.1, log(1.25), 20 * pi / 180, 1.0])
    assert (np.abs(draws) <= ends + 1e-6).all()
    spread = np.array([*ends[:4] / 3**0.5, 1.0])  # SDs of uniform draws, and of a side
    assert (np.abs(draws.mean(axis=0)) < 4 * spread / 4000**0.5).all()
    np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.05)
    assert (np.abs(np.corrcoef(draws.T) - np.eye(5)) < 4 / 4000**0.5).all()


def test_the_mean_view_is_a_blurred_picture_in_its_place() -> None:
    views = Views(mirror=False)
    at = torch.zeros(1, 3, 65, 65)
    at[:, :, 22:27, 12:17] = 1.0
    seen = views.applied(at.expand(3000, -1, -1, -1), views.drawn(generators(3000)))[:, 0].mean(0)
    ys, xs = torch.meshgrid(torch.arange(65.0), torch.arange(65.0), indexing="ij")
    assert float((seen * ys).sum() / seen.sum()) == pytest.approx(24, abs=0.25)
    assert float((seen * xs).sum() / seen.sum()) == pytest.approx(14, abs=0.25)


def test_shifts_by_whole_pixels() -> None:
    seen = Views().applied(picture(), view(across=2 / 9, down=-1 / 9))
    torch.testing.assert_close(seen[..., 1:, :-2], picture()[..., :-1, 2:], atol=1e-5, rtol=0)


def test_mirrors() -> None:
    torch.testing.assert_close(
        Views().applied(picture(), view(side=-1)), picture().flip(3), atol=1e-5, rtol=0
    )


def test_turns_by_a_quarter() -> None:
    seen = Views().applied(picture(), view(turn=pi / 2))
    wanted = [torch.rot90(picture(), turns, (2, 3)) for turns in (1, 3)]
    assert min(float((seen - each).abs().max()) for each in wanted) < 1e-4


def test_enlarges_around_the_middle() -> None:
    seen = Views().applied(picture(), view(scale=2))
    torch.testing.assert_close(seen[..., 4, 4], picture()[..., 4, 4], atol=1e-5, rtol=0)
    torch.testing.assert_close(seen[..., ::2, ::2], picture()[..., 2:7, 2:7], atol=1e-5, rtol=0)


def test_a_view_depends_on_its_own_generator_only() -> None:
    views = Views()
    torch.testing.assert_close(views.drawn(generators(5))[3:4], views.drawn(generators(5)[3:4]))


@pytest.mark.parametrize("wrong", [{"jitter": 0.6}, {"scale": -0.1}, {"rotation": 200.0}])
def test_refuses_what_is_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match=f"views.{next(iter(wrong))}: expected 0 to"):
        Views(**wrong)  # type: ignore[arg-type]
