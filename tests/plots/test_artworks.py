"""Pictures with answers, and augmentation sheets."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import to_hex

from evocative.errors import DataError
from evocative.plots.artworks import Answered, plot_artworks
from evocative.plots.augmented import plot_augmented
from evocative.plots.style import edge_of

Check = Callable[..., list[str]]


@pytest.mark.parametrize("columns", [None, 1, 5])
def test_every_picture_says_its_class(drawn: Check, photograph: np.ndarray, columns: int | None) -> None:
    tall = np.swapaxes(photograph, 0, 1)
    answered = [
        Answered(
            image,
            label,
            0.456,
            "a very long title of a picture that must be cut somewhere before its distant end",
        )
        for image, label in zip([photograph, tall] * 3, ["contentment", "fear"] * 3, strict=True)
    ]
    figure = plot_artworks(answered, colors={"fear": "#332288"}, columns=columns)
    said = drawn(figure)
    assert sum("contentment" in text and "0.46" in text for text in said) == 3
    assert sum(text.endswith("…") for text in said) == 6
    frames = [to_hex(axes.spines["left"].get_edgecolor()) for axes in figure.axes]
    assert frames[1] == edge_of("#332288").lower()
    boxes = [axes.get_window_extent() for axes in figure.axes]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_augmented_images_stand_in_rows(drawn: Check, photograph: np.ndarray) -> None:
    figure = plot_augmented([[photograph] * 3] * 2, heads=["image", "epoch 1", "epoch 2"])
    assert [text for text in drawn(figure) if text] == ["image", "epoch 1", "epoch 2"]
    assert len(figure.axes) == 6


def test_refusals(photograph: np.ndarray) -> None:
    with pytest.raises(DataError, match="one picture"):
        plot_artworks([])
    with pytest.raises(DataError, match="rows of 2"):
        plot_augmented([[photograph]], heads=["image", "epoch 1"])
