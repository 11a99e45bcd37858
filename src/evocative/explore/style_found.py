"""Style found: what pictures of an emotion look like, made ones beside real ones.

    found = style_found(style_made, asked, style_real, said, names)
    found.gap                               # (K, F) how far made pictures are from real ones, in real SDs
    found.agreement["red_area"]             # over emotions: do makers and people paint the same emotions red?

Made pictures differ from photographs in everything at once: that gap says what the way of making can draw.
What the model has learnt of emotions shows in the contrast between emotions: each emotion's mean less the
mean of all emotions, made beside made, real beside real. Where both contrasts agree, the model and people
(who named the real images' emotions) find the same thing emotional. Two emotions always agree or disagree
wholly, so that contrasts need three.

Agreement is a correlation. That of one feature is over K emotions: its interval by Fisher's z, its p by
Student's t, and, as it is one of 64 that are looked at, its q by Benjamini & Hochberg. That of an emotion, of
all cells and of what goes with a dimension is over features: features are drawn for its interval, which says
how far it hangs on those that happen to be measured, and nothing of other pictures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.explain.style_names import LINEAR
from evocative.metrics.dimensional import pearson_r, spearman_rho
from evocative.metrics.intervals import Interval, bootstrap_figures
from evocative.metrics.many_tests import corrected, correlation_test

LEAST: Final = 2
"""Pictures of an emotion that a mean needs on either side."""
FEWEST: Final = 3
"""Emotions that a contrast needs."""
DRAWS: Final = 1000
"""Of features, for intervals."""
_ALL: Final = "all cells"


@dataclass(frozen=True, eq=False)
class StyleFound:
    """One way's style beside that of real images."""

    way: str
    made_for: str
    emotions: tuple[str, ...]
    """The K that both have."""
    counts: tuple[tuple[int, int], ...]
    """Made and real pictures of each."""
    features: tuple[str, ...]
    gap: Float64[np.ndarray, "K F"]
    """Made mean less real mean of the same emotion, in SDs of all real images; nan where all are equal."""
    made: Float64[np.ndarray, "K F"]
    """Contrast: an emotion's mean less the mean of the emotions' means, in real SDs."""
    real: Float64[np.ndarray, "K F"]
    """The same of real images."""
    agreement: Mapping[str, Interval]
    """By feature: correlation of both contrasts over emotions."""
    q: Mapping[str, float]
    """By feature: the rate of false discoveries at which its agreement is one; nan where there is none."""
    by_emotion: Mapping[str, Interval]
    """By emotion: correlation of both contrasts over features."""
    overall: Interval
    """Over all cells; features are drawn."""
    dimensions: Mapping[str, tuple[Mapping[str, float], Mapping[str, float], Interval]]
    """By axis: each feature's rank correlation with the judge's answer, on made and on real pictures, and how
    alike both are over features."""
    left_out: str | None = None
    """Why there are no contrasts; None where there are."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "way": self.way, "made_for": self.made_for, "emotions": list(self.emotions),
            "counts": [list(pair) for pair in self.counts], "features": list(self.features),
            "gap": self.gap.tolist(), "made": self.made.tolist(), "real": self.real.tolist(),
            "agreement": {name: one.to_dict() | {"q": self.q[name]} for name, one in self.agreement.items()},
            "by_emotion": {name: one.to_dict() for name, one in self.by_emotion.items()},
            "overall": self.overall.to_dict(), "left_out": self.left_out,
            "dimensions": {
                axis: {"made": dict(made), "real": dict(real), "agreement": agreement.to_dict()}
                for axis, (made, real, agreement) in self.dimensions.items()
            },
        }  # fmt: skip

    def most_alike(self, most: int) -> list[tuple[str, float]]:
        """Return the features on which model and people agree most, that of the largest real contrasts first.

        Ordered by agreement times the real contrasts' SD: a feature that says nothing about emotions in real
        images cannot be agreed on.
        """
        weights = dict(zip(self.features, self.real.std(axis=0), strict=True))
        known = [(name, one.value) for name, one in self.agreement.items() if not np.isnan(one.value)]
        return sorted(known, key=lambda pair: -pair[1] * float(weights[pair[0]]))[:most]


@dataclass(frozen=True, eq=False)
class Styled:
    """The style of one way's pictures, with what was asked for and what the judge says of them."""

    way: str
    made_for: str
    style: NDArray[np.float64]
    """(N, F) of `LINEAR`; NaN in bad rows, and where a feature is not defined."""
    asked: Int64[np.ndarray, " N"]
    """Place among the emotions, -1 where none."""
    vad: NDArray[np.float32]
    """(N, 3) the judge's answer, NaN where it predicts none."""

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which pictures were measured."""
        return np.asarray(~np.isnan(self.style).all(axis=1))


def style_found(made: Styled, real: Styled, names: Sequence[str], *, seed: int = 0) -> StyleFound:
    """Hold a way's style beside that of real images, emotion by emotion.

    Args:
        made: The way's pictures.
        real: Images with people's labels.
        names: The emotions that `asked` of both counts.
        seed: Of the draws of features.

    With fewer than `FEWEST` emotions on both sides there are gaps and no contrasts; `left_out` says so.
    """
    good = [made.good, real.good]
    places = [
        place
        for place in range(len(names))
        if all(((one.asked == place) & ok).sum() >= LEAST for one, ok in zip((made, real), good, strict=True))
    ]
    spread = _spread(real.style[good[1]])
    means = [
        _means(one.style, one.asked, ok, places) / spread for one, ok in zip((made, real), good, strict=True)
    ]
    emotions = tuple(names[place] for place in places)
    left_out = None if len(places) >= FEWEST else _too_few(emotions)
    contrasts = [_contrast(values, enough=left_out is None) for values in means]
    tests = {name: correlation_test(contrasts[1][:, f], contrasts[0][:, f]) for f, name in enumerate(LINEAR)}
    over_features = _over_features(contrasts[1], contrasts[0], emotions, seed)
    return StyleFound(
        made.way, made.made_for, emotions,
        tuple((_count(made, good[0], place), _count(real, good[1], place)) for place in places),
        LINEAR, means[0] - means[1], contrasts[0], contrasts[1],
        agreement={name: one for name, (one, _) in tests.items()},
        q=dict(zip(tests, corrected([p for _, p in tests.values()]).tolist(), strict=True)),
        overall=over_features.pop(_ALL),
        by_emotion=over_features,
        dimensions=_dimensions(made, real, good, seed),
        left_out=left_out,
    )  # fmt: skip


def _too_few(emotions: Sequence[str]) -> str:
    return (
        f"contrasts need {FEWEST} emotions with {LEAST} pictures or more, made and real; found "
        f"{len(emotions)}" + (f" ({', '.join(emotions)})" if emotions else "")
    )


def _spread(style: NDArray[np.float64]) -> Float64[np.ndarray, " F"]:
    """Return the SD of each feature where it is defined; nan where it does not vary."""
    known = ~np.isnan(style)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, style, 0).sum(axis=0) / counts
    sd = np.sqrt(np.where(known, (style - mean) ** 2, 0).sum(axis=0) / counts)
    return np.where(sd > 1e-12, sd, np.nan)


def _means(
    style: NDArray[np.float64], asked: NDArray[np.int64], good: NDArray[np.bool_], places: Sequence[int]
) -> Float64[np.ndarray, "K F"]:
    """Return each emotion's mean of what is defined; nan where that is fewer than `LEAST` pictures."""
    found = np.full((len(places), style.shape[1]), np.nan)
    for row, place in zip(found, places, strict=True):
        mine = style[(asked == place) & good]
        known = ~np.isnan(mine)
        counts = known.sum(axis=0)
        enough = counts >= LEAST
        row[enough] = np.where(known, mine, 0).sum(axis=0)[enough] / counts[enough]
    return found


def _contrast(means: Float64[np.ndarray, "K F"], *, enough: bool) -> Float64[np.ndarray, "K F"]:
    return means - means.mean(axis=0) if enough else np.full_like(means, np.nan)


def _count(one: Styled, good: NDArray[np.bool_], place: int) -> int:
    return int(((one.asked == place) & good).sum())


def _r(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return Pearson's r of what both have; nan with fewer than three."""
    there = ~(np.isnan(first) | np.isnan(second))
    return pearson_r(first[there], second[there]) if there.sum() > 2 else float("nan")


def _over_features(
    real: NDArray[np.float64], made: NDArray[np.float64], rows: Sequence[str], seed: int
) -> dict[str, Interval]:
    """Return the correlation of two tables (K, F), row by row and over all cells, with its interval."""
    known = ~(np.isnan(real) | np.isnan(made)).any(axis=0)

    def figures(one: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
        of_rows = {name: _r(one[:, k], other[:, k]) for k, name in enumerate(rows)}
        return of_rows | {_ALL: _r(one.ravel(), other.ravel())}

    if not known.any():
        return dict.fromkeys((*rows, _ALL), Interval(np.nan, np.nan, np.nan, 0))
    return bootstrap_figures(figures, real[:, known].T, made[:, known].T, n_resamples=DRAWS, seed=seed)


def _dimensions(
    made: Styled, real: Styled, good: Sequence[NDArray[np.bool_]], seed: int
) -> dict[str, tuple[dict[str, float], dict[str, float], Interval]]:
    found = {}
    for place, axis in enumerate(AXES):
        rows = [ok & ~np.isnan(one.vad[:, place]) for one, ok in zip((made, real), good, strict=True)]
        if min(int(each.sum()) for each in rows) < 3:
            continue
        both = [
            np.array([_rho(one.style[each, f], one.vad[each, place]) for f in range(len(LINEAR))])
            for one, each in zip((made, real), rows, strict=True)
        ]
        of_made, of_real = (dict(zip(LINEAR, values.tolist(), strict=True)) for values in both)
        found[axis] = (of_made, of_real, _over_features(both[1][None], both[0][None], (), seed)[_ALL])
    return found


def _rho(feature: NDArray[np.float64], answer: NDArray[np.float32]) -> float:
    """Return the rank correlation of a feature, where it is defined, with an answer; nan below three."""
    known = ~np.isnan(feature)
    return spearman_rho(feature[known], answer[known]) if known.sum() > 2 else float("nan")
