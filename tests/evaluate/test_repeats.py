"""Repeats against repeats: by scipy, by the paired bootstrap of the metrics' room, and by counting."""

from collections.abc import Callable
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from evocative.errors import DataError
from evocative.evaluate.repeats import Repeats, compare_repeats
from evocative.inference.predictions import Predictions
from evocative.metrics.classification import classification_metrics
from evocative.metrics.clustering import clustering_metrics
from evocative.metrics.intervals import bootstrap_difference
from evocative.metrics.significance import Sample, mcnemar
from evocative.taxonomy.labels import taxonomy

Make = Callable[..., Predictions]
DRAWS = 30


@pytest.fixture
def sides(make: Make) -> tuple[list[Predictions], list[Predictions]]:
    """Three and two models' answers for the same 90 images."""
    truth = make(90, seed=99)
    columns = {name: truth.frame[name] for name in ("path", "label", "target_valence", "target_arousal")}
    good = [c for c in truth.frame if str(c).startswith("p_")]

    def answers(seed: int, right: int) -> Predictions:
        found = make(90, seed=seed)
        frame = found.frame.assign(**columns)
        frame.loc[: right - 1, good] = truth.frame.loc[: right - 1, good]
        return replace(found, frame=frame)

    return [answers(seed, 60 + seed) for seed in (0, 1, 2)], [answers(seed, 30 - seed) for seed in (7, 9)]


def accuracy(found: Predictions) -> float:
    assert found.probabilities is not None
    names = found.names
    return classification_metrics(found.labels, found.probabilities, names=names).accuracy


def test_means_and_welch_are_scipys(sides: Any) -> None:
    first, second = (
        Repeats.of(name, [[one] for one in some]) for name, some in zip("ab", sides, strict=True)
    )
    values = [[accuracy(one) for one in some] for some in sides]
    assert first.values["accuracy"] == pytest.approx(values[0])
    assert first.samples["accuracy"].sd == pytest.approx(np.std(values[0], ddof=1))
    row = next(r for r in compare_repeats(first, second, resamples=DRAWS).rows if r.figure == "accuracy")
    theirs = ttest_ind(*values, equal_var=False)
    assert row.welch is not None
    assert (row.welch.p, row.welch.df) == pytest.approx((theirs.pvalue, theirs.df))


def test_the_bootstrap_draws_the_same_images_for_every_repeat(sides: Any) -> None:
    first, second = (
        Repeats.of(name, [[one] for one in some]) for name, some in zip("ab", sides, strict=True)
    )
    row = compare_repeats(first, second, resamples=DRAWS, seed=4).rows[0]
    order = np.argsort(sides[0][0].paths)
    right = [
        np.mean([one.probabilities.argmax(1)[order] == one.labels[order] for one in some], axis=0)
        for some in sides
    ]

    def mean(_: Any, values: Any) -> float:
        return float(values.mean())

    expected = bootstrap_difference(mean, *(right[0], *right), n_resamples=DRAWS, seed=4)
    assert row.images is not None
    found = (row.images.value, row.images.low, row.images.high)
    assert found == pytest.approx((expected.value, expected.low, expected.high))


def test_mcnemar_counts_the_repeats_in_their_order(sides: Any) -> None:
    first, second = (
        Repeats.of(name, [[one] for one in some]) for name, some in zip("ab", sides, strict=True)
    )
    found = compare_repeats(first, second, resamples=DRAWS)
    assert len(found.mcnemar) == 2
    right = [[one.probabilities.argmax(1) == one.labels for one in some] for some in sides]
    assert found.mcnemar[1] == mcnemar(right[0][1], right[1][1])
    assert found.mcnemar[1].n == 90


def test_a_model_against_itself_differs_in_nothing(sides: Any) -> None:
    one = Repeats.of("a", [[found] for found in sides[0]])
    found = compare_repeats(one, one, resamples=DRAWS)
    for row in found.rows:
        assert row.welch is not None
        assert row.welch.difference == 0 or isnan(row.welch.difference)
        assert row.images is None or (row.images.low, row.images.high) == (0, 0)
    assert all(test.p == test.mid_p == 1 for test in found.mcnemar)


def test_folds_are_pooled_but_not_their_spaces(make: Make) -> None:
    folds = [make(60, seed=1), make(50, seed=2)]
    folds[1] = replace(folds[1], frame=folds[1].frame.assign(path=[f"b{row}" for row in range(50)]))
    found = Repeats.of("a", [folds])
    frame = pd.concat([fold.frame for fold in folds], ignore_index=True)
    assert found.values["accuracy"] == pytest.approx((accuracy(replace(folds[0], frame=frame)),))
    vectors = [one.embedding if one.embedding is not None else np.zeros((0, 1)) for one in folds]
    each = [
        clustering_metrics(one.labels, space, n_clusters=8).ari
        for one, space in zip(folds, vectors, strict=True)
    ]
    assert found.values["ari"] == pytest.approx((np.mean(each),))
    assert found.n == 1
    with pytest.raises(DataError, match="test rows twice"):
        Repeats.of("a", [[folds[0], folds[0]]])


def test_only_images_of_all_are_paired(sides: Any) -> None:
    cut = sides[1][0].select(np.arange(40))
    first, second = Repeats.of("a", [[sides[0][0]]]), Repeats.of("b", [[cut], [sides[1][1]]])
    found = compare_repeats(first, second, resamples=DRAWS)
    assert found.shared == 40
    assert "40 of 90 images" in found.notes[0]
    right = [one.probabilities.argmax(1)[:40] == one.labels[:40] for one in (sides[0][0], *sides[1])]
    row = found.rows[0]
    assert row.images is not None
    assert row.images.value == pytest.approx(right[0].mean() - (right[1].mean() + right[2].mean()) / 2)


def test_other_images_other_labels_other_truth(sides: Any, make: Make) -> None:
    one = Repeats.of("a", [[sides[0][0]]])
    strange = replace(sides[0][0], frame=sides[0][0].frame.assign(path=[f"x{row}" for row in range(90)]))
    found = compare_repeats(one, Repeats.of("b", [[strange]]), resamples=DRAWS)
    assert (found.shared, found.mcnemar, found.rows[0].images) == (0, (), None)
    assert "No image" in found.notes[0]
    three = make(90, labels=taxonomy("sentiment3"), seed=0)
    assert "different labels" in compare_repeats(one, Repeats.of("c", [[three]]), resamples=DRAWS).notes[0]
    labels = sides[0][0].frame["label"].to_numpy()
    lying = replace(sides[0][0], frame=sides[0][0].frame.assign(label=labels[::-1]))
    with pytest.raises(DataError, match="another true label"):
        compare_repeats(one, Repeats.of("d", [[lying]]), resamples=DRAWS)


def test_groups_are_drawn_whole_and_said(sides: Any) -> None:
    grouped = [
        replace(one, frame=one.frame.assign(group=[f"g{row % 9}" for row in range(90)]))
        for one in sides[0][:2]
    ]
    found = compare_repeats(*(Repeats.of(name, [[one]]) for name, one in zip("ab", grouped, strict=True)))
    assert found.groups == 9
    assert "9 groups" in " ".join(found.notes)


def test_percents_beside_shares_are_refused(sides: Any) -> None:
    ours = Repeats.of("ours", [[one] for one in sides[0]])
    theirs = Repeats.printed("theirs", {"accuracy": Sample(60.0, 2.0, 3)})
    for pair in ((ours, theirs), (theirs, ours)):
        with pytest.raises(DataError, match=r"accuracy of theirs is 60.* as accuracy=60±2%:3"):
            compare_repeats(*pair, resamples=DRAWS)
    both = compare_repeats(theirs, Repeats.printed("x", {"accuracy": Sample(61.0, 2.0, 3)}))
    assert both.rows[0].welch is not None
    compare_repeats(ours, Repeats.printed("y", {"nll": Sample(1.7, 0.1, 3)}), resamples=DRAWS)


def test_against_what_a_paper_prints(sides: Any) -> None:
    ours = Repeats.of("ours", [[one] for one in sides[0]])
    theirs = Repeats.printed("theirs", {"accuracy": Sample(0.6, 0.02, 3)})
    found = compare_repeats(ours, theirs, resamples=DRAWS)
    row = found.rows[0]
    assert row.welch is not None
    assert row.welch.difference == pytest.approx(ours.samples["accuracy"].mean - 0.6)
    assert (row.images, found.mcnemar, found.shared) == (None, (), 0)
    with pytest.raises(DataError, match="no figure in common"):
        compare_repeats(ours, Repeats.printed("x", {"value": Sample(0.6, 0.02, 3)}))
