"""Sample sheets: every image once, beside its label."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.sheet import plot_sheet

Check = Callable[[Figure | Axes], list[str]]


def test_every_image_stands_in_the_rows_of_its_label(photograph: np.ndarray, drawn: Check) -> None:
    figure = plot_sheet(
        {"awe": [photograph] * 5, "fear": [photograph], "joy": []},
        columns=4,
        colors={"awe": "#56B4E9"},
        counts={"awe": 3151, "fear": 1032, "joy": 0},
        title="FI-8",
    )
    assert {"awe", "3,151", "fear", "1,032", "joy", "0", "FI-8"} <= set(drawn(figure))
    boxes = [axes.get_position() for axes in figure.axes]
    assert len(boxes) == 6
    assert len({round(box.y0, 6) for box in boxes}) == 3  # awe wraps into two lines
    assert boxes[5].y1 < boxes[4].y0 < boxes[3].y0
    heights = {text.get_text(): text.get_position()[1] for text in figure.texts}
    assert boxes[5].y0 < heights["fear"] < boxes[5].y1
    size = figure.get_size_inches()
    assert all(box.width * size[0] == pytest.approx(box.height * size[1]) for box in boxes)


def test_the_middle_square_is_shown() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    shown = np.asarray(plot_sheet({"awe": [wide]}).axes[0].images[0].get_array())
    assert shown.shape[:2] == (10, 10)
    assert (shown == 255).all()


def test_nothing_to_show_is_refused(photograph: np.ndarray) -> None:
    with pytest.raises(DataError, match="one label or more"):
        plot_sheet({})
    with pytest.raises(DataError, match="at least one column"):
        plot_sheet({"awe": [photograph]}, columns=0)
