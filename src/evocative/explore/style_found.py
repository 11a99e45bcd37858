"""Style found: what pictures of an emotion look like, made ones beside real ones.

    found = style_found(style_made, asked, style_real, said, names)
    found.gap                               # (K, F) how far made pictures are from real ones, in real SDs
    found.agreement["red_area"]             # over emotions: do makers and people paint the same emotions red?

Made pictures differ from photographs in everything at once: that gap says what the way of making can draw.
What the model has learnt of emotions shows in the contrast between emotions: each emotion's mean less the
mean of all emotions, made beside made, real beside real. Where both contrasts agree, the model and people
(who named the real images' emotions) find the same thing emotional; agreement is a correlation, and with
K = 8 emotions one of a single feature is uncertain (|r| > .71 for p < .05); over all cells it is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.explain.style_correlations import spearman
from evocative.explain.style_names import LINEAR
from evocative.metrics.dimensional import pearson_r

LEAST: Final = 2
"""Pictures of an emotion that a mean needs on either side."""


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
    agreement: Mapping[str, float]
    """By feature: correlation of both contrasts over emotions."""
    by_emotion: Mapping[str, float]
    """By emotion: correlation of both contrasts over features."""
    overall: float
    """Over all cells."""
    dimensions: Mapping[str, tuple[Mapping[str, float], Mapping[str, float], float]]
    """By axis: each feature's rank correlation with the judge's answer, on made and on real pictures, and how
    alike both are over features."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "way": self.way, "made_for": self.made_for, "emotions": list(self.emotions),
            "counts": [list(pair) for pair in self.counts], "features": list(self.features),
            "gap": self.gap.tolist(), "made": self.made.tolist(), "real": self.real.tolist(),
            "agreement": dict(self.agreement), "by_emotion": dict(self.by_emotion), "overall": self.overall,
            "dimensions": {
                axis: {"made": dict(made), "real": dict(real), "agreement": agreement}
                for axis, (made, real, agreement) in self.dimensions.items()
            },
        }  # fmt: skip

    def most_alike(self, most: int) -> list[tuple[str, float]]:
        """Return the features on which model and people agree most, that of the largest real contrasts first.

        Ordered by agreement times the real contrasts' SD: a feature that says nothing about emotions in real
        images cannot be agreed on.
        """
        weights = dict(zip(self.features, self.real.std(axis=0), strict=True))
        known = [(name, r) for name, r in self.agreement.items() if not np.isnan(r)]
        return sorted(known, key=lambda pair: -pair[1] * float(weights[pair[0]]))[:most]


@dataclass(frozen=True, eq=False)
class Styled:
    """The style of one way's pictures, with what was asked for and what the judge says of them."""

    way: str
    made_for: str
    style: NDArray[np.float64]
    """(N, F) of `LINEAR`; NaN in bad rows."""
    asked: Int64[np.ndarray, " N"]
    """Place among the emotions, -1 where none."""
    vad: NDArray[np.float32]
    """(N, 3) the judge's answer, NaN where it predicts none."""

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which pictures were measured."""
        return np.asarray(~np.isnan(self.style).any(axis=1))


def style_found(made: Styled, real: Styled, names: Sequence[str]) -> StyleFound:
    """Hold a way's style beside that of real images, emotion by emotion.

    Args:
        made: The way's pictures.
        real: Images with people's labels.
        names: The emotions that `asked` of both counts.
    """
    good = [made.good, real.good]
    places = [
        place
        for place in range(len(names))
        if all(((one.asked == place) & ok).sum() >= LEAST for one, ok in zip((made, real), good, strict=True))
    ]
    spread = real.style[good[1]].std(axis=0) if good[1].any() else np.zeros(len(LINEAR))
    spread = np.where(spread > 1e-12, spread, np.nan)
    means = [
        _means(one.style, one.asked, ok, places) / spread for one, ok in zip((made, real), good, strict=True)
    ]
    contrasts = [values - values.mean(axis=0) if places else values for values in means]
    emotions = tuple(names[place] for place in places)
    return StyleFound(
        made.way, made.made_for, emotions,
        tuple((_count(made, good[0], place), _count(real, good[1], place)) for place in places),
        LINEAR, means[0] - means[1], contrasts[0], contrasts[1],
        agreement={name: _r(contrasts[1][:, f], contrasts[0][:, f]) for f, name in enumerate(LINEAR)},
        by_emotion={name: _r(contrasts[1][k], contrasts[0][k]) for k, name in enumerate(emotions)},
        overall=_r(contrasts[1].ravel(), contrasts[0].ravel()),
        dimensions=_dimensions(made, real, good),
    )  # fmt: skip


def _means(
    style: NDArray[np.float64], asked: NDArray[np.int64], good: NDArray[np.bool_], places: Sequence[int]
) -> Float64[np.ndarray, "K F"]:
    rows = [style[(asked == place) & good].mean(axis=0) for place in places]
    return np.stack(rows) if rows else np.zeros((0, style.shape[1]))


def _count(one: Styled, good: NDArray[np.bool_], place: int) -> int:
    return int(((one.asked == place) & good).sum())


def _r(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return Pearson's r of what both have; nan with fewer than three."""
    there = ~(np.isnan(first) | np.isnan(second))
    return pearson_r(first[there], second[there]) if there.sum() > 2 else float("nan")


def _dimensions(
    made: Styled, real: Styled, good: Sequence[NDArray[np.bool_]]
) -> dict[str, tuple[dict[str, float], dict[str, float], float]]:
    found = {}
    for place, axis in enumerate(AXES):
        rows = [ok & ~np.isnan(one.vad[:, place]) for one, ok in zip((made, real), good, strict=True)]
        if min(int(each.sum()) for each in rows) < 3:
            continue
        both = [
            spearman(one.style[each], one.vad[each, place : place + 1])[:, 0]
            for one, each in zip((made, real), rows, strict=True)
        ]
        named = [dict(zip(LINEAR, values.tolist(), strict=True)) for values in both]
        found[axis] = (named[0], named[1], _r(both[1], both[0]))
    return found
