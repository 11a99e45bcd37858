"""A picture's numbers: their transform is numpy's, weighed by 1/f, and goes both ways."""

import numpy as np
import pytest
import torch

from evocative.errors import RecipeError
from evocative.generate.spectrum import COLOR_ROOT, GAIN, Parameters, frequencies


def smooth(count: int, size: int) -> torch.Tensor:
    coarse = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(3))
    return torch.nn.functional.interpolate(coarse, (size, size), mode="bilinear")


@pytest.mark.parametrize("size", [12, 13])
@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
def test_is_a_naive_sum_of_waves(size: int, decay: float) -> None:
    form = Parameters(size, decorrelated=False, decay=decay)
    numbers = form.noise(torch.Generator().manual_seed(0), sd=0.3)
    found = form.picture(numbers[None])[0].double().logit().numpy()
    half = numbers[..., 0].numpy() + 1j * numbers[..., 1].numpy()
    ys, xs = np.mgrid[:size, :size]
    wanted = np.zeros((3, size, size))
    for row in range(size):
        for column in range(size // 2 + 1):
            down = (row if row <= (size - 1) / 2 else row - size) / size
            frequency = max(np.hypot(abs(down), column / size), 1 / size)
            wave = np.exp(2j * np.pi * (row * ys + column * xs) / size)
            once = (
                column == 0 or 2 * column == size
            )  # other columns stand for themselves and their mirror image
            for color in range(3):
                part = half[color, row, column] * frequency**-decay * wave
                wanted[color] += part.real * (1 if once else 2)
    np.testing.assert_allclose(found, wanted / size * GAIN, atol=2e-4)


@pytest.mark.parametrize("size", [8, 9])
def test_frequencies_are_cycles_a_pixel(size: int) -> None:
    wanted = np.hypot(np.fft.fftfreq(size)[:, None], np.abs(np.fft.fftfreq(size))[None, : size // 2 + 1])
    np.testing.assert_allclose(frequencies(size).numpy(), wanted, atol=1e-7)


@pytest.mark.parametrize("form", ["spectrum", "pixels"])
@pytest.mark.parametrize("decorrelated", [True, False])
def test_photographs_come_back_to_half_a_grey_level(form: str, decorrelated: bool) -> None:
    pictures = smooth(2, 15)
    pictures[0, :, 0, 0], pictures[0, :, 1, 1] = 0.0, 1.0
    kind = Parameters(15, form, decorrelated)  # type: ignore[arg-type]
    assert kind.numbers(pictures).shape == (2, *kind.shape)
    back = kind.picture(kind.numbers(pictures))
    assert (back - pictures).abs().max() < 0.51 / 255


def test_the_spectrum_of_a_picture_comes_back() -> None:
    form = Parameters(16)
    once = form.numbers(smooth(2, 16))
    torch.testing.assert_close(form.numbers(form.picture(once)), once, atol=1e-3, rtol=1e-3)


def test_noise_has_the_amplitudes_of_natural_pictures() -> None:
    form = Parameters(64, decorrelated=False)
    generator = torch.Generator().manual_seed(0)
    pictures = form.picture(torch.stack([form.noise(generator) for _ in range(32)])).logit()
    power = np.abs(np.fft.rfft2(pictures.numpy())) ** 2
    bands = [float(power[:, :, row, 1:-1].mean()) for row in (4, 16)]
    inside = frequencies(64).numpy()
    wanted = [float((inside[row, 1:-1] ** -2.0).mean()) for row in (4, 16)]
    assert bands[0] / bands[1] == pytest.approx(wanted[0] / wanted[1], rel=0.1)


def test_colours_of_noise_have_the_covariance_of_natural_pictures() -> None:
    generator = torch.Generator().manual_seed(0)
    form = Parameters(64, form="pixels")
    values = form.picture(form.noise(generator, sd=0.01)[None])[0].logit().flatten(1).double().numpy()
    root = np.array(COLOR_ROOT)
    wanted = np.corrcoef(root @ np.random.default_rng(0).standard_normal((3, 100_000)))
    np.testing.assert_allclose(np.corrcoef(values), wanted, atol=0.02)


def test_every_number_moves_the_picture() -> None:
    form = Parameters(8)
    numbers = form.noise(torch.Generator().manual_seed(0), sd=1.0)[None].requires_grad_()
    weights = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    (slope,) = torch.autograd.grad((form.picture(numbers) * weights).sum(), numbers)
    step = 1e-2 * slope / slope.norm()
    with torch.no_grad():
        ahead = ((form.picture(numbers + step) - form.picture(numbers - step)) * weights).sum() / 2e-2
    assert float(ahead) == pytest.approx(float(slope.norm()), rel=1e-2)


@pytest.mark.parametrize("wrong", [{"size": 2}, {"size": 8, "decay": -1.0}])
def test_refuses_what_is_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="expected"):
        Parameters(**wrong)  # type: ignore[arg-type]
