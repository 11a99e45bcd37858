"""Classification metrics against scikit-learn, and where a class is absent."""

import json
from math import isnan, nan

import numpy as np
import pytest
from sklearn import metrics as sk

from evocative.errors import DataError
from evocative.metrics.classification import classification_metrics, confusion_matrix, roc_auc
from evocative.metrics.intervals import bootstrap_figures

NAMES = ("amusement", "awe", "contentment", "fear", "sadness")


def _example(seed: int = 0, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(5, n, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    logits = rng.normal(size=(n, 5))
    logits[np.arange(n), labels] += 1
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_equals_scikit_learn_where_every_class_occurs() -> None:
    labels, probabilities = _example()
    predicted = probabilities.argmax(axis=1)
    ours = classification_metrics(labels, probabilities, names=NAMES)
    precision, recall, f1, support = sk.precision_recall_fscore_support(labels, predicted, labels=range(5))
    assert ours.n == 300
    assert ours.accuracy == pytest.approx(sk.accuracy_score(labels, predicted), abs=1e-12)
    for kind, theirs in (("precision", precision), ("recall", recall), ("f1", f1), ("support", support)):
        assert [getattr(one, kind) for one in ours.per_class] == pytest.approx(theirs.tolist(), abs=1e-12)
    assert ours.macro_precision == pytest.approx(precision.mean(), abs=1e-12)
    assert ours.macro_recall == pytest.approx(sk.balanced_accuracy_score(labels, predicted), abs=1e-12)
    assert ours.macro_f1 == pytest.approx(sk.f1_score(labels, predicted, average="macro"), abs=1e-12)
    assert ours.confusion.tolist() == sk.confusion_matrix(labels, predicted).tolist()
    theirs = sk.roc_auc_score(labels, probabilities, multi_class="ovr", average=None)
    assert [one.roc_auc for one in ours.per_class] == pytest.approx(theirs.tolist(), abs=1e-12)
    assert ours.macro_roc_auc == pytest.approx(theirs.mean(), abs=1e-12)


def test_ties_of_scores_count_half_in_the_roc_area() -> None:
    labels, probabilities = _example(1)
    coarse = np.round(probabilities, 1)
    theirs = [sk.roc_auc_score(labels == k, coarse[:, k]) for k in range(5)]
    assert roc_auc(labels, coarse).tolist() == pytest.approx(theirs, abs=1e-12)


def test_a_class_that_never_occurs_and_is_never_predicted_counts_nowhere() -> None:
    metrics = classification_metrics([0, 0, 1], [0, 1, 1], names=["awe", "fear", "joy"])
    joy = metrics.per_class[2]
    assert isnan(joy.precision)
    assert isnan(joy.recall)
    assert isnan(joy.f1)
    assert metrics.macro_f1 == pytest.approx(sk.f1_score([0, 0, 1], [0, 1, 1], average="macro"))


def test_a_class_that_is_predicted_but_never_occurs() -> None:
    labels, predictions = [0, 0, 1, 1], [0, 2, 1, 2]
    metrics = classification_metrics(labels, predictions, names=["awe", "fear", "joy"])
    joy = metrics.per_class[2]
    assert (joy.precision, joy.f1, joy.n_predicted) == (0.0, 0.0, 2)
    assert isnan(joy.recall)
    assert metrics.macro_recall == 0.5  # of the two classes that occur
    assert metrics.macro_precision == pytest.approx(2 / 3)  # of all three
    assert metrics.macro_f1 == pytest.approx(sk.f1_score(labels, predictions, average="macro"), abs=1e-12)


def test_the_precision_of_a_class_that_is_never_predicted_is_undefined() -> None:
    labels, predictions = [0, 0, 1], [0, 0, 0]
    metrics = classification_metrics(labels, predictions, names=["awe", "fear", "joy"])
    awe, fear, joy = metrics.per_class
    assert awe.precision == pytest.approx(2 / 3)
    assert (fear.recall, fear.f1) == (0, 0)
    assert isnan(fear.precision)
    assert isnan(joy.precision)
    theirs = sk.precision_score(labels, predictions, average="macro", zero_division=np.nan)
    assert metrics.macro_precision == pytest.approx(theirs, abs=1e-12)
    assert metrics.averaged == {
        "macro_precision": 1, "macro_recall": 2, "macro_f1": 2, "macro_roc_auc": 0
    }  # fmt: skip


def test_macro_figures_of_a_draw_are_over_the_classes_of_all_rows() -> None:
    """Of a draw without fear: recall 1 of awe, 0 of joy; fear keeps its ½. Over three classes, not two."""
    names, labels, predictions = "abc", np.array([0, 1, 1, 2]), np.array([0, 1, 0, 0])
    whole = classification_metrics(labels, predictions, names=names)
    draw = np.array([0, 0, 3, 3])
    drawn = classification_metrics(labels[draw], predictions[draw], names=names)
    assert drawn.macro_recall == 0.5
    assert drawn.macro_among(whole)["macro_recall"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert whole.macro_among(whole)["macro_f1"] == whole.macro_f1
    assert isnan(drawn.macro_among(whole)["macro_roc_auc"])


def test_the_interval_of_macro_f1_with_many_rare_classes_holds_it() -> None:
    """Thirty classes of one row each, never recognised: of the classes drawn it was .055 [.068, .115]."""
    names = [f"class {k:02}" for k in range(32)]
    labels = np.concatenate([np.repeat([0, 1], 50), np.arange(2, 32)])
    predictions = np.where(labels < 2, labels, 0)
    whole = classification_metrics(labels, predictions, names=names)

    def figures(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
        drawn = classification_metrics(labels, predictions, names=names)
        return {"former": drawn.macro_f1, **drawn.macro_among(whole)}

    found = bootstrap_figures(figures, labels, predictions, n_resamples=60)
    assert found["macro_f1"].low < whole.macro_f1 < found["macro_f1"].high
    assert isnan(found["former"].low)  # beside its value: no interval


def test_the_roc_area_of_an_absent_class_is_undefined() -> None:
    scores = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    areas = roc_auc([0, 1, 0], scores)
    assert areas[:2].tolist() == [1.0, 1.0]
    assert isnan(areas[2])
    assert classification_metrics([0, 1, 0], scores, names="abc").macro_roc_auc == 1.0
    assert np.isnan(roc_auc([1, 1], scores[:2])).all()  # every row belongs to it, or none


def test_rows_without_a_label_are_left_out() -> None:
    labels, probabilities = _example()
    some = np.where(np.arange(300) % 3 == 0, -1, labels)
    kept = some >= 0
    probabilities[~kept] = nan  # as rows with an error have
    ours = classification_metrics(some, probabilities, names=NAMES)
    assert ours.n == 200
    assert ours.figures() == classification_metrics(labels[kept], probabilities[kept], names=NAMES).figures()


def test_without_rows_everything_is_undefined() -> None:
    for predictions in (np.empty(0, int), np.empty((0, 5))):
        metrics = classification_metrics(np.empty(0, int), predictions, names=NAMES)
        assert metrics.n == 0
        assert all(isnan(value) for value in metrics.figures().values())
        assert not metrics.confusion.any()


def test_of_equal_probabilities_the_first_is_predicted() -> None:
    assert classification_metrics([0, 1], [[0.5, 0.5], [0.5, 0.5]], names="ab").confusion.tolist() == [
        [1, 0],
        [1, 0],
    ]


def test_figures_and_dict_hold_everything_and_are_plain() -> None:
    metrics = classification_metrics(*_example(), names=NAMES)
    assert set(metrics.figures()) >= {"accuracy", "macro_f1", "macro_roc_auc", "recall/awe", "roc_auc/fear"}
    plain = json.loads(json.dumps(metrics.to_dict()))
    assert plain["per_class"][1]["name"] == "awe"
    assert np.array(plain["confusion"]).shape == (5, 5)
    assert metrics.names == NAMES


def test_the_confusion_matrix_has_labels_in_rows() -> None:
    assert confusion_matrix([0, 0, 1, -1], [1, 1, 0, 0], n_classes=3).tolist() == [
        [0, 2, 0],
        [1, 0, 0],
        [0, 0, 0],
    ]


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0, 5], [0, 1], "labels must be 0 to 4 .* found 5 in row 1"),
        ([0, -2], [0, 1], "found -2"),
        ([0, 1], [0, -1], "predictions must be 0 to 4, found -1"),
        ([0, 1], [0, 1, 2], "labels 2, predictions 3"),
        (["awe", "fear"], [0, 1], "integer type.*Taxonomy.index"),
        ([0, 1], [[0.5, 0.5], [1, 0]], r"shape \(N, 5\), found \(2, 2\)"),
        ([0, 1], [[0.2] * 5, [nan] * 5], "1 of 2 rows .*row 1.*carry an error"),
    ],
)
def test_what_does_not_fit_is_refused(labels: list[int], predictions: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        classification_metrics(labels, predictions, names=NAMES)


def test_names_must_be_given_once() -> None:
    with pytest.raises(DataError, match="each once"):
        classification_metrics([0], [0], names=["awe", "awe"])
