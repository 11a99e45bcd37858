"""Top-2 cross-sentiment: how often the two best labels are of opposite sentiment (Motiejauskas 2026, 4.2.1).

Of a row, let (c₁, p₁) and (c₂, p₂) be the two labels with the highest probabilities. The row is eligible
where p₁ ≥ θ and p₂ ≥ θ (eq. 4.12); the rate is the share of eligible rows whose two labels are of different
sentiment (eq. 4.13). It needs no true labels.

Sentiment goes by the name of a label. The paper's index map (0–3 positive, 4–7 negative) holds for one order
of the labels only. The paper's labels all have a polarity; where the two best labels include one without
(neutral, or of no known sentiment) the pair is neither cross nor same: it is counted as `unpolar` and is not
eligible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError, unknown
from evocative.metrics.checks import as_probabilities, check_names

_POLARITY = {"positive": 1, "negative": -1, "neutral": 0, None: 0}


@dataclass(frozen=True)
class CrossSentiment:
    """Counts of the sentiments of the two best labels (best first), of rows with p₁ ≥ θ and p₂ ≥ θ."""

    n: int  # all rows
    theta: float
    positive_negative: int
    negative_positive: int
    positive_positive: int
    negative_negative: int
    unpolar: int  # p₁, p₂ ≥ θ, but one of the two labels is neutral or has no sentiment

    @property
    def n_eligible(self) -> int:
        """Rows whose two best labels both have a polarity and a probability ≥ θ."""
        return self.n_cross + self.positive_positive + self.negative_negative

    @property
    def n_cross(self) -> int:
        """Eligible rows whose two best labels are of opposite sentiment."""
        return self.positive_negative + self.negative_positive

    @property
    def rate(self) -> float:
        """The share of eligible rows that are cross-sentiment, in [0, 1]; nan where none is eligible."""
        return self.n_cross / self.n_eligible if self.n_eligible else nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        derived = {"n_eligible": self.n_eligible, "n_cross": self.n_cross, "rate": self.rate}
        return {**self.__dict__, **derived}


def top2_cross_sentiment(
    probabilities: ArrayLike,
    *,
    names: Sequence[str],
    sentiments: Mapping[str, str | None],
    theta: float = 0.0,
) -> CrossSentiment:
    """Count how often the two best labels are of opposite sentiment.

    Args:
        probabilities: (N, K), in [0, 1], summing to 1.
        names: the K labels, in the order of the columns.
        sentiments: each label's sentiment: "positive", "negative", "neutral" or None. It may hold other
            labels.
        theta: both probabilities must be at least this. Compared in the precision of the probabilities.

    Of equal probabilities the label that comes first in the alphabet counts as the higher, so that the order
    of the columns never matters.

    Raises:
        DataError: these are no probabilities, a label's sentiment is not given, or there are fewer than two
            labels.

    Example:
        >>> mood = {"awe": "positive", "joy": "positive", "fear": "negative"}
        >>> rows = [[0.6, 0.1, 0.3], [0.5, 0.4, 0.1]]
        >>> top2_cross_sentiment(rows, names=["awe", "joy", "fear"], sentiments=mood).rate
        0.5
    """
    names = check_names(names)
    scores = as_probabilities(probabilities, n_classes=len(names))
    if not 0 <= theta <= 1:
        raise DataError(f"theta is a probability in [0, 1], found {theta}")
    polarities = np.stack(top2_rows(scores, names=names, sentiments=sentiments))
    sure = (np.sort(scores, axis=1)[:, -2:] >= theta).all(axis=1)
    first, second = polarities[:, sure]
    return CrossSentiment(
        n=len(scores),
        theta=theta,
        positive_negative=int(np.count_nonzero((first > 0) & (second < 0))),
        negative_positive=int(np.count_nonzero((first < 0) & (second > 0))),
        positive_positive=int(np.count_nonzero((first > 0) & (second > 0))),
        negative_negative=int(np.count_nonzero((first < 0) & (second < 0))),
        unpolar=int(np.count_nonzero(first * second == 0)),
    )


def top2_rows(
    probabilities: ArrayLike, *, names: Sequence[str], sentiments: Mapping[str, str | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the polarity of each row's best and second best label: 1, -1, or 0 for none.

    Args, errors: as `top2_cross_sentiment`.

    Example:
        >>> mood = {"awe": "positive", "joy": "positive", "fear": "negative"}
        >>> best, second = top2_rows([[0.6, 0.1, 0.3]], names=["awe", "joy", "fear"], sentiments=mood)
        >>> best.tolist(), second.tolist()
        ([1], [-1])
    """
    names = check_names(names)
    scores = as_probabilities(probabilities, n_classes=len(names))
    if len(names) < 2:
        raise DataError(f"the two best labels need at least two labels, found {len(names)}")
    order = np.argsort(np.array(names))
    polarity = np.array([_polarity(names[place], sentiments) for place in order], dtype=np.int64)
    best = np.argsort(-scores[:, order], axis=1, kind="stable")[:, :2]
    return polarity[best[:, 0]], polarity[best[:, 1]]


def _polarity(name: str, sentiments: Mapping[str, str | None]) -> int:
    if name not in sentiments:
        raise DataError(f"a label has no sentiment: {unknown('label', name, sentiments)}")
    sentiment = sentiments[name]
    if sentiment not in _POLARITY:
        raise DataError(unknown("sentiment", str(sentiment), [key for key in _POLARITY if key]))
    return _POLARITY[sentiment]
