"""Several atlases beside each other: what each way of searching reached with as many evaluations.

    compared = compare_atlases([read_atlas(folder) for folder in folders])
    compared.evaluations                      # the most that every run has reached
    compared.arms["cma-me"]["coverage"]       # OverSeeds: mean, SD, interval

Runs whose settings differ only in the seed are one arm. Figures of arms compare where cells, fitness and
model are the same; other atlases are refused, or told of in `notes`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import Any, Final

import numpy as np

from evocative.errors import DataError
from evocative.explore.atlas_folder import Atlas
from evocative.explore.atlas_settings import SIGMA, unused
from evocative.metrics.many_tests import corrected
from evocative.metrics.quality_diversity import OverSeeds, at_evaluations, over_seeds
from evocative.metrics.significance import Welch, welch
from evocative.plain import plain

FIGURES: Final = ("coverage", "qd_score", "best")
"""What is read off the curves."""
_NOT_AN_ARM: Final = ("seed", "evaluations")  # settings in which runs of one arm may differ


@dataclass(frozen=True, eq=False)
class Compared:
    """What atlases reached with as many evaluations."""

    evaluations: int
    """At which all are read off."""
    cells: int
    runs: Mapping[str, Sequence[Atlas]]
    """Of each arm, by seed."""
    arms: Mapping[str, Mapping[str, OverSeeds]]
    """Arm to figure over its seeds."""
    against: str | None
    """The arm that the others are compared with."""
    differences: Mapping[str, Mapping[str, Welch]]
    """Arm to figure less that of `against`; NaN ends where an arm has fewer than two seeds."""
    notes: tuple[str, ...] = ()

    @cached_property
    def corrected(self) -> dict[str, dict[str, float]]:
        """Arm to figure: p of each difference, corrected by Holm for all of them; NaN without p."""
        pairs = [(arm, figure) for arm, figures in self.differences.items() for figure in figures]
        values = corrected([self.differences[arm][figure].p for arm, figure in pairs], "holm").tolist()
        found: dict[str, dict[str, float]] = {arm: {} for arm in self.differences}
        for (arm, figure), p in zip(pairs, values, strict=True):
            found[arm][figure] = p
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON can hold it: what is not finite is null."""
        values = {
            "evaluations": self.evaluations,
            "cells": self.cells,
            "against": self.against,
            "arms": {
                name: {"runs": [run.name for run in self.runs[name]], **_asdict(figures)}
                for name, figures in self.arms.items()
            },
            "differences": {
                name: {
                    figure: asdict(one) | {"p_holm": self.corrected[name][figure]}
                    for figure, one in figures.items()
                }
                for name, figures in self.differences.items()
            },
            "notes": list(self.notes),
        }
        return dict(plain(values))


def compare_atlases(
    atlases: Sequence[Atlas],
    *,
    names: Sequence[str] | None = None,
    at: int | None = None,
    against: str | None = None,
    level: float = 0.95,
) -> Compared:
    """Read atlases off at as many evaluations, and compare arms.

    Args:
        atlases: One or more, of the same cells.
        names: Of their arms, one an atlas; by default the settings in which they differ.
        at: Evaluations; by default the most that every run has reached.
        against: The arm that others are compared with; by default `random` where there is one, else none.
        level: Of intervals.

    Raises:
        DataError: Cells differ, a seed stands twice in an arm, or there is no record at so many evaluations.
    """
    if not atlases:
        raise DataError("expected one atlas or more to compare, found none")
    _check_cells(atlases)
    runs = arms_of(atlases, names)
    empty = [str(run.folder) for run in atlases if not len(run.curve)]
    if empty:
        raise DataError(f"curves without a record say nothing to compare: {', '.join(empty)}; leave them out")
    common = min(int(run.curve["evaluations"].max()) for run in atlases)
    evaluations = common if at is None else at
    reached = {name: _figures(found, evaluations) for name, found in runs.items()}
    arms = {
        name: {figure: over_seeds(values, level=level) for figure, values in figures.items()}
        for name, figures in reached.items()
    }
    against = _against(against, runs)
    differences = {
        name: {
            figure: welch(values, reached[against][figure], level=level) for figure, values in figures.items()
        }
        for name, figures in reached.items()
        if against is not None and name != against
    }
    notes = _notes(atlases)
    return Compared(evaluations, atlases[0].num_cells, runs, arms, against, differences, notes)


def arms_of(atlases: Sequence[Atlas], names: Sequence[str] | None = None) -> dict[str, list[Atlas]]:
    """Sort runs into arms, in the order in which they come, each by seed.

    Args:
        atlases: Any.
        names: One an atlas, or None: an arm is called by the values of the settings that differ between arms
            (emitter, genome …), and by the model's name where models differ.

    Raises:
        DataError: Two runs of an arm have one seed, or there is not a name an atlas.
    """
    if names is not None and len(names) != len(atlases):
        raise DataError(f"expected a name for each of {len(atlases)} atlases, found {len(names)}")
    found: dict[str, list[Atlas]] = {}
    for name, run in zip(_called(atlases) if names is None else names, atlases, strict=True):
        found.setdefault(name, []).append(run)
    for name, runs in found.items():
        seeds = [run.settings.get("seed") for run in runs]
        if len(set(seeds)) < len(seeds):
            raise DataError(
                f"arm {name}: two runs of one seed are one run twice, found seeds {seeds} of "
                f"{', '.join(str(run.folder) for run in runs)}; leave one out, or name arms as NAME=RUN"
            )
        runs.sort(key=lambda run: int(run.settings.get("seed", 0)))
    return found


def _called(atlases: Sequence[Atlas]) -> list[str]:
    """Name each run's arm by the settings that are not the same everywhere."""
    settings = [
        {**_of_an_arm(run.settings), "model": run.model.name, "weights": run.model.weights} for run in atlases
    ]
    keys = dict.fromkeys(key for one in settings for key in one)
    values = {key: {json.dumps(one[key], default=str) for one in settings if key in one} for key in keys}
    differing = [key for key in keys if len(values[key]) > 1]
    shown = [key for key in differing if key != "weights" or "model" not in differing] or ["emitter"]
    plain = ("emitter", "genome", "kind", "fitness", "model")
    return [
        ", ".join(_value(key, one.get(key), bare=key in plain) for key in shown if key in one) or "all"
        for one in settings
    ]


def _of_an_arm(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what runs of one arm may differ in, and what makes no difference."""
    found = {name: each for name, each in settings.items() if name not in {*_NOT_AN_ARM, *unused(settings)}}
    if "sigma" in found and found["sigma"] == SIGMA.get(str(settings.get("emitter"))):
        found["sigma"] = "default"
    return found


def _value(key: str, value: Any, *, bare: bool) -> str:
    return str(value) if bare else f"{key} {str(value)[:20]}"


def _check_cells(atlases: Sequence[Atlas]) -> None:
    first = atlases[0]
    for other in atlases[1:]:
        same = other.kind == first.kind and other.dims == first.dims
        if not same or other.num_cells != first.num_cells:
            raise DataError(
                f"{other.folder}: coverage and QD score compare between archives of the same cells; expected "
                f"those of {first.folder} ({_told(first)}), found {_told(other)}"
            )


def _told(atlas: Atlas) -> str:
    sizes = " × ".join(f"{axis.name} {len(axis)}" for axis in atlas.dims)
    return f"{atlas.kind}, {sizes or f'{atlas.num_cells} regions'}"


def _figures(runs: Sequence[Atlas], at: int) -> dict[str, list[float]]:
    found = {
        figure: [float(at_evaluations(run.curve["evaluations"], run.curve[figure], at)[0]) for run in runs]
        for figure in FIGURES
    }
    for place, run in enumerate(runs):
        if not isfinite(found["coverage"][place]):
            steps = run.curve["evaluations"]
            raise DataError(
                f"{run.folder}: has no record at {at:,} evaluations; its curve goes from {steps.min():,} to "
                f"{steps.max():,}"
            )
    return found


def _against(wanted: str | None, runs: Mapping[str, Any]) -> str | None:
    if wanted is not None and wanted not in runs:
        raise DataError(f"there is no arm {wanted!r} to compare with; there are: {', '.join(runs)}")
    if wanted is None and len(runs) > 1:
        return next((name for name in runs if "random" in name), None)
    return wanted


def _notes(atlases: Sequence[Atlas]) -> tuple[str, ...]:
    notes = []
    if len({_fitness(run) for run in atlases}) > 1:
        notes.append("Fitness differs between runs: QD scores and best fitness do not compare.")
    ends = [int(run.curve["evaluations"].max()) for run in atlases]
    if max(ends) > 1.1 * min(ends):
        notes.append(
            f"Runs end after {min(ends):,} to {max(ends):,} evaluations: their final profiles do not compare."
        )
    if len({run.model.weights for run in atlases}) > 1:
        notes.append("Models differ: what is compared is models and searches at once.")
    regions = [run.centroids for run in atlases if run.centroids is not None]
    if any(not np.array_equal(regions[0], other) for other in regions[1:]):
        notes.append("Regions of probabilities are as many in every run, and lie elsewhere.")
    return tuple(notes)


def _fitness(run: Atlas) -> str:
    """Return what elites compete by: with agreement, that of these judges on so many views."""
    name = run.settings.get("fitness")
    told = ("views", "judges") if name == "agreement" else ()
    return json.dumps([name, *(run.settings.get(each) for each in told)], default=str)


def _asdict(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asdict(value) for name, value in figures.items()}
