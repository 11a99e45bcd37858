"""Mosaics: every picture in its own cell, the right way up, and empty cells pale."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.plots.mosaic import plot_cube_mosaic, plot_mosaic, plot_plane_mosaic, tiles
from evocative.plots.mosaic_map import between_emotions, plot_emotion_map, plot_strips


def plain(*color: int) -> NDArray[np.uint8]:
    return np.full((20, 30, 3), color, dtype=np.uint8)


def shown(figure: Figure, place: int = 0) -> NDArray[np.uint8]:
    return np.asarray(figure.axes[place].images[0].get_array())


def middle(whole: NDArray[np.uint8], row: int, column: int, side: int) -> list[int]:
    return [int(value) for value in whole[row * side + side // 2, column * side + side // 2]]


def test_tiles_lie_where_they_belong() -> None:
    whole = tiles({(0, 2): plain(255, 0, 0), (1, 0): plain(0, 9, 0), (1, 1): None}, (2, 3), pixels=24)
    assert whole.shape == (48, 72, 3)
    found = {(row, column): middle(whole, row, column, 24) for row in range(2) for column in range(3)}
    assert found[0, 2] == [255, 0, 0]
    assert found[1, 0] == [0, 9, 0]
    assert found[1, 1] == [176] * 3
    assert found[0, 0] == found[0, 1] == found[1, 2] == [238] * 3
    assert whole[24, :].min() == 255  # a gap between lines
    assert middle(tiles({}, (1, 1), pixels=24, pale=False), 0, 0, 24) == [255] * 3


def test_a_picture_is_not_turned() -> None:
    quarters = np.zeros((40, 40, 3), dtype=np.uint8)
    quarters[:20, :20, 0] = quarters[20:, 20:, 2] = 200
    whole = tiles({(0, 0): quarters}, (1, 1), pixels=24)
    assert whole[5, 5].tolist() == [200, 0, 0]
    assert whole[20, 20].tolist() == [0, 0, 200]
    assert whole[5, 20].tolist() == whole[20, 5].tolist() == [0, 0, 0]


def test_rows_and_columns_are_named() -> None:
    pictures = {(0, 0): plain(1, 2, 3)}
    figure = plot_mosaic(pictures, (2, 3), rows=["awe", "fear"], columns=list("abc"), colors=["red", "blue"],
                         xlabel="band", title="T")  # fmt: skip
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["awe", "fear"]
    assert axes.get_yticks().tolist() == [0.5, 1.5]  # rows lie from the top: the extent is turned
    assert list(axes.images[0].get_extent()) == [0, 3, 2, 0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    with pytest.raises(DataError, match="rows: expected one for each of 2, found 1"):
        plot_mosaic(pictures, (2, 3), rows=["awe"])
    with pytest.raises(DataError, match=r"no cell \(0, 3\)"):
        plot_mosaic({(0, 3): plain(1, 2, 3)}, (2, 3))


def test_the_plane_has_high_arousal_above_and_pleasure_on_the_right() -> None:
    pictures = {(0, 0): plain(255, 0, 0), (3, 0): plain(0, 255, 0), (0, 1): plain(0, 0, 255)}
    axes = plot_plane_mosaic(pictures, np.linspace(-1, 1, 5).tolist(), [-1, 0, 1])
    whole = np.asarray(axes.images[0].get_array())
    side = whole.shape[1] // 4
    assert middle(whole, 1, 0, side) == [255, 0, 0]  # low, unpleasant: bottom left
    assert middle(whole, 1, 3, side) == [0, 255, 0]
    assert middle(whole, 0, 0, side) == [0, 0, 255]
    assert list(axes.images[0].get_extent()) == [-1, 1, -1, 1]
    assert axes.images[0].origin == "upper"
    axes.figure.canvas.draw()


def test_a_cube_is_a_plane_a_slice() -> None:
    slices = {f"dominance {n}": {(n, 0): plain(255, 0, 0)} for n in range(4)}
    figure = plot_cube_mosaic(slices, [-1, -0.5, 0, 0.5, 1], [-1, 0, 1], columns=3)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["dominance 0", "dominance 1", "dominance 2", "dominance 3", "", ""]
    for place in range(4):
        whole = shown(figure, place)
        assert middle(whole, 1, place, whole.shape[1] // 4) == [255, 0, 0]
    with pytest.raises(DataError, match="one slice or more"):
        plot_cube_mosaic({}, [-1, 1], [-1, 1])


def test_strips_are_sorted_and_wrap() -> None:
    pictures = {"awe": [(0.2, plain(20, 0, 0)), (0.9, plain(90, 0, 0)), (0.5, plain(50, 0, 0))], "fear": []}
    figure = plot_strips(pictures, columns=2)
    whole = shown(figure)
    side = whole.shape[1] // 2
    assert [middle(whole, *cell, side)[0] for cell in ((0, 0), (0, 1), (1, 0))] == [90, 50, 20]
    assert middle(whole, 1, 1, side) == middle(whole, 2, 0, side) == [255] * 3
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["awe (3)", "", "fear (0)"]
    with pytest.raises(DataError, match="an emotion or more"):
        plot_strips({})


def test_emotions_stand_on_a_circle_and_the_undecided_in_the_middle() -> None:
    corners = between_emotions(np.eye(8))
    assert np.allclose(np.hypot(*corners.T), 1)
    assert np.allclose(corners[[0, 2, 4, 6]], [[0, 1], [1, 0], [0, -1], [-1, 0]])
    assert np.allclose(between_emotions(np.full((1, 8), 1 / 8)), 0)
    mixed = np.random.default_rng(0).dirichlet(np.ones(8), 5)
    wanted = [sum(p * corner for p, corner in zip(row, corners, strict=True)) for row in mixed]
    assert np.allclose(between_emotions(mixed), wanted)


def test_pictures_on_the_map_do_not_overlap_and_the_surest_is_there() -> None:
    chances = np.random.default_rng(1).dirichlet(np.full(3, 0.4), 60)
    pictures = [None if place % 7 == 0 else plain(place, 0, 0) for place in range(60)]
    axes = plot_emotion_map(chances, pictures, ["awe", "fear", "joy"], colors={"awe": "#FF0000"})
    axes.figure.canvas.draw()
    boxes = [artist for artist in axes.artists if isinstance(artist, AnnotationBbox)]
    spans = [box.get_window_extent().padded(-2) for box in boxes]  # borders may touch
    assert len(boxes) > 5
    for place, one in enumerate(spans):
        assert not one.count_overlaps(spans[place + 1 :])
    seen = [place for place in range(60) if place % 7]
    surest = between_emotions(chances[[max(seen, key=lambda place: chances[place].max())]])[0]
    assert any(np.allclose(box.xy, surest) for box in boxes)
    with pytest.raises(DataError, match="found 59 for 60 rows"):
        plot_emotion_map(chances, pictures[:-1], ["awe", "fear", "joy"])


def test_no_text_is_cut_off(drawn: Callable[[Figure | Axes], list[str]]) -> None:
    names, edges = ["contentment", "excitement"], [-1.0, 0.0, 1.0]
    said = drawn(plot_mosaic({(0, 0): None}, (2, 2), rows=names, columns=["0-50", "50-100"], title="Two"))
    assert {"contentment", "0-50", "Two"} <= set(said)
    said = drawn(plot_plane_mosaic({}, edges, edges, title="Plane"))
    assert {"calm", "excited", "valence", "arousal"} <= set(said)
    drawn(plot_cube_mosaic({"dominance -1 to 1": {}}, edges, edges))
    labels = ["contentment", "excitement", "amusement"]
    assert set(labels) <= set(drawn(plot_emotion_map([[1.0, 0, 0]], [plain(1, 2, 3)], labels, title="Map")))
