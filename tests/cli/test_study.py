"""`evocative study`, as a researcher types it: interrupted, resumed, and over two processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.data.splits import folds, write_folds
from evocative.datasets import dataset
from evocative.study import work

RECIPE = """
name = "tiny"
[data]
split = { train = 0.8, validation = 0.2 }
[[data.sources]]
dataset = "folder"
path = "pictures"
folds = "folds.csv"
[preprocessing]
size = 32
[model]
backbone = "test_efficientnet"
weights = "timm"
[augmentation]
randaugment_n = 0
[schedule]
name = "constant"
[training]
epochs = 1
batch_size = 6
precision = "fp32"
workers = 0
"""
STUDY = """
recipe = "tiny.toml"
folds = [0, 1]
seeds = [0]

[set]
"model.weights" = "none"

[arms.plain]
title = "Plain"

[arms.center]
title = "With class centres"
set = { "losses.contrastive_center" = { weight = 0.5 } }
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with forty pictures of two emotions, their folds, and a recipe."""
    folder = tmp_path_factory.mktemp("place")
    random = np.random.default_rng(1)
    for kind, name in enumerate(("awe", "fear", "sadness")):
        (folder / "pictures" / name).mkdir(parents=True)
        for number in range(14):
            pixels = random.integers(0, 90, (36, 36, 3)).astype(np.uint8)
            pixels[..., kind] += 90
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{number}.png")
    table = dataset("folder").read(folder / "pictures")
    write_folds(folder / "folds.csv", table, folds(table, k=2, seed=0))
    (folder / "tiny.toml").write_text(RECIPE, encoding="utf-8")
    return folder


def write_study(place: Path, text: str, name: str = "study.toml") -> Path:
    (place / name).write_text(text, encoding="utf-8")
    return place / name


def test_interrupted_and_resumed(
    place: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("study", write_study(place, STUDY), "--data-root", place, "--output", tmp_path)
    train, calls = work._train, []

    def interrupted(job: Any, places: Any) -> None:
        calls.append(str(job))
        if len(calls) == 2:
            raise KeyboardInterrupt
        train(job, places)

    monkeypatch.setattr(work, "_train", interrupted)
    assert run(*words).status == 130
    assert calls == ["plain fold-0 seed 0", "center fold-0 seed 0"]
    assert run(*words, "--report-only").status == 1

    ended = run(*words)
    assert ended.status == 0, ended.stderr
    assert calls[2:] == ["center fold-0 seed 0", "plain fold-1 seed 0", "center fold-1 seed 0"]
    assert "4 of 4 runs are finished" in ended.stdout
    left = {path.name for path in (tmp_path / "runs" / "plain" / "fold-0_seed-0").iterdir()}
    assert {"predictions.parquet", "validation.json", "recipe.json", "job.log"} <= left
    assert not {"model", "last.ckpt", "best.ckpt"} & left
    assert run(*words).status == 0
    assert len(calls) == 5
