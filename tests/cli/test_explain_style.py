"""`evocative explain --method style` as a user calls it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.explain.style import style_of
from evocative.explain.style_names import FEATURES
from evocative.inference.predictions import read_predictions


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder an emotion: excitement is red and orange, fear is dark and blue."""
    generator = np.random.default_rng(0)
    for name, low, high in (
        ("excitement", (150, 20, 0), (255, 160, 60)),
        ("fear", (0, 0, 30), (40, 60, 120)),
    ):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(15):
            blocks = generator.integers(low, high, (5, 6, 3)).astype(np.uint8)
            image = Image.fromarray(blocks).resize((48, 40), Image.Resampling.BICUBIC)
            image.save(tmp_path / "data" / name / f"{number}.png")
    return tmp_path / "data"


def test_one_picture_is_told_in_full(run: Callable[..., Any], pictures: list[Path]) -> None:
    ended = run("explain", pictures[0], "--method", "style")
    assert ended.status == 0
    assert all(f"  {name} " in ended.stdout for name in FEATURES)


def test_json_is_an_object_a_line_and_a_bad_picture_is_one(
    run: Callable[..., Any], pictures: list[Path]
) -> None:
    pictures[1].write_bytes(b"no picture")
    ended = run("explain", *pictures[:3], "--method", "style", "--format", "json")
    assert ended.status == 1
    first, second, third = map(json.loads, ended.stdout.splitlines())
    expected = style_of(pictures[0]).values
    assert first["error"] is None
    assert first["contrast"] == expected["contrast"]
    assert list(first) == ["path", "error", *FEATURES]
    assert "contrast" not in second
    assert second["error"]
    assert third["path"] == str(pictures[2])


def test_files_hold_what_was_measured(run: Callable[..., Any], pictures: list[Path], tmp_path: Path) -> None:
    ended = run(
        "explain",
        tmp_path / "in",
        "--method",
        "style",
        "-o",
        tmp_path / "style.csv",
        "--cache",
        tmp_path / "c",
    )
    assert ended.status == 0
    frame = pd.read_csv(tmp_path / "style.csv", comment="#")
    assert len(frame) == len(pictures)
    assert frame["warmth"].iloc[0] == pytest.approx(style_of(pictures[0]).values["warmth"])
    run("explain", tmp_path / "in", "--method", "style", "-o", tmp_path / "style.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "style.parquet")[list(FEATURES)], frame[list(FEATURES)], rtol=1e-6
    )


def test_correlations_and_the_machine(run: Callable[..., Any], labelled: Path, tmp_path: Path) -> None:
    ended = run(
        "explain", labelled, "--method", "style", "--correlations", tmp_path / "said", "--bootstrap", 10,
        "--svm", tmp_path / "svm.parquet",
    )  # fmt: skip
    assert ended.status == 0, ended.stderr
    frame = pd.read_csv(tmp_path / "said" / "correlations.csv", comment="#")
    warmth = frame[(frame["target"] == "excitement") & (frame["feature"] == "warmth")]
    assert warmth["r"].item() > 0.8
    assert {"correlations.png", "fear.png", "excitement.png"} <= {
        path.name for path in (tmp_path / "said").iterdir()
    }
    predictions = read_predictions(tmp_path / "svm.parquet")
    assert len(predictions) == 30
    assert "accuracy 1.000" in ended.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "parquet"), "needs a file to write"),
        (("-o", "style.txt"), "style is written as"),
        (("--correlations", "x"), "need what people said"),
        (("--svm", "x.txt"), "ends in .csv or .parquet"),
    ],
)
def test_what_cannot_be_had_is_refused_first(
    run: Callable[..., Any], pictures: list[Path], words: tuple[str, ...], said: str
) -> None:
    ended = run("explain", *pictures[:2], "--method", "style", *words)
    assert ended.status == 2
    assert said in ended.stderr


def test_a_folder_without_pictures(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = run("explain", tmp_path / "empty", "--method", "style")
    assert ended.status == 2
    assert "no images" in ended.stderr
