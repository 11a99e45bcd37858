"""Curves of searches: means and ranges where all runs have got to, steps, one legend."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.metrics.quality_diversity import archive_profile
from evocative.plots.progress import arm_colors, plot_profiles, plot_progress, plot_search, together

RUNS = [([10, 20, 30], [0.1, 0.2, 0.3]), ([5, 25, 40], [0.4, 0.6, 0.9])]


def test_runs_meet_where_all_have_records() -> None:
    steps, values = together(RUNS)
    assert steps.tolist() == [10, 20, 25, 30]
    assert values.tolist() == [[0.1, 0.2, 0.2, 0.3], [0.4, 0.4, 0.6, 0.6]]


def test_a_line_is_the_mean_and_the_band_the_range() -> None:
    axes = plot_progress({"evolved": RUNS, "random": [([10, 20], [0.0, 0.5])]}, ylabel="cells", share=True)
    first, second = axes.lines
    assert np.allclose(first.get_ydata(), [0.25, 0.3, 0.4, 0.45])
    assert first.get_drawstyle() == "steps-post"
    assert np.asarray(second.get_ydata()).tolist() == [0.0, 0.5]
    assert [line.get_label() for line in axes.lines] == ["evolved (n = 2)", "random"]
    (band,) = axes.collections
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert (heights.min(), heights.max()) == (0.1, 0.6)
    with pytest.raises(DataError, match="must rise"):
        together([([10, 10], [0.1, 0.2])])
    with pytest.raises(DataError, match="one elite a cell"):
        plot_profiles({"evolved": [([0.1, 0.2], 1)]})
    with pytest.raises(DataError, match="a run or more"):
        plot_progress({"none": []}, ylabel="cells")


def test_a_profile_is_that_of_the_metric() -> None:
    fitness = [[0.2, 0.8, 0.9], [0.5]]
    axes = plot_profiles({"evolved": [(values, 4) for values in fitness]})
    (line,) = axes.lines
    levels = np.asarray(line.get_xdata())
    wanted = np.mean([archive_profile(values, levels, cells=4) for values in fitness], axis=0)
    assert np.allclose(line.get_ydata(), wanted)
    assert (levels[0], levels[-1]) == (0.0, 0.9)


def test_a_search_has_three_panels_and_one_legend(drawn: Callable[[Figure | Axes], list[str]]) -> None:
    arms = {f"arm {n}": RUNS for n in range(5)}
    figure = plot_search(arms, arms, {name: [([0.1], 2)] for name in arms})
    said = drawn(figure)
    assert said.count("arm 4 (n = 2)") == 1
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Coverage", "QD score", "In the end"]
    assert len(figure.legends) == 1
    assert not plot_search({"a": RUNS}, {"a": RUNS}, {"a": [([0.1], 2)]}).legends


def test_arms_have_colours_of_their_own() -> None:
    names = [f"arm {n}" for n in range(12)]
    found = arm_colors(names, {"arm 3": "#000000"})
    assert list(found) == names
    assert len(set(found.values())) == 12
    assert found["arm 3"] == "#000000"
