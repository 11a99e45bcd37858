"""How a search went: coverage and QD score against evaluations, and how many cells are how good.

    plot_progress({"mutation": [(evaluations, coverage), …], "random": [(evaluations, coverage)]})

Runs of one arm differ in their seed: a line is their mean, a band reaches from the lowest to the highest.
Lines are steps, since an archive stays as it is until the next batch has been scored, and end where the
first of the runs ends: a mean of fewer runs would jump.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, PAGE_WIDTH, edge_of, new_axes, new_figure, styled
from evocative.taxonomy.colors import spare_colors

Runs = Sequence[tuple[ArrayLike, ArrayLike]]
"""Evaluations and values of each run of an arm."""
DASHES: Final[tuple[Any, ...]] = ("-", (0, (5, 1.6)), (0, (1.4, 1.2)), (0, (5, 1.4, 1.2, 1.4)))
"""Lines' kinds, so that arms stay apart without colour."""


@styled
def plot_progress(
    arms: Mapping[str, Runs],
    *,
    ylabel: str,
    share: bool = False,
    colors: Mapping[str, str] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw a value against evaluations: an arm's mean over its runs, and the range of these.

    Args:
        arms: Name to runs.
        ylabel: What the value is.
        share: The value is a share of 1, written in percent.
        colors: By arm.
        title: Above.
        axes: Where to draw; a new figure if None.

    Raises:
        DataError: An arm has no run, or evaluations do not rise.
    """
    axes = new_axes(axes, COLUMN_WIDTH, 2.4)
    shades = arm_colors(list(arms), colors)
    for place, (name, runs) in enumerate(arms.items()):
        steps, values = together(runs)
        line: dict[str, Any] = {"color": shades[name], "linestyle": DASHES[place % len(DASHES)]}
        many = f" (n = {len(runs)})" if len(runs) > 1 else ""
        axes.step(steps, values.mean(axis=0), where="post", label=f"{name}{many}", **line)
        if len(runs) > 1:
            axes.fill_between(steps, values.min(axis=0), values.max(axis=0), step="post", alpha=0.18,
                              color=shades[name], linewidth=0)  # fmt: skip
    axes.set(xlabel="evaluations", ylabel=ylabel, xlim=(0, None), ylim=(0, None))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title(title or "")
    return axes


@styled
def plot_profiles(
    arms: Mapping[str, Sequence[tuple[ArrayLike, int]]],
    *,
    colors: Mapping[str, str] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the share of cells that have at least a fitness, against that fitness.

    Args:
        arms: Name to (fitness of each occupied cell, number of all cells) of each run.
        colors: By arm.
        title: Above.
        axes: Where to draw; a new figure if None.

    Raises:
        DataError: An arm has no run, or a run more elites than cells.
    """
    axes = new_axes(axes, COLUMN_WIDTH, 2.4)
    shades = arm_colors(list(arms), colors)
    found = [np.asarray(fitness, np.float64) for runs in arms.values() for fitness, _ in runs]
    every = np.concatenate(found) if found else np.zeros(0)
    low, high = (min(0.0, float(every.min())), float(every.max())) if every.size else (0.0, 1.0)
    levels = np.linspace(low, high, 201)
    for place, (name, runs) in enumerate(arms.items()):
        if not runs:
            raise DataError(f"the arm {name} has no run")
        shares = np.stack([_profile(fitness, cells, levels) for fitness, cells in runs])
        line: dict[str, Any] = {"color": shades[name], "linestyle": DASHES[place % len(DASHES)]}
        axes.plot(levels, shares.mean(axis=0), label=name, **line)
        if len(runs) > 1:
            axes.fill_between(levels, shares.min(axis=0), shares.max(axis=0), alpha=0.18, linewidth=0,
                              color=shades[name])  # fmt: skip
    axes.set(xlabel="fitness", ylabel="cells with at least this fitness", ylim=(0, None))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title(title or "")
    return axes


@styled
def plot_search(
    coverage: Mapping[str, Runs],
    qd_score: Mapping[str, Runs],
    profiles: Mapping[str, Sequence[tuple[ArrayLike, int]]],
    *,
    colors: Mapping[str, str] | None = None,
    width: float = PAGE_WIDTH,
) -> Figure:
    """Draw coverage, QD score and final profile of the same arms side by side, with one legend.

    Args, errors: as `plot_progress` and `plot_profiles`.
    """
    lines = -(-len(coverage) // 4) if len(coverage) > 1 else 0
    figure = new_figure(width, 2.3 + 0.16 * lines)
    first, second, third = figure.subplots(1, 3)
    plot_progress(coverage, ylabel="cells filled", share=True, colors=colors, title="Coverage", axes=first)
    plot_progress(qd_score, ylabel="QD score", colors=colors, title="QD score", axes=second)
    plot_profiles(profiles, colors=colors, title="In the end", axes=third)
    if len(coverage) > 1:
        figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def together(runs: Runs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the evaluations that any run has a record of, and each run's value there.

    Only what all runs have reached is kept: from the latest first record to the earliest last one.

    Args:
        runs: (evaluations, values) of each.

    Returns:
        (M,) and (runs, M).

    Raises:
        DataError: There is no run, or evaluations do not rise.

    Example:
        >>> steps, values = together([([10, 20], [0.1, 0.2]), ([15, 25], [0.4, 0.5])])
        >>> steps.tolist(), values.tolist()
        ([15.0, 20.0], [[0.1, 0.2], [0.4, 0.4]])
    """
    columns = [np.asarray(steps, dtype=np.float64) for steps, _ in runs]
    if not columns or min(map(len, columns)) < 1:
        raise DataError(f"an arm needs a run or more, each with a record: found {len(columns)} runs")
    if any((np.diff(own) <= 0).any() for own in columns):
        raise DataError("evaluations must rise from record to record: sort the curve")
    first, last = max(own[0] for own in columns), min(own[-1] for own in columns)
    steps = np.unique(np.concatenate(columns))
    steps = steps[(steps >= first) & (steps <= last)]
    values = [
        np.asarray(reached, dtype=np.float64)[np.searchsorted(own, steps, side="right") - 1]
        for own, (_, reached) in zip(columns, runs, strict=True)
    ]
    return steps, np.stack(values)


def _profile(fitness: ArrayLike, cells: int, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    rising = np.sort(np.asarray(fitness, dtype=np.float64))
    if rising.size > cells:
        raise DataError(f"an archive has one elite a cell at most: found {rising.size} elites, {cells} cells")
    return np.asarray((rising.size - np.searchsorted(rising, levels)) / cells)


def arm_colors(names: Sequence[str], colors: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a colour an arm that is seen on white: those given, else those of the cycle in order."""
    given = colors or {}
    spare = iter(spare_colors(list(given.values()), len(names)))
    return {name: edge_of(given[name] if name in given else next(spare)) for name in names}
