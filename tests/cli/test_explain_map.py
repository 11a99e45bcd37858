"""`predict --maps` and the pictures of `explain --method map`."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.cli.explain_map import MapWish, Names, explain_maps
from evocative.inference.predictor import load


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for name in ("a/sea.png", "b/sea.png"):
        (folder / name).parent.mkdir(parents=True)
        blocks = generator.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        Image.fromarray(blocks).resize((80, 60), Image.Resampling.BICUBIC).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def test_predict_writes_maps_beside_answers(pictures: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app, ["predict", str(pictures), "--maps", str(tmp_path / "m"), "--format", "json"]
    )
    assert found.exit_code == 1  # one picture is broken
    with (tmp_path / "m/maps.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["map"] for row in rows] == ["maps/sea.png", "maps/sea-2.png"]
    for row in rows:
        with (
            Image.open(tmp_path / "m" / row["map"]) as grey,
            Image.open(tmp_path / "m" / row["overlay"]) as over,
        ):
            assert grey.mode == "L"
            assert grey.size == over.size == (80, 60)
            assert float(row["highest"]) >= 0
            assert np.asarray(grey).max() == (255 if float(row["highest"]) else 0)


def test_maps_among_pictures_are_drawn_anew_and_not_answered(pictures: Path, tmp_path: Path) -> None:
    shutil.copy(pictures / "a" / "sea.png", tmp_path)
    call = ["predict", str(tmp_path), "--maps", str(tmp_path), "--format", "csv"]
    first, again = (CliRunner().invoke(app, call) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.stdout == first.stdout
    assert "no map of" not in again.stderr
    assert "2 output of this call" in again.stderr
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        "maps.csv",
        "sea.jpg",
        "sea.png",
        "sea.png",
    ]


def test_pictures_of_others_are_not_drawn_over(pictures: Path, tmp_path: Path) -> None:
    mine = tmp_path / "maps" / "sea.png"
    mine.parent.mkdir()
    shutil.copy(pictures / "b" / "sea.png", mine)
    shutil.copy(pictures / "a" / "sea.png", tmp_path)
    before = mine.read_bytes()
    found = CliRunner().invoke(app, ["predict", str(tmp_path), "--maps", str(tmp_path)])
    assert "is an input of this call" in str(found.exception)
    assert mine.read_bytes() == before


def test_a_folder_for_maps_that_is_a_file_is_refused(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "m").write_text("a file")
    found = CliRunner().invoke(app, ["predict", str(pictures), "--maps", str(tmp_path / "m")])
    assert "is a file" in str(found.exception)


def test_maps_are_drawn_side_by_side(pictures: Path, tmp_path: Path) -> None:
    wish = MapWish(targets=("awe", "fear", "arousal"), shared=True)
    images = [str(pictures / "a/sea.png"), str(pictures / "broken.png"), str(pictures / "b/sea.png")]
    assert explain_maps(load(device="cpu", workers=1), images, tmp_path, wish) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sea-2.png", "sea.png"]


def test_names_do_not_meet() -> None:
    names = Names()
    assert [names.of(path) for path in ("x/a.jpg", "y/a.png", "a-2.jpg")] == ["a", "a-2", "a-2-2"]
    assert [names.of(path) for path in ("a-3.jpg", "a.jpg", "a.jpg", "a-2.jpg")] == [
        "a-3",
        "a-4",
        "a-5",
        "a-2-3",
    ]


def test_many_pictures_of_one_name_cost_no_square() -> None:
    """Tried from 2 on each time, 100,000 names of one stem would take 5·10⁹ steps."""

    class Counting(dict[str, int]):
        looked = 0

        def __contains__(self, key: object) -> bool:
            self.looked += 1
            return super().__contains__(key)

    names = Names()
    names._taken = taken = Counting()
    found = [names.of(f"{n}/frame.jpg") for n in range(500)]
    assert found[-1] == "frame-500"
    assert len(set(found)) == 500
    assert taken.looked <= 3 * 500
