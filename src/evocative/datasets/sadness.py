"""Sadness against all other emotions: labels of two classes, and seeded draws of a printed size.

Motiejauskas 2026 (section 3.5.1) and Motiejauskas & Dzemyda 2024 (4.1) tell sadness from others on parts of
published data sets. Which images they drew is not published, so a draw has their numbers, not their images.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.mapping import mapping


def sadness_labels(table: Table) -> Table:
    """Return a table with the labels others and sadness; rows without a label keep none.

    Raises:
        DataError: No mapping leads from the table's taxonomy to sadness against others.

    Example:
        >>> frame = pd.DataFrame({"path": ["a.jpg", "b.jpg"], "label": ["awe", "sadness"]})
        >>> list(sadness_labels(Table(frame, taxonomy=taxonomy("mikels8"))).frame["label"])
        ['others', 'sadness']
    """
    if table.taxonomy is None:
        raise DataError(f"{table.name} has no labels; sadness against others needs labelled images")
    to_sadness = mapping(table.taxonomy, "sadness2")
    labels = table.frame["label"].map(to_sadness.table).astype("string")
    return Table(
        table.frame.assign(label=labels), taxonomy=taxonomy("sadness2"), root=table.root, name=table.name
    )


def draw(table: Table, numbers: Mapping[str, int], *, seed: int) -> Table:
    """Draw images of each label; of a label with fewer than asked for, all.

    When a copy lacks images, the others shrink with them, so that the shares of the labels stay.

    Args:
        table: Labelled rows; their order does not matter.
        numbers: How many of each label.
        seed: Another seed, another draw.

    Returns:
        The drawn rows, in the table's order.

    Raises:
        DataError: Of one label there is not a single image, or the seed is below 0.
    """
    if seed < 0:
        raise DataError(f"a seed must be at least 0, not {seed}")
    labels = table.frame["label"]
    found = {name: int((labels == name).sum()) for name in numbers}
    for name, count in found.items():
        if not count:
            raise DataError(f"{table.name}: there is no image of {name}; cannot draw {numbers[name]:,}")
    share = min(1.0, *(found[name] / number for name, number in numbers.items()))
    # Uniform numbers by sorted path: the same on every machine and in every order of the rows
    luck = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).random(len(table))
    lots = pd.Series(luck, index=table.frame["path"].sort_values().index).reindex(labels.index)
    rank = lots.groupby(labels).rank(method="first")
    wanted = labels.map({name: round(share * number) for name, number in numbers.items()})
    return table.select((rank <= wanted.astype("float64")).to_numpy(dtype=bool))
