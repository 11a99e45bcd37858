"""Every mistake of a predictions file, at once. The columns are told in docs/predictions.md.

`typed` gives columns their types; each check then takes such a frame and returns one text a kind of mistake,
so that whoever writes a foreign model's file mends it in one go.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from evocative.data.columns import AXES, SD_COLUMNS, SPLITS, as_numbers, as_text, listing
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.inference.predictions import Predictions

PROBABILITY: Final = "p_"
"""Start of the columns that hold the probability of a label: `p_awe`."""
TARGETS: Final = tuple(f"target_{axis}" for axis in AXES)
"""What people said of an image: the table's valence, arousal and dominance."""
TRAINED_ON: Final = "trained_on"
"""Whether the model was trained on the image; missing where nobody knows."""
TEXTS: Final = ("path", "error", "label", "split", "group")
EMBEDDING: Final = "embedding"
_TRUTHS: Final = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
TOLERANCE: Final = 1e-3
"""How far from 1 the probabilities of an image may sum, and how far beyond [-1, 1] a dimension may lie."""


def probability_columns(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that hold probabilities, in the frame's order."""
    return [str(name) for name in frame.columns if str(name).startswith(PROBABILITY)]


def typed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give every known column its type: text, float32, or vectors of float32 (None where missing).

    Returns:
        A new frame with a fresh index, and one text for each column that holds something else.
    """
    frame = frame.reset_index(drop=True).set_axis([str(name) for name in frame.columns], axis="columns")
    problems: list[str] = []
    columns: dict[str, Any] = {}
    numbers = {*probability_columns(frame), *AXES, *SD_COLUMNS, *TARGETS}
    for name in frame.columns:
        column = frame[name]
        if name in TEXTS:
            columns[name], wrong = as_text(column)
            problems += _wrong(frame, wrong, name, "are no text")
        elif name in numbers:
            found, wrong = as_numbers(column)
            columns[name] = found.astype("float32")
            problems += _wrong(frame, wrong, name, "are no numbers")
        elif name == EMBEDDING:
            columns[name], bad = _vectors(column)
            problems += bad
        elif name == TRAINED_ON:
            words = column.astype("string").str.lower()
            columns[name] = words.map(_TRUTHS, na_action="ignore").astype("boolean")
            if (wrong := columns[name].isna() & words.notna() & (words != "")).any():
                problems.append(
                    f"column {name}: expected True, False or nothing:" + _rows(frame, wrong, name)
                )
        else:
            columns[name] = column
    return pd.DataFrame(columns, index=frame.index), problems


def _wrong(frame: pd.DataFrame, wrong: npt.NDArray[np.bool_], name: str, what: str) -> list[str]:
    if not wrong.any():
        return []
    rows = _rows(frame, pd.Series(wrong, index=frame.index), name)
    return [f"column {name}: {int(wrong.sum())} cells {what}:{rows}"]


def _vectors(column: "pd.Series[Any]") -> tuple["pd.Series[Any]", list[str]]:
    """Return embeddings as vectors of float32, None where missing."""
    vectors: list[npt.NDArray[Any] | None] = []
    bad: list[str] = []
    for row, value in enumerate(column):
        try:
            vector = None if value is None or value is pd.NA else np.asarray(value, dtype=np.float32)
        except (TypeError, ValueError):
            vector = np.empty((0, 0), np.float32)
        if vector is not None and vector.ndim == 0 and bool(np.isnan(vector)):
            vector = None
        if vector is not None and vector.ndim != 1:
            bad.append(f"row {row + 1}: {str(value)[:40]!r}")
            vector = None
        vectors.append(vector)
    text = [f"column embedding: {len(bad)} cells are no lists of numbers:" + listing(bad)] if bad else []
    cells = np.empty(len(vectors), dtype=object)
    cells[:] = vectors
    return pd.Series(cells, index=column.index, dtype=object), text


def find_problems(frame: pd.DataFrame, *, names: Sequence[str] | None) -> list[str]:
    """Return one text for each kind of mistake in predictions; an empty list means that they are sound.

    Args:
        frame: The rows, with the types of `typed`.
        names: The labels that there must be a probability of; None where nobody has said.
    """
    if "path" not in frame.columns:
        return [f"there is no column 'path'; the columns are: {', '.join(map(str, frame.columns)) or 'none'}"]
    if frame.empty:
        return ["there are no rows; predictions have one row an image"]
    given = [axis for axis in AXES if axis in frame.columns and frame[axis].notna().any()]
    probabilities = probability_columns(frame)
    good = _without_error(frame)
    problems = _path_problems(frame)
    if good.any() and not given and not probabilities:
        problems.append("there is nothing predicted: expected columns p_<label>, or valence and arousal")
    problems += _name_problems(probabilities, names)
    problems += _probability_problems(frame, probabilities, good)
    for name in given:
        problems += _dimension_problems(frame, name, good)
    for name in TARGETS:
        if name in frame.columns:
            problems += _range_problems(frame, name)
    for name in SD_COLUMNS:
        if name in frame.columns and (wrong := frame[name] < 0).any():
            problems.append(f"column {name}: an SD is 0 or above:" + _rows(frame, wrong, name))
    return [*problems, *_embedding_problems(frame, good), *_label_problems(frame, names)]


def check_predictions(predictions: "Predictions") -> None:
    """Look for every mistake in predictions.

    Raises:
        DataError: There are mistakes; the message lists all kinds, and the first 20 of each kind.
    """
    taxonomy = predictions.metadata.taxonomy
    refuse(
        predictions.name, find_problems(predictions.frame, names=None if taxonomy is None else taxonomy.names)
    )


def refuse(name: str, problems: list[str]) -> None:
    """Raise all problems at once, if there are any."""
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise DataError(f"{name}: {count}" + "".join(f"\n  - {problem}" for problem in problems))


def _without_error(frame: pd.DataFrame) -> "pd.Series[bool]":
    if "error" not in frame.columns:
        return pd.Series(data=True, index=frame.index)
    return frame["error"].isna()


def _rows(frame: pd.DataFrame, wrong: "pd.Series[bool]", column: str) -> str:
    """Show rows as 'row 3 (a.jpg): value'; the first row is row 1."""
    paths = frame["path"] if "path" in frame.columns else pd.Series("?", index=frame.index)
    found = np.flatnonzero(wrong.fillna(value=False).to_numpy(bool))
    cells = (frame[column].iloc[row] for row in found)
    shown = (f"{cell:.6g}" if isinstance(cell, float | np.floating) else cell for cell in cells)
    return listing(
        [f"row {row + 1} ({paths.iloc[row]}): {cell}" for row, cell in zip(found, shown, strict=True)]
    )


def _path_problems(frame: pd.DataFrame) -> list[str]:
    missing = frame["path"].isna()
    if not missing.any():
        return []
    rows = ", ".join(str(row + 1) for row in np.flatnonzero(missing.to_numpy(bool))[:20])
    return [f"{int(missing.sum())} rows have no path: row {rows}"]


def _name_problems(columns: list[str], names: Sequence[str] | None) -> list[str]:
    """Compare the columns of probabilities with the taxonomy that the file names."""
    if names is None:
        return []
    have = {column[len(PROBABILITY) :] for column in columns}
    problems = []
    if lacking := [name for name in names if name not in have]:
        problems.append("there is no probability of " + ", ".join(PROBABILITY + name for name in lacking))
    if foreign := sorted(have.difference(names)):
        problems.append(
            f"the taxonomy has no {', '.join(foreign)} (columns of probabilities); it has {', '.join(names)}"
        )
    return problems


def _probability_problems(frame: pd.DataFrame, columns: list[str], good: "pd.Series[bool]") -> list[str]:
    problems = []
    for column in columns:
        wrong = good & ~np.isfinite(frame[column])
        if wrong.any():
            problems.append(
                f"column {column}: rows without an error need a number:" + _rows(frame, wrong, column)
            )
        wrong = good & ((frame[column] < 0) | (frame[column] > 1 + TOLERANCE))
        if wrong.any():
            problems.append(f"column {column}: probabilities lie in [0, 1]:" + _rows(frame, wrong, column))
    if columns:
        sums = frame.assign(sum=frame[columns].sum(axis="columns"))
        wrong = good & np.isfinite(sums["sum"]) & ((sums["sum"] - 1).abs() > TOLERANCE)
        if wrong.any():
            problems.append(
                f"{int(wrong.sum())} rows have probabilities that do not sum to 1 (logits? per cent?):"
                + _rows(sums, wrong, "sum")
            )
    return problems


def _dimension_problems(frame: pd.DataFrame, name: str, good: "pd.Series[bool]") -> list[str]:
    wrong = good & frame[name].isna()
    problems = _range_problems(frame, name)
    if wrong.any():
        problems.append(
            f"column {name}: {int(wrong.sum())} rows have neither a number nor an error:"
            + _rows(frame, wrong, name)
        )
    return problems


def _range_problems(frame: pd.DataFrame, name: str) -> list[str]:
    wrong = frame[name].abs() > 1 + TOLERANCE
    if not wrong.any():
        return []
    rule = "values lie in [-1, 1] (convert them from their scale; clip what lies a little outside)"
    return [f"column {name}: {rule}; {int(wrong.sum())} do not:" + _rows(frame, wrong, name)]


def _embedding_problems(frame: pd.DataFrame, good: "pd.Series[bool]") -> list[str]:
    if EMBEDDING not in frame.columns or frame[EMBEDDING].isna().all():
        return []
    lengths = frame[EMBEDDING].map(len, na_action="ignore").astype("Int64")
    usual = int(lengths.mode().iloc[0])
    sized = frame.assign(length=lengths)
    problems = []
    wrong = lengths.notna() & (lengths != usual)
    if wrong.any():
        problems.append(
            f"column embedding: most have {usual} numbers, these not:" + _rows(sized, wrong, "length")
        )
    wrong = good & lengths.isna()
    if wrong.any():
        problems.append("column embedding: rows without an error need one:" + _rows(sized, wrong, "length"))
    finite = (
        frame[EMBEDDING].map(lambda vector: vector is None or bool(np.isfinite(vector).all())).astype(bool)
    )
    wrong = good & ~finite
    if wrong.any():
        problems.append("column embedding: these hold NaN or infinity:" + _rows(sized, wrong, "path"))
    return problems


def _label_problems(frame: pd.DataFrame, names: Sequence[str] | None) -> list[str]:
    problems = []
    if names is not None and "label" in frame.columns:
        problems += foreign_labels(frame["label"], names)
    if "split" in frame.columns:
        foreign = sorted(set(frame["split"].dropna()).difference(SPLITS))
        if foreign:
            problems.append(f"unknown splits {', '.join(foreign[:10])}; there are {', '.join(SPLITS)}")
    return problems


def foreign_labels(labels: "pd.Series[Any]", names: Sequence[str]) -> list[str]:
    """Return a text that says which labels a model does not know, if there are any."""
    foreign = sorted(set(labels.dropna()).difference(names))
    if not foreign:
        return []
    return [
        f"the column label has {', '.join(foreign[:10])}, but the predictions are of {', '.join(names)}: "
        "map the labels to that taxonomy first, or choose a model of theirs"
    ]
