"""The room's table of contents is true and the examples in it run."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from evocative import datasets

MODULES = sorted(path.stem for path in Path(str(datasets.__file__)).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert re.search(rf"^{name}\.py ", str(datasets.__doc__), re.MULTILINE)
    assert doctest.testmod(import_module(f"evocative.datasets.{name}")).failed == 0
