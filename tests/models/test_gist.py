"""GIST: against its formulas written out in numpy, and on gratings."""

import math

import numpy as np
import torch

from evocative.models.gist import Gist, gabor_filters


def reference_filter(side: int, *, scale: int, number: int, count: int) -> np.ndarray:
    """Return one transfer function, frequency by frequency."""
    found = np.zeros((side, side))
    for row in range(side):
        for column in range(side):
            fy = row if row < side / 2 else row - side
            fx = column if column < side / 2 else column - side
            angle = math.atan2(fy, fx) + math.pi * number / count
            angle -= 2 * math.pi if angle > math.pi + 1e-6 else 0
            distance = math.hypot(fx, fy) / side / (0.3 / 1.85**scale) - 1
            found[row, column] = math.exp(
                -10 * 0.35 * distance**2 - 2 * (16 * count**2 / 32**2) * math.pi * angle**2
            )
    return found


def test_filters_are_those_of_the_formula() -> None:
    filters = gabor_filters(16, (4, 2)).numpy()
    assert filters.shape == (6, 16, 16)
    expected = [reference_filter(16, scale=0, number=k, count=4) for k in range(4)]
    expected += [reference_filter(16, scale=1, number=k, count=2) for k in range(2)]
    np.testing.assert_allclose(filters, expected, atol=1e-5)


def test_a_picture_is_described_as_numpy_describes_it() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.float64)
    padded = np.pad(np.log(plane + 1), 5, mode="symmetric")
    steps = np.fft.fftfreq(138, 1 / 138)
    envelope = np.exp(-(steps[:, None] ** 2 + steps**2) / (4 / math.sqrt(math.log(2))) ** 2)
    sharp = padded - np.fft.ifft2(np.fft.fft2(padded) * envelope).real
    contrast = np.sqrt(np.abs(np.fft.ifft2(np.fft.fft2(sharp**2) * envelope)))
    filtered = np.pad((sharp / (0.2 + contrast))[5:-5, 5:-5], 32, mode="symmetric")
    layer = Gist()
    found = layer(torch.from_numpy(plane)[None]).view(20, 4, 4).numpy()
    for number in (0, 3, 11, 19):
        answer = np.abs(np.fft.ifft2(np.fft.fft2(filtered) * layer.filters[number].numpy()))[32:-32, 32:-32]
        expected = answer.reshape(4, 32, 4, 32).mean(axis=(1, 3))
        np.testing.assert_allclose(found[number], expected, rtol=1e-3, atol=1e-5)


def grating(angle: float, *, cycles: float = 24.0) -> torch.Tensor:
    places = torch.arange(128.0)
    phase = places * math.cos(angle) + places[:, None] * math.sin(angle)
    return 127 + 100 * torch.sin(2 * math.pi * cycles * phase / 128)[None]


def test_a_grating_is_found_by_the_filter_of_its_direction() -> None:
    layer = Gist()
    for number in range(4):  # filter k lies at -πk / 8, whose rows run downwards
        said = layer(grating(-math.pi * number / 8)).view(20, 16).mean(1)[:8]
        assert said.argmax() == number


def test_where_texture_lies_and_not_how_bright_it_is() -> None:
    layer, plane = Gist(), torch.full((1, 128, 128), 127.0)
    plane[:, :32, :32] = grating(0.0)[:, :32, :32]
    said = layer(plane).view(20, 16)
    assert said.sum(0).argmax() == 0
    bright = layer((plane + 1) * 0.5 - 1).view(20, 16)
    torch.testing.assert_close(bright, said, rtol=0.02, atol=2e-3)
