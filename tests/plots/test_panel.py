"""The panel of predictions: everything that is predicted stands there, from one image to twenty."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from evocative.errors import DataError
from evocative.plots.panel import Prediction, plot_predictions
from evocative.plots.style import save

Check = Callable[[Figure | Axes], list[str]]

NAMES = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness")
COLORS = ("#F0E442", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#332288", "#0072B2")
SHARES = (0.02, 0.6, 0.1, 0.08, 0.05, 0.05, 0.097, 0.003)


def _one(photograph: np.ndarray, caption: str = "china.jpg") -> Prediction:
    return Prediction(photograph, caption, SHARES, valence=0.41, arousal=-0.12)


@pytest.mark.parametrize("n", [1, 3, 20])
def test_every_part_of_every_image_fits(n: int, photograph: np.ndarray, drawn: Check) -> None:
    figure = plot_predictions(
        [_one(photograph, f"{place}.jpg") for place in range(n)],
        names=NAMES,
        colors=COLORS,
        title="What they evoke",
    )
    said = drawn(figure)
    assert {f"{place}.jpg" for place in range(n)} <= set(said)
    assert said.count("60 %") == n
    assert said.count("<1 %") == n
    assert said.count("valence +0.41   arousal −0.12") == n
    assert said.count("sadness") == n
    assert "What they evoke" in said
    assert sum(len(axes.images) for axes in figure.axes) == n


def test_bars_are_as_long_as_the_probabilities_in_the_colours_of_the_emotions(photograph: np.ndarray) -> None:
    figure = plot_predictions([_one(photograph)], names=NAMES, colors=COLORS)
    axes = next(axes for axes in figure.axes if axes.containers)
    names = [text.get_text() for text in axes.texts if text.get_position()[0] < 0]
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle)][1::2]  # each lies above its track
    assert names == list(NAMES)
    assert [bar.get_width() for bar in bars] == pytest.approx(SHARES)
    assert [to_hex(bar.get_facecolor()).upper() for bar in bars] == list(COLORS)


def test_the_likeliest_is_bold_and_gives_the_point_its_colour(photograph: np.ndarray) -> None:
    figure = plot_predictions([_one(photograph)], names=NAMES, colors=COLORS)
    bold = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_fontweight() == "bold"]
    assert bold == ["awe", "60 %"]
    points = [line for axes in figure.axes for line in axes.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in points] == [(0.41, -0.12)]  # type: ignore[index]
    assert points[0].get_color() == "#56B4E9"


def test_of_many_emotions_the_eight_likeliest_are_shown(photograph: np.ndarray, drawn: Check) -> None:
    names = [f"emotion {place}" for place in range(25)]
    shares = np.arange(25) / np.arange(25).sum()
    said = drawn(plot_predictions([Prediction(photograph, probabilities=shares.tolist())], names=names))
    assert [text for text in said if text.startswith("emotion")] == [
        f"emotion {place}" for place in range(24, 16, -1)
    ]


def test_what_a_model_does_not_predict_takes_no_room(photograph: np.ndarray, drawn: Check) -> None:
    full = plot_predictions([_one(photograph)], names=NAMES)
    only_bars = plot_predictions([Prediction(photograph, probabilities=SHARES)], names=NAMES)
    only_plane = plot_predictions([Prediction(photograph, valence=0.1, arousal=0.2)])
    assert only_bars.get_figwidth() < full.get_figwidth()
    assert only_plane.get_figwidth() < full.get_figwidth()
    assert "valence +0.10   arousal +0.20" in drawn(only_plane)
    assert len(plot_predictions([Prediction(photograph)]).axes) == 1


def test_labels_and_long_captions(photograph: np.ndarray, drawn: Check) -> None:
    path = "a/very/deep/folder/of/photographs/of/2019/summer/IMG_20190704.jpg"
    said = drawn(plot_predictions([Prediction(photograph, path, SHARES, label="awe")], names=NAMES))
    assert "label: awe" in said
    short = next(text for text in said if "…" in text)
    assert path.startswith(short.split("…")[0])
    assert path.endswith(short.split("…")[1])


@pytest.mark.parametrize("shape", [(10, 300, 3), (300, 10, 3), (1, 1, 3)])
def test_images_of_any_proportion_stay_in_their_place(shape: tuple[int, int, int], drawn: Check) -> None:
    figure = plot_predictions(
        [Prediction(np.zeros(shape, np.uint8), "narrow.png", SHARES, 0.0, 0.0)], names=NAMES
    )
    drawn(figure)
    image = next(axes for axes in figure.axes if axes.images)
    box = image.get_window_extent()
    assert box.width / box.height == pytest.approx(shape[1] / shape[0], rel=0.01)
    assert box.x1 <= figure.bbox.x1


def test_a_file_comes_of_it(photograph: np.ndarray, tmp_path: Path) -> None:
    path = save(plot_predictions([_one(photograph)], names=NAMES), tmp_path / "panel.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_what_does_not_fit_is_refused(photograph: np.ndarray) -> None:
    with pytest.raises(DataError, match="found none"):
        plot_predictions([])
    with pytest.raises(DataError, match=r"prediction 1 \(b.jpg\).*found 2"):
        plot_predictions([_one(photograph), Prediction(photograph, "b.jpg", [0.5, 0.5])], names=NAMES)
    with pytest.raises(DataError, match="a colour a name, 8 of them, found 1"):
        plot_predictions([_one(photograph)], names=NAMES, colors=["#000000"])
