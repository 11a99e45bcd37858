"""A whole run on tiny images: what it leaves, what it refuses, and that a killed one ends the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from evocative.data.table import read_table, write_table
from evocative.errors import RecipeError, TrainingError
from evocative.inference.predictions import read_predictions
from evocative.models.store import load_model
from evocative.recipe import Recipe
from evocative.training.run import run

Make = Callable[..., Recipe]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model" / "model.safetensors")


def same(one: Path, other: Path) -> bool:
    left, right = weights(one), weights(other)
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [entry for entry in entries if entry["kind"] == kind]


@pytest.fixture(scope="module")
def finished(tiny_recipe: Make, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    run(tiny_recipe(), data_root=tiny_data, output=folder)
    return folder


def test_a_run_leaves_all_that_was_promised(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert {"recipe.json", "environment.json", "log.jsonl", "tensorboard", "last.ckpt", "best.ckpt", "model",
            "predictions.parquet"} <= names  # fmt: skip
    loaded = load_model(finished / "model")
    assert loaded.model.class_centers is not None
    assert loaded.taxonomy is not None
    assert loaded.config["provenance"]["rows"] == {"train": 21, "validation": 3, "test": 6}
    predictions = read_predictions(finished / "predictions.parquet")
    assert len(predictions) == 6
    assert predictions.ok.all()
    epochs = lines(finished, "epoch")
    assert [entry["epoch"] for entry in epochs] == [1, 2]
    assert {"loss", "accuracy", "macro_f1", "valence_r"} <= set(epochs[0])


def test_the_same_recipe_gives_the_same_weights(
    tiny_recipe: Make, finished: Path, tiny_data: Path, tmp_path: Path
) -> None:
    run(tiny_recipe(training={"workers": 1}), data_root=tiny_data, output=tmp_path / "again")
    assert same(finished, tmp_path / "again")


def test_another_seed_gives_other_weights(
    tiny_recipe: Make, finished: Path, tiny_data: Path, tmp_path: Path
) -> None:
    run(tiny_recipe(seed=4), data_root=tiny_data, output=tmp_path / "other")
    assert not same(finished, tmp_path / "other")


EVERYTHING: dict[str, dict[str, Any]] = {
    "training": {"ema": 0.9, "precision": "bf16"},
    "augmentation": {"randaugment_n": 1, "mixup": 0.4, "cutmix": 1.0},
    "optimizer": {"name": "adamw", "lr": 0.002, "depth_decay": 0.8},
    "model": {"frozen_stages": 2, "drop_path": 0.2},
}


@pytest.mark.parametrize("sections", [{}, EVERYTHING], ids=["plain", "everything"])
def test_a_killed_run_ends_at_the_same_weights(
    tiny_recipe: Make, finished: Path, tiny_data: Path, tmp_path: Path, sections: dict[str, dict[str, Any]]
) -> None:
    """`kill -9` at whatever step it is when the first checkpoint inside an epoch stands."""
    folder, whole = tmp_path / "killed", finished
    if sections:
        whole = tmp_path / "whole"
        run(tiny_recipe(**sections), data_root=tiny_data, output=whole)
    frequent = {**sections, "training": {**sections.get("training", {}), "checkpoint_minutes": 0.0}}
    script = tmp_path / "go.py"
    settings = json.dumps(tiny_recipe(**frequent).to_dict())
    script.write_text(
        "import json, sys\nfrom pathlib import Path\nfrom evocative.recipe import parse\n"
        "from evocative.training import fit, run as room\nimport time\n"
        "step = fit._step\n"
        "def slow(*args):\n    time.sleep(0.4)\n    return step(*args)\n"
        "fit._step = slow\n"
        f"recipe = parse(json.loads({settings!r}))\n"
        f"room.run(recipe, data_root=Path({str(tiny_data)!r}), output=Path({str(folder)!r}))\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 120
        while not (folder / "last.ckpt").exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert (folder / "last.ckpt").exists()
    assert not (folder / "model").exists(), "the run ended before it was killed"
    run(tiny_recipe(**frequent), data_root=tiny_data, output=folder, resume=True)
    assert same(whole, folder)
    steps = [entry["step"] for entry in lines(folder, "epoch")]
    assert steps == sorted(set(steps))


def test_resuming_a_finished_run_changes_nothing(tiny_recipe: Make, finished: Path, tiny_data: Path) -> None:
    before = weights(finished)
    run(tiny_recipe(), data_root=tiny_data, output=finished, resume=True)
    after = weights(finished)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_folder_with_a_run_is_refused(tiny_recipe: Make, finished: Path, tiny_data: Path) -> None:
    with pytest.raises(RecipeError, match="--resume"):
        run(tiny_recipe(), data_root=tiny_data, output=finished)
    with pytest.raises(RecipeError, match=r"differ in optimizer\.lr, seed"):
        run(tiny_recipe(seed=9, optimizer={"lr": 1.0}), data_root=tiny_data, output=finished, resume=True)


def test_accumulation_takes_the_same_number_of_steps(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    plain = run(tiny_recipe(training={"epochs": 1}), data_root=tiny_data, output=tmp_path / "plain")
    split = run(
        tiny_recipe(training={"epochs": 1, "accumulation": 2}), data_root=tiny_data, output=tmp_path / "split"
    )
    assert plain.progress.step == split.progress.step == 3


def test_all_mistakes_are_named_before_any_work(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(
        data={"sources": [{"path": "gone.csv"}, {"dataset": "fi9", "path": "tiny.csv"}]},
        model={"backbone": "resnet51", "weights": "gone.pth"},
    )
    with pytest.raises(RecipeError) as caught:
        run(recipe, data_root=tiny_data, output=tmp_path / "no")
    message = str(caught.value)
    assert "4 setting(s)" in message
    assert "'gone.csv' is not below" in message
    assert "did you mean 'fi8'" in message
    assert "unknown backbone 'resnet51'" in message
    assert "gone.pth" in message
    assert not (tmp_path / "no").exists()


def test_selecting_the_best_needs_validation_rows(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    table = read_table(tiny_data / "tiny.csv")
    write_table(table.assign(split="train"), tmp_path / "all.csv")
    recipe = tiny_recipe(data={"sources": [{"path": "all.csv"}]})
    with pytest.raises(RecipeError, match=r"training\.select"):
        run(recipe, data_root=tmp_path, output=tmp_path / "run")


@pytest.mark.parametrize("select", ["best", "last"])
def test_an_exploding_loss_stops_and_keeps_the_last_checkpoint(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path, select: str
) -> None:
    recipe = tiny_recipe(
        optimizer={"lr": 1e30, "clip_norm": None},
        training={"checkpoint_minutes": 0.0, "select": select, "epochs": 3},
    )
    with pytest.raises(
        TrainingError, match=r"step \d+ \(epoch \d\): the gradient is not a number.*last good"
    ):
        run(recipe, data_root=tiny_data, output=tmp_path / "nan")
    assert (tmp_path / "nan" / "last.ckpt").exists()


def test_fp16_on_a_cpu_is_refused(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    from evocative.errors import ModelError

    with pytest.raises(ModelError, match="fp16 cannot be had on a CPU"):
        run(tiny_recipe(training={"precision": "fp16"}), data_root=tiny_data, output=tmp_path / "half")


def test_a_broken_image_is_left_out_and_named(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "data"
    shutil.copytree(tiny_data, folder)
    (folder / "5.png").write_bytes(b"")
    recipe = tiny_recipe(training={"epochs": 1, "batch_size": 7})  # all 21 rows are seen
    finished = run(recipe, data_root=folder, output=tmp_path / "run")
    assert finished.progress.unreadable == 1
    assert "5.png" in (tmp_path / "run" / "unreadable.txt").read_text(encoding="utf-8")


def test_beta_zero_is_plain_cross_entropy_to_the_bit(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    plain = tiny_recipe(losses=[{"name": "cross_entropy"}, {"name": "dimensions"}], training={"epochs": 1})
    zero = tiny_recipe(
        losses=[
            {"name": "cross_entropy"},
            {"name": "contrastive_center", "weight": 0},
            {"name": "dimensions"},
        ],
        training={"epochs": 1},
    )
    run(plain, data_root=tiny_data, output=tmp_path / "plain")
    run(zero, data_root=tiny_data, output=tmp_path / "zero")
    assert same(tmp_path / "plain", tmp_path / "zero")


@pytest.mark.parametrize("sections", [{}, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("batch_norm", ["statistics", "frozen", "folded"])
def test_batch_norms_stay_where_they_are_frozen(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path, batch_norm: str, sections: dict[str, dict[str, Any]]
) -> None:
    training = {**sections.get("training", {}), "epochs": 1, "batch_norm": batch_norm}
    finished = run(
        tiny_recipe(**{**sections, "training": training}), data_root=tiny_data, output=tmp_path / "run"
    )
    found = weights(finished.folder)
    running = {name: value for name, value in found.items() if "running_mean" in name and "backbone" in name}
    assert all(torch.equal(value, torch.zeros_like(value)) for value in running.values())
    assert bool(running) == (batch_norm != "folded")


def test_head_start_alone_is_a_linear_probe(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    """Colours are told apart by a linear head on random features; the cache gives the same features again."""
    recipe = tiny_recipe(
        losses=[{"name": "cross_entropy"}, {"name": "dimensions"}],
        training={"epochs": 0, "head_start": True, "select": "last"},
    )
    once = run(recipe, data_root=tiny_data, output=tmp_path / "once", cache=tmp_path / "cache")
    assert once.predictions is not None
    predictions = read_predictions(once.predictions)
    assert predictions.probabilities is not None
    assert (predictions.probabilities.argmax(1) == predictions.labels).mean() > 0.8
    kept = list((tmp_path / "cache").iterdir())
    assert len(kept) == 1
    run(recipe, data_root=tiny_data, output=tmp_path / "twice", cache=tmp_path / "cache")
    assert same(tmp_path / "once", tmp_path / "twice")


@pytest.mark.timeout(300)
def test_two_processes_give_the_same_evaluation_rows(
    tiny_recipe: Make, finished: Path, tiny_data: Path, tmp_path: Path
) -> None:
    """Under DDP with gloo each process predicts its share of the test rows; nothing is lost or doubled."""
    folder = tmp_path / "two"
    settings = json.dumps(
        tiny_recipe(
            training={"epochs": 0, "head_start": True, "select": "last"}, losses=[{"name": "cross_entropy"}]
        ).to_dict()
    )
    script = tmp_path / "go.py"
    script.write_text(
        "import json, sys\nfrom pathlib import Path\nfrom evocative.recipe import parse\n"
        "from evocative.training.run import run\n"
        f"recipe = parse(json.loads({settings!r}))\n"
        f"run(recipe, data_root=Path({str(tiny_data)!r}), output=Path(sys.argv[1]))\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         str(script), str(folder)],
        check=True, env=environment, timeout=240, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        [sys.executable, str(script), str(tmp_path / "one")], check=True, env=environment, timeout=240,
        capture_output=True,
    )  # fmt: skip
    two, one = (read_predictions(place / "predictions.parquet") for place in (folder, tmp_path / "one"))
    assert two.paths == one.paths
    assert two.probabilities is not None
    assert one.probabilities is not None
    np.testing.assert_allclose(two.probabilities, one.probabilities, atol=1e-5)
    np.testing.assert_allclose(two.dimensions, one.dimensions, atol=1e-5)


def test_averaging_lies_half_way_between_start_and_end(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    found = {}
    for share in (0.0, 0.5, 1.0):
        averaged = {"epochs": 1, "batch_norm": "folded", "select": "last", "head_start": True}
        recipe = tiny_recipe(training={**averaged, "average_with_start": share})
        run(recipe, data_root=tiny_data, output=tmp_path / str(share))
        found[share] = weights(tmp_path / str(share))
    for name, middle in found[0.5].items():
        if not middle.is_floating_point():
            continue  # how many batches a batch norm has seen
        torch.testing.assert_close(middle, (found[0.0][name] + found[1.0][name]) / 2, rtol=1e-5, atol=1e-6)
    assert not torch.equal(found[0.0]["emotion_head.linear.weight"], found[1.0]["emotion_head.linear.weight"])


@pytest.mark.parametrize("select", ["best", "last"])
def test_the_average_of_the_weights_becomes_the_model(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path, select: str
) -> None:
    settings = {"ema": 0.9, "select": select, "epochs": 1}
    run(tiny_recipe(training=settings), data_root=tiny_data, output=tmp_path / "run")
    last = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)
    found = weights(tmp_path / "run")
    assert all(torch.equal(found[name], last["average"][name]) for name in found)
    assert not all(torch.equal(found[name], last["model"][name]) for name in found)
    run(tiny_recipe(training=settings), data_root=tiny_data, output=tmp_path / "run", resume=True)
    assert all(torch.equal(each, found[name]) for name, each in weights(tmp_path / "run").items())


def test_a_broken_checkpoint_is_refused_with_what_to_do(
    tiny_recipe: Make, finished: Path, tiny_data: Path, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / "last.ckpt").write_bytes(b"garbage" * 100)
    with pytest.raises(TrainingError, match=r"last\.ckpt: this checkpoint cannot be read"):
        run(tiny_recipe(), data_root=tiny_data, output=tmp_path / "run", resume=True)
