"""`evocative study`, as a researcher types it: interrupted, resumed, and over two processes."""

import json
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

    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    rows = {(row["arm"], row["figure"]): row for row in results["figures"]}
    assert rows["center", "accuracy"]["n"] == 42
    assert rows["center", "accuracy"]["mean"]["runs"] == 2
    assert rows["center", "asr"]["difference"]["method"] == "corrected t over 2 folds"
    assert rows["plain", "accuracy"]["difference"] is None
    assert "With class centres (2 runs)" in (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "| accuracy |" in ended.stdout

    changed = write_study(place, STUDY.replace("weight = 0.5", "weight = 0.4"), "study.toml")
    ended = run("study", changed, "--data-root", place, "--output", tmp_path)
    assert ended.status == 2
    assert "2 folder(s) hold runs of another recipe" in ended.stderr
    assert "losses" in ended.stderr


def test_killed_by_the_system_it_ends_at_the_same_figures(
    place: Path, run: Callable[..., Any], killed: Callable[..., None], tmp_path: Path
) -> None:
    """SIGKILL while the first run trains; what was unfinished is done again, to the bit."""
    longer = STUDY.replace('"model.weights" = "none"', '"model.weights" = "none"\n"training.epochs" = 12')
    study = write_study(place, longer, "killed.toml")
    broken, whole = (
        ("study", study, "--data-root", place, "--output", tmp_path / name, "--threads", 1, "--bootstrap", 20)
        for name in ("broken", "whole")
    )
    first = tmp_path / "broken" / "runs" / "plain" / "fold-0_seed-0"
    killed(*broken, until=(first / "last.ckpt").exists)
    assert not (tmp_path / "broken" / "results.json").exists()
    for words in (broken, whole):
        ended = run(*words)
        assert ended.status == 0, ended.stderr
    found = [
        json.loads((tmp_path / name / "results.json").read_text(encoding="utf-8"))["figures"]
        for name in ("broken", "whole")
    ]
    assert found[0] == found[1]


TUNED = """
recipe = "tiny.toml"
folds = [0]
seeds = [0]
set = { "model.weights" = "none" }
select = { figure = "loss", folds = "each" }

[arms.plain]
grid = { "optimizer.lr" = [0.01, 1e-4] }

[arms.center]
set = { "losses.contrastive_center" = { weight = 0.5 } }
candidates = [
    { "optimizer.lr" = 1e30, "optimizer.clip_norm" = "none", "losses.contrastive_center.weight" = 1e30 },
    { "optimizer.lr" = 0.01 },
]
"""


def test_candidates_are_chosen_on_validation_rows_over_two_processes(
    place: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    words = ("study", write_study(place, TUNED, "tuned.toml"), "--data-root", place, "--output", tmp_path)
    ended = run(*words, "--jobs", 2, "--threads", 1, "--bootstrap", 20)
    assert "2 of 2 runs are finished" in ended.stdout, ended.stderr
    assert "the gradient is not a number" in ended.stderr
    assert ended.status == 1
    kept = json.loads((tmp_path / "selection.json").read_text(encoding="utf-8"))
    losses = [one["loss"]["fold-0"] for one in kept["plain"]["candidates"]]
    assert kept["plain"]["chosen"] == {"fold-0": 1 + int(losses[1] < losses[0])}
    assert kept["center"]["candidates"][0]["loss"] == {"fold-0": None}
    assert kept["center"]["chosen"] == {"fold-0": 2}
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "no test row took part" in text
    trained = sorted(path.parent.name for path in (tmp_path / "runs").rglob("predictions.parquet"))
    assert len(trained) == 3  # of 4 candidates one broke; the chosen ones were not trained again
    again = run(*words)
    assert again.status == 0, again.stderr


def test_one_failing_run_does_not_end_a_study(
    place: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    train = work._train

    def failing(job: Any, places: Any) -> None:
        if (job.arm, job.fold) == ("center", 0):
            raise MemoryError("too large")
        train(job, places)

    monkeypatch.setattr(work, "_train", failing)
    ended = run("study", write_study(place, STUDY), "--data-root", place, "--output", tmp_path)
    assert ended.status == 1
    assert "center fold-0 seed 0: MemoryError: too large" in ended.stderr
    assert "3 of 4 runs are finished" in ended.stdout
    assert "1 of 4 runs are missing" in ended.stdout
    log = tmp_path / "runs" / "center" / "fold-0_seed-0" / "job.log"
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_the_first_fold_chooses_for_all_only_with_fixed_validation_rows(
    place: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    text = TUNED.replace('folds = "each"', 'folds = "first"').replace("folds = [0]", "folds = [0, 1]")
    ended = run("study", write_study(place, text, "first.toml"), "--data-root", place, "--output", tmp_path)
    assert ended.status == 2
    assert "would have seen them" in ended.stderr


def test_stored_features_are_kept_in_the_study_and_lost_predictions_are_told(
    place: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = """
    recipe = "tiny.toml"
    folds = [0]
    seeds = [0, 1]
    set = { "model.weights" = "none", features.stored = true }
    arms.plain = {}
    """
    train, caches = work._train, []

    def losing(job: Any, places: Any) -> None:
        caches.append(places.cache)
        train(job, places)
        if job.seed == 1:
            job.predictions.unlink()

    monkeypatch.setattr(work, "_train", losing)
    file = write_study(place, text, "stored.toml")
    ended = run("study", file, "--data-root", place, "--output", tmp_path)
    assert caches == [tmp_path / "features"] * 2
    assert any(path.is_file() for path in (tmp_path / "features").rglob("*"))
    assert ended.status == 1
    assert "plain fold-0 seed 1: trained, but there is no predictions.parquet" in ended.stderr
    run("study", file, "--data-root", place, "--output", tmp_path, "--cache", tmp_path / "own")
    assert caches[2:] == [tmp_path / "own"]
