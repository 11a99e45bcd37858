"""Which label wins, by hand."""

import doctest

import numpy as np
import pandas as pd

from evocative.datasets import votes
from evocative.datasets.votes import majority


def test_the_winner_stands_alone() -> None:
    counts = pd.DataFrame([[5, 3, 0], [2, 2, 1], [0, 0, 0], [np.nan, 1, 0], [0, 4, 4], [1, 0, 2]])
    won = majority(counts, ["awe", "fear", "anger"])
    assert won.tolist() == ["awe", pd.NA, pd.NA, "fear", pd.NA, "anger"]


def test_a_label_may_need_a_share() -> None:
    shares = pd.DataFrame([[0.4, 0.3], [0.39, 0.3]], index=[7, 9])
    won = majority(shares, ["awe", "fear"], least=0.4)
    assert won.index.tolist() == [7, 9]
    assert won.tolist() == ["awe", pd.NA]


def test_no_rows_have_no_winners() -> None:
    assert majority(pd.DataFrame(columns=["awe", "fear"]), ["awe", "fear"]).empty


def test_the_example() -> None:
    assert doctest.testmod(votes).failed == 0
