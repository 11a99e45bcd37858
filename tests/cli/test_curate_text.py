"""The recipe text-filter and `evocative curate text --model`, one after the other, with a tiny network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.curate.findings import read_findings
from evocative.data.table import read_table

TINY = {
    "model.backbone": "test_efficientnet", "model.weights": "none", "preprocessing.size": 32,
    "training.epochs": 3, "training.batch_size": 8, "training.workers": 0, "training.precision": "fp32",
    "training.head_start": "true", "augmentation.rotation": 0, "evaluation.bootstrap": 0,
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with text_filter/text (bright lines on noise) and text_filter/others (noise)."""
    folder = tmp_path
    random = np.random.default_rng(2)
    for label in ("text", "others"):
        (folder / "text_filter" / label).mkdir(parents=True)
        for number in range(24):
            pixels = random.integers(0, 90, (40, 40, 3)).astype(np.uint8)
            if label == "text":
                pixels[8:32:4] = 250
            Image.fromarray(pixels).save(folder / "text_filter" / label / f"{number}.png")
    return folder


def test_the_recipes_model_finds_what_it_was_trained_on(place: Path, run: Callable[..., Any]) -> None:
    settings = [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]
    ended = run("train", "text-filter", "--data-root", place, "--output", place / "run", *settings)
    assert ended.status == 0, ended.stderr
    model = place / "run" / "model"

    common = ("curate", "text", place / "text_filter", "--model", model, "--cache", place / "cache")
    ended = run(
        *common, "-o", place / "f.csv", "--table", place / "seen.csv", "--cleaned", place / "kept.csv"
    )
    assert ended.status == 0, ended.stderr

    seen = read_table(place / "seen.csv", check=False).frame
    scores = seen["text"].to_numpy(dtype=float)
    text = seen["path"].str.startswith("text/").to_numpy()
    assert len(seen) == 48
    assert (scores[text] >= 0.5).mean() > 0.8
    assert (scores[~text] < 0.5).mean() > 0.8
    assert all(seen["evidence"].str.startswith("probability of text"))

    found = read_findings(place / "f.csv")
    expected = seen.loc[scores >= 0.25, "path"]
    assert set(found.frame["path"]) == set(expected)
    assert found.dropped == set(seen.loc[scores >= 0.5, "path"])
    assert set(read_table(place / "kept.csv").frame["path"]) == set(seen["path"]) - found.dropped

    before = {path: path.stat().st_size for path in (place / "cache").rglob("*") if path.is_file()}
    assert before
    assert run(*common, "-o", place / "again.csv").status == 0
    assert read_findings(place / "again.csv").frame.equals(found.frame)
    assert {path: path.stat().st_size for path in before} == before

    ended = run("curate", "text", place, "--model", model, "--label", "words", "-o", place / "no.csv")
    assert ended.status == 2
    assert "'words'" in ended.stderr
    assert not (place / "no.csv").exists()
