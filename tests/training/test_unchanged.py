"""A run goes on with the rows, images and weights that it was given; what changed is told."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.content import content_digest
from evocative.data.table import Table, write_table
from evocative.errors import DataError, RecipeError
from evocative.recipe import Recipe
from evocative.recipe.settings import DataConfig, Source
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy
from evocative.training.given import FILE, Given, read_given
from evocative.training.run import run
from evocative.training.sources import gather
from evocative.training.unchanged import differences, keep

MIKELS = TAXONOMIES["mikels8"]
CONFIG = DataConfig(sources=(Source("table", "rows.csv"),))
Change = Callable[[pd.DataFrame], pd.DataFrame]


def frame() -> pd.DataFrame:
    """Six rows of every kind of column that a run reads, and one that it does not."""
    return pd.DataFrame(
        {
            "path": [f"{number}.png" for number in range(6)],
            "label": ["awe", "fear", "anger", "awe", "fear", "anger"],
            "valence": [0.5, -0.5, -0.25, np.nan, -0.75, 0.0],
            "valence_sd": [0.1, 0.2, 0.3, np.nan, 0.1, 0.2],
            "valence_n": [10, 10, 12, 0, 9, 9],
            "votes_awe": [3.0, 0, 1, 2, 0, 0],
            "votes_fear": [0.0, 3, 1, 1, 2, 0],
            "split": ["train"] * 4 + ["validation", "test"],
            "group": ["a", "a", "b", "e", "c", "d"],
            "remark": ["", "x", "", "y", "", ""],
        }
    )


def write(folder: Path, rows: pd.DataFrame, taxonomy: Taxonomy = MIKELS) -> Path:
    """Write a table with an image for each row that has none yet."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(rows["path"]):
        if not (folder / name).exists():
            Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(folder / name)
    write_table(Table(rows, taxonomy=taxonomy, root=folder, name="rows"), folder / "rows.csv")
    return folder


def given(folder: Path, weights: tuple[Path, ...] = ()) -> Given:
    """Take note of what a run on the folder's table would be given."""
    return Given.of(gather(CONFIG, folder), weights)


def swapped(rows: pd.DataFrame) -> pd.DataFrame:
    """Swap the labels of the first two rows."""
    return rows.assign(label=[rows["label"][1], rows["label"][0], *rows["label"][2:]])


def with_cell(column: str, row: int, value: object) -> Change:
    """Change one cell."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        cells: Any = [value if place == row else cell for place, cell in enumerate(rows[column])]
        return rows.assign(**{column: cells})

    return change


CHANGES: dict[str, tuple[Change, list[str]]] = {
    "two labels swapped": (
        swapped, ["train: 2 of 4 row(s) with another label, as 0.png: awe then, fear now"]
    ),
    "a label less": (
        with_cell("label", 3, None),
        ["train: 1 of 4 row(s) with another label, as 3.png: awe then, nothing now"],
    ),
    "a dimension": (
        with_cell("valence", 4, -0.5),
        ["validation: 1 of 1 row(s) with another valence, as 4.png: -0.75 then, -0.5 now"],
    ),
    "an SD": (
        with_cell("valence_sd", 2, 0.31),
        ["train: 1 of 4 row(s) with another valence_sd, as 2.png: 0.3 then, 0.31 now"],
    ),
    "raters": (
        with_cell("valence_n", 0, 11),
        ["train: 1 of 4 row(s) with another valence_n, as 0.png: 10.0 then, 11.0 now"],
    ),
    "votes": (
        with_cell("votes_fear", 1, 2.0),
        ["train: 1 of 4 row(s) with another votes_fear, as 1.png: 3.0 then, 2.0 now"],
    ),
    "a group": (
        with_cell("group", 5, "f"), ["test: 1 of 1 row(s) with another group, as 5.png: d then, f now"]
    ),
    "another split": (
        with_cell("split", 3, "test"),
        ["train: 1 of 4 row(s) gone, as 3.png", "test: 1 of 2 row(s) new, as 3.png"],
    ),
    "a row less, another label": (
        lambda rows: swapped(rows).drop(index=2),
        ["train: 1 of 4 row(s) gone, as 2.png",
         "train: 2 of 3 row(s) with another label, as 0.png: awe then, fear now"],
    ),
    "another order": (
        lambda rows: rows.iloc[[0, 2, 1, 3, 4, 5]],
        ["train: rows in another order, from row 2 on (1.png then, 2.png now)"],
    ),
    "a column more": (
        lambda rows: rows.assign(arousal=[0.5, 0.5, *[np.nan] * 4]),
        ["train: 2 of 4 row(s) with another arousal, as 0.png: nothing then, 0.5 now"],
    ),
    "what no run reads": (lambda rows: rows.assign(remark="changed", source_url="u"), []),
    "columns in another order": (lambda rows: rows[list(reversed(rows.columns))], []),
    "nothing": (lambda rows: rows, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_in_a_table_is_told(name: str, tmp_path: Path) -> None:
    change, expected = CHANGES[name]
    before = given(write(tmp_path / "data", frame()))
    before.write(tmp_path / FILE)
    now = given(write(tmp_path / "data", change(frame())))
    found = differences(read_given(tmp_path / FILE), now)
    assert found == expected
    assert (before.digest == now.digest) is not bool(expected)


def test_other_images_are_told_and_copies_are_not(tmp_path: Path) -> None:
    data = write(tmp_path / "data", frame())
    before = given(data)
    shutil.copytree(data, tmp_path / "copy", copy_function=shutil.copyfile)  # other dates
    assert differences(before, given(tmp_path / "copy")) == []
    stat = (data / "1.png").stat()
    first, second = (data / "1.png").read_bytes(), (data / "2.png").read_bytes()
    (data / "1.png").write_bytes(second)
    (data / "2.png").write_bytes(first)
    (data / "5.png").unlink()
    (data / "5.png").write_bytes(b"")
    for name in ("1.png", "2.png"):
        os.utime(data / name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert differences(before, given(data)) == [
        "train: 2 of 4 image(s) with another content, as 1.png",
        "test: 1 of 1 image(s) with another content, as 5.png",
    ]


def test_another_taxonomy_is_told(tmp_path: Path) -> None:
    before = given(write(tmp_path / "data", frame()))
    other = Taxonomy.custom("mine", ["anger", "awe", "fear"])
    (line,) = differences(before, given(write(tmp_path / "data", frame(), other)))
    assert line.startswith("labels: mikels8 (")
    assert line.endswith("then, mine (anger, awe, fear) now")


def test_other_weights_are_told(tmp_path: Path) -> None:
    data = write(tmp_path / "data", frame())
    folder = tmp_path / "runs" / "first" / "model"
    folder.mkdir(parents=True)
    (tmp_path / "trunk.pth").write_bytes(b"1")
    (folder / "model.safetensors").write_bytes(b"1")
    (folder / "config.json").write_bytes(b"1")
    files = (tmp_path / "trunk.pth", folder)
    before = given(data, files)
    assert differences(before, given(data, files)) == []
    (tmp_path / "trunk.pth").write_bytes(b"2")
    (folder / "model.safetensors").write_bytes(b"2")
    assert differences(before, given(data, files)) == [
        "weights: trunk.pth is another file",
        "weights: first/model/model.safetensors is another file",
    ]


def test_images_of_training_are_kept_by_their_digests(tmp_path: Path) -> None:
    data = write(tmp_path / "data", frame())
    expected = sorted(int((content_digest(data / f"{n}.png") or "")[:16], 16) for n in range(4))
    assert given(data).training_images.tolist() == expected


def test_a_run_is_refused_with_the_folder_and_what_to_do(tmp_path: Path) -> None:
    keep(tmp_path / "run", given(write(tmp_path / "data", frame())))
    keep(tmp_path / "run", given(tmp_path / "data"))
    with pytest.raises(
        RecipeError, match=r"run: holds a run that was given something else: train: 2 of 4"
    ) as told:
        keep(tmp_path / "run", given(write(tmp_path / "data", swapped(frame()))))
    assert "another folder by --output" in str(told.value)


def test_a_run_of_an_earlier_version_goes_on_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last.ckpt").touch()
    with caplog.at_level(logging.WARNING):
        keep(tmp_path / "run", given(write(tmp_path / "data", frame())))
    assert "kept no record of its rows" in caplog.text
    assert not (tmp_path / "run" / FILE).exists()


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"PAR1 nothing")
    with pytest.raises(DataError, match=r"given\.parquet"):
        read_given(tmp_path / FILE)
    pd.DataFrame({"path": ["a"]}).to_parquet(tmp_path / FILE)
    with pytest.raises(DataError, match="does not say what a run was given"):
        read_given(tmp_path / FILE)


def test_a_run_does_not_go_on_after_its_table_changed(
    tiny_data: Path, tiny_recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(tiny_data, data)
    recipe = tiny_recipe(training={"epochs": 1})
    run(recipe, data_root=data, output=tmp_path / "run")
    text = (data / "tiny.csv").read_text(encoding="utf-8")
    first = text.replace("0.png,awe", "0.png,fear").replace("1.png,fear", "1.png,awe", 1)
    assert first != text
    (data / "tiny.csv").write_text(first, encoding="utf-8")
    with pytest.raises(RecipeError, match=r"train: \d of 21 row\(s\) with another label, as 0\.png"):
        run(recipe, data_root=data, output=tmp_path / "run", resume=True)
    (data / "tiny.csv").write_text(text, encoding="utf-8")
    run(recipe, data_root=data, output=tmp_path / "run", resume=True)
