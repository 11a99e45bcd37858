"""The page of an atlas: everything in one file, nothing from outside, what is said is what is in the rows."""

import base64
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evocative.errors import DataError
from evocative.explore.atlas_cells import KINDS
from evocative.explore.atlas_folder import Atlas
from evocative.report.atlas import best_rows, far_rows, write_atlas_page

Make = Callable[..., Atlas]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_nothing_but_itself(fake_atlas: Make, tmp_path: Path, kind: str) -> None:
    atlas = fake_atlas(tmp_path / "a & <b>", kind)
    page = write_atlas_page(atlas.folder).read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(?!data:|#)|url\(|https?://|@import", page)
    assert "<title>Atlas: a &amp; &lt;b&gt;</title>" in page
    assert "tiny &lt;1&gt;" in page
    assert "x&lt;y &amp; z" in page
    assert "<b>z" not in page
    assert "75.0% of it the model" in page
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", page)
    sizes = [Image.open(BytesIO(base64.b64decode(data))).size for data in pictures]
    assert max(sizes) > (800, 300)
    assert (24, 24) in sizes
    names = {"mosaic.png", "curves.png", "index.html", *(["map.png"] if kind == "probabilities" else [])}
    assert names <= {path.name for path in atlas.folder.iterdir()}
    assert "no picture" in page  # of elites without a file whose genomes cannot be drawn


def test_tiles_are_the_figures(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a")
    page = write_atlas_page(atlas).read_text(encoding="utf-8")
    values = re.findall(r'class="value">([^<]+)<', page)
    fitness = atlas.elites["fitness"]
    assert values == ["75.0%", f"{fitness.sum():.4g}", f"{fitness.max():.3f}", "400"]
    for label in atlas.model.labels:
        own = atlas.elites["cell_emotion"] == label
        row = re.search(rf"</span>{label}</th>(.*?)</tr>", page, flags=re.DOTALL)
        assert row is not None
        assert f">{atlas.elites[f'p_{label}'].max():.3f}<" in row[1]
        assert f">{own.sum()} of 4<" in row[1]


def test_the_surest_come_first_and_once(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a", "plane")
    chances = atlas.probabilities
    for place, label in enumerate(atlas.model.labels):
        own = [row for row in range(9) if chances[row].argmax() == place]
        assert best_rows(atlas, label, 9) == sorted(own, key=lambda row: -chances[row, place])
        assert len(best_rows(atlas, label, 1)) == min(1, len(own))
    emotions = fake_atlas(tmp_path / "b")
    twins = emotions.elites.assign(genome="{}")
    emotions = Atlas(emotions.settings, emotions.model, twins, emotions.curve, dims=emotions.dims)
    assert len(best_rows(emotions, "awe", 9)) == 1


def test_what_lies_farthest_out(fake_atlas: Make, tmp_path: Path) -> None:
    atlas = fake_atlas(tmp_path / "a", "plane")
    places = atlas.elites[["valence", "arousal"]].to_numpy(dtype=np.float64)
    wanted = [int(places[:, 0].argmax()), int(places[:, 1].argmin())]
    found = far_rows(atlas)
    assert "highest dominance" not in found
    assert [found["highest valence"], found["lowest arousal"]] == wanted
    assert found["nearest to the middle"] == np.hypot(*places.T).argmin()


def test_an_atlas_without_pictures_has_a_page(fake_atlas: Make, tmp_path: Path) -> None:
    for kind in KINDS:
        atlas = fake_atlas(tmp_path / kind, kind)
        bare = Atlas(
            atlas.settings, atlas.model, atlas.elites.head(0), atlas.curve.head(0), dims=atlas.dims,
            centroids=atlas.centroids, folder=atlas.folder,
        )  # fmt: skip
        values = re.findall(r'class="value">([^<]+)<', write_atlas_page(bare).read_text(encoding="utf-8"))
        assert values[:2] == ["0.0%", "0"]
    with pytest.raises(DataError, match="is no atlas"):
        write_atlas_page(tmp_path)
