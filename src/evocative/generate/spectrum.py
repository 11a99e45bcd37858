"""Pictures as numbers that an optimiser can move well: a Fourier spectrum with decorrelated colours.

    form = Parameters(size=224)
    numbers = form.noise(generator)                    # (3, 224, 113, 2): real and imaginary parts
    picture = form.picture(numbers[None])              # (1, 3, 224, 224) in (0, 1)
    form.numbers(photographs)                          # the other way round: where to begin from a photograph

A step of gradient descent goes where the objective falls fastest *for a given length of step*; what is long
depends on the coordinates. Measured in pixels, gradients of networks are mostly high frequencies, and
pictures become noise; measured in coefficients that are divided by natural pictures' amplitude spectrum (1/f)
and along their uncorrelated colours, all scales and colours move alike (Olah 2017, "Preconditioning and
parameterization"). The pictures that can be reached are the same.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from evocative.errors import RecipeError, unknown

Form = Literal["spectrum", "pixels"]
FORMS: tuple[Form, ...] = get_args(Form)
COLOR_ROOT: Final = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of red, green and blue in ImageNet's pixels, as Olah 2017 publishes it (in
Lucid, `lucid/optvis/param/color.py`); its columns are, in order, light against dark, red against blue, and
purple against green."""
GAIN: Final = 0.25
"""Olah 2017's code divides the inverse transform by 4; kept, so that its learning rates hold here."""
EDGE: Final = 0.5 / 255
"""Values of photographs are kept so far from 0 and 1, where the sigmoid has no inverse: half a grey level."""


@dataclass(frozen=True)
class Parameters:
    """How square pictures are written as numbers, and back.

    Raises:
        RecipeError: A setting is out of range.
    """

    size: int
    """Height and width in pixels."""
    form: Form = "spectrum"
    """`spectrum`, or `pixels`: the plain values before the sigmoid."""
    decorrelated: bool = True
    """Colours along the axes of natural pictures' covariance instead of red, green, blue."""
    decay: float = 1.0
    """A coefficient at frequency f counts f^-decay; 1 is natural pictures' amplitude spectrum, 0 is flat."""

    def __post_init__(self) -> None:
        if self.size < 4:
            raise RecipeError(f"size: expected 4 pixels or more, found {self.size}")
        if self.form not in FORMS:
            raise RecipeError(unknown("form", self.form, FORMS))
        if not 0 <= self.decay <= 3:
            raise RecipeError(f"decay: expected 0 to 3, found {self.decay}")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one picture's numbers: (3, S, S // 2 + 1, 2) of a spectrum, (3, S, S) of pixels."""
        if self.form == "pixels":
            return (3, self.size, self.size)
        return (3, self.size, self.size // 2 + 1, 2)

    def noise(self, generator: torch.Generator, *, sd: float = 0.01) -> Shaped[Tensor, "..."]:
        """Draw one picture's numbers: nearly grey, with noise that the optimiser grows patterns from."""
        return torch.randn(self.shape, generator=generator) * sd

    def picture(self, numbers: Shaped[Tensor, "N ..."]) -> Float[Tensor, "N 3 S S"]:
        """Return the pictures of numbers: red, green, blue in (0, 1)."""
        values = numbers if self.form == "pixels" else self._values(numbers)
        if self.decorrelated:
            values = torch.einsum("rc,nchw->nrhw", color_matrix().to(values), values)
        pictures: Tensor = values.sigmoid()
        return pictures

    def numbers(self, pictures: Float[Tensor, "N 3 S S"]) -> Shaped[Tensor, "N ..."]:
        """Return the numbers of pictures: `picture` gives these back to half a grey level."""
        values = pictures.clamp(EDGE, 1 - EDGE).logit()
        if self.decorrelated:
            values = torch.einsum("cr,nrhw->nchw", torch.linalg.inv(color_matrix()).to(values), values)
        if self.form == "pixels":
            return values
        spectrum = torch.fft.rfft2(values, norm="ortho") / (self._weights().to(values) * GAIN)
        numbers: Tensor = torch.view_as_real(spectrum)
        return numbers

    def _values(self, numbers: Float[Tensor, "N 3 S F 2"]) -> Float[Tensor, "N 3 S S"]:
        """Weigh and transform; of numbers that a real picture's spectrum ties together the mean counts."""
        spectrum = torch.view_as_complex(numbers.contiguous()) * self._weights().to(numbers)
        values: Tensor = torch.fft.irfft2(spectrum, s=(self.size, self.size), norm="ortho")
        return values * GAIN

    def _weights(self) -> Float[Tensor, "S F"]:
        """Return 1 / f^decay; the mean counts as the lowest frequency, one cycle a picture."""
        return frequencies(self.size).clamp(min=1 / self.size) ** -self.decay


def frequencies(size: int) -> Float[Tensor, "S F"]:
    """Return how many cycles a pixel the coefficients of a real picture's spectrum stand for, 0 to √½."""
    down = torch.fft.fftfreq(size)[:, None]
    across = torch.fft.rfftfreq(size)[None, :]
    return torch.hypot(down, across)


def color_matrix() -> Float[Tensor, "3 3"]:
    """Return what takes uncorrelated colours to red, green and blue, scaled so that the longest axis is 1."""
    root = torch.tensor(COLOR_ROOT)
    longest: Tensor = torch.linalg.vector_norm(root, dim=0).max()
    return root / longest
