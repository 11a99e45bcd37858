"""Every data set has a full card and is found by its name."""

import json
from inspect import signature
from pathlib import Path

import pytest

from evocative.datasets import DATASETS, dataset
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy


@pytest.mark.parametrize("name", DATASETS)
def test_a_card_is_complete_and_consistent(name: str) -> None:
    card = dataset(name)
    assert card.name == name
    for text in (card.title, card.licence, card.obtain, card.layout):
        assert text
        assert "http" not in text
    assert card.traps
    assert json.loads(json.dumps(card.to_dict()))["name"] == name
    labels = set(taxonomy(card.taxonomy).names) if card.taxonomy else set()
    assert set(card.expected) <= labels | {"images"}
    for variant, expected in card.variants.items():
        assert set(expected) <= {*taxonomy(variant).names, "images"}


@pytest.mark.parametrize("name", [name for name, card in DATASETS.items() if card.options])
def test_options_are_what_load_takes(name: str) -> None:
    card = dataset(name)
    defaults = {key: each.default for key, each in signature(card.load).parameters.items()}
    for key, option in card.options.items():
        assert not option.choices or option.default in option.choices
        read = card.settings({key: option.default})[key] if option.default else None
        assert defaults[key] == read
        assert option.help


def test_options_are_read_or_refused() -> None:
    card = dataset("webemo_sadness")
    assert card.settings({"seed": "7", "family": "one", "findings": "a/b.csv"}) == {
        "seed": 7,
        "family": "one",
        "findings": Path("a/b.csv"),
    }
    for written, message in (
        ({"sed": "7"}, "unknown option of webemo_sadness 'sed'; did you mean 'seed'"),
        ({"family": "two"}, "webemo_sadness: unknown value of family 'two'\\. Known: one, seven, six"),
        ({"seed": "x"}, "webemo_sadness: seed=x cannot be read"),
    ):
        with pytest.raises(DataError, match=message):
            card.settings(written)
    with pytest.raises(DataError, match="fi8 has no options; leave level=2 out"):
        dataset("fi8").settings({"level": "2"})


def test_an_unknown_name_gets_the_close_ones() -> None:
    with pytest.raises(DataError, match="unknown data set 'oasys'; did you mean 'oasis'"):
        dataset("oasys")
