"""Arms compared: against the metrics' room draw by draw, and worked by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from evocative.errors import DataError
from evocative.evaluate.compare import Comparison, compare_runs
from evocative.evaluate.paired import mean_over_runs
from evocative.evaluate.runs import Run
from evocative.inference.predictions import Predictions
from evocative.metrics.classification import classification_metrics
from evocative.metrics.clustering import clustering_metrics
from evocative.metrics.dimensional import ccc, pearson_r
from evocative.metrics.intervals import bootstrap_difference
from evocative.metrics.sentiment import top2_cross_sentiment

Make = Callable[..., Predictions]
DRAWS = 40


def figure_of(name: str, found: Predictions, rows: Any = None) -> float:
    """A figure by the metrics' room, of rows as they were drawn."""
    found = found if rows is None else found.select(rows)
    taxonomy = found.metadata.taxonomy
    if name in ("accuracy", "macro_f1") and taxonomy is not None and found.probabilities is not None:
        metrics = classification_metrics(found.labels, found.probabilities, names=taxonomy.names)
        return float(getattr(metrics, name))
    if name == "cross_sentiment" and taxonomy is not None and found.probabilities is not None:
        sentiments = dict(zip(taxonomy.names, taxonomy.sentiments, strict=True))
        return top2_cross_sentiment(found.probabilities, names=taxonomy.names, sentiments=sentiments).rate
    axis, kind = name.split("_")
    column = ("valence", "arousal").index(axis)
    metric = {"r": pearson_r, "ccc": ccc}[kind]
    return metric(found.targets[:, column], found.dimensions[:, column])


IMAGE_FIGURES = ["accuracy", "macro_f1", "cross_sentiment", "valence_r", "valence_ccc", "arousal_r"]


@pytest.fixture
def arms(make: Make) -> dict[str, list[tuple[str, int, Predictions]]]:
    """Two arms, two folds of 60 and 50 images, two seeds; both arms have the same images and truth."""
    found: dict[str, list[tuple[str, int, Predictions]]] = {"plain": [], "other": []}
    for fold, rows in (("0", 60), ("1", 50)):
        truth = make(rows, seed=int(fold))
        columns = {name: truth.frame[name] for name in ("label", "target_valence", "target_arousal")} | {
            "path": [f"{fold}/{row}.jpg" for row in range(rows)]
        }
        columns["group"] = [f"theme {fold} {row % 12}" for row in range(rows)]
        for arm, start in (("plain", 10), ("other", 20)):
            for seed in (0, 1):
                answer = make(rows, seed=start + 2 * seed + int(fold))
                mixed = answer.frame.assign(**columns)
                if arm == "other":  # better than chance
                    mixed.loc[: rows // 2, [c for c in mixed if str(c).startswith("p_")]] = truth.frame
                found[arm].append((fold, seed, replace(answer, frame=mixed)))
    return found


def bare(found: Predictions) -> Predictions:
    return replace(found, frame=found.frame.drop(columns="group"))


def run_all(arms: Mapping[str, list[tuple[str, int, Predictions]]], **settings: Any) -> Comparison:
    runs = {
        name: [Run.of(found, fold=fold, seed=seed) for fold, seed, found in some]
        for name, some in arms.items()
    }
    return compare_runs(runs, reference="plain", resamples=DRAWS, **settings)


@pytest.mark.parametrize("name", IMAGE_FIGURES)
@pytest.mark.parametrize("grouped", [False, True])
def test_one_run_is_a_paired_bootstrap(arms: Any, name: str, grouped: bool) -> None:
    one = {arm: some[:1] for arm, some in arms.items()}
    plain, other = one["plain"][0][2], one["other"][0][2]
    if not grouped:
        one = {arm: [(fold, seed, bare(found))] for arm, ((fold, seed, found),) in one.items()}
    row = run_all(one, seed=3).find("other", name)
    assert row is not None
    assert row.difference is not None

    def metric(_: Any, rows: Any) -> float:
        source = other if rows[0] >= 0 else plain
        return figure_of(name, source, np.where(rows >= 0, rows, -1 - rows))

    rows = np.arange(len(plain))
    groups = plain.frame["group"].to_numpy() if grouped else None
    expected = bootstrap_difference(
        metric, rows, rows, -1 - rows, groups=groups, n_resamples=DRAWS, seed=3
    )  # fmt: skip
    found = (row.difference.value, row.difference.low, row.difference.high)
    np.testing.assert_allclose(found, (expected.value, expected.low, expected.high), atol=1e-6)
    assert "groups" in row.difference.method if grouped else "images" in row.difference.method


@pytest.mark.parametrize("name", IMAGE_FIGURES)
def test_pooled_over_folds_averaged_over_seeds(arms: Any, name: str) -> None:
    ungrouped = {
        arm: [
            (fold, seed, replace(found, frame=found.frame.drop(columns="group")))
            for fold, seed, found in some
        ]
        for arm, some in arms.items()
    }
    row = run_all(ungrouped, seed=1).find("other", name)
    assert row is not None
    assert row.difference is not None

    def pooled(arm: str, seed: int) -> Predictions:
        parts = [found for _, number, found in ungrouped[arm] if number == seed]
        frame = pd.concat([part.frame for part in parts], ignore_index=True)
        return Predictions(frame, metadata=parts[0].metadata)

    by_arm = {arm: [pooled(arm, seed) for seed in (0, 1)] for arm in arms}

    def mean(arm: str, rows: Any) -> float:
        return float(np.mean([figure_of(name, found, rows) for found in by_arm[arm]]))

    rng, n = np.random.default_rng(1), 110
    draws = []
    for _ in range(DRAWS):
        rows = rng.integers(n, size=n)
        draws.append(mean("other", rows) - mean("plain", rows))
    whole = np.arange(n)
    np.testing.assert_allclose(row.mean.value, mean("other", whole), atol=1e-6)
    np.testing.assert_allclose(row.difference.value, mean("other", whole) - mean("plain", whole), atol=1e-6)
    expected = np.quantile(draws, [0.025, 0.975])
    np.testing.assert_allclose((row.difference.low, row.difference.high), expected, atol=1e-6)
    each = [figure_of(name, found, whole) for found in by_arm["other"]]
    assert row.sd_seeds == pytest.approx(np.std(each, ddof=1), abs=1e-6)
    assert (row.n, row.mean.runs) == (110, 4) or name == "cross_sentiment"


def test_figures_of_the_embedding_are_of_each_run(arms: Any) -> None:
    row = run_all(arms).find("other", "ari")
    assert row is not None
    assert row.difference is not None

    def ari(arm: str, fold: str) -> float:
        values = [
            clustering_metrics(found.labels, found.embedding, n_clusters=8).ari
            for number, _, found in arms[arm]
            if number == fold
        ]
        return float(np.mean(values))

    by_fold = np.array([ari("other", fold) - ari("plain", fold) for fold in "01"])
    assert row.difference.value == pytest.approx(by_fold.mean())
    # Two folds of 60 and 50: n_test / n_train is 60/50 for one and 50/60 for the other; t of 1 degree: 12.706
    reach = 12.7062047 * np.sqrt((1 / 2 + (60 / 50 + 50 / 60) / 2) * by_fold.var(ddof=1))
    assert row.difference.high - row.difference.value == pytest.approx(reach)
    assert row.difference.method == "corrected t over 2 folds"


def test_the_corrected_interval_by_hand() -> None:
    values = {("0", 0): 0.0, ("0", 1): 0.2, ("1", 0): 0.2, ("2", 0): 0.3}
    found = mean_over_runs(values, dict.fromkeys(values, 0.5))
    # fold means .1 .2 .3: mean .2, s² = .01; (1/3 + .5) · .01 = .0083333; t of 2 degrees: 4.3026527
    assert found.value == pytest.approx(0.2)
    assert found.high - 0.2 == pytest.approx(4.3026527 * 0.0912870929)
    assert found.runs == 4


def test_one_fold_has_an_interval_over_its_seeds() -> None:
    values = {("0", seed): value for seed, value in enumerate((0.1, 0.4, 0.2))}
    found = mean_over_runs(values, dict.fromkeys(values, 0.5))
    expected = ttest_1samp(list(values.values()), 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.method == "t over 3 seeds"
    alone = mean_over_runs({("0", 0): 0.1}, {("0", 0): 0.5})
    assert np.isnan(alone.low)


def test_an_arm_is_no_different_from_itself(arms: Any) -> None:
    comparison = run_all({"plain": arms["plain"], "same": arms["plain"]})
    for figure in comparison.figures:
        row = comparison.find("same", figure)
        assert row is not None
        assert row.difference is not None
        assert (row.difference.value, row.difference.low, row.difference.high) == (0, 0, 0), figure
    assert {row.difference for row in comparison.rows if row.arm == "plain"} == {None}


def test_only_what_both_have_is_compared(arms: Any) -> None:
    fewer = {"plain": arms["plain"], "other": arms["other"][:1]}  # fold 0, seed 0
    alone = {arm: some[:1] for arm, some in arms.items()}
    found, expected = run_all(fewer), run_all(alone)
    for figure in expected.figures:
        row, other = found.find("other", figure), expected.find("other", figure)
        assert row is not None
        assert other is not None
        assert row.difference is not None
        assert other.difference is not None
        assert row.difference.value == pytest.approx(other.difference.value), figure
        assert row.difference.runs == 1


@pytest.mark.parametrize("first", ["plain", "other"])
def test_groups_that_one_run_knows_are_kept_whatever_the_order(arms: Any, first: str) -> None:
    known = run_all(arms)
    order = sorted(arms, key=lambda name: name != first)
    mixed = {
        name: [(fold, seed, found if name == "plain" else bare(found)) for fold, seed, found in arms[name]]
        for name in order
    }
    found = run_all(mixed)
    assert found.groups == known.groups == 24
    accuracy, wanted = found.find("other", "accuracy"), known.find("other", "accuracy")
    assert accuracy is not None
    assert accuracy.difference is not None
    assert wanted is not None
    assert accuracy.difference == wanted.difference


def test_rows_without_a_label_leave_figures_of_labels_as_they_are(make: Make) -> None:
    whole = make(80)
    label = whole.frame["label"].where(np.arange(80) < 50)
    partly = replace(whole, frame=whole.frame.assign(label=label))
    one = compare_runs({"a": [Run.of(partly)]}, reference="a", resamples=5)
    first = compare_runs({"a": [Run.of(whole.select(range(50)))]}, reference="a", resamples=5)
    for figure in ("accuracy", "macro_f1", "cross_sentiment", "ari", "asr"):
        rows = [comparison.find("a", figure) for comparison in (one, first)]
        assert rows[0] is not None
        assert rows[1] is not None
        assert (rows[0].mean.value, rows[0].n) == (rows[1].mean.value, rows[1].n), figure


def test_mistakes(make: Make) -> None:
    run = Run.of(make(20), fold=0)
    with pytest.raises(DataError, match="unknown arm 'plan'"):
        compare_runs({"plain": [run]}, reference="plan")
    with pytest.raises(DataError, match="stands twice"):
        compare_runs({"plain": [run, run]}, reference="plain")
    with pytest.raises(DataError, match="test row of two folds"):
        compare_runs({"plain": [run, replace(run, fold="1")]}, reference="plain")
