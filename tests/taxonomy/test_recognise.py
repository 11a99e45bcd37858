"""A person's own words stay theirs; exactly a published taxonomy's labels are that taxonomy's."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.errors import DataError
from evocative.taxonomy import spelling
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy, taxonomy
from evocative.taxonomy.recognise import is_own, recognise, taxonomy_of
from evocative.taxonomy.spelling import plain_word, tidy

FIVE = ["joy", "neutral", "anger", "fear", "sadness"]
CK = ["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"]
FER = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]


@pytest.mark.parametrize("key", [key for key in TAXONOMIES if key != "webemo2"])  # sentiment2 has its labels
def test_every_published_taxonomy_is_recognised_by_exactly_its_labels(key: str) -> None:
    names = list(TAXONOMIES[key].names)
    for spelled in (
        names,
        [name.upper() for name in names],
        [f" {name}\u00a0" for name in reversed(names)] * 2,
    ):
        found = taxonomy_of(spelled, name="mine")
        assert (found.taxonomy, found.hint) == (TAXONOMIES[key], "")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(set(TAXONOMIES) - {"webemo2"})), st.data())
def test_no_part_of_a_taxonomy_becomes_it(key: str, data: st.DataObject) -> None:
    names = TAXONOMIES[key].names
    part = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True))
    found = taxonomy_of(part, name="mine").taxonomy
    assert set(found.names) == set(part)  # whatever it is called: sentiment2 is a part of sentiment3


@pytest.mark.parametrize(
    ("words", "near", "told"),
    [
        (
            FIVE,
            "caer7",
            ("joy would be happiness", "nothing is labelled disgust, surprise", "--taxonomy caer7"),
        ),
        (CK, "ekman6", ("it lacks contempt", "happy would be happiness")),
        ([*taxonomy("ekman6").names[1:], "joy"], "ekman6", ("joy would be happiness",)),
        ([*taxonomy("mikels8").names, "calm"], "mikels8", ("it lacks calm",)),
        (list(taxonomy("mikels8").names[:-1]), "mikels8", ("nothing is labelled sadness",)),
    ],
)
def test_what_comes_near_is_a_hint(words: list[str], near: str, told: tuple[str, ...]) -> None:
    found = taxonomy_of(words, name="mine")
    assert (found.taxonomy.name, found.taxonomy.names) == ("mine", tuple(sorted(words)))
    assert is_own(found.taxonomy)
    for part in (f"{near} comes near", "--taxonomy own", *told):
        assert part in found.hint
    assert taxonomy_of(words, name="mine", chosen="own").hint == ""
    assert taxonomy_of(words, name="mine", chosen=near).taxonomy == taxonomy(near)


def test_forms_of_a_word_are_the_word_and_are_told() -> None:
    found = taxonomy_of(FER, name="mine")
    assert found.taxonomy == taxonomy("caer7")
    assert (
        "angry is anger, happy is happiness, sad is sadness (to keep your words: --taxonomy own)"
        in found.hint
    )
    own = taxonomy_of(FER, name="mine", chosen="own")
    assert (own.taxonomy.names, own.hint) == (tuple(sorted(FER)), "")
    assert own.taxonomy.sentiment("happy") == "positive"


def test_words_that_nobody_knows_need_no_hint() -> None:
    assert taxonomy_of(["cats", "dogs", "fear"], name="mine").hint == ""
    with pytest.raises(DataError, match="did you mean 'mikels8'"):
        taxonomy_of(["cats"], name="mine", chosen="mikels")


def test_a_misspelt_label_is_found() -> None:
    found = taxonomy_of(["awe", "contentmnt", "fear"], name="mine")
    assert found.misspelt == {"contentmnt": "contentment"}
    assert taxonomy_of(["awe", "calm", "contentmnt"], name="mine").misspelt == {}  # calm is meant, so all is
    assert taxonomy_of(["awe", "contentmnt"], name="mine", chosen="own").misspelt == {}


def test_spellings_of_one_word_are_one_label_the_most_frequent() -> None:
    found = taxonomy_of(["Joy ", "joy", "joy", "JOY", "e\u0301te\u0301", "\u00e9t\u00e9"], name="mine")
    assert found.taxonomy.names == ("joy", "\u00e9t\u00e9")
    assert "'JOY' and 'Joy' and 'joy' are one label, 'joy'" in found.hint
    assert found.taxonomy.find("E\u0301TE\u0301") == 1


def test_numbers_as_labels() -> None:
    assert taxonomy_of(["10", "2.0", "2", "1.0"], name="mine").taxonomy.names == ("1", "2", "10")
    assert taxonomy_of(["01", "1"], name="mine").taxonomy.names == ("01", "1")  # a zero in front makes a name
    assert taxonomy_of(["1.5", "1"], name="mine").taxonomy.names == ("1", "1.5")
    assert Taxonomy.custom("mine", ["1.0", "2.0"]).index("2") == 1


def test_recognise_asks_for_all_labels() -> None:
    assert recognise([]) is None
    assert recognise(["happy", "joy", *taxonomy("ekman6").names[1:]]) is None


@given(st.text(max_size=8))
def test_a_plain_word_is_plain(word: str) -> None:
    assert plain_word(plain_word(word)) == plain_word(word)
    assert plain_word(f"\ufeff {word}\u200b ") == plain_word(word)
    assert tidy(tidy(word)) == tidy(word)


def test_the_examples() -> None:
    assert doctest.testmod(spelling).attempted == 2
