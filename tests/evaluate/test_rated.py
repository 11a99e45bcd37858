"""Predictions beside ratings, pooled over folds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate.rated import rated
from evocative.inference.predictions import Predictions
from evocative.taxonomy.labels import taxonomy

Make = Callable[..., Predictions]


def _table(rows: int = 6) -> Table:
    columns = {
        "path": [f"{row:04}.jpg" for row in reversed(range(rows))],
        "valence": np.linspace(-1, 1, rows),
        "valence_sd": np.full(rows, 0.2),
        "valence_n": np.full(rows, 10),
        "group": [f"g{row % 2}" for row in range(rows)],
        "category": pd.array(["a", "b", None, "a", "b", "a"][:rows], dtype="string"),
    }
    return Table(pd.DataFrame(columns), root=Path(), name="some")


def test_the_table_s_rows_come_to_the_images_of_all_files(make: Make) -> None:
    whole = make(6, labels=None, error=[None, None, "broken", None, None, None])
    found = rated([whole.select([0, 1, 2]), whole.select([5, 3])], _table())
    assert found.frame["path"].tolist() == ["0000.jpg", "0001.jpg", "0005.jpg", "0003.jpg"]
    assert found.part.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.rows.targets[:, 0], [1, 0.6, -1, -0.2], atol=1e-6)
    assert found.table["path"].tolist() == found.frame["path"].tolist()
    assert found.numbers("valence_n").tolist() == [10] * 4
    assert found.rows.groups is not None
    assert len(np.unique(found.rows.groups)) == 2


def test_further_columns_meet_by_path(make: Make) -> None:
    found = rated([make(6, labels=None)], _table())
    style = pd.DataFrame(
        {"path": ["0002.jpg", "0000.jpg", "x.jpg"], "edges": [2.0, 0.0, 9.0], "valence": 7.0}
    )
    more = found.with_columns(style)
    np.testing.assert_array_equal(more.numbers("edges"), [0, np.nan, 2, np.nan, np.nan, np.nan])
    assert more.numbers("valence").max() == 1  # the table's own
    with pytest.raises(DataError, match="one row for each image"):
        found.with_columns(pd.DataFrame({"path": ["y.jpg"]}))
    with pytest.raises(DataError, match="column"):
        found.with_columns(style.rename(columns={"path": "file"}))


def test_mistakes_are_told(make: Make) -> None:
    whole = make(6, labels=None)
    with pytest.raises(DataError, match="predicted twice"):
        rated([whole, whole.select([1])], _table())
    with pytest.raises(DataError, match="give a table"):
        rated([make(6, label=None, target_valence=None, target_arousal=None)])
    with pytest.raises(DataError, match="none of its 6"):
        rated([make(6, path=[f"{k}.png" for k in range(6)])], _table())
    found = rated([whole], _table())
    with pytest.raises(DataError, match="categry"):
        found.column("categry")
    with pytest.raises(DataError, match="expected numbers"):
        found.numbers("category")
    with pytest.raises(DataError, match="found none"):
        rated([])


def test_files_of_different_labels_are_not_one_model(make: Make) -> None:
    files = [make(4), make(4, labels=taxonomy("ekman6")), make(4, labels=None)]
    for other, name in ((1, "ekman6"), (2, "no labels")):
        with pytest.raises(DataError, match=f"expected predictions of mikels8.* found {name}"):
            rated([files[0], files[other]])
