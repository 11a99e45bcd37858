"""The label that most raters chose, where there is one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def majority(votes: pd.DataFrame, names: Sequence[str], *, least: float = 0.0) -> "pd.Series[str]":
    """Return each row's label with most votes.

    Args:
        votes: (N, K) numbers, one column a label; NaN counts as none.
        names: The K labels, in the columns' order.
        least: Votes that the label needs at least; 0 asks for more than none.

    Returns:
        N labels; missing where two labels share the maximum, nobody voted, or the maximum is below `least`.

    Example:
        >>> votes = pd.DataFrame({"awe": [3, 2, 0], "fear": [1, 2, 0]})
        >>> majority(votes, ["awe", "fear"]).isna().tolist()
        [False, True, True]
    """
    numbers = votes.to_numpy(dtype=np.float64)
    numbers = np.where(np.isnan(numbers), 0.0, numbers)
    top = numbers.max(axis=1, initial=0.0)
    alone = (numbers == top[:, None]).sum(axis=1) == 1
    sure = alone & (top > 0) & (top >= least)
    chosen = np.asarray(names, dtype=object)[numbers.argmax(axis=1)] if len(numbers) else []
    return pd.Series(chosen, index=votes.index, dtype="string").where(pd.Series(sure, index=votes.index))
