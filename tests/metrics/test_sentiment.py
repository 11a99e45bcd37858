"""Top-2 cross-sentiment: the counts of the paper's tables, by the name of the label."""

import json
from math import isnan

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.metrics.sentiment import CrossSentiment, top2_cross_sentiment

POSITIVE = ("amusement", "awe", "contentment", "excitement")
NEGATIVE = ("anger", "disgust", "fear", "sadness")
SENTIMENTS = dict.fromkeys(POSITIVE, "positive") | dict.fromkeys(NEGATIVE, "negative")
NAMES = POSITIVE + NEGATIVE


def _rows(*pairs: tuple[str, float, str, float]) -> np.ndarray:
    """Build rows in which two labels have these probabilities and the rest is spread evenly."""
    rows = np.zeros((len(pairs), 8))
    for row, (first, p, second, q) in zip(rows, pairs, strict=True):
        row[:] = (1 - p - q) / 6
        row[NAMES.index(first)], row[NAMES.index(second)] = p, q
    return rows


FOUR = _rows(
    ("awe", 0.5, "fear", 0.3),
    ("anger", 0.6, "amusement", 0.2),
    ("awe", 0.4, "contentment", 0.35),
    ("sadness", 0.45, "fear", 0.4),
    ("excitement", 0.9, "awe", 0.05),
)


def test_counts_by_order_of_the_two_sentiments() -> None:
    result = top2_cross_sentiment(FOUR, names=NAMES, sentiments=SENTIMENTS)
    assert result == CrossSentiment(
        n=5,
        theta=0.0,
        positive_negative=1,
        negative_positive=1,
        positive_positive=2,
        negative_negative=1,
        unpolar=0,
    )
    assert (result.n_eligible, result.n_cross, result.rate) == (5, 2, 0.4)


def test_threshold_keeps_rows_where_both_reach_it() -> None:
    result = top2_cross_sentiment(FOUR, names=NAMES, sentiments=SENTIMENTS, theta=0.3)
    assert (result.n, result.n_eligible, result.n_cross) == (5, 3, 1)  # 0.3 ≥ 0.3 is enough
    assert result.positive_negative == 1
    assert result.rate == pytest.approx(1 / 3)


def test_no_eligible_row_is_undefined_not_zero() -> None:
    assert isnan(top2_cross_sentiment(FOUR, names=NAMES, sentiments=SENTIMENTS, theta=0.51).rate)
    assert isnan(top2_cross_sentiment(np.empty((0, 8)), names=NAMES, sentiments=SENTIMENTS).rate)


@pytest.mark.parametrize("theta", [0.0, 0.1, 0.3])
def test_equals_the_definition_row_by_row(theta: float) -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.full(8, 0.3), 500)
    counts = {"pn": 0, "np": 0, "pp": 0, "nn": 0}
    for row in probabilities:
        second, first = np.argsort(row)[-2:]
        if row[first] >= theta and row[second] >= theta:
            counts[SENTIMENTS[NAMES[first]][0] + SENTIMENTS[NAMES[second]][0]] += 1
    result = top2_cross_sentiment(probabilities, names=NAMES, sentiments=SENTIMENTS, theta=theta)
    found = (
        result.positive_negative,
        result.negative_positive,
        result.positive_positive,
        result.negative_negative,
    )
    assert found == (counts["pn"], counts["np"], counts["pp"], counts["nn"])
    assert result.rate == (counts["pn"] + counts["np"]) / sum(counts.values())


def test_sentiment_goes_by_name_so_the_order_of_columns_does_not_matter() -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.full(8, 0.3), 200)
    order = np.argsort(NAMES)  # alphabetical, as a folder of classes has them
    shuffled = [NAMES[place] for place in order]
    expected = top2_cross_sentiment(probabilities, names=NAMES, sentiments=SENTIMENTS)
    assert top2_cross_sentiment(probabilities[:, order], names=shuffled, sentiments=SENTIMENTS) == expected


def test_ties_go_to_the_label_that_is_first_in_the_alphabet() -> None:
    uniform = np.full((1, 8), 1 / 8)  # amusement, anger
    assert top2_cross_sentiment(uniform, names=NAMES, sentiments=SENTIMENTS).positive_negative == 1
    mixed = [NAMES[place] for place in (4, 7, 0, 2, 6, 1, 3, 5)]
    assert top2_cross_sentiment(uniform, names=mixed, sentiments=SENTIMENTS).positive_negative == 1


def test_labels_without_polarity_are_counted_apart() -> None:
    names = ["happy", "neutral", "sad", "surprise"]
    moods = {"happy": "positive", "neutral": "neutral", "sad": "negative", "surprise": None}
    rows = [[0.5, 0.4, 0.1, 0.0], [0.5, 0.1, 0.4, 0.0], [0.1, 0.0, 0.5, 0.4], [0.1, 0.5, 0.0, 0.4]]
    result = top2_cross_sentiment(rows, names=names, sentiments=moods)
    assert (result.n, result.unpolar, result.n_eligible, result.n_cross, result.rate) == (4, 3, 1, 1, 1.0)
    never = top2_cross_sentiment(rows, names=names, sentiments=dict.fromkeys(names))
    assert never.unpolar == 4
    assert isnan(never.rate)


def test_float32_probabilities_reach_a_threshold_that_they_are_rounded_from() -> None:
    row = np.array([[0.7, 0.3]], np.float32)  # 0.7 is 0.699999988 here
    two = {"joy": "positive", "fear": "negative"}
    assert top2_cross_sentiment(row, names=["joy", "fear"], sentiments=two, theta=0.3).n_eligible == 1
    flipped = top2_cross_sentiment(row[:, ::-1], names=["joy", "fear"], sentiments=two, theta=0.3)
    assert flipped.negative_positive == 1


def test_dict_is_plain_and_complete() -> None:
    plain = json.loads(json.dumps(top2_cross_sentiment(FOUR, names=NAMES, sentiments=SENTIMENTS).to_dict()))
    assert plain["rate"] == 0.4
    assert plain["n_cross"] == 2
    assert plain["n"] == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sentiments": {"awe": "positive"}}, "label 'amusement'.*Known: awe"),
        ({"sentiments": SENTIMENTS | {"awe": "postive"}}, "did you mean 'positive'"),
        ({"theta": 1.5}, r"\[0, 1\], found 1.5"),
        ({"probabilities": FOUR * 2}, "sum to 1.*softmax"),
        ({"probabilities": np.log(FOUR)}, "softmax"),
        ({"probabilities": FOUR[:, :5]}, r"shape \(N, 8\)"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    settings: dict[str, object] = {"probabilities": FOUR, "names": NAMES, "sentiments": SENTIMENTS} | change
    with pytest.raises(DataError, match=message):
        top2_cross_sentiment(**settings)  # type: ignore[arg-type]


def test_one_label_has_no_second() -> None:
    with pytest.raises(DataError, match="at least two labels"):
        top2_cross_sentiment([[1.0]], names=["joy"], sentiments={"joy": "positive"})
