import numpy as np
import pytest

from evocative.errors import DataError
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy, taxonomy
from evocative.taxonomy.mapping import Mapping, _routes, mapping

ROUTES = [route for known in TAXONOMIES.values() for route in _routes(known).values()]
EVERY = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.source.name}-{route.target.name}")


@EVERY
def test_rows_sum_to_one_or_zero(route: Mapping) -> None:
    matrix = route.matrix()
    assert matrix.shape == (len(route.source), len(route.target))
    rows = matrix.sum(axis=1)
    assert {*rows.tolist()} <= {0.0, 1.0}
    assert [name for name, row in zip(route.source.names, rows, strict=True) if row == 0] == [*route.unmapped]
    assert route.citation


@EVERY
def test_no_way_round_loses_or_bends_a_label(route: Mapping) -> None:
    for name, target in route.table.items():
        if name in route.target.names:
            assert target == name
        if target is not None and target != "others":
            assert route.target.sentiment(target) == route.source.sentiment(name)


@pytest.mark.parametrize("name", TAXONOMIES)
def test_every_label_reaches_a_sentiment(name: str) -> None:
    without = ("others",) if name == "sadness2" else ()
    assert mapping(name, "sentiment3").unmapped == without
    mixed = tuple(label.name for label in taxonomy(name) if label.sentiment == "neutral")
    expected = mixed or without
    assert mapping(name, "sentiment2").unmapped == expected
    assert mapping(name, "webemo2").unmapped == expected


@pytest.mark.parametrize(
    ("source", "target", "unmapped"),
    [
        ("mikels8", "ekman6", {"awe"}),
        ("mikels8", "caer7", {"awe"}),
        ("mikels8", "plutchik8", {"awe"}),
        ("mikels8", "parrott6", {"awe"}),
        ("plutchik8", "mikels8", {"joy", "trust", "surprise", "anticipation"}),
        ("plutchik8", "ekman6", {"trust", "anticipation"}),
        ("ekman6", "mikels8", {"happiness", "surprise"}),
        ("ekman6", "plutchik8", set()),
        ("ekman6", "parrott6", set()),
        ("caer7", "ekman6", {"neutral"}),
        ("ekman6", "caer7", set()),
        ("caer7", "parrott6", {"neutral"}),
        ("plutchik24", "plutchik8", set()),
        ("parrott-tertiary", "parrott25", set()),
        ("parrott-tertiary", "parrott6", set()),
        ("webemo25", "webemo7", set()),
        ("webemo25", "parrott6", {"confusion"}),
        ("webemo25", "sadness2", set()),
        ("caer7", "sadness2", set()),
        ("parrott-tertiary", "sadness2", set()),
    ],
)
def test_only_these_labels_have_no_counterpart(source: str, target: str, unmapped: set[str]) -> None:
    assert set(mapping(source, target).unmapped) == unmapped


def test_hand_picked_labels() -> None:
    assert mapping("mikels8", "ekman6").label("amusement") == "happiness"
    assert mapping("mikels8", "parrott6").label("disgust") == "anger"
    assert mapping("plutchik24", "ekman6").label("ecstasy") == "happiness"
    assert mapping("parrott-tertiary", "parrott6").label("homesickness") == "sadness"
    assert mapping("webemo25", "webemo7").label("irritabilty") == "anger"
    assert mapping("webemo25", "webemo2").label("surprise") == "positive"
    assert mapping("mikels8", "sadness2").label("awe") == "others"


def test_sadness_is_the_whole_family_of_a_hierarchy() -> None:
    to_sadness = mapping("webemo25", "sadness2")
    sad = {name for name, target in to_sadness.table.items() if target == "sadness"}
    assert sad == {"disappointment", "neglect", "sadness", "shame", "suffering", "sympathy"}
    assert mapping("parrott25", "sadness2").label("neglect") == "sadness"


def test_probabilities_add_up() -> None:
    to_ekman = mapping("mikels8", "ekman6")
    probabilities = np.array([[0.1, 0.4, 0.2, 0.1, 0.05, 0.05, 0.0, 0.1], [0, 1, 0, 0, 0, 0, 0, 0]])
    happiness, sadness, anger, disgust, fear, surprise = 0.4, 0.1, 0.05, 0.05, 0.0, 0.0
    expected = np.array([happiness, sadness, anger, disgust, fear, surprise])
    np.testing.assert_allclose(to_ekman.apply(probabilities), [expected, np.zeros(6)])
    shares = to_ekman.apply(probabilities, renormalize=True)
    np.testing.assert_allclose(shares[0], expected / 0.6)
    assert np.isnan(shares[1]).all()
    np.testing.assert_allclose(to_ekman.apply(probabilities[0]), expected)


@pytest.mark.parametrize("shape", [(), (7,), (8, 1)])
def test_rows_of_another_taxonomy_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="expected 8 values a row"):
        mapping("mikels8", "ekman6").apply(np.zeros(shape))


def test_own_classes_map_by_name() -> None:
    alphabetical = Taxonomy.custom("fi8", sorted(taxonomy("mikels8").names))
    assert mapping(alphabetical, "ekman6").label("contentment") == "happiness"
    assert mapping(alphabetical, "mikels8").label("awe") == "awe"
    others = Taxonomy.custom("sadness against others", ["others", "sadness"])
    assert mapping(others, "sentiment2").table == {"others": None, "sadness": "negative"}
    with pytest.raises(
        DataError, match="no published mapping leads from the taxonomy 'sadness against others'"
    ):
        mapping(others, "ekman6")


def test_a_taxonomy_of_a_published_name_and_other_labels_is_not_mistaken() -> None:
    impostor = Taxonomy.custom("ekman6", ["calm", "sadness"])
    with pytest.raises(DataError, match="sentiment2, sentiment3"):
        mapping(impostor, "mikels8")


def test_what_nobody_published_is_refused() -> None:
    with pytest.raises(DataError, match=r"'mikels8' to 'webemo25'.*ekman6"):
        mapping("mikels8", "webemo25")
    with pytest.raises(DataError, match="unknown taxonomy"):
        mapping("mikels8", "ekman7")


def test_a_table_must_fit_its_taxonomies() -> None:
    ekman, sentiments = taxonomy("ekman6"), taxonomy("sentiment2")
    with pytest.raises(DataError, match="every label"):
        Mapping(ekman, sentiments, {"happiness": "positive"}, "")
    with pytest.raises(DataError, match="cheerful"):
        Mapping(ekman, sentiments, dict.fromkeys(ekman.names, "cheerful"), "")
