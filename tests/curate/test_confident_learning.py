"""Confident learning: the paper's definitions, re-derived row by row, and a case worked by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.curate.confident_learning import CHOICES, confident_joint, suspects, suspicion
from evocative.errors import DataError

HAND = np.array(
    [
        [0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.1, 0.8, 0.1],  # labelled 0, the third more like 1
        [0.2, 0.7, 0.1], [0.1, 0.5, 0.4],                   # labelled 1
        [0.1, 0.1, 0.8], [0.7, 0.1, 0.2],                   # labelled 2, the second more like 0
    ]
)  # fmt: skip
GIVEN = np.array([0, 0, 0, 1, 1, 2, 2])


def draw(seed: int, n: int = 120, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, k, n)
    p = random.dirichlet(np.full(k, 0.7), n) + 1.2 * np.eye(k)[labels] * random.random((n, 1))
    return p / p.sum(1, keepdims=True), labels


def naive(p: np.ndarray, labels: np.ndarray) -> tuple[list[list[int]], list[list[Fraction]], list[float]]:
    """(1), (2) and (3) of the paper in exact fractions; by our rule a row's own label yields to no lesser."""
    k = p.shape[1]
    t = []
    for j in range(k):
        own = [float(row[j]) for row, label in zip(p, labels, strict=True) if label == j]
        t.append(sum(own) / len(own))
    c = [[0] * k for _ in range(k)]
    for row, label in zip(p, labels, strict=True):
        sure = [j for j in range(k) if row[j] >= t[j] and row[j] >= row[label]]
        if sure:
            c[label][max(sure, key=lambda j: float(row[j]))] += 1
    q = [[Fraction(c[i][j], sum(c[i])) * int((labels == i).sum()) for j in range(k)] for i in range(k)]
    total = sum(value for line in q for value in line)
    return c, [[value / total for value in line] for line in q], t


def test_a_case_worked_by_hand() -> None:
    found = confident_joint(HAND, GIVEN)
    np.testing.assert_allclose(found.thresholds, [0.5, 0.6, 0.5])
    assert found.confident.tolist() == [0, 0, 1, 1, -1, 2, 0]
    assert found.counts.tolist() == [[2, 1, 0], [0, 1, 0], [1, 0, 1]]
    np.testing.assert_allclose(found.joint * 7, [[2, 1, 0], [0, 2, 0], [1, 0, 1]])
    assert found.noise == pytest.approx(2 / 7)
    for choose in CHOICES:
        assert np.flatnonzero(suspects(HAND, GIVEN, choose=choose)).tolist() == [2, 6]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_counts_and_joint_are_the_papers(seed: int) -> None:
    p, labels = draw(seed)
    found = confident_joint(p, labels)
    counts, joint, thresholds = naive(p, labels)
    assert found.counts.tolist() == counts
    np.testing.assert_allclose(found.joint, np.array(joint, dtype=np.float64), atol=1e-12)
    np.testing.assert_allclose(found.thresholds, thresholds)
    np.testing.assert_allclose(found.joint.sum(1), np.bincount(labels) / len(labels))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_prunings_are_the_papers(seed: int) -> None:
    p, labels = draw(seed)
    _, joint, _ = naive(p, labels)
    by_class, by_rate = set(), set()
    for i in range(p.shape[1]):
        rows = [row for row in range(len(p)) if labels[row] == i]
        wrong = round(len(p) * sum(joint[i][j] for j in range(p.shape[1]) if j != i))
        by_class |= set(sorted(rows, key=lambda row: float(p[row, i]))[:wrong])
        for j in set(range(p.shape[1])) - {i}:
            ordered = sorted(rows, key=lambda row: float(p[row, i] - p[row, j]))
            by_rate |= set(ordered[: round(len(p) * joint[i][j])])
    agrees = {row for row in range(len(p)) if p[row].argmax() == labels[row]}
    assert set(np.flatnonzero(suspects(p, labels, choose="class"))) == by_class - agrees
    assert set(np.flatnonzero(suspects(p, labels, choose="noise_rate"))) == by_rate - agrees
    assert set(np.flatnonzero(suspects(p, labels, choose="both"))) == (by_class & by_rate) - agrees


def test_nothing_depends_on_the_order_of_labels_or_rows() -> None:
    p, labels = draw(3)
    random = np.random.default_rng(0)
    rows, names = random.permutation(len(p)), random.permutation(p.shape[1])
    place = np.argsort(names)
    whole = suspects(p, labels)
    assert whole.any()
    np.testing.assert_array_equal(suspects(p[rows], labels[rows]), whole[rows])
    np.testing.assert_array_equal(suspects(p[:, names], place[labels]), whole)
    renamed = confident_joint(p[:, names], place[labels])
    np.testing.assert_allclose(renamed.noise, confident_joint(p, labels).noise)


def test_sure_and_right_answers_leave_no_suspect() -> None:
    labels = np.arange(12) % 3
    p = np.eye(3)[labels]
    assert confident_joint(p, labels).noise == 0
    assert not suspects(p, labels).any()
    np.testing.assert_array_equal(suspicion(p, labels), np.zeros(12))


def test_scores() -> None:
    margin = suspicion(HAND, GIVEN, score="normalized_margin")
    np.testing.assert_allclose(margin[[0, 2, 4]], [(1 + 0.1 - 0.8) / 2, (1 + 0.8 - 0.1) / 2, 0.45])
    np.testing.assert_allclose(suspicion(HAND, GIVEN)[[0, 2]], [0.2, 0.9])
    wrong = HAND.argmax(1) != GIVEN
    np.testing.assert_array_equal(margin > 0.5, wrong)


def test_a_label_without_rows_or_confident_rows_is_taken_as_right() -> None:
    p = np.array([[0.9, 0.1, 0.0, 0.0], [0.8, 0.2, 0.0, 0.0], [0.1, 0.9, 0.0, 0.0], [0.2, 0.8, 0.0, 0.0]])
    found = confident_joint(p, np.array([0, 0, 1, 1]))
    assert np.isinf(found.thresholds[2:]).all()
    assert found.noise == 0
    np.testing.assert_allclose(found.joint.sum(), 1)


def rare(each: int) -> tuple[np.ndarray, np.ndarray]:
    """Two labels that are known well, and three rare ones of which nothing is known, `each` rows of each."""
    random = np.random.default_rng(0)
    labels = np.r_[np.zeros(11 * each), np.ones(10 * each), np.repeat([2, 3, 4], each)].astype(np.int64)
    p = np.zeros((len(labels), 5))
    p[:, 2:] = random.uniform(0.025, 0.035, (len(labels), 3))
    common, rest = labels < 2, 1 - p[:, 2:].sum(1)
    first = random.uniform(0.42, 0.9, len(labels))
    p[np.arange(len(labels)), np.where(common, labels, 0)] = first * rest
    p[np.arange(len(labels)), np.where(common, 1 - labels, 1)] = (1 - first) * rest
    return p, labels


@pytest.mark.parametrize("each", [1, 2, 6, 20])
def test_rare_labels_that_nothing_is_known_of_leave_the_others_alone(each: int) -> None:
    """By the paper's rule alone a probability of .03 was confident, and .17 of these labels wrong."""
    p, labels = rare(each)
    found = confident_joint(p, labels)
    alone = labels < 2
    pair = p[alone, :2] / p[alone, :2].sum(1, keepdims=True)
    assert found.judged.tolist() == [True, True, False, False, False]
    assert found.noise == confident_joint(pair, labels[alone]).noise == 0
    assert not suspects(p, labels, choose="off_diagonal").any()
    assert not suspects(p, labels).any()


def test_a_rare_label_that_is_known_is_judged() -> None:
    p, labels = rare(2)
    p[labels == 2] = [0.1, 0.1, 0.7, 0.05, 0.05]
    p[0] = [0.2, 0.0, 0.75, 0.05, 0.0]
    assert confident_joint(p, labels).judged.tolist() == [True, True, True, False, False]
    assert confident_joint(p, labels).confident[0] == 2
    assert suspects(p, labels, choose="off_diagonal").nonzero()[0].tolist() == [0]
    assert suspects(p, labels)[0]
    few = confident_joint(p, labels, fewest=5)
    assert few.judged.tolist() == [True, True, False, False, False]
    assert not suspects(p, labels, fewest=5).any()


@given(seed=st.integers(0, 10_000), k=st.integers(2, 6), n=st.integers(6, 60))
@settings(max_examples=25, deadline=None)
def test_no_row_is_counted_for_a_less_probable_label(seed: int, k: int, n: int) -> None:
    random = np.random.default_rng(seed)
    p, labels = random.dirichlet(np.full(k, 0.5), n), random.integers(0, k, n)
    found = confident_joint(p, labels)
    sure = np.flatnonzero(found.confident >= 0)
    assert (p[sure, found.confident[sure]] >= p[sure, labels[sure]]).all()
    assert found.judged[found.confident[sure]].all()
    assert found.judged[labels[sure]].all()
    assert found.noise <= 1
    chosen = suspects(p, labels)
    assert found.judged[labels[chosen]].all()


def test_what_are_no_probabilities_or_labels_is_refused() -> None:
    with pytest.raises(DataError, match="sum to 1"):
        confident_joint(HAND * 2, GIVEN)
    with pytest.raises(DataError, match="failed rows"):
        suspicion(np.where(HAND > 0.7, np.nan, HAND), GIVEN)
    with pytest.raises(DataError, match="without a label"):
        suspects(HAND, GIVEN - 1)
    with pytest.raises(DataError, match="one row or more"):
        suspects(HAND[:0], GIVEN[:0])
    with pytest.raises(DataError, match="normalized_margin"):
        suspicion(HAND, GIVEN, score="margin")
    with pytest.raises(DataError, match="noise_rate"):
        suspects(HAND, GIVEN, choose="rate")
