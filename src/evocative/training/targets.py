"""What training rows are asked for: that each has a target, and what raters said beyond the mean."""

import numpy as np
import pandas as pd
import torch

from evocative.data.columns import AXES, SD_COLUMNS, listing
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.losses.raters import Raters

KINDS = "a label, valence, arousal, dominance, or votes_<label>"


def check_targets(table: Table) -> None:
    """Refuse training rows that carry no target at all.

    Raises:
        DataError: There are such rows; the first 20 are named.
    """
    nothing = (table.labels < 0) & ~np.isfinite(table.dimensions).any(axis=1)
    if (votes := table.votes) is not None:
        nothing &= ~(np.nan_to_num(votes).sum(axis=1) > 0)
    if not nothing.any():
        return
    paths = list(dict.fromkeys(str(path) for path in table.frame["path"][nothing]))
    rows = "1 training row has" if len(paths) == 1 else f"{len(paths)} training rows have"
    raise DataError(
        f"{table.name}: {rows} no target: expected {KINDS}. Label these images, or take their rows out of "
        "the split train:" + listing(paths)
    )


def raters_of(table: Table) -> Raters:
    """Return the votes and spreads of a table's rows, NaN where it has none.

    The number of raters stands in `<axis>_n`, as the adapters write it.
    """
    votes = table.votes
    sd = _numbers(table.frame, SD_COLUMNS)
    raters = _numbers(table.frame, tuple(f"{axis}_n" for axis in AXES))
    return Raters(
        torch.zeros(len(table), 0) if votes is None else torch.from_numpy(votes).float(),
        torch.from_numpy(sd),
        torch.from_numpy(sd / np.sqrt(np.where(raters > 0, raters, np.nan))),
    )


def _numbers(frame: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    columns = frame.reindex(columns=list(names))
    numbers = columns.apply(lambda column: pd.to_numeric(column, errors="coerce"))
    return numbers.to_numpy(dtype=np.float32, na_value=np.nan, copy=True)
