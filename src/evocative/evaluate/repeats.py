"""Repeats of one recipe against repeats of another: mean ± SD, and whether they differ.

    ours = Repeats.of("ours", [[read_predictions("a0.parquet")], [read_predictions("a1.parquet")]])
    found = compare_repeats(ours, Repeats.printed("theirs", {"accuracy": Sample(0.81368, 0.00174, 5)}))

A repeat is one seed: one test split, or all folds of a cross-validation. Three questions have three answers:
Welch's t-test asks whether other seeds would give the difference again; the paired bootstrap, whether other
images would; McNemar's test, whether two trained models differ on these images. Where folds and seeds are the
same on both sides, `compare.compare_runs` pairs them, which is sharper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd

from evocative.errors import DataError
from evocative.evaluate.figures import figures_of, is_at_most_one
from evocative.evaluate.paired import Estimate, bootstrapped
from evocative.evaluate.runs import Images, Pooled, Run, cluster
from evocative.evaluate.suite import checked, evaluate
from evocative.inference.check import EMBEDDING
from evocative.inference.predictions import Predictions
from evocative.metrics.significance import McNemar, Sample, Welch, mcnemar, welch

EMBEDDED = ("ari", "nmi", "asr")


@dataclass(frozen=True, eq=False)
class Repeats:
    """Runs that differ in their seed only, or what somebody printed of such runs."""

    name: str
    values: Mapping[str, tuple[float, ...]]
    """Each figure of each repeat; NaN where it is undefined."""
    samples: Mapping[str, Sample]
    """Each figure over repeats."""
    repeats: tuple[Predictions, ...] = ()
    """All test rows of each repeat, without embeddings."""

    @classmethod
    def of(
        cls, name: str, repeats: Sequence[Sequence[Predictions]], *, seed: int = 0, merged: bool = False
    ) -> "Repeats":
        """Measure repeats.

        Args:
            name: How tables call them.
            repeats: Of each repeat the predictions of its folds; a list of one where there is one split.
                Figures of images are of all folds together; ARI, NMI and ASR are means over folds, since
                each model has a space of its own.
            seed: Of k-means.
            merged: The probabilities were mapped to other labels. Top-2 cross-sentiment is left out then: it
                is a figure of what the networks answer.

        Raises:
            DataError: There are no repeats or predictions have mistakes, or an image is a test row twice.
        """
        if not repeats or not all(repeats):
            raise DataError(f"{name}: expected one run or more, found none")
        joined, found = [], []
        for each in repeats:
            folds = [checked(fold) for fold in each]
            whole = _joined(name, folds)
            figures = {
                key: one.value
                for key, one in figures_of(evaluate(whole, bootstrap=0)).items()
                if not (merged and key.startswith("cross_sentiment"))
            }
            found.append(_with_embedding(figures, folds, seed))
            joined.append(whole)
        names = list(dict.fromkeys(figure for one in found for figure in one))
        values = {figure: tuple(one.get(figure, nan) for one in found) for figure in names}
        samples = {figure: Sample.of(some) for figure, some in values.items()}
        return cls(name, values, samples, tuple(joined))

    @classmethod
    def printed(cls, name: str, samples: Mapping[str, Sample]) -> "Repeats":
        """Take published figures: there is no more to be had than their means, SDs and numbers."""
        return cls(name, {}, dict(samples))

    @property
    def n(self) -> int:
        """How many repeats there are."""
        return len(self.repeats) or max((one.n for one in self.samples.values()), default=0)


@dataclass(frozen=True)
class Row:
    """A figure of both sides."""

    figure: str
    first: Sample | None
    second: Sample | None
    welch: Welch | None
    """Of the repeats; None where a side lacks the figure."""
    images: Estimate | None
    """Of the images that both sides saw, repeats averaged; None where there are none, and for figures that a
    draw of images does not give (of embeddings, of single labels, of calibration)."""


@dataclass(frozen=True)
class Differences:
    """Everything that two sides can be compared by."""

    first: str
    second: str
    rows: tuple[Row, ...]
    mcnemar: tuple[McNemar, ...]
    """Of the first repeats of both sides, of the second ones, and so on; empty without common images."""
    shared: int
    """Images that every repeat of both sides saw."""
    groups: int | None
    """Groups that were drawn whole; None: images were drawn one by one."""
    level: float
    resamples: int
    seed: int
    notes: tuple[str, ...]


def compare_repeats(
    first: Repeats, second: Repeats, *, level: float = 0.95, resamples: int = 1000, seed: int = 0
) -> Differences:
    """Compare two sides; differences are the first's less the second's.

    Args:
        first: Measured or printed.
        second: What it is compared with.
        level: Of all intervals, in (0, 1).
        resamples: Draws of the paired bootstrap.
        seed: Of the draws.

    Raises:
        DataError: A setting is out of range, no figure is on both sides, printed percents stand beside
            measured shares, or an image has two true labels.
    """
    if resamples < 1 or not 0 < level < 1:
        raise DataError(f"expected resamples ≥ 1 and a level in (0, 1), found {resamples} and {level}")
    names = list(dict.fromkeys([*first.samples, *second.samples]))
    if not set(first.samples) & set(second.samples):
        raise DataError(
            f"{first.name} and {second.name} have no figure in common: {_few(first)} and {_few(second)}. "
            "Name a printed figure as the other side calls it, such as accuracy=81.4±0.2%:5"
        )
    _refuse_percents(first, second)
    paths, notes = _shared(first, second)
    pairs = [tuple(_only(one, paths) for one in side.repeats) for side in (first, second)]
    drawn, groups = _bootstrap(pairs, level=level, resamples=resamples, seed=seed) if paths else ({}, None)
    tests = _mcnemars(*pairs) if paths else ()
    if tests and groups is not None:
        notes = (*notes, f"McNemar takes images as independent, but they stand in {groups:,} groups.")
    rows = [
        Row(name, first.samples.get(name), second.samples.get(name), _welch(first, second, name, level),
            drawn.get(name))
        for name in names
    ]  # fmt: skip
    shared = len(paths)
    return Differences(
        first.name, second.name, tuple(rows), tests, shared, groups, level, resamples, seed, notes
    )


def _refuse_percents(first: Repeats, second: Repeats) -> None:
    """Refuse printed percents beside measured shares: their difference means nothing."""
    for printed, measured in ((first, second), (second, first)):
        if printed.repeats or not measured.repeats:
            continue
        for name, one in printed.samples.items():
            if one.mean > 1 and name in measured.samples and is_at_most_one(name):
                raise DataError(
                    f"{name} of {printed.name} is {one.mean:g}, but that of {measured.name} is a share of 1: "
                    f"write percents with their sign, as {name}={one.mean:g}±{one.sd:g}%:{one.n}"
                )


def _few(side: Repeats) -> str:
    return ", ".join(list(side.samples)[:5]) or "none"


def _joined(name: str, folds: Sequence[Predictions]) -> Predictions:
    """Put the rows of all folds together, without their embeddings."""
    if len({fold.names for fold in folds}) > 1:
        raise DataError(f"{name}: its folds have different labels")
    frames = [fold.frame.drop(columns=EMBEDDING, errors="ignore") for fold in folds]
    frame = pd.concat(frames, ignore_index=True)
    plain = replace(folds[0].metadata, embedding_size=None)
    joined = Predictions(frame, metadata=plain, name=folds[0].name)
    if twice := joined.twice:
        raise DataError(f"{name}: {len(twice)} images are test rows twice, as {twice[0]}")
    return joined


def _with_embedding(figures: dict[str, float], folds: Sequence[Predictions], seed: int) -> dict[str, float]:
    """Add ARI, NMI and ASR before the figures of single labels."""
    found = [one for fold in folds if (one := cluster(fold, seed=seed)) is not None]
    if not found:
        return figures
    means = {name: float(np.mean([getattr(one, name) for one in found])) for name in EMBEDDED}
    main = {name: value for name, value in figures.items() if not name.endswith("]")}
    return {**main, **means, **{name: figures[name] for name in figures if name not in main}}


def _welch(first: Repeats, second: Repeats, name: str, level: float) -> Welch | None:
    if name not in first.samples or name not in second.samples:
        return None
    return welch(first.samples[name], second.samples[name], level=level)


def _shared(first: Repeats, second: Repeats) -> tuple[list[str], tuple[str, ...]]:
    """Return the images that every repeat of both sides has an answer for, and what is to be said of them."""
    every = [*first.repeats, *second.repeats]
    if not first.repeats or not second.repeats:
        return [], ()
    if len({one.names for one in every}) > 1:
        return [], ("The two sides answer in different labels: no image can be paired.",)
    sets = [{path for path, ok in zip(one.paths, one.ok, strict=True) if ok} for one in every]
    common, union = set.intersection(*sets), set.union(*sets)
    if not common:
        return [], ("No image was seen by all runs of both sides: nothing can be paired.",)
    told = (
        f"Paired figures are of the {len(common):,} of {len(union):,} images that all runs of both sides saw."
    )
    return sorted(common), (told,) if len(common) < len(union) else ()


def _only(predictions: Predictions, paths: Sequence[str]) -> Predictions:
    """Return the rows of some images, in their order."""
    place = {path: row for row, path in enumerate(predictions.paths)}
    return predictions.select(np.array([place[path] for path in paths], dtype=np.int64))


def _bootstrap(
    pairs: Sequence[Sequence[Predictions]], *, level: float, resamples: int, seed: int
) -> tuple[dict[str, Estimate], int | None]:
    """Draw the same images for both sides; each side's figure is averaged over its repeats."""
    _refuse_other_labels([one for side in pairs for one in side])
    sides = {
        str(place): [Run.of(one, seed=number) for number, one in enumerate(side)]
        for place, side in enumerate(pairs)
    }
    images = Images(sides)
    weights = images.draws(resamples, seed)
    weights = np.concatenate([np.ones((1, weights.shape[1]), dtype=np.int32), weights])
    found = [Pooled.of(name, runs, images).figures(weights) for name, runs in sides.items()]
    estimates = {}
    for figure in found[0]:
        if figure in found[1]:
            draws = found[0][figure].mean(axis=0) - found[1][figure].mean(axis=0)
            method = f"paired bootstrap over {images.units_told}"
            estimates[figure] = bootstrapped(draws, level, sum(map(len, pairs)), method)
    return estimates, images.groups


def _refuse_other_labels(every: Sequence[Predictions]) -> None:
    for one in every[1:]:
        known = (one.labels >= 0) & (every[0].labels >= 0)
        differ = np.flatnonzero(known & (one.labels != every[0].labels))
        if differ.size:
            raise DataError(
                f"{one.name}: {differ.size} images have another true label than in {every[0].name}, as "
                f"{one.paths[differ[0]]}: give both the same truth by --data (in Python: align)"
            )


def _mcnemars(first: Sequence[Predictions], second: Sequence[Predictions]) -> tuple[McNemar, ...]:
    """Test the repeats of both sides in their order, as far as both go."""
    found = []
    for one, two in zip(first, second, strict=False):
        known = (one.labels >= 0) & (two.labels >= 0)
        if one.probabilities is None or two.probabilities is None or not known.any():
            continue
        found.append(
            mcnemar(
                one.probabilities[known].argmax(axis=1) == one.labels[known],
                two.probabilities[known].argmax(axis=1) == two.labels[known],
            )
        )
    return tuple(found)
