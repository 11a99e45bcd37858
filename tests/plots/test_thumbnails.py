"""Any image becomes a small uint8 array, its proportions kept; what is none is refused."""

import numpy as np
import pytest
from PIL import Image

from evocative.errors import DataError
from evocative.plots.thumbnails import cropped, thumbnail


@pytest.mark.parametrize(
    "image",
    [
        np.full((40, 80), 200, np.uint8),
        np.full((40, 80, 1), 200, np.uint8),
        np.full((40, 80, 3), 200, np.uint8),
        np.full((40, 80, 3), 200 / 255, np.float32),
        np.dstack([np.full((40, 80, 3), 200, np.uint8), np.full((40, 80), 255, np.uint8)]),
        Image.new("L", (80, 40), 200),
        Image.new("RGB", (80, 40), (200, 200, 200)),
        Image.new("CMYK", (80, 40), (55, 55, 55, 0)),
    ],
)
def test_any_kind_of_image_is_made_small(image: np.ndarray | Image.Image) -> None:
    small = thumbnail(image, pixels=20)
    assert small.shape == (10, 20, 3)
    assert small.dtype == np.uint8
    assert abs(small.astype(int) - 200).max() <= 1


def test_small_images_are_not_made_larger_and_callers_keep_theirs() -> None:
    picture = Image.new("RGB", (300, 200))
    assert thumbnail(picture, pixels=1000).shape == (200, 300, 3)
    thumbnail(picture, pixels=10)
    assert picture.size == (300, 200)


def test_what_is_transparent_becomes_white() -> None:
    assert (thumbnail(Image.new("RGBA", (4, 4), (0, 0, 0, 0))) == 255).all()


@pytest.mark.parametrize(
    ("size", "aspect"), [((90, 30), 1.0), ((30, 90), 1.0), ((90, 30), 2.0), ((1, 50), 1.0)]
)
def test_the_middle_is_cut_to_a_proportion(size: tuple[int, int], aspect: float) -> None:
    height, width, _ = cropped(Image.new("RGB", size), aspect=aspect, pixels=500).shape
    assert width / height == pytest.approx(aspect, rel=0.05)
    assert min(width / size[0], height / size[1]) > 0


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((3, 40, 40), np.uint8), r"found shape \(3, 40, 40\)"),
        (np.zeros((0, 40, 3), np.uint8), "found shape"),
        (np.zeros((4, 4, 3), np.int64), "found int64"),
        (np.full((4, 4, 3), -1.5), "undo the normalisation"),
        (np.full((4, 4, 3), np.nan), "undo the normalisation"),
    ],
)
def test_what_is_no_image_is_refused(image: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        thumbnail(image)
