"""A folder of made pictures comes back as the table that it was, pixel for pixel, whatever interrupts it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from evocative.data.atomic import replacing
from evocative.data.table import check_table
from evocative.errors import DataError
from evocative.explore import made
from evocative.explore.made import read_made, write_made
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")


def pictures(count: int, *, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, 8, 6), generator=generator, dtype=torch.uint8)


def rows(count: int) -> pd.DataFrame:
    labels = [MIKELS.names[place % 8] for place in range(count)]
    return pd.DataFrame(
        {"label": labels, "valence": 0.5, "source": "gan", "model": "embedded", "genome": '{"a": [1, "b"]}'}
    )


def test_pictures_and_rows_come_back(tmp_path: Path) -> None:
    wanted = pictures(3)
    path = write_made(tmp_path / "run", wanted, rows(3).set_index(pd.Index([7, 8, 9])), taxonomy=MIKELS)
    assert path == tmp_path / "run" / "pictures.csv"
    table = read_made(tmp_path / "run")
    check_table(table)
    assert table.name == "run"
    assert table.taxonomy == MIKELS
    assert table.labels.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(table.dimensions, [[0.5, np.nan, np.nan]] * 3)
    assert table.frame["genome"].tolist() == ['{"a": [1, "b"]}'] * 3
    assert table.frame["found"].isna().all()
    for row, file in enumerate(table.paths):
        np.testing.assert_array_equal(np.asarray(Image.open(file)), wanted[row].permute(1, 2, 0).numpy())


def test_equal_pictures_are_two_rows(tmp_path: Path) -> None:
    write_made(tmp_path, pictures(1).repeat(2, 1, 1, 1), rows(2))
    assert len(set(read_made(tmp_path).frame["path"])) == 2


def test_a_killed_run_leaves_the_older_table_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_made(tmp_path, pictures(2), rows(2))
    (tmp_path / "pictures" / "mine.png").write_bytes(b"kept")
    before = [np.asarray(Image.open(file)) for file in read_made(tmp_path).paths]
    count = 0

    def failing(path: Path) -> object:
        nonlocal count
        count += 1
        if count > 2:
            raise KeyboardInterrupt
        return replacing(path)

    monkeypatch.setattr(made, "replacing", failing)
    with pytest.raises(KeyboardInterrupt):
        write_made(tmp_path, pictures(4, seed=1), rows(4))
    monkeypatch.undo()
    after = [np.asarray(Image.open(file)) for file in read_made(tmp_path).paths]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)

    write_made(tmp_path, pictures(1, seed=2), rows(1))
    kept = {file.name for file in (tmp_path / "pictures").iterdir()}
    assert {file.name for file in read_made(tmp_path).paths} | {"mine.png"} <= kept
    assert not any(file.name in kept for file in _named(tmp_path, pictures(2)))


def _named(folder: Path, of: torch.Tensor) -> list[Path]:
    pixels = of.permute(0, 2, 3, 1).numpy()
    return [folder / made.picture_file(place, each) for place, each in enumerate(pixels)]


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 rows for 3 pictures"):
        write_made(tmp_path, pictures(3), rows(2))
    with pytest.raises(DataError, match="'source'"):
        write_made(tmp_path, pictures(2), rows(2).drop(columns="source"))
    with pytest.raises(DataError, match="what was asked for"):
        write_made(tmp_path, pictures(1), pd.DataFrame({"source": ["a"], "model": ["b"]}))
    with pytest.raises(DataError, match="did you mean 'awe'"):
        write_made(tmp_path, pictures(1), rows(1).assign(label="aw"), taxonomy=MIKELS)
    assert not (tmp_path / "pictures.csv").exists()
    (tmp_path / "plain.csv").write_text("path,label,source\na.png,awe,gan\n")
    with pytest.raises(DataError, match="'model' in every row"):
        read_made(tmp_path / "plain.csv")
