"""Which features of style go with valence, arousal, dominance and each emotion, and how surely.

    found = correlate(style_of_table(table, store="cache/"), table)
    found.strongest("valence", 10)

An emotion's target is the share of its votes where the table has votes, else 1 for its label and 0 for the
others (point-biserial). Intervals are percentile bootstraps; where rows have groups (themes, videos,
authors), whole groups are drawn. Many features are looked at, and at a level of 95 % one interval in twenty
leaves 0 out by chance: `q` is Benjamini & Hochberg's rate of false discoveries over all features and targets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64
from numpy.typing import NDArray
from scipy.stats import rankdata

from evocative.data.columns import AXES
from evocative.data.splits import groups
from evocative.data.table import Table
from evocative.errors import DataError, unknown
from evocative.explain.style import StyleTable
from evocative.explain.style_names import LINEAR
from evocative.metrics.intervals import Interval, bootstrap_figures
from evocative.metrics.many_tests import corrected, p_of_interval

RATE: Final = 0.05
"""Share of false discoveries among those that are called sure."""


def pearson(features: NDArray[Any], targets: NDArray[Any]) -> Float64[np.ndarray, "F T"]:
    """Return product-moment correlations of columns (N, F) with columns (N, T); NaN where one is constant."""
    first, second = (
        np.asarray(columns, dtype=np.float64) - np.mean(columns, axis=0) for columns in (features, targets)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.outer(np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0))
        found = first.T @ second / np.where(spread > 1e-12, spread, np.nan)
    return np.asarray(found.clip(-1, 1))


def spearman(features: NDArray[Any], targets: NDArray[Any]) -> Float64[np.ndarray, "F T"]:
    """Return rank correlations of columns, ties at their mean rank; NaN where one is constant."""
    return pearson(rankdata(features, axis=0), rankdata(targets, axis=0))


Kind = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]]
KINDS: Final = MappingProxyType({"pearson": pearson, "spearman": spearman})
"""Correlations by name. Ranks do not mind that areas of colour are skewed."""


@dataclass(frozen=True, eq=False)
class Correlations:
    """Correlations of features with targets."""

    found: dict[tuple[str, str], Interval]
    """By target and feature; the value is NaN where the feature is the same in all images."""
    kind: str
    """pearson or spearman."""

    @cached_property
    def p(self) -> dict[tuple[str, str], float]:
        """By target and feature: two-sided p of there being no correlation (`p_of_interval`)."""
        return {pair: p_of_interval(one) for pair, one in self.found.items()}

    @cached_property
    def q(self) -> dict[tuple[str, str], float]:
        """The same, corrected for all that were looked at together."""
        return dict(zip(self.p, corrected(list(self.p.values())).tolist(), strict=True))

    def sure(self, target: str, feature: str) -> bool:
        """Return whether a correlation is left where at most `RATE` of those that are may be wrong."""
        return self.q[target, feature] <= RATE

    @property
    def targets(self) -> tuple[str, ...]:
        """What was correlated with, dimensions first."""
        return tuple(dict.fromkeys(target for target, _ in self.found))

    def strongest(self, target: str, most: int | None = None) -> list[tuple[str, Interval]]:
        """Return features and their correlation with a target, strongest first, undefined ones left out.

        Raises:
            DataError: The target was not correlated with.
        """
        if target not in self.targets:
            raise DataError(unknown("target", target, self.targets))
        mine = [(name, one) for (of, name), one in self.found.items() if of == target]
        defined = [pair for pair in mine if not np.isnan(pair[1].value)]
        return sorted(defined, key=lambda pair: -abs(pair[1].value))[:most]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a target and feature, strongest first: target, feature, r, low, high, p, q, n, groups."""
        rows = [
            {"target": target, "feature": name, "r": one.value, "low": one.low, "high": one.high,
             "p": self.p[target, name], "q": self.q[target, name], "n": one.n, "groups": one.n_groups}
            for target in self.targets
            for name, one in self.strongest(target)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["target", "feature", "r", "low", "high", "p", "q", "n", "groups"])


def correlate(
    style: StyleTable,
    table: Table,
    *,
    kind: str = "spearman",
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Correlations:
    """Correlate style with what people said.

    Args:
        style: Of the table's images, row by row.
        table: With valence, arousal, dominance, labels or votes; rows that lack a target are left out of it,
            and a target of which fewer than three images are known is left out itself. Images that a feature
            is not defined of (the hue of greys) are left out of that feature's.
        kind: spearman or pearson.
        n_resamples: Draws of the bootstrap.
        level: Of the intervals.
        seed: Of the draws.

    Raises:
        DataError: The rows are not the table's, there is no target or none has images enough, or the kind is
            unknown.
    """
    if kind not in KINDS:
        raise DataError(unknown("correlation", kind, KINDS))
    if len(style.paths) != len(table):
        raise DataError(f"{table.name}: {len(table)} rows, and the style of {len(style.paths)} images")
    found: dict[tuple[str, str], Interval] = {}
    few: list[str] = []
    for names, columns in targets_of(table):
        rows = style.ok & ~np.isnan(columns).any(axis=1)
        if rows.sum() < 3:
            few.append(f"{names[0]} of {rows.sum()}")
            continue
        settings = {"n_resamples": n_resamples, "level": level, "seed": seed}
        together = groups(table)[rows] if "group" in table.frame else None
        found |= _of_targets(KINDS[kind], names, (style.matrix[rows], columns[rows]), together, settings)
    if not found:
        raise DataError(f"{table.name}: a correlation needs 3 images or more, found {', '.join(few)}")
    return Correlations(found, kind)


def targets_of(table: Table) -> list[tuple[tuple[str, ...], Float64[np.ndarray, "N T"]]]:
    """Return names and columns of what people said: each dimension, and the emotions together.

    Raises:
        DataError: The table has neither.
    """
    found: list[tuple[tuple[str, ...], Float64[np.ndarray, "N T"]]] = []
    for place, axis in enumerate(AXES):
        values = table.dimensions[:, place].astype(np.float64)
        if not np.isnan(values).all():
            found.append(((axis,), values[:, None]))
    votes, labels = table.votes, table.labels
    if table.taxonomy is not None and votes is not None:
        with np.errstate(invalid="ignore"):
            found.append((table.taxonomy.names, votes / votes.sum(axis=1, keepdims=True)))
    elif table.taxonomy is not None and (labels >= 0).any():
        said = np.eye(len(table.taxonomy))[labels]
        said[labels < 0] = np.nan
        found.append((table.taxonomy.names, said))
    if not found:
        raise DataError(
            f"{table.name}: expected valence, arousal, dominance, label or votes to correlate style with"
        )
    return found


def _of_targets(
    kind: Kind,
    targets: tuple[str, ...],
    pair: tuple[Float64[np.ndarray, "N F"], Float64[np.ndarray, "N T"]],
    together: NDArray[Any] | None,
    settings: Mapping[str, Any],
) -> dict[tuple[str, str], Interval]:
    """Correlate features with targets, those that are defined of the same images at once."""
    matrix, columns = pair
    known: Bool[np.ndarray, "N F"] = ~np.isnan(matrix)
    patterns, place_of = np.unique(known, axis=1, return_inverse=True)
    found: dict[tuple[str, str], Interval] = {}
    for place, rows in enumerate(patterns.T):
        features = np.flatnonzero(place_of.ravel() == place)
        names = [LINEAR[feature] for feature in features]
        if rows.sum() < 3:
            nothing = Interval(np.nan, np.nan, np.nan, int(rows.sum()), settings["level"])
            found |= {(target, name): nothing for target in targets for name in names}
            continue
        figures = bootstrap_figures(
            _named(kind, names, targets), matrix[np.ix_(rows, features)], columns[rows],
            groups=None if together is None else together[rows], **settings,
        )  # fmt: skip
        found |= {(target, name): figures[f"{target}/{name}"] for target in targets for name in names}
    return {(target, name): found[target, name] for target in targets for name in LINEAR}


def _named(
    kind: Kind, features: Sequence[str], targets: Sequence[str]
) -> Callable[[NDArray[Any], NDArray[Any]], dict[str, float]]:
    """Give a matrix of correlations names."""
    names = [f"{target}/{name}" for name in features for target in targets]

    def figures(features: NDArray[Any], columns: NDArray[Any]) -> dict[str, float]:
        return dict(zip(names, kind(features, columns).ravel().tolist(), strict=True))

    return figures
