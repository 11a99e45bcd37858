"""The mosaic of an atlas: each elite in its own cell, read from its file or drawn from its genome."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from evocative.explore.atlas_folder import Atlas
from evocative.explore.atlas_mosaic import elite_pictures, label_colors, plot_atlas
from evocative.explore.genome import SPECIES, make_species
from evocative.explore.judge import quantized

Make = Callable[..., Atlas]


def plain(grey: int) -> NDArray[np.uint8]:
    return np.full((16, 16, 3), grey, dtype=np.uint8)


def middles(whole: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    high, wide = whole.shape[0] // shape[0], whole.shape[1] // shape[1]
    return np.asarray(whole[high // 2 :: high, wide // 2 :: wide, 0])


def test_emotions_are_rows_and_bands_columns(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    figure = plot_atlas(atlas, [plain(10 + row) for row in range(9)])["mosaic"]
    found = middles(np.asarray(figure.axes[0].images[0].get_array()), (3, 4))
    wanted = np.full(12, 238)
    wanted[atlas.elites["cell"]] = 10 + np.arange(9)
    assert (found == wanted.reshape(3, 4)).all()
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["awe", "fear", "amusement"]
    assert figure.axes[0].get_xticklabels()[3].get_text() == "75–100"


@pytest.mark.parametrize("kind", ["plane", "cube"])
def test_planes_rise_to_the_right_and_upwards(fake_atlas: Make, tmp_path: Path, kind: str) -> None:
    atlas = fake_atlas(tmp_path / "a", kind)
    figure = plot_atlas(atlas, [plain(10 + row) for row in range(9)])["mosaic"]
    for row, elite in enumerate(atlas.elites.to_dict("records")):
        axes = figure.axes[elite.get("cell_dominance", 0)]
        found = middles(np.asarray(axes.images[0].get_array()), (4, 4))
        assert found[3 - elite["cell_arousal"], elite["cell_valence"]] == 10 + row
    if kind == "cube":
        assert figure.axes[0].get_title(loc="left") == "dominance -1 to -0.5"


def test_regions_are_strips_and_a_map(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a", "probabilities")
    figures = plot_atlas(atlas)
    assert set(figures) == {"mosaic", "map"}
    strongest = atlas.probabilities.argmax(axis=1)
    counts = [f"{label} ({(strongest == k).sum()})" for k, label in enumerate(atlas.model.labels)]
    names = [label.get_text() for label in figures["mosaic"].axes[0].get_yticklabels()]
    assert names == counts


@pytest.mark.parametrize("kind", SPECIES)
def test_pictures_come_from_files_else_from_genomes(fake_atlas: Make, tmp_path: Path, kind: str) -> None:
    atlas = fake_atlas(tmp_path / "a")
    (genome,) = make_species(kind).random(1, np.random.default_rng(0))
    elites = atlas.elites.assign(genome=json.dumps(genome.to_dict()), formula=genome.formula())
    atlas = replace(atlas, elites=elites)
    drawn = quantized(make_species(kind).render([genome], 16))[0].permute(1, 2, 0).numpy()
    for row, picture in enumerate(elite_pictures(atlas, pixels=16)):
        path, wanted = atlas.picture(row), drawn
        if path is not None:
            wanted = np.asarray(Image.open(path))
        assert picture is not None
        assert (picture == wanted).all()


def test_what_cannot_be_seen_is_left_out(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    files = [atlas.picture(row) for row in range(9)]
    broken = next(row for row, path in enumerate(files) if path is not None)
    (files[broken] or tmp_path).write_bytes(b"no picture")
    found = elite_pictures(atlas)  # its genomes are of no kind that there is
    assert [one is None for one in found] == [path is None or row == broken for row, path in enumerate(files)]
    assert len(elite_pictures(atlas, [3])) == 1


def test_labels_keep_their_colours() -> None:
    found = label_colors(["fear", "unheard-of", "awe"])
    assert found["fear"] == "#332288"
    assert len(set(found.values())) == 3
