"""Emotions and dimensions, both ways."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from evocative.errors import DataError
from evocative.taxonomy.circumplex import EmotionPlaces
from evocative.taxonomy.emotion_words import (
    ADJECTIVES,
    CELLS,
    PUBLISHED,
    RUSSELL_1980,
    RUSSELL_MEHRABIAN_1977,
    label_places,
    published,
)
from evocative.taxonomy.labels import taxonomy


@pytest.fixture
def places() -> EmotionPlaces:
    rng = np.random.default_rng(0)
    return EmotionPlaces(
        "drawn",
        tuple("abcde"),
        rng.uniform(-1, 1, (5, 3)),
        ("valence", "arousal", "dominance"),
        rng.uniform(0.2, 0.5, (5, 3)),
    )


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_label_goes_to_its_place_and_back(name: str) -> None:
    some = published(name)
    sure = np.eye(len(some))
    there = some.expectation(sure)
    np.testing.assert_allclose(there, some.means)
    assert some.nearest(there).tolist() == list(range(len(some)))
    np.testing.assert_allclose(some.distribution(there, temperature=1e-6), sure, atol=1e-9)
    np.testing.assert_allclose(some.expected_sd(sure), 0, atol=1e-7)


def test_the_distribution_is_bayes_rule(places: EmotionPlaces) -> None:
    points = np.random.default_rng(1).uniform(-1, 1, (4, 6, 3))
    prior, tau = np.array([1.0, 2, 3, 4, 0]), 0.7
    assert places.sds is not None
    likelihood = np.stack(
        [
            multivariate_normal(mean, np.diag(tau * sd**2)).pdf(points)
            for mean, sd in zip(places.means, places.sds, strict=True)
        ],
        axis=-1,
    )
    expected = likelihood * prior
    expected /= expected.sum(axis=-1, keepdims=True)
    found = places.distribution(points, temperature=tau, prior=prior)
    np.testing.assert_allclose(found, expected)
    assert (found[..., 4] == 0).all()


def test_the_nearest_is_what_a_loop_finds(places: EmotionPlaces) -> None:
    points = np.random.default_rng(2).uniform(-1, 1, (50, 3))
    assert places.sds is not None
    for metric, deviations in (("euclidean", np.ones((5, 3))), ("mahalanobis", places.sds)):
        loop = [
            min(range(5), key=lambda k: sum(((point - places.means[k]) / deviations[k]) ** 2))
            for point in points
        ]
        assert places.nearest(points, metric=metric).tolist() == loop  # type: ignore[arg-type]
    cold = places.distribution(points, temperature=1e-7).argmax(axis=1)
    np.testing.assert_array_equal(cold, places.nearest(points, metric="mahalanobis"))


def test_mean_and_sd_of_a_mixture_are_those_of_its_draws(places: EmotionPlaces) -> None:
    shares = np.array([0.1, 0.4, 0.0, 0.3, 0.2])
    rng = np.random.default_rng(3)
    chosen = rng.choice(5, size=200_000, p=shares)
    assert places.sds is not None
    drawn = rng.normal(places.means[chosen], places.sds[chosen])
    np.testing.assert_allclose(places.expectation(shares), drawn.mean(axis=0), atol=5e-3)
    np.testing.assert_allclose(places.expected_sd(shares), drawn.std(axis=0), atol=5e-3)
    np.testing.assert_allclose(places.expectation(7 * shares), places.expectation(shares))


def test_what_is_missing_stays_missing(places: EmotionPlaces) -> None:
    points = np.array([[0.1, np.nan, 0.2], places.means[3]])
    assert places.nearest(points).tolist() == [-1, 3]
    assert np.isnan(places.distribution(points)).tolist() == [[True] * 5, [False] * 5]
    assert np.isnan(places.expectation(np.array([[0.0] * 5, [1.0] * 5]))).all(axis=1).tolist() == [
        True,
        False,
    ]


def test_anger_and_fear_differ_in_dominance_alone() -> None:
    both = label_places(["anger", "fear"], RUSSELL_MEHRABIAN_1977)
    gap = np.abs(both.place("anger") - both.place("fear"))
    assert gap[2] > 4 * gap[:2].max()
    assert np.linalg.norm(np.diff(both.project(["valence", "arousal"]).means, axis=0)) < 0.15


def test_words_lie_where_their_quadrant_is() -> None:
    signs = {"delighted": (1, 1), "distressed": (-1, 1), "depressed": (-1, -1), "serene": (1, -1)}
    for word, expected in signs.items():
        assert tuple(np.sign(RUSSELL_1980.place(word))) == expected
    np.testing.assert_allclose(np.linalg.norm(RUSSELL_1980.means, axis=1), 1)
    shared = sorted(set(RUSSELL_1980.labels) & set(RUSSELL_MEHRABIAN_1977.labels))
    one, other = RUSSELL_1980.only(shared), RUSSELL_MEHRABIAN_1977.only(shared)
    assert len(shared) >= 8
    assert np.corrcoef(one.means[:, 0], other.means[:, 0])[0, 1] > 0.85  # two accounts of the same words
    assert np.corrcoef(one.means[:, 1], other.means[:, 1])[0, 1] > 0.85


def test_figure_1_has_16_cells_of_words_of_russell() -> None:
    assert [len(row) for row in CELLS] == [4, 4, 4, 4]
    words = {word for row in CELLS for cell in row for word in cell}
    assert words <= set(RUSSELL_1980.labels)
    assert CELLS[0][0] == ("frustrated", "alarmed", "afraid", "angry")
    assert CELLS[2][2] == ("tense", "at ease", "serene", "tired")


def test_labels_find_their_adjectives() -> None:
    ekman = label_places(taxonomy("ekman6"), RUSSELL_MEHRABIAN_1977)
    assert ekman.labels == taxonomy("ekman6").names
    np.testing.assert_array_equal(ekman.place("fear"), RUSSELL_MEHRABIAN_1977.place("fearful"))
    with pytest.raises(DataError, match="no place for amusement, contentment"):
        label_places(taxonomy("mikels8"), RUSSELL_MEHRABIAN_1977)
    known = {*RUSSELL_1980.labels, *RUSSELL_MEHRABIAN_1977.labels}
    assert all(set(words) <= known for words in ADJECTIVES.values())


def test_mistakes_are_told(places: EmotionPlaces) -> None:
    with pytest.raises(DataError, match="3 numbers"):
        places.nearest([0.1, 0.2])
    with pytest.raises(DataError, match="no SDs"):
        RUSSELL_1980.nearest([[0.1, 0.2]], metric="mahalanobis")
    with pytest.raises(DataError, match="must be > 0"):
        places.distribution([[0, 0, 0]], temperature=0)
    with pytest.raises(DataError, match="a prior has 5"):
        places.distribution([[0, 0, 0]], prior=[1, 2])
    with pytest.raises(DataError, match="5 shares"):
        places.expectation([-0.1, 0.5, 0.2, 0.2, 0.2])
    with pytest.raises(DataError, match="label"):
        places.place("z")
    with pytest.raises(DataError, match="dimension"):
        places.project(["weight"])
    with pytest.raises(DataError, match="SDs above 0"):
        EmotionPlaces("bad", ("a",), np.zeros((1, 2)), sds=np.zeros((1, 2)))
    with pytest.raises(DataError, match="russell1980"):
        published("russel1980")
