"""The examples of tables as text run: they are worked by hand."""

import doctest

from evocative import text_table


def test_examples() -> None:
    found = doctest.testmod(text_table)
    assert found.attempted == 2
    assert found.failed == 0
