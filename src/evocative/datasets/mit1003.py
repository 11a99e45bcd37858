"""MIT1003: 1,003 photographs, seen freely by 15 people for three seconds (Judd et al. 2009).

Layout of the owners' copy: `ALLSTIMULI/<name>.jpeg`, and in `ALLFIXATIONMAPS/` `<name>_fixPts.jpg` (a white
pixel a fixation) and `<name>_fixMap.jpg` (these blurred). Viewers are pooled in these files, so there is no
leave-one-out ceiling. Their raw eye positions (`DATA/`) need the owners' Matlab code to become fixations,
and are not read. Any other data laid out so are read as well.
"""

from pathlib import Path
from typing import Final

import numpy as np

from evocative.data.find import find_images
from evocative.datasets.card import LeftOut
from evocative.datasets.gaze import Fixations, GazeData, GazeImage, grey, size_of
from evocative.errors import DataError

SIGMA: Final = 35.0
"""Pixels: one degree, at the paper's 35 pixels a degree. Only for images without the owners' blurred map."""
_WHITE: Final = 127  # the files of points are JPEGs, whose dark pixels are not quite black


def load(root: Path) -> GazeData:
    """Read a copy of MIT1003; images without either of the two files are left out.

    Raises:
        DataError: There is no folder of images.
    """
    folder = root / "ALLSTIMULI"
    if not folder.is_dir():
        raise DataError(f"{root}: expected ALLSTIMULI/ beside ALLFIXATIONMAPS/")
    images, left_out = [], []
    for path in find_images([folder], recursive=False):
        try:
            images.append(_image(path, root / "ALLFIXATIONMAPS"))
        except DataError as error:
            left_out.append(LeftOut(str(path), str(error)))
    return GazeData("mit1003", tuple(images), SIGMA, "one degree, 35 pixels (Judd 2009)", tuple(left_out))


def _image(path: Path, folder: Path) -> GazeImage:
    """Return one image with the files that there are for it."""
    points, blurred = (folder / f"{path.stem}_{kind}.jpg" for kind in ("fixPts", "fixMap"))
    if not points.is_file() and not blurred.is_file():
        raise DataError(f"{path}: there is neither {points.name} nor {blurred.name} in {folder.name}")
    height, width = size_of(path)
    viewers: tuple[Fixations, ...] = ()
    if points.is_file():
        viewers = (np.argwhere(grey(points, height, width) > _WHITE).astype(np.int64),)
    return GazeImage(path, height, width, viewers, blurred if blurred.is_file() else None)
