"""Recipes of dimensions and distributions, from the command to a folder that answers, on tiny pictures."""

import csv
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

PER_FOLD = 6
EMOTIONS = ("Amusement", "Awe", "Contentment", "Excitement", "Anger", "Disgust", "Fear", "Sadness")
TINY = (
    "model.backbone=test_efficientnet", "model.weights=none", "preprocessing.size=32", "training.epochs=1",
    "training.batch_size=8", "training.precision=fp32", "training.workers=0", "evaluation.bootstrap=0",
)  # fmt: skip


def of_each_fold(name: str, *, number: int) -> list[str]:
    """So many paths of each fold, and of each emotion, in the folds that come along."""
    text = (resources.files("evocative") / "recipes" / "folds" / f"{name}.csv").read_text(encoding="utf-8")
    taken: dict[tuple[str, str], list[str]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        kind = row["path"].split("/", 1)[0]
        paths = taken.setdefault((row["fold"], kind), [])
        if len(paths) < number:
            paths.append(row["path"])
    return [path for paths in taken.values() for path in paths]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OASIS, FI-8 and Flickr-LDL as their owners lay them out, of small coloured noise."""
    root, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)

    def paint(file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 200, (36, 40, 3)) + random.integers(0, 56, 3)
        Image.fromarray(pixels.astype(np.uint8)).save(file, format="JPEG")

    rated = of_each_fold("oasis", number=PER_FOLD)
    lines = [",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N"]
    for number, path in enumerate(rated):
        paint(root / "oasis" / path)
        valence, arousal = random.uniform(1.5, 6.5, 2)
        lines.append(f"I{number},{Path(path).stem},Object,Pixabay,{valence},1,102,{arousal},1.5,101")
    (root / "oasis" / "OASIS.csv").write_bytes("\r".join(lines).encode())
    for path in of_each_fold("fi8", number=2):
        paint(root / "fi8" / path)
    votes = ["images-name " + " ".join(EMOTIONS)]
    for number in range(24):
        paint(root / "flickr_ldl" / "images" / f"{number}.jpg")
        votes.append(f"{number}.jpg " + " ".join(map(str, random.multinomial(11, [1 / 8] * 8))))
    (root / "flickr_ldl" / "ground_truth.txt").write_text("\n".join(votes), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("recipe", "settings", "says"),
    [
        ("oasis-va", ("data.fold=0",), {"valence", "arousal", "dimension_sd"}),
        ("joint", ("data.fold=0",), {"probabilities", "valence"}),
        ("flickr-ldl", ("augmentation.size=32", "model.frozen_stages=1"), {"probabilities"}),
        ("kim2018", ("data.fold=0", "model.kim2018.widths=[12, 8]"), {"valence", "arousal"}),
    ],
)
def test_a_recipe_runs_to_a_folder_that_answers(
    recipe: str, settings: tuple[str, ...], says: set[str], *, data: Path, tmp_path: Path,
    run: Callable[..., Any],
) -> None:  # fmt: skip
    changed = [word for setting in (*TINY, *settings) for word in ("--set", setting)]
    ended = run("train", recipe, "--data-root", data, "--output", tmp_path / "run", *changed)
    assert ended.status == 0, ended.stderr
    report = json.loads((tmp_path / "run" / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["counts"]["predicted"] > 0
    pictures = data / "flickr_ldl" / "images"
    ended = run("predict", pictures, "--model", tmp_path / "run" / "model", "--format", "json")
    assert ended.status == 0, ended.stderr
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(answers) == 24
    for answer in answers:
        assert all(answer[name] is not None for name in says), answer
        if "probabilities" in says:
            assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-3)
