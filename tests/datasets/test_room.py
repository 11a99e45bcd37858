"""The room's table of contents is true and the examples in it run."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from evocative import datasets

MODULES = sorted(path.stem for path in Path(str(datasets.__file__)).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", datasets.__all__)
def test_every_name_of_the_contents_is_there(name: str) -> None:
    assert getattr(datasets, name) is not None
    assert name in dir(datasets)


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'emoset'"):
        _ = datasets.emoset


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert re.search(rf"^{name}\.py ", str(datasets.__doc__), re.MULTILINE)
    assert doctest.testmod(import_module(f"evocative.datasets.{name}")).failed == 0
