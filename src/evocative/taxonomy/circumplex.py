"""Emotions and dimensions, both ways: labels have places among valence, arousal and dominance.

    places = label_places(taxonomy("ekman6"), RUSSELL_MEHRABIAN_1977)   # evocative.taxonomy.emotion_words
    places.nearest(vad)                 # which label a point is nearest to
    places.distribution(vad)            # how likely each label is, by a Gaussian around each place
    places.expectation(probabilities)   # where a distribution of labels lies

To one dimension more there is no way back: of valence and arousal alone, anger and fear are neighbours
(Russell & Mehrabian 1977: dominance tells them apart).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import VAD

Numbers = NDArray[np.float64]
Metric = Literal["euclidean", "mahalanobis"]
SPREAD: Final = 0.3
"""SD of a label around its place where none is published: about that of raters of one word on [-1, 1]."""


@dataclass(frozen=True, eq=False)
class EmotionPlaces:
    """Labels and where they lie.

    Raises:
        DataError: The shapes do not fit, a place is not finite, or an SD is not positive.

    Example:
        >>> places = EmotionPlaces("two", ("glad", "sad"), np.array([[0.8, 0.2], [-0.6, -0.2]]))
        >>> [places.labels[k] for k in places.nearest([[0.5, 0.5], [-0.1, -0.9]])]
        ['glad', 'sad']
        >>> places.expectation([0.5, 0.5]).round(3).tolist()
        [0.1, 0.0]
    """

    name: str
    labels: tuple[str, ...]
    means: Numbers = field(repr=False)
    """(K, D) in [-1, 1]."""
    axes: tuple[str, ...] = VAD.names[:2]
    """The D dimensions."""
    sds: Numbers | None = field(default=None, repr=False)
    """(K, D): how far people differ about a label, on the same scale."""
    source: str = ""

    def __post_init__(self) -> None:
        shape = (len(self.labels), len(self.axes))
        sound = self.means.shape == shape and bool(np.isfinite(self.means).all())
        if self.sds is not None:
            sound &= self.sds.shape == shape and bool((self.sds > 0).all())
        if not sound or not self.labels:
            raise DataError(
                f"{self.name}: expected a finite place in {', '.join(self.axes)} for each of "
                f"{len(self.labels)} labels and, if any, SDs above 0; found {self.means.shape}"
                f"{'' if self.sds is None else f' and {self.sds.shape}'}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def place(self, label: str) -> Numbers:
        """Return where a label lies, (D,).

        Raises:
            DataError: There is no such label.
        """
        found: Numbers = self.means[self._index(label)]
        return found

    def only(self, labels: Sequence[str]) -> "EmotionPlaces":
        """Return some labels, in the order asked for.

        Raises:
            DataError: One of them is not there.
        """
        rows = [self._index(label) for label in labels]
        sds = None if self.sds is None else self.sds[rows]
        return replace(self, labels=tuple(labels), means=self.means[rows], sds=sds)

    def renamed(self, labels: Sequence[str]) -> "EmotionPlaces":
        """Return the same places under other names, one each."""
        return replace(self, labels=tuple(labels))

    def project(self, axes: Sequence[str]) -> "EmotionPlaces":
        """Return the places on some dimensions: from VAD to VA.

        Raises:
            DataError: A dimension is not there.
        """
        lacking = [axis for axis in axes if axis not in self.axes]
        if lacking:
            raise DataError(f"{self.name}: " + unknown("dimension", lacking[0], self.axes))
        columns = [self.axes.index(axis) for axis in axes]
        sds = None if self.sds is None else self.sds[:, columns]
        return replace(self, axes=tuple(axes), means=self.means[:, columns], sds=sds)

    def nearest(self, points: ArrayLike, *, metric: Metric = "euclidean") -> NDArray[np.int64]:
        """Return the row of the label that each point is nearest to.

        Args:
            points: (…, D) in [-1, 1].
            metric: `euclidean`; or `mahalanobis`, which counts distances in the label's own SDs, so that
                labels about which people differ reach farther.

        Returns:
            (…,), -1 where a dimension is missing; of equally near ones the first.

        Raises:
            DataError: The last axis is not D long, or there are no SDs to count in.
        """
        values = self._points(points)
        distances = self._squares(values, self._spreads(None) if metric == "mahalanobis" else None)
        found = np.nan_to_num(distances, nan=np.inf).argmin(axis=-1)
        return np.where(np.isnan(values).any(axis=-1), -1, found).astype(np.int64)

    def distribution(
        self,
        points: ArrayLike,
        *,
        temperature: float = 1.0,
        spread: float | None = None,
        prior: ArrayLike | None = None,
    ) -> Numbers:
        """Return how likely each label is at each point.

        p(k | x) ∝ p(k) N(x; μ_k, τ diag(σ_k²)): Bayes' rule with a Gaussian around each label. Towards τ = 0
        it becomes the nearest label by Mahalanobis' distance, towards large τ the prior weighted by 1/∏σ_k.

        Args:
            points: (…, D) in [-1, 1].
            temperature: τ > 0, of the variances.
            spread: One σ for all labels and dimensions; None: the published SDs, or `SPREAD` without any.
            prior: (K,) how frequent labels are, any positive sum; None: all alike.

        Returns:
            (…, K), rows sum to 1; NaN where a dimension is missing.

        Raises:
            DataError: A setting or a shape does not fit.
        """
        if temperature <= 0 or (spread is not None and spread <= 0):
            raise DataError(f"temperature and spread must be > 0, found {temperature} and {spread}")
        values, weights = self._points(points), self._prior(prior)
        deviations = self._spreads(SPREAD if spread is None and self.sds is None else spread)
        squares = self._squares(values, deviations) / temperature
        with np.errstate(divide="ignore"):
            logs = np.log(weights) - np.log(deviations).sum(axis=1) - squares / 2
        logs -= logs.max(axis=-1, keepdims=True)
        shares = np.exp(logs)
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float64)

    def expectation(self, probabilities: ArrayLike) -> Numbers:
        """Return the mean place under distributions of labels.

        Args:
            probabilities: (…, K), ≥ 0 and of a positive sum (counts and votes do as well).

        Returns:
            (…, D); NaN where a row holds NaN or sums to 0.

        Raises:
            DataError: The last axis is not K long, or a share is negative.
        """
        return self._shares(probabilities) @ self.means

    def expected_sd(self, probabilities: ArrayLike) -> Numbers:
        """Return the SD of the mixture, (…, D): √(Σ p_k (σ_k² + μ_k²) − μ²), the law of total variance.

        Without published SDs only how far the labels lie apart counts (σ = 0).
        """
        shares = self._shares(probabilities)
        within = np.zeros_like(self.means) if self.sds is None else self.sds**2
        variances = shares @ (within + self.means**2) - (shares @ self.means) ** 2
        return np.sqrt(np.maximum(variances, 0.0))

    def _index(self, label: str) -> int:
        if label not in self.labels:
            raise DataError(f"{self.name}: " + unknown("label", label, self.labels))
        return self.labels.index(label)

    def _points(self, points: ArrayLike) -> Numbers:
        values = np.asarray(points, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != len(self.axes):
            raise DataError(
                f"{self.name}: a point has {len(self.axes)} numbers ({', '.join(self.axes)}), found the "
                f"shape {values.shape}"
            )
        return values

    def _spreads(self, spread: float | None) -> Numbers:
        if spread is not None:
            return np.full(self.means.shape, spread)
        if self.sds is None:
            raise DataError(
                f"{self.name} has no SDs to count distances in: take metric='euclidean', or coordinates "
                "with SDs (a lexicon)"
            )
        return self.sds

    def _squares(self, values: Numbers, deviations: Numbers | None) -> Numbers:
        """Return squared distances (…, K)."""
        gaps = values[..., None, :] - self.means
        squares = np.square(gaps if deviations is None else gaps / deviations).sum(axis=-1)
        return np.asarray(squares, dtype=np.float64)

    def _prior(self, prior: ArrayLike | None) -> Numbers:
        weights = np.ones(len(self)) if prior is None else np.asarray(prior, dtype=np.float64)
        if weights.shape != (len(self),) or not (weights >= 0).all() or weights.sum() <= 0:
            raise DataError(f"{self.name}: a prior has {len(self)} numbers ≥ 0, not all 0; found {weights}")
        return weights

    def _shares(self, probabilities: ArrayLike) -> Numbers:
        values = np.asarray(probabilities, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != len(self) or (values < 0).any():
            raise DataError(
                f"{self.name}: expected {len(self)} shares ≥ 0 a row ({', '.join(self.labels)}), found the "
                f"shape {values.shape}"
            )
        total = values.sum(axis=-1, keepdims=True)
        shares = np.full_like(values, np.nan)
        np.divide(values, total, out=shares, where=total > 0)
        return shares
