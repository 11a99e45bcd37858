"""Check lists: a person looks through what text said of images, the most doubtful rows first.

    write_check_list(labelled, ["title"], Path("look.csv"))      # write yes or no into its column verdict
    table = apply_check_list(labelled, Path("look.csv"))         # refused rows lose figures and label

The IESN data went through "a human filtering step to ensure the relative accuracy and validity of the
assigned values" (Cybulski 2019, 4.1).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from evocative.data.columns import AXES, SD_COLUMNS
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError, unknown

VERDICT: Final = "verdict"
"""The column in which a person writes yes or no."""


def write_check_list(table: Table, columns: Sequence[str], path: Path, *, prefix: str = "") -> int:
    """Write what a person should look at: uncertain rows first, the most doubtful of them on top.

    Args:
        table: What `label_text` gave.
        columns: The texts' columns, to be read beside the figures.
        path: A file that ends in .csv or .parquet; its column `verdict` is empty, for yes and no.
        prefix: As it was given to `label_text`.

    Returns:
        How many rows are uncertain.

    Raises:
        DataError: The table lacks a column, or the file cannot be written or holds a person's verdicts.
    """
    wanted = [*AXES, "words", "known_words", "found_words", "doubts"]
    names = [*columns, *(prefix + name for name in wanted)]
    _check(table, [*names, f"{prefix}uncertain"])
    if count := _verdicts(path):
        raise DataError(
            f"{path}: holds {count} verdicts already; name another file, so that they are not lost"
        )
    frame = table.frame[["path", *names]]
    reasons = frame[f"{prefix}doubts"].where(table.frame[f"{prefix}uncertain"]).fillna("")
    doubts = [len(reason.split("; ")) if reason else 0 for reason in reasons]
    strength = frame[f"{prefix}valence"].abs().fillna(0.0).to_numpy()
    order = np.lexsort((strength, -np.array(doubts, dtype=np.int64)))
    empty = pd.Series(pd.NA, index=frame.index, dtype="string")
    write_rows(frame.assign(**{VERDICT: empty}).iloc[order], {"name": table.name}, path)
    return sum(count > 0 for count in doubts)


def apply_check_list(table: Table, path: Path, *, prefix: str = "", label: bool = True) -> Table:
    """Take the figures and labels from the rows that a person has refused.

    Args:
        table: What `label_text` gave.
        path: A check list; `verdict` is yes, no or empty.
        prefix: As it was given to `label_text`.
        label: Whether the label is the text's, and goes as well; False: it is the table's own, and stays.

    Returns:
        The table, in which refused rows have neither dimensions nor a label, and rows that were looked at are
        uncertain no more.

    Raises:
        DataError: The list has no verdicts, other ones, or names an image that the table lacks; or the table
            is none that `label_text` gave.
    """
    _check(table, [f"{prefix}uncertain"])
    rows, _ = read_rows(path)
    for name in ("path", VERDICT):
        if name not in rows.columns:
            raise DataError(f"{path}: " + unknown("column", name, map(str, rows.columns)))
    verdicts = rows.set_index("path")[VERDICT].dropna().astype(str).str.strip().str.lower()
    verdicts = verdicts[verdicts != ""]
    strange = sorted(set(verdicts) - {"yes", "no"})
    unheard = sorted(set(verdicts.index) - set(table.frame["path"]))
    if strange or unheard or verdicts.empty:
        raise DataError(
            f"{path}: expected verdicts yes and no for images of {table.name}; found "
            + (f"the verdict {strange[0]!r}" if strange else f"{unheard[0]!r}" if unheard else "none")
        )
    refused = table.frame["path"].isin(verdicts.index[verdicts == "no"])
    frame = table.frame.copy()
    for name in (*AXES, *SD_COLUMNS, *(["label"] if label else [])):
        if prefix + name in frame.columns:
            frame[prefix + name] = frame[prefix + name].mask(refused)
    frame[f"{prefix}uncertain"] &= ~frame["path"].isin(verdicts.index)
    return Table(frame, taxonomy=table.taxonomy, root=table.root, name=table.name)


def _check(table: Table, names: Sequence[str]) -> None:
    lacking = [name for name in names if name not in table.frame.columns]
    if lacking:
        raise DataError(f"{table.name}: " + unknown("column", lacking[0], map(str, table.frame.columns)))


def _verdicts(path: Path) -> int:
    """Return how many verdicts stand in a file; 0 where there is none, or another one."""
    if not path.is_file():
        return 0
    try:
        rows, _ = read_rows(path)
    except DataError:
        return 0
    if VERDICT not in rows.columns:
        return 0
    return int((rows[VERDICT].dropna().astype(str).str.strip() != "").sum())
