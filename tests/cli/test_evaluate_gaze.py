"""`evaluate-gaze` end to end: maps as files and a tiny model, held against a small folder of gaze data."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.errors import DataError


@pytest.fixture
def gaze(tmp_path: Path) -> Path:
    """Return four pictures of 48 × 32 pixels, and fixations of two viewers on each."""
    root, rng = tmp_path / "data", np.random.default_rng(0)
    for name in ("images", "fixations"):
        (root / name).mkdir(parents=True)
    for n in range(4):
        pixels = rng.integers(60, size=(32, 48, 3), dtype=np.uint8)
        pixels[8:16, 8 + 4 * n : 18 + 4 * n] += 180
        Image.fromarray(pixels).save(root / "images" / f"{n}.png")
        lines = [f"{'ab'[k % 2]},{11 + 4 * n + k},{10 + k}" for k in range(5)]
        (root / "fixations" / f"{n}.csv").write_text("viewer,x,y\n" + "\n".join(lines) + "\n")
    return root


@pytest.fixture
def maps(gaze: Path, tmp_path: Path) -> Path:
    """Return maps of three of the four: a picture, an array, and one that is broken."""
    folder = tmp_path / "ours"
    (folder / "maps").mkdir(parents=True)
    Image.fromarray(np.eye(8, dtype=np.uint8) * 200).save(folder / "maps" / "0.png")
    np.save(folder / "1.npy", np.eye(8))
    (folder / "2.png").write_bytes(b"no picture")
    return folder


def test_maps_as_files(gaze: Path, maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["evaluate-gaze", str(maps), "--data", str(gaze), "-o", str(out), "--no-emd", "--bootstrap", "20"]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 1, found.output  # two of the maps could not be had
    assert "| ours |" in found.stdout
    assert "ours: " in found.stderr
    report = json.loads((out / "report.json").read_text())
    assert [each["name"] for each in report["maps"]][:2] == ["ours", "centre prior"]
    assert report["maps"][0]["figures"]["nss"]["n"] == 2
    assert report["maps"][1]["figures"]["nss"]["n"] == 4
    assert (report["images"], report["viewers"], report["fixations"]) == (4, 2, 20)
    assert {"figures.png", "images.csv", "table.md"} <= {path.name for path in out.iterdir()}


def test_the_embedded_model_and_no_source_at_all(gaze: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = ["--data", str(gaze), "-o", str(out), "--no-emd", "--bootstrap", "10", "--limit", "2"]
    found = CliRunner().invoke(
        app, ["evaluate-gaze", "us=embedded", *common, "--curves", "1", "--no-ceiling"]
    )
    assert found.exit_code == 0, found.output
    report = json.loads((out / "report.json").read_text())
    assert (report["images"], report["settings"]["limit"]) == (2, 2)
    names = [each["name"] for each in report["maps"]]
    assert names == ["us", "centre prior", "prior from other images", "spectral residual", "Itti–Koch"]
    findings = report["findings"]
    assert -1 <= findings["us: correlation of maps across emotions"]["value"] <= 1
    assert 0 <= findings["us: deletion by the map"]["value"] <= 1
    assert findings["us: insertion by random blocks"]["n"] == 1
    assert (out / "maps.png").is_file()
    found = CliRunner().invoke(app, ["evaluate-gaze", *common])
    assert found.exit_code == 0, found.output
    assert "half of the viewers" in found.stdout


def test_what_does_not_fit(gaze: Path, maps: Path) -> None:
    two = CliRunner().invoke(app, ["evaluate-gaze", str(maps), str(maps), "--data", str(gaze)])
    assert isinstance(two.exception, DataError)
    assert "two sources are called 'ours'" in str(two.exception)
    nowhere = CliRunner().invoke(app, ["evaluate-gaze", "--data", str(maps)])
    assert isinstance(nowhere.exception, DataError)
    other = CliRunner().invoke(app, ["evaluate-gaze", "embedded", "--data", str(gaze), "--emotion", "hunger"])
    assert "unknown emotion 'hunger'" in str(other.exception)


def test_where_everything_is_left_out_the_reasons_are_told(gaze: Path, tmp_path: Path) -> None:
    (gaze / "maps").mkdir()
    for place in range(4):
        Image.new("L", (3, 3)).save(gaze / "maps" / f"{place}.png")
    words = [
        "evaluate-gaze",
        "--data",
        str(gaze),
        "-o",
        str(tmp_path / "out"),
        "--no-emd",
        "--bootstrap",
        "1",
    ]
    found = CliRunner().invoke(app, words)
    assert found.stderr.count("has 3 × 3 pixels, its image") == 4
    assert "no figure to draw" in str(found.exception)
