import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evocative.errors import DataError
from evocative.taxonomy.colors import COLORS
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy, guess, taxonomy
from evocative.taxonomy.spelling import plain_word

ALL = pytest.mark.parametrize("known", TAXONOMIES.values(), ids=TAXONOMIES.keys())


def test_sizes_are_those_of_the_publications() -> None:
    sizes = {name: len(known) for name, known in TAXONOMIES.items()}
    assert sizes == {
        "mikels8": 8,
        "ekman6": 6,
        "caer7": 7,
        "plutchik8": 8,
        "plutchik24": 24,
        "parrott6": 6,
        "parrott25": 25,
        "parrott-tertiary": 135,  # the 135 words that Shaver et al. 1987 sorted
        "sentiment2": 2,
        "sentiment3": 3,
        "sadness2": 2,
        "webemo2": 2,
        "webemo7": 7,
        "webemo8": 8,
        "webemo25": 25,
        "wikiart20": 20,
    }
    assert all(known.name == key and known.source for key, known in TAXONOMIES.items())


def test_mikels_order_and_sentiments() -> None:
    mikels = taxonomy("mikels8")
    assert mikels.names == (
        "amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness"
    )  # fmt: skip
    assert mikels.sentiments == ("positive",) * 4 + ("negative",) * 4


def test_webemo_fine_classes_keep_the_owners_numbers() -> None:
    fine = taxonomy("webemo25")
    assert fine.index("affection") == 0
    assert fine.index("disgust") == 5
    assert fine.index("irritabilty") == 11  # as the owners spell it
    assert fine.index("surprise") == 22
    assert fine.index("zest") == 24


@ALL
def test_every_label_has_a_sentiment_and_its_own_colour(known: Taxonomy) -> None:
    assert [label.name for label in known if label.sentiment is None] == (
        ["others"] if known.name == "sadness2" else []
    )
    assert len(set(known.colors)) == len(known)
    assert all(known.index(label.name) == index for index, label in enumerate(known))


@pytest.mark.parametrize("name", ["anger", "disgust", "fear", "sadness", "surprise"])
def test_an_emotion_has_one_sentiment_everywhere(name: str) -> None:
    sentiments = {key: known.sentiment(name) for key, known in TAXONOMIES.items() if name in known.names}
    if name == "surprise":  # WikiArt's owners put it with the other or mixed emotions
        assert sentiments.pop("wikiart20") == "neutral"
    assert len(set(sentiments.values())) == 1


def test_wikiart_keeps_the_owners_columns_and_groups() -> None:
    wikiart = taxonomy("wikiart20")
    assert wikiart.names[:3] == ("agreeableness", "anger", "anticipation")
    assert wikiart.names[-2:] == ("trust", "neutral")
    assert [wikiart.sentiments.count(kind) for kind in ("positive", "negative", "neutral")] == [6, 8, 6]
    for name in ("happiness", "anger", "fear", "sadness"):
        assert wikiart.labels[wikiart.index(name)].color == COLORS[name]


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [
        ("plutchik24", "plutchik8"),
        ("parrott-tertiary", "parrott25"),
        ("parrott25", "parrott6"),
        ("webemo25", "webemo7"),
        ("webemo7", "webemo2"),
    ],
)
def test_parents_stand_in_the_next_level_and_share_the_sentiment(fine: str, coarse: str) -> None:
    above = taxonomy(coarse)
    assert {label.parent for label in taxonomy(fine)} == set(above.names)
    assert all(label.sentiment == above.sentiment(str(label.parent)) for label in taxonomy(fine))


def test_the_middle_intensity_looks_like_the_primary() -> None:
    primaries, intensities = taxonomy("plutchik8"), taxonomy("plutchik24")
    for label in primaries:
        assert intensities.labels[intensities.index(label.name)].color == label.color


def test_lookup_takes_data_sets_spellings() -> None:
    caer = taxonomy("caer7")
    assert [caer.resolve(name) for name in ("Happy", " sad ", "ANGER", "Surprise")] == [
        "happiness", "sadness", "anger", "surprise"
    ]  # fmt: skip
    assert taxonomy("parrott-tertiary").resolve("joy") == "joy"  # its own name comes first
    assert [name in caer for name in ("joy", "awe", 3)] == [True, False, False]


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="did you mean 'amusement'"):
        taxonomy("mikels8").index("amusment")
    with pytest.raises(DataError, match=r"unknown taxonomy 'mikels'.*mikels8"):
        taxonomy("mikels")


@ALL
def test_dictionaries_come_back(known: Taxonomy) -> None:
    assert Taxonomy.from_dict(known.to_dict()) == known
    assert hash(Taxonomy.from_dict(known.to_dict())) == hash(known)
    assert pickle.loads(pickle.dumps(known)) == known


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": "mine"},
        {"name": "mine", "labels": []},
        {"name": "mine", "labels": ["joy"]},
        {"name": "mine", "labels": None},
        {"name": "mine", "labels": [{"name": "joy", "hue": 3}]},
        {"name": "mine", "labels": [{"name": "joy", "sentiment": "good"}]},
        {"name": "mine", "labels": [{"name": "joy", "color": "yellow"}]},
        {"name": "mine", "labels": [{"name": ""}]},
        {"name": "mine", "labels": [{"name": "joy"}, {"name": "Joy"}]},
    ],
)
def test_a_broken_dictionary_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        Taxonomy.from_dict(values)


def test_custom_classes_keep_what_is_known_of_them() -> None:
    mine = Taxonomy.custom("mine", ["Sadness", "others", "joy", "happiness"])
    assert mine.names == ("Sadness", "others", "joy", "happiness")
    assert mine.sentiments == ("negative", None, "positive", "positive")
    assert mine.colors[0] == taxonomy("mikels8").colors[7]
    assert mine.colors[2] == taxonomy("plutchik8").colors[0]
    assert len(set(mine.colors)) == 4
    assert Taxonomy.from_dict(mine.to_dict()) == mine


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=60, unique_by=plain_word))
def test_custom_takes_any_names(names: list[str]) -> None:
    mine = Taxonomy.custom("mine", names)
    assert mine.names == tuple(names)
    assert len(set(mine.colors)) == len(names)
    assert [mine.index(name) for name in names] == list(range(len(names)))


@pytest.mark.parametrize("names", [[], ["joy", "joy"], [" "], ["a", "A"]])
def test_custom_refuses_what_cannot_be_classes(names: list[str]) -> None:
    with pytest.raises(DataError):
        Taxonomy.custom("mine", names)


@pytest.mark.parametrize("key", [key for key in TAXONOMIES if key != "webemo2"])
def test_guess_finds_every_published_taxonomy(key: str) -> None:
    found = guess(sorted(taxonomy(key).names, reverse=True) * 2)
    assert found is not None
    assert found.name == key


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"], "caer7"),  # CAER-S's folders
        (["anger", "disgust", "fear", "joy", "sadness", "surprise"], "ekman6"),  # Emotion6
        (["anger", "fear", "joy", "love", "sadness", "surprise"], "parrott6"),  # UnbiasedEmo
        (["amusement", "awe"], "mikels8"),
        (["positive", "negative"], "sentiment2"),
        (["sadness", "others"], "sadness2"),
        (["sadness", "no sadness"], None),
        (["happy", "joy", "sadness"], "parrott-tertiary"),  # the small ones have one label for two names
        ([], None),
    ],
)
def test_guess_by_data_sets_class_names(names: list[str], expected: str | None) -> None:
    found = guess(names)
    assert (found.name if found else None) == expected


def test_guess_knows_webemos_folders_as_the_owners_spell_them() -> None:
    spelled = {"cheerfulness": "cheerfullness", "irritability": "irritabilty"}
    found = guess(spelled.get(name, name) for name in taxonomy("webemo25").names)
    assert found == taxonomy("webemo25")
