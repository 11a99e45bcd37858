"""What the metrics accept, and what they say about the rest.

Anything that numpy can read as an array is taken: lists, arrays, pandas columns. Nothing is mended in
silence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError

FloatArray = NDArray[np.floating[Any]]


def as_classes(
    values: ArrayLike, *, what: str, n_classes: int | None = None, allow_missing: bool = False
) -> NDArray[np.int64]:
    """Return class indices as an int64 array (N,).

    Args:
        values: (N,), whole numbers in [0, n_classes), or also -1 where values may be missing.
        what: what these values are, for the message.
        n_classes: how many classes there are; None where any number goes.
        allow_missing: whether -1 is allowed.

    Raises:
        DataError: another shape, numbers that are not whole, or numbers out of range.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise DataError(f"{what} must be one class index a row, shape (N,), found shape {array.shape}")
    if array.size and not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.bool_)):
        raise DataError(
            f"{what} must be class indices of an integer type, found {array.dtype}: "
            "turn names into indices with Taxonomy.index"
        )
    array = array.astype(np.int64)
    lowest = -1 if allow_missing else 0
    highest = np.iinfo(np.int64).max if n_classes is None else n_classes - 1
    bad = np.flatnonzero((array < lowest) | (array > highest))
    if bad.size:
        expected = f"0 to {highest}" + (" (or -1 where missing)" if allow_missing else "")
        raise DataError(
            f"{what} must be {expected}, found {array[bad[0]]} in row {bad[0]} "
            f"(and {bad.size - 1} more such rows)"
        )
    return array


def as_scores(values: ArrayLike, *, n_classes: int | None = None) -> FloatArray:
    """Return scores (N, K), one column a class, higher meaning likelier; all must be finite.

    Raises:
        DataError: another shape, or values that are not finite.
    """
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    if array.ndim != 2 or (n_classes is not None and array.shape[1] != n_classes):
        raise DataError(
            f"probabilities must have one column a class, shape (N, {n_classes or 'K'}), found {array.shape}"
        )
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise DataError(
            f"probabilities are missing or not finite in {np.count_nonzero(~finite)} of {len(array)} "
            f"rows (the first is row {int(np.argmin(finite))}): leave out the rows that carry an error"
        )
    return array


def as_probabilities(values: ArrayLike, *, n_classes: int | None = None) -> FloatArray:
    """Return probabilities (N, K): scores (see above) in [0, 1] that sum to 1 in each row (within 0.01).

    Raises:
        DataError: these are no probabilities; logits need a softmax first.
    """
    array = as_scores(values, n_classes=n_classes)
    off = np.flatnonzero(
        (array < 0).any(axis=1)
        | (array > 1 + 1e-3).any(axis=1)
        | (np.abs(array.sum(axis=1, dtype=np.float64) - 1) > 0.01)
    )
    if off.size:
        raise DataError(
            f"probabilities must lie in [0, 1] and sum to 1 in each row; {off.size} of {len(array)} "
            f"rows do not (row {off[0]} has {array[off[0]].tolist()}): apply a softmax if these are logits"
        )
    return array


def as_embedding(values: ArrayLike) -> FloatArray:
    """Return an embedding (N, D) whose values are all finite.

    Raises:
        DataError: another shape, or values that are not finite.
    """
    array = np.asarray(values)
    if array.ndim != 2:
        raise DataError(f"an embedding must have one vector a row, shape (N, D), found shape {array.shape}")
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise DataError(
            f"the embedding has values that are not finite in {np.count_nonzero(~finite)} of {len(array)} "
            f"rows (the first is row {int(np.argmin(finite))}): leave out the rows that carry an error"
        )
    return array


def check_same_length(**arrays: Any) -> None:
    """Check that arrays have as many rows as each other.

    Raises:
        DataError: they do not; the message names each with its number of rows.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"these must have one row an image, all as many: found {found} rows")


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the classes, each once.

    Raises:
        DataError: there are none, or a name stands twice.
    """
    if not names or len(set(names)) != len(names):
        raise DataError(
            f"class names must be given, each once, in the order of the columns: found {list(names)}"
        )
    return tuple(names)
