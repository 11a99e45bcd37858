"""An atlas on disk: what is written comes back, and every mistake is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evocative.errors import DataError
from evocative.explore.atlas_cells import KINDS, Axis, cell_columns, elite_columns
from evocative.explore.atlas_folder import Atlas, read_atlas, write_atlas

Make = Callable[..., Atlas]


@pytest.mark.parametrize("kind", KINDS)
def test_an_atlas_comes_back_as_it_was_written(fake_atlas: Make, tmp_path: Path, kind: str) -> None:
    first = fake_atlas(tmp_path / "a", kind)
    again = read_atlas(write_atlas(first, tmp_path / "b"))
    pd.testing.assert_frame_equal(again.elites, first.elites)
    pd.testing.assert_frame_equal(again.curve, first.curve)
    assert list(first.elites.columns) == list(elite_columns(first.dims, first.model.labels))
    assert (again.settings, again.model, again.dims) == (first.settings, first.model, first.dims)
    assert again.figures == first.figures
    if kind == "probabilities":
        assert again.centroids is not None
        assert np.array_equal(again.centroids, np.asarray(first.centroids))
        assert again.shape == (20,)
    assert again.coverage == 9 / {"emotions": 12, "plane": 16, "cube": 64, "probabilities": 20}[kind]
    assert np.allclose(again.probabilities.sum(axis=1), 1)
    assert not list(tmp_path.rglob("*.part"))


def test_cells_are_numbered_like_an_array(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    whole = np.arange(12).reshape(3, 4)
    for row in atlas.elites.to_dict("records"):
        emotion = atlas.model.labels.index(row["cell_emotion"])
        assert whole[emotion, row["cell_band"]] == row["cell"]
    assert atlas.elites["cell"].is_monotonic_increasing
    assert cell_columns((), [1, 2]) == {}


def test_pictures_lie_in_the_folder(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    for row, cell in enumerate(atlas.elites["cell"]):
        path = atlas.picture(row)
        assert (path is None) == (cell % 3 == 0)
        assert path is None or path.is_file()


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("cell", 99, "cells are 0 to 11, found 99"),
        ("cell", 0, "more than once"),
        ("cell_band", 7, "has cell_band"),
        ("fitness", np.nan, "fitness must be finite"),
        ("p_awe", 1.5, "probabilities must lie"),
        ("p_awe", np.nan, "probabilities must lie"),
        ("valence", -2.0, r"must lie in \[-1, 1\]"),
        ("genome", None, "must have its genome"),
        ("picture", "../secret.png", "lie in the atlas's folder"),
        ("picture", "/etc/secret.png", "lie in the atlas's folder"),
        ("evaluation", "soon", "evaluation must hold numbers"),
    ],
)
def test_mistakes_in_rows_are_told(
    fake_atlas: Make, tmp_path: Path, column: str, value: Any, told: str
) -> None:
    atlas = fake_atlas(tmp_path / "a", rows=9)
    elites = atlas.elites.astype({column: object})
    elites.loc[[7, 8] if value == 0 else [8], column] = value
    elites[column] = elites[column].infer_objects()
    with pytest.raises(DataError, match=told):
        Atlas(atlas.settings, atlas.model, elites, atlas.curve, dims=atlas.dims)


def test_every_missing_column_is_named_at_once(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    with pytest.raises(DataError) as caught:
        Atlas(
            {"kind": "emotion"}, atlas.model, atlas.elites.drop(columns=["genome", "p_fear"]),
            atlas.curve.drop(columns="best"), dims=atlas.dims,
        )  # fmt: skip
    for told in ("unknown kind 'emotion'; did you mean 'emotions'", "elites: there is no column genome",
                 "elites: there is no column p_fear", "curve: there is no column best"):  # fmt: skip
        assert told in str(caught.value)


def test_curves_rise(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    for column, value, told in (("evaluations", 100, "must rise"), ("coverage", 1.2, "must be a share")):
        with pytest.raises(DataError, match=told):
            Atlas(
                atlas.settings, atlas.model, atlas.elites, atlas.curve.assign(**{column: value}),
                dims=atlas.dims,
            )  # fmt: skip


def test_what_is_no_atlas_is_refused(fake_atlas: Make, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is no atlas, it has no atlas.json"):
        read_atlas(tmp_path)
    folder = fake_atlas(tmp_path / "a").folder
    values = json.loads((folder / "atlas.json").read_text())
    (folder / "atlas.json").write_text(json.dumps({**values, "format_version": 2}))
    with pytest.raises(DataError, match="expected format_version 1, found 2"):
        read_atlas(folder)
    (folder / "atlas.json").write_text(json.dumps({**values, "model": {"colour": 1}}))
    with pytest.raises(DataError, match="are damaged"):
        read_atlas(folder)
    (folder / "atlas.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        read_atlas(folder)


def test_axes_are_bins_or_names() -> None:
    assert (len(Axis("band", edges=(0, 0.5, 1))), len(Axis("emotion", labels=("awe",)))) == (2, 1)
    assert Axis("band", edges=(0, 0.5, 1)).told(1) == "0.5 to 1"
    for wrong in ({}, {"edges": (0.0,)}, {"edges": (0.0, 0.0)}, {"edges": (0.0, 1.0), "labels": ("awe",)}):
        with pytest.raises(DataError, match="two or more rising edges, or labels"):
            Axis("band", **wrong)
