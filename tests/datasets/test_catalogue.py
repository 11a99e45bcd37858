"""Every data set has a full card and is found by its name."""

import json

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


def test_an_unknown_name_gets_the_close_ones() -> None:
    with pytest.raises(DataError, match="unknown data set 'oasys'; did you mean 'oasis'"):
        dataset("oasys")
