"""`evocative prepare`, `train`, `evaluate` and `predict`, one after the other, as a researcher types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

RECIPE = """
name = "tiny"
[data]
split = { train = 0.6, validation = 0.2, test = 0.2 }
[[data.sources]]
dataset = "folder"
path = "pictures"
[preprocessing]
size = 32
[model]
backbone = "test_efficientnet"
[augmentation]
randaugment_n = 0
[schedule]
name = "constant"
[training]
epochs = 1
batch_size = 6
precision = "fp32"
workers = 0
head_start = true
[evaluation]
bootstrap = 20
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pictures/awe and pictures/fear, and a recipe."""
    folder = tmp_path_factory.mktemp("place")
    random = np.random.default_rng(1)
    for kind, name in enumerate(("awe", "fear")):
        (folder / "pictures" / name).mkdir(parents=True)
        for number in range(15):
            pixels = random.integers(0, 60, (36, 36, 3)).astype(np.uint8)
            pixels[..., kind] += 150
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{number}.png")
    (folder / "tiny.toml").write_text(RECIPE, encoding="utf-8")
    return folder


def test_from_pictures_to_a_model_that_answers(place: Path, run: Callable[..., Any]) -> None:
    common = ("--data-root", place, "--output", place / "run", "--set", "model.weights=none")
    ended = run("train", place / "tiny.toml", *common)
    assert ended.status == 0, ended.stderr
    report = json.loads((place / "run" / "report" / "report.json").read_text(encoding="utf-8"))
    assert "confusion" in json.dumps(report)
    assert (place / "run" / "report" / "report.html").is_file()

    again = run("train", place / "tiny.toml", *common)
    assert again.status == 2
    assert "--resume" in again.stderr

    ended = run("evaluate", place / "run" / "model", "--data", place / "pictures", "--output",
                place / "report", "--bootstrap", 0)  # fmt: skip
    assert ended.status == 0, ended.stderr

    ended = run("predict", place / "pictures" / "awe", "--model", place / "run" / "model", "--format", "json")
    assert ended.status == 0
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(answers) == 15
    assert {answer["emotion"] for answer in answers} <= {"awe", "fear"} | set(answers[0]["probabilities"])
    assert np.mean([answer["emotion"] == "awe" for answer in answers]) > 0.8


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("train", "defalt"), "did you mean 'default'"),
        (("train", "default", "--set", "optimizer.rate=1"), "unknown key 'rate'"),
        (("train", "default", "--data-root", "nowhere"), "there is no such file or folder"),
    ],
)
def test_mistakes_end_with_status_2_and_what_to_do(
    run: Callable[..., Any], words: tuple[str, ...], expected: str
) -> None:
    ended = run(*words)
    assert ended.status == 2
    assert expected in ended.stderr
    assert ended.stdout == ""
