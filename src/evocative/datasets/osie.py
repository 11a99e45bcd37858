"""OSIE: 700 photographs of 800 × 600 pixels, seen freely by 15 people for three seconds (Xu et al. 2014).

Layout of the owners' copy (MIT licence): `stimuli/1001.jpg` … and `eye/fixations.mat`, which holds, an image
at a time, each viewer's fix_x, fix_y (pixels, counted from 1) and fix_duration (milliseconds). Some of the
images may be missing; what is there is read.
"""

from pathlib import Path
from typing import Any, Final

from evocative.datasets.card import LeftOut
from evocative.datasets.gaze import GazeData, GazeImage, on_image, size_of
from evocative.errors import DataError

SIGMA: Final = 24.0
"""Pixels: about one degree. The owners' code blurs fixations of the 800 × 600 images with this
(`eye.radius`)."""


def load(root: Path) -> GazeData:
    """Read a copy of OSIE.

    Positions are rounded and moved onto the image as the owners do it, then counted from 0.

    Raises:
        DataError: The file of fixations cannot be read as theirs.
    """
    file = root / "eye" / "fixations.mat"
    images, left_out = [], []
    for record in _records(file):
        path = root / "stimuli" / str(record["img"])
        if not path.is_file():
            continue
        try:
            images.append(_image(path, record["subjects"]))
        except DataError as error:
            left_out.append(LeftOut(str(path), str(error)))
    return GazeData("osie", tuple(images), SIGMA, "the owners' code: 24 pixels of 800 × 600", tuple(left_out))


def _records(file: Path) -> list[dict[str, Any]]:
    """Return one record an image, `img` and `subjects`."""
    from scipy.io import loadmat

    try:
        found = loadmat(file, simplify_cells=True)["fixations"]
    except Exception as error:  # what is no such file makes the reader fail in many ways
        raise DataError(f"{file}: cannot be read as OSIE's fixations ({error})") from error
    records = [found] if isinstance(found, dict) else list(found)
    if not all(isinstance(record, dict) and {"img", "subjects"} <= set(record) for record in records):
        raise DataError(f"{file}: expected img and subjects for every image, as OSIE is published")
    return records


def _image(path: Path, subjects: Any) -> GazeImage:
    """Return one image with its viewers."""
    height, width = size_of(path)
    alone = isinstance(subjects, dict)
    try:
        viewers = tuple(
            on_image(viewer["fix_x"] - 1, viewer["fix_y"] - 1, height, width)
            for viewer in ([subjects] if alone else subjects)
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataError(f"{path}: its fixations cannot be understood ({error})") from error
    return GazeImage(path, height, width, viewers)
