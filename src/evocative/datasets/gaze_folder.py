"""Any gaze data in a plain folder: `images/`, and beside it `fixations/`, `maps/` or both.

images/<name>.jpg       the images, of any format
fixations/<name>.csv    columns x and y (pixels from 0), and viewer where it is known
fixations/<name>.png    or a picture of the image's size, not black where somebody looked
maps/<name>.png         the density of fixations, a grey picture of the image's size
sigma.txt               pixels: the blur of one fixation; by default 1/33 of the widest image's width
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evocative.data.find import find_images
from evocative.data.storage import read_rows
from evocative.datasets.card import LeftOut
from evocative.datasets.gaze import Fixations, GazeData, GazeImage, grey, on_image, size_of
from evocative.errors import DataError

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


def load(root: Path) -> GazeData:
    """Read a folder; images that have neither fixations nor a map are left out.

    Raises:
        DataError: `sigma.txt` holds no number above 0.
    """
    images, left_out = [], []
    for path in find_images([root / "images"], recursive=False):
        try:
            images.append(_image(path, root))
        except DataError as error:
            left_out.append(LeftOut(str(path), str(error)))
    sigma, source = _sigma(root / "sigma.txt", images)
    return GazeData(root.resolve().name, tuple(images), sigma, source, tuple(left_out))


def _sigma(file: Path, images: list[GazeImage]) -> tuple[float, str]:
    """Return the blur and where it comes from; the default is OSIE's share of the width."""
    if not file.is_file():
        return max([image.width for image in images], default=800) * 24 / 800, "3 % of the width, as in OSIE"
    try:
        sigma = float(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: expected one number, the blur in pixels ({error})") from error
    if not 0 < sigma < float("inf"):
        raise DataError(f"{file}: the blur must be above 0 pixels, found {sigma}")
    return sigma, "sigma.txt"


def _image(path: Path, root: Path) -> GazeImage:
    """Return one image with what there is for it."""
    height, width = size_of(path)
    table, points = root / "fixations" / f"{path.stem}.csv", _picture(root / "fixations", path.stem)
    density = _picture(root / "maps", path.stem)
    viewers: tuple[Fixations, ...] = ()
    if table.is_file():
        viewers = _viewers(table, height, width)
    elif points is not None:
        viewers = (np.argwhere(grey(points, height, width) > 0).astype(np.int64),)
    elif density is None:
        raise DataError(f"{path}: there is no {path.stem}.csv or picture in fixations/ or maps/")
    return GazeImage(path, height, width, viewers, density)


def _picture(folder: Path, name: str) -> Path | None:
    """Return the picture of this name, whatever its format."""
    return next((folder / (name + end) for end in _PICTURES if (folder / (name + end)).is_file()), None)


def _viewers(file: Path, height: int, width: int) -> tuple[Fixations, ...]:
    """Return fixations by viewer, in the order in which they come; those without a name are one more."""
    try:
        frame, _ = read_rows(file)  # as a table: with a byte order mark, semicolons and decimal commas too
        numbers = frame[["x", "y"]].apply(pd.to_numeric)
    except (DataError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file}: expected columns x and y with a number a fixation ({error})") from error
    by: Any = frame["viewer"] if "viewer" in frame else np.zeros(len(frame))
    return tuple(
        on_image(rows["x"].to_numpy(), rows["y"].to_numpy(), height, width)
        for _, rows in numbers.groupby(by, sort=False, dropna=False)
    )
