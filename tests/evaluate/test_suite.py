"""The suite's figures are scikit-learn's and scipy's; what the rows do not allow is said."""

import json
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist, pdist
from scipy.stats import pearsonr
from sklearn.cluster import KMeans
from sklearn.metrics import (
    accuracy_score,
    adjusted_rand_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    normalized_mutual_info_score,
    precision_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate.alignment import align
from evocative.evaluate.report import Report
from evocative.evaluate.suite import evaluate
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.metrics.ceiling import rating_ceiling
from evocative.report.html import render
from evocative.taxonomy.labels import Taxonomy, taxonomy

MIKELS = taxonomy("mikels8")


def figure(report: Report, path: str) -> dict[str, float]:
    found: Any = report.to_dict()
    for key in path.split("."):
        found = found[int(key) if key.isdigit() else key]
    assert isinstance(found, dict)
    return found


def test_labels_as_scikit_learn(make: Any) -> None:
    predictions = make()
    found = evaluate(predictions, bootstrap=20).classification
    assert found is not None
    truth, scores = predictions.labels, predictions.probabilities.astype(np.float64)
    best = scores.argmax(axis=1)
    assert found.accuracy.value == pytest.approx(accuracy_score(truth, best))
    macro: dict[str, Any] = {"average": "macro", "zero_division": 0}
    assert found.macro_precision.value == pytest.approx(precision_score(truth, best, **macro))
    assert found.macro_recall.value == pytest.approx(recall_score(truth, best, **macro))
    assert found.macro_f1.value == pytest.approx(f1_score(truth, best, **macro))
    areas = [roc_auc_score(truth == k, scores[:, k]) for k in range(8)]
    assert [one.roc_auc.value for one in found.classes] == pytest.approx(areas)
    assert found.macro_roc_auc.value == pytest.approx(np.mean(areas))
    assert found.confusion.counts == tuple(map(tuple, confusion_matrix(truth, best).tolist()))
    assert [one.support for one in found.classes] == np.bincount(truth, minlength=8).tolist()
    assert [one.predicted for one in found.classes] == np.bincount(best, minlength=8).tolist()
    awe = found.classes[1]
    assert (awe.name, awe.sentiment, awe.recall.n, awe.precision.n) == (
        "awe",
        "positive",
        awe.support,
        awe.predicted,
    )
    for figure in (found.accuracy, found.macro_f1, found.macro_roc_auc, awe.f1):
        assert figure.low < figure.value < figure.high
        assert figure.n == 120


def test_embedding_as_scikit_learn(make: Any) -> None:
    predictions = make()
    found = evaluate(predictions, bootstrap=20, seed=3).clustering
    assert found is not None
    rows = predictions.embedding.astype(np.float64)
    fitted = KMeans(8, n_init=10, random_state=3).fit(rows)
    truth = predictions.labels
    assert found.ari.value == pytest.approx(adjusted_rand_score(truth, fitted.labels_))
    assert found.nmi.value == pytest.approx(normalized_mutual_info_score(truth, fitted.labels_))
    distances = np.sort(pdist(rows))
    delta = distances[int(np.ceil(0.1 * distances.size)) - 1]
    assert found.asr_threshold == pytest.approx(delta)
    assert found.asr.value == pytest.approx(
        ((cdist(rows, fitted.cluster_centers_) < delta).sum(1) > 1).mean()
    )
    assert (found.clusters, found.size) == (8, 12)
    assert found.ari.low <= found.ari.value <= found.ari.high
    assert found.asr.n == 120


def every_figure(values: Any) -> Any:
    """Yield every figure of a report as it stands in JSON."""
    if isinstance(values, dict):
        if {"value", "low", "high"} <= set(values):
            yield values
        values = list(values.values())
    for one in values if isinstance(values, list) else []:
        yield from every_figure(one)


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_hold_their_figures_and_chance_is_not_called_better(make: Any, grouped: bool) -> None:
    """ARI of shuffled labels was -.003 [.030, .318] at n = 140."""
    rng = np.random.default_rng(0)
    group = {"group": [f"g{row // 3}" for row in range(140)]} if grouped else {}
    names = [*MIKELS.names[:6]] * 23 + ["fear", "sadness"]  # two labels of one row each
    shuffled = make(140, label=rng.permutation(names), **group)
    report = evaluate(shuffled, bootstrap=100)
    figures = [one for one in every_figure(report.to_dict()) if one["low"] is not None]
    assert len(figures) > 40
    assert all(one["low"] <= one["value"] <= one["high"] for one in figures)
    assert report.clustering is not None
    assert report.clustering.ari.low < 0 < report.clustering.ari.high
    assert report.clustering.nmi.low < 0.02
    assert report.intervals.others["ari"].startswith("jackknife")
    assert report.classification is not None
    assert all(one.recall.low != one.recall.low for one in report.classification.classes if one.support == 1)


def test_an_image_counts_once(make: Any) -> None:
    for path in ("0000.jpg", "./0000.jpg"):
        predictions = make(3, path=["0000.jpg", "0001.jpg", path])
        with pytest.raises(DataError, match="1 images have more than one prediction"):
            evaluate(predictions, bootstrap=0)


def test_macro_figures_say_how_many_labels_they_are_the_mean_of(make: Any) -> None:
    """Labels that are never predicted have no precision; those that do not occur either have nothing."""
    names = MIKELS.names
    best = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    shares = {f"p_{name}": np.where(best == k, 0.93, 0.01) for k, name in enumerate(names)}
    truth = [names[k] for k in (0, 1, 2, 3, 4, 2, 0, 0)]
    report = evaluate(make(8, label=truth, **shares), bootstrap=20)
    found = report.classification
    assert found is not None
    assert found.averaged == {
        "macro_precision": 3, "macro_recall": 5, "macro_f1": 5, "macro_roc_auc": 5
    }  # fmt: skip
    never, absent = found.classes[3], found.classes[7]
    assert (never.precision.n, never.recall.value, never.f1.value) == (0, 0.0, 0.0)
    assert isnan(never.precision.value)
    assert isnan(absent.f1.value)
    macro = f1_score(
        truth, [names[k] for k in best], average="macro", labels=list(names[:5]), zero_division=0
    )
    assert found.macro_f1.value == pytest.approx(macro)
    page = render(report, {})
    assert "5 of 8 labels" in page
    assert "precision of 3 of 8" in page
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))).to_dict() == report.to_dict()


def test_mapped_labels_and_what_the_model_answers(make: Any) -> None:
    """Ekman's six have one positive label: merged, nearly every pair of best labels would cross."""
    own = make(60, label=None)
    told = ["surprise"] * 10 + ["happiness", "fear"] * 25
    table = Table(pd.DataFrame({"path": own.paths, "label": told}), taxonomy("ekman6"), name="six")
    report = evaluate(align(own, table, mapped=True), bootstrap=20)
    expected = evaluate(own, bootstrap=20).cross_sentiment
    assert report.cross_sentiment == expected
    assert report.cross_sentiment[0].rate.value < 0.9
    assert report.provenance.answered_in == "mikels8"
    assert report.provenance.unreachable == ("surprise",)
    counts = report.counts
    assert (counts.predicted, counts.labelled, counts.unlabelled, counts.unreachable) == (60, 50, 0, 10)
    assert report.classification is not None
    assert report.classification.accuracy.n == 50
    surprise = report.classification.classes[taxonomy("ekman6").index("surprise")]
    assert (surprise.support, surprise.predicted) == (0, 0)
    assert all(isnan(getattr(surprise, kind).value) for kind in ("precision", "recall", "f1", "roc_auc"))
    assert report.calibration is not None
    assert report.calibration.nll.value < 5  # not the 16 nats of a probability of 0
    page = render(report, {})
    assert "10 images have a label that no answer leads to (surprise)" in page
    assert "as the model answers, in mikels8" in page


def test_dimensions_and_calibration(make: Any) -> None:
    predictions = make()
    report = evaluate(predictions, bootstrap=20)
    valence, arousal = report.dimensions
    truth, guess = predictions.targets[:, 0].astype(float), predictions.dimensions[:, 0].astype(float)
    assert (valence.name, arousal.name) == ("valence", "arousal")
    assert valence.mae.value == pytest.approx(mean_absolute_error(truth, guess))
    assert valence.rmse.value == pytest.approx(root_mean_squared_error(truth, guess))
    assert valence.pearson_r.value == pytest.approx(pearsonr(truth, guess).statistic)
    bias = (truth.mean() - guess.mean()) ** 2
    ccc = 2 * np.cov(truth, guess, bias=True)[0, 1] / (truth.var() + guess.var() + bias)
    assert valence.ccc.value == pytest.approx(ccc)
    assert report.calibration is not None
    assert report.calibration.nll.value == pytest.approx(
        log_loss(predictions.labels, predictions.probabilities, labels=range(8)), rel=1e-5
    )
    assert sum(one.n for one in report.calibration.bins) == 120


@pytest.fixture
def tiny() -> Predictions:
    """Five rows by hand: three labelled (two right), one without a label, one with an error."""
    names = ("awe", "joy", "fear")
    labels = Taxonomy.custom("mine", names)
    frame = pd.DataFrame(
        {
            "path": ["a", "b", "c", "d", "e"],
            "error": [None, None, None, None, "truncated"],
            "p_awe": [0.6, 0.5, 0.1, 0.4, nan],
            "p_joy": [0.1, 0.4, 0.2, 0.35, nan],
            "p_fear": [0.3, 0.1, 0.7, 0.25, nan],
            "label": ["awe", "fear", "fear", None, "awe"],
        }
    )
    return Predictions(frame, metadata=Metadata(taxonomy=labels, model="tiny"))


def test_by_hand(tiny: Predictions) -> None:
    """Right: a and c of three. Two best: awe fear, awe joy, fear joy, awe joy; both ≥ .3: a, b and d."""
    report = evaluate(tiny, bootstrap=10)
    counts = report.counts
    assert (counts.rows, counts.errors, counts.predicted) == (5, 1, 4)
    assert (counts.labelled, counts.unlabelled, counts.rated) == (3, 1, 0)
    assert report.classification is not None
    assert report.classification.accuracy.value == pytest.approx(2 / 3)
    assert report.classification.accuracy.n == 3
    assert report.classification.confusion.counts == ((1, 0, 0), (0, 0, 0), (1, 0, 1))
    every, sure = report.cross_sentiment
    assert (every.theta, every.eligible, every.cross, every.rate.value) == (0.0, 4, 2, 0.5)
    assert (every.positive_negative, every.negative_positive, every.positive_positive) == (1, 1, 2)
    assert (sure.theta, sure.eligible, sure.cross) == (0.3, 3, 1)
    assert sure.rate.value == pytest.approx(1 / 3)
    assert (sure.rate.n, sure.rows) == (3, 4)
    assert report.provenance.model == "tiny"
    assert set(report.absent) == {"clustering", "dimensions"}
    assert "embedding" in report.absent["clustering"]


def test_no_eligible_row_is_undefined_not_zero(make: Any) -> None:
    flat = {f"p_{name}": [0.125] * 20 for name in MIKELS.names}
    _, sure = evaluate(make(20, **flat), bootstrap=5).cross_sentiment
    assert (sure.eligible, sure.rate.n) == (0, 0)
    assert isnan(sure.rate.value)
    assert '"value": null' in json.dumps(evaluate(make(20, **flat), bootstrap=5).to_dict())


def test_without_labels_dimensions_remain(make: Any) -> None:
    report = evaluate(make(30, labels=None), bootstrap=5)
    assert report.classification is None
    assert report.calibration is None
    assert report.clustering is None
    assert len(report.dimensions) == 2
    assert set(report.absent) == {"classification", "calibration", "clustering", "cross_sentiment"}
    assert report.counts.rated == 30


def test_unlabelled_rows_still_have_clusters_and_cross_sentiment(make: Any) -> None:
    report = evaluate(make(40, label=None), bootstrap=5)
    assert report.classification is None
    assert "label" in report.absent["classification"]
    assert report.clustering is not None
    assert isnan(report.clustering.ari.value)
    assert 0 <= report.clustering.asr.value <= 1
    assert report.cross_sentiment[0].eligible == 40


def test_a_single_class_present(make: Any) -> None:
    report = evaluate(make(40, label=["awe"] * 40), bootstrap=5)
    assert report.classification is not None
    assert report.classification.accuracy.value == report.classification.macro_recall.value
    assert isnan(report.classification.macro_roc_auc.value)
    assert report.clustering is not None
    assert isnan(report.clustering.nmi.value)


@pytest.mark.parametrize("rows", [1, 2, 8])
def test_few_rows(make: Any, rows: int) -> None:
    report = evaluate(make(rows), bootstrap=5)
    assert report.clustering is None
    assert "too few" in report.absent["clustering"]
    json.dumps(report.to_dict(), allow_nan=False)


def test_all_images_failed(make: Any) -> None:
    rows = make(3, error=["broken"] * 3)
    report = evaluate(rows, bootstrap=5)
    assert (report.counts.errors, report.counts.predicted) == (3, 0)
    assert report.classification is None
    assert report.dimensions == ()


def test_labels_of_no_known_sentiment(make: Any) -> None:
    report = evaluate(make(30, labels=Taxonomy.custom("cats", ["tabby", "calico", "manx"])), bootstrap=5)
    assert report.cross_sentiment == ()
    assert "sentiment" in report.absent["cross_sentiment"]
    two = evaluate(make(30, labels=taxonomy("sentiment2")), bootstrap=5)
    assert "two labels" in two.absent["cross_sentiment"]


def test_groups_widen_the_intervals(make: Any) -> None:
    """Ten copies of the same twelve images say no more than twelve images."""
    once = make(12, embedding=None).frame
    frame = pd.concat([once.assign(path=once["path"] + str(k)) for k in range(10)], ignore_index=True)
    alone = Predictions(frame, metadata=Metadata(taxonomy=MIKELS))
    together = Predictions(frame.assign(group=[f"g{k % 12}" for k in range(120)]), metadata=alone.metadata)
    plain, grouped = evaluate(alone, bootstrap=200), evaluate(together, bootstrap=200)
    assert (plain.intervals.groups, grouped.intervals.groups) == (None, 12)
    for path in ("classification.accuracy", "cross_sentiment.0.rate", "dimensions.0.mae"):
        wide, narrow = figure(grouped, path), figure(plain, path)
        assert wide["value"] == narrow["value"]
        assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])


def test_a_row_without_a_group_is_its_own(make: Any) -> None:
    report = evaluate(make(10, group=["a", "a", "b", None, None, "b", "a", "", "c", "c"]), bootstrap=5)
    assert report.intervals.groups == 6


def test_same_seed_same_report(make: Any) -> None:
    one, other = evaluate(make(), bootstrap=10, seed=1), evaluate(make(), bootstrap=10, seed=1)
    assert one.to_dict() == other.to_dict()
    assert one.to_dict() != evaluate(make(), bootstrap=10, seed=2).to_dict()


def test_no_draws_no_intervals(make: Any) -> None:
    report = evaluate(make(30), bootstrap=0)
    assert report.classification is not None
    assert isnan(report.classification.accuracy.low)
    assert report.classification.accuracy.value > 0
    with pytest.raises(DataError, match="bootstrap"):
        evaluate(make(30), bootstrap=-1)


def test_other_spellings_are_the_same_label(make: Any) -> None:
    labels = make(30).frame["label"]
    assert (
        evaluate(make(30, label=labels.str.upper()), bootstrap=0).to_dict()
        == evaluate(make(30), bootstrap=0).to_dict()
    )


def test_foreign_labels_are_refused(make: Any) -> None:
    with pytest.raises(DataError, match=r"mikels8.*'amusment' \(did you mean 'amusement'\?\)"):
        evaluate(make(4, label=["awe", "amusment", "awe", "fear"]))


def test_provenance_of_aligned_predictions(make: Any) -> None:
    predictions = make(4, label=None)
    table = Table(pd.DataFrame({"path": predictions.paths[:3], "label": ["awe"] * 3}), MIKELS, name="mine")
    report = evaluate(align(predictions, table), bootstrap=5)
    assert (report.provenance.data, report.counts.left_out, report.counts.rows) == ("mine", 1, 3)
    assert report.provenance.taxonomy == MIKELS.to_dict()


def test_report_survives_json(make: Any) -> None:
    plain = evaluate(make(30), bootstrap=5).to_dict()
    text = json.dumps(plain, allow_nan=False)
    assert Report.from_dict(json.loads(text)).to_dict() == plain


def test_dimensions_stand_beside_what_ratings_allow_and_how_sure_the_model_is(
    make: Any, tmp_path: Any
) -> None:
    rng = np.random.default_rng(1)
    sd = rng.uniform(0.1, 0.4, 120)
    predictions = make(labels=None, valence_sd=sd, arousal_sd=np.nan)
    predictions.frame.loc[3, "error"] = "broken"
    told = {"valence": predictions.targets[:, 0], "valence_sd": rng.uniform(0.2, 0.5, 120), "valence_n": 40}
    table = Table(
        pd.DataFrame({"path": predictions.frame["path"], **told, "arousal": predictions.targets[:, 1]})[::-1],
        root=tmp_path,
        name="rated",
    )
    valence, arousal = evaluate(align(predictions, table), bootstrap=20).dimensions
    good = np.delete(np.arange(120), 3)
    expected = rating_ceiling(told["valence"][good], told["valence_sd"][good], 40)
    assert valence.ceiling["r"].value == pytest.approx(expected.r)
    assert valence.ceiling["ccc"].value == pytest.approx(expected.ccc)
    assert valence.ceiling["r"].n == valence.uncertainty["nll"].n == 119
    inside = np.abs(predictions.targets[good, 0] - predictions.dimensions[good, 0]) <= 1.959964 * sd[good]
    assert valence.uncertainty["coverage_95"].value == pytest.approx(inside.mean())
    assert arousal.ceiling == {}
    assert arousal.uncertainty == {}
    plain = evaluate(make(labels=None), bootstrap=0).dimensions[0]
    assert plain.ceiling == plain.uncertainty == {}
    report = evaluate(align(predictions, table), bootstrap=20)
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))).to_dict() == report.to_dict()
    page = render(report, {})
    assert "What the ratings allow" in page
    assert "in 95 %" in page
    assert "in 95 %" not in render(evaluate(make(labels=None), bootstrap=0), {})
