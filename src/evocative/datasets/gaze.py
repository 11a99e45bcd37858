"""Where people looked: images, fixations by viewer, and how wide a fixation is.

    data = read_gaze("osie")            # OSIE, MIT1003 or a plain folder, told by what is in it
    data.images[0].fixations()          # (k, 2): row and column from 0, all viewers

Fixations are pixels of the image as it is decoded. A layout that gives a density but no fixations has viewers
with none, and the other way round; the density of fixations is then made by blurring them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from evocative.data.image import decode
from evocative.datasets.card import LeftOut
from evocative.errors import DataError

Fixations = NDArray[np.int64]
"""(k, 2): row and column from 0."""


@dataclass(frozen=True, eq=False)
class GazeImage:
    """One image, and where each viewer looked."""

    path: Path
    height: int  # pixels
    width: int
    viewers: tuple[Fixations, ...] = ()  # (k, 2) each; a viewer may have none
    density_file: Path | None = None  # the owners' grey picture; None: fixations are to be blurred

    @property
    def name(self) -> str:
        """The file's name without its ending, by which maps are found."""
        return self.path.stem

    def fixations(self) -> Fixations:
        """Return all viewers' fixations (k, 2), one after another."""
        return np.concatenate([np.zeros((0, 2), np.int64), *self.viewers])

    def given_density(self) -> NDArray[np.float32] | None:
        """Return the owners' density (height, width), in the file's own units; None if they give none.

        Raises:
            DataError: The file cannot be read, or has another size.
        """
        return None if self.density_file is None else grey(self.density_file, self.height, self.width)


@dataclass(frozen=True)
class GazeData:
    """Images with the fixations of viewers."""

    name: str
    images: tuple[GazeImage, ...]
    sigma: float
    """Pixels: standard deviation of the Gaussian that stands for one fixation."""
    sigma_source: str
    """Where that number comes from."""
    left_out: tuple[LeftOut, ...] = ()


def read_gaze(root: str | Path) -> GazeData:
    """Read a copy of OSIE or MIT1003, or a plain folder (`gaze_folder`); which of them, its files tell.

    Raises:
        DataError: The folder is none of these, or a file in it cannot be understood.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder of gaze data")
    for name, (there, module) in _LAYOUTS.items():
        if there(root):
            load: Callable[[Path], GazeData] = import_module(f"evocative.datasets.{module}").load
            data = load(root)
            if not data.images:
                raise DataError(f"{root}: this looks like {name}, but no image of it is there")
            return data
    raise DataError(
        f"{root}: expected eye/fixations.mat and stimuli/ (OSIE), ALLSTIMULI/ and ALLFIXATIONMAPS/ "
        "(MIT1003), or images/ with maps/ or fixations/ beside it; found "
        + (", ".join(sorted(path.name for path in root.iterdir())[:8]) or "nothing")
    )


def size_of(path: Path) -> tuple[int, int]:
    """Return an image's height and width as it is decoded, upright.

    Raises:
        DataError: It cannot be decoded.
    """
    width, height = decode(path).size
    return height, width


def on_image(x: ArrayLike, y: ArrayLike, height: int, width: int) -> Fixations:
    """Return positions as pixels (k, 2): rounded, halves up, and moved onto the image if beside it.

    Args:
        x: (k,) pixels from the left, the middle of the first pixel is 0; what is not finite is left out.
        y: (k,) pixels from the top.
        height: of the image.
        width: of the image.
    """
    places = np.stack([np.atleast_1d(np.asarray(each, np.float64)) for each in (y, x)], axis=1)
    whole = np.floor(places[np.isfinite(places).all(axis=1)] + 0.5)
    return np.clip(whole, 0, [height - 1, width - 1]).astype(np.int64)


def grey(path: Path, height: int, width: int) -> NDArray[np.float32]:
    """Return a picture as grey values (height, width): 0 to 255, or what 16 and 32 bits and floats hold.

    Raises:
        DataError: It cannot be read, or has another size.
    """
    try:
        with Image.open(path) as picture:
            deep = picture.mode in ("F", "I") or picture.mode.startswith("I;")  # "L" would cut them at 255
            values = np.asarray(picture.convert("F" if deep else "L"), np.float32)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as a picture ({error})") from error
    if values.shape != (height, width):
        raise DataError(
            f"{path}: has {values.shape[1]} × {values.shape[0]} pixels, its image {width} × {height}"
        )
    return values


_LAYOUTS: Mapping[str, tuple[Callable[[Path], bool], str]] = {
    "OSIE": (lambda root: (root / "eye" / "fixations.mat").is_file(), "osie"),
    "MIT1003": (lambda root: (root / "ALLFIXATIONMAPS").is_dir(), "mit1003"),
    "a folder of images with maps or fixations": (
        lambda root: (root / "images").is_dir() and any((root / n).is_dir() for n in ("maps", "fixations")),
        "gaze_folder",
    ),
}
