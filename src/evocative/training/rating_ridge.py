"""Ridge regression of mean ratings on bands of features; what images of one theme share is left to the theme.

    y = b + Σ Xₖwₖ + u(theme) + e      wₖ ~ N(0, σ²sₖ/(αDₖ)),  u ~ N(0, τσ²),  e ~ N(0, σ²)

A banded ridge (Nunez-Elizalde et al. 2019) in a mixed model (Henderson 1975): images of one theme err alike,
so ten of them tell less than ten themes do, and the weights should not follow them as if they were ten. What
a theme has of its own is no use for images of other themes: predictions are b + Xw.

Chosen by cross-validation that holds whole groups out: which bands are taken (the first always, with equal
shares sₖ of the kernel), α and τ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_factor, cho_solve

STRENGTHS = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0)
"""Of the penalty, α: on standardised features, the kernel's scale is that of the first band."""
GROUP_EFFECTS = (0.0, 0.1, 0.3)
"""Variance of what a group shares over that of the errors, τ."""
Split = tuple[Int[np.ndarray, " F"], Int[np.ndarray, " H"]]


@dataclass(frozen=True)
class RatingRidge:
    """A fitted regression, and what was chosen."""

    weights: dict[str, Float[np.ndarray, " _"]]
    """By band, for features as they were given; 0 where a band was left."""
    intercept: float
    held_out: Float[np.ndarray, " N"]
    """Predictions by the inner folds' models; of the model itself where there are no folds."""
    strength: float
    group_effect: float
    shares: dict[str, float]


def rating_ridge(
    bands: Mapping[str, Float[np.ndarray, "N _"]], targets: Float[np.ndarray, " N"],
    groups: Int[np.ndarray, " N"], *, folds: Sequence[Split], group_effects: Sequence[float] = (0.0,),
) -> RatingRidge:  # fmt: skip
    """Choose and fit the regression of one dimension.

    Args:
        bands: Features by name, not standardised; the first band is always taken.
        targets: Of any range, as arctanh of a mean rating.
        groups: Theme of each row.
        folds: Rows to fit and rows to hold out, whole groups together.
        group_effects: Values of τ to choose from.

    Returns:
        The regression with the least squared error on rows held out; of several the least penalised.
    """
    scaled = {name: _standard(band) for name, band in bands.items()}
    kernels = {name: _kernel(band) for name, (band, _, _) in scaled.items()}
    width = next(iter(bands.values())).shape[1]
    alike = (groups[:, None] == groups[None]).astype(np.float64)
    best, held = np.inf, np.zeros(len(targets))
    chosen: tuple[tuple[str, ...], float, float] = ((next(iter(bands)),), 0.0, STRENGTHS[-1])
    for taken in _subsets(list(bands)):
        kernel = width / len(taken) * sum((kernels[name] for name in taken), np.zeros_like(alike))
        for effect in group_effects:
            noise = np.eye(len(targets)) + effect * alike
            for strength in STRENGTHS:
                said = _held_out(kernel, strength * noise, targets, folds)
                error = float(((said - targets) ** 2).sum())
                if error < best:
                    best, held, chosen = error, said, (taken, effect, strength)
    taken, effect, strength = chosen
    kernel = width / len(taken) * sum((kernels[name] for name in taken), np.zeros_like(alike))
    dual, intercept = _solve(kernel + strength * (np.eye(len(targets)) + effect * alike), targets)
    weights = {name: np.zeros(band.shape[1]) for name, band in bands.items()}
    for name in taken:
        values, mean, sd = scaled[name]
        weights[name] = width / len(taken) / values.shape[1] * (dual @ values) / sd
        intercept -= float(weights[name] @ mean)
    shares = {name: (name in taken) / len(taken) for name in bands}
    return RatingRidge(weights, intercept, held, strength, effect, shares)


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    for count in range(len(names)):
        for others in combinations(names[1:], count):
            yield (names[0], *others)


def _standard(
    band: Float[np.ndarray, "N D"],
) -> tuple[Float[np.ndarray, "N D"], Float[np.ndarray, " D"], Float[np.ndarray, " D"]]:
    """Return a band with mean 0 and SD 1, and what that took."""
    mean, sd = band.mean(0, dtype=np.float64), band.std(0, dtype=np.float64) + 1e-6
    return ((band - mean) / sd).astype(np.float32), mean, sd


def _kernel(band: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N N"]:
    return np.asarray((band @ band.T).astype(np.float64) / band.shape[1])


def _held_out(
    kernel: Float[np.ndarray, "N N"], noise: Float[np.ndarray, "N N"], targets: Float[np.ndarray, " N"],
    folds: Sequence[Split],
) -> Float[np.ndarray, " N"]:  # fmt: skip
    """Predict each row by the model that was fitted without its group."""
    said = np.empty(len(targets))
    everything = np.arange(len(targets))
    for fit, held in folds or [(everything, everything)]:
        inside = np.ix_(fit, fit)
        dual, intercept = _solve(kernel[inside] + noise[inside], targets[fit])
        said[held] = kernel[np.ix_(held, fit)] @ dual + intercept
    return said


def _solve(
    covariance: Float[np.ndarray, "N N"], targets: Float[np.ndarray, " N"]
) -> tuple[Float[np.ndarray, " N"], float]:
    """Return the dual weights V⁻¹(y − b) and b = 1ᵀV⁻¹y / 1ᵀV⁻¹1, generalised least squares."""
    both = np.stack([targets.astype(np.float64), np.ones(len(targets))], axis=1)
    solved = cho_solve(cho_factor(covariance, check_finite=False), both, check_finite=False)
    intercept = float(solved[:, 0].sum() / solved[:, 1].sum())
    return solved[:, 0] - intercept * solved[:, 1], intercept
