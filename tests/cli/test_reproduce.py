"""`evocative reproduce`, as a researcher types it: in part, interrupted, resumed, and not trained again."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.data.table import Table, write_table
from evocative.datasets import dataset
from evocative.reproduce import available
from evocative.study import work
from evocative.taxonomy.labels import taxonomy

RECIPE = """
name = "tiny"
[data]
split = { train = 0.5, validation = 0.25, test = 0.25 }
[preprocessing]
size = 32
[model]
backbone = "test_efficientnet"
gram = { maps = [1] }
[[losses]]
name = "cross_entropy"
[[losses]]
name = "contrastive_center"
weight = 0.5
[augmentation]
randaugment_n = 0
[schedule]
name = "constant"
[training]
epochs = 1
batch_size = 16
precision = "fp32"
workers = 0
monitor = "accuracy"
"""
TABLE = """
title = "A tiny table"
source = "Nobody 2026"
place = "table 9, section 9"
recipe = "tiny.toml"
choose = true
readings = ["m is not printed: 1.5 is read."]
oddities = ["The rows do not add up."]

[set]
"model.weights" = "none"

[columns]
accuracy = { title = "Accuracy (%)", unit = "percent", digits = 1 }
asr = { title = "ASR", better = "lower" }

[[rows]]
name = "β = 0"
data = "fi8"
set = { losses = [{ name = "cross_entropy" }] }
paper = { accuracy = 69.7, asr = 0.8262 }

[[rows]]
name = "β = 0.5"
data = "fi8"
paper = { accuracy = 71.5 }

[[rows]]
name = "CAER-S"
data = "caer_s"
paper = { accuracy = 91.0, asr = 0 }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with eight images of each emotion as fi8/, a recipe and a table beside it."""
    folder = tmp_path_factory.mktemp("place")
    random = np.random.default_rng(1)
    for kind, name in enumerate(taxonomy("mikels8").names):
        (folder / "data" / "fi8" / name).mkdir(parents=True)
        for number in range(8):
            pixels = random.integers(0, 60, (34, 34, 3)).astype(np.uint8)
            pixels[..., kind % 3] += 20 * kind
            Image.fromarray(pixels).save(folder / "data" / "fi8" / name / f"{number}.png")
    (folder / "tiny.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "t9.toml").write_text(TABLE, encoding="utf-8")
    return folder


@pytest.fixture
def words(made: Path, tmp_path: Path) -> tuple[object, ...]:
    """What every command has in common."""
    return (
        "reproduce",
        made / "t9.toml",
        "--data-root",
        made / "data",
        "--output",
        tmp_path,
        "--bootstrap",
        50,
    )


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_in_part_interrupted_and_resumed(
    words: tuple[object, ...], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    train, calls = work._train, []

    def interrupted(job: Any, places: Any) -> None:
        calls.append(str(job))
        if len(calls) == 2:
            raise KeyboardInterrupt
        train(job, places)

    monkeypatch.setattr(work, "_train", interrupted)
    assert run(*words).status == 130
    assert len(calls) == 2
    ended = run(*words)
    assert ended.status == 0, ended.stderr
    assert len(calls) == 3  # the first network is not trained again
    assert "CAER-S: caer_s: missing" in ended.stdout
    assert "The rows do not add up." in ended.stdout
    assert "fi8: 64 of 23,308 images; train 32, validation 16, test 16" in ended.stdout
    assert "16 validation rows choose" in ended.stdout
    again = run(*words, "--format", "csv")
    assert len(calls) == 3
    figures = {(row["row"], row["figure"]): row for row in lines(again.stdout)}
    assert figures["β = 0", "accuracy"]["paper"] == "69.7"
    ours = float(figures["β = 0", "accuracy"]["ours"])
    assert 0 <= ours <= 100
    assert (ours * 16 / 100) % 1 == pytest.approx(0)  # sixteen test images, in percent
    assert float(figures["β = 0", "accuracy"]["difference"]) == pytest.approx(ours - 69.7)
    assert figures["β = 0.5", "asr"]["paper"] == figures["CAER-S", "accuracy"]["ours"] == ""
    assert (tmp_path / "tables" / "t9.md").read_text(encoding="utf-8").count("| β = 0 |") == 1
    assert not list(tmp_path.rglob("*.ckpt"))


def test_killed_by_the_system_it_ends_at_the_same_table(
    words: tuple[object, ...], run: Callable[..., Any], killed: Callable[..., None], tmp_path: Path
) -> None:
    """SIGKILL while the first network of the table trains, and a second call meanwhile."""
    longer = (*words, "--set", "training.epochs=12", "--threads", 1)
    broken, whole = (
        tuple(tmp_path / name if word == tmp_path else word for word in longer)
        for name in ("broken", "whole")
    )
    killed(*broken, until=lambda: bool(list((tmp_path / "broken").rglob("last.ckpt"))))
    assert not list((tmp_path / "broken").rglob("t9*.md"))
    tables = []
    for name, call in (("broken", broken), ("whole", whole)):
        ended = run(*call)
        assert ended.status == 0, ended.stderr
        (table,) = (tmp_path / name / "tables").glob("t9*.md")
        tables.append(table.read_text(encoding="utf-8"))
    assert tables[0] == tables[1]


def test_a_quick_form_says_so_and_trains_apart(
    words: tuple[object, ...], run: Callable[..., Any], tmp_path: Path
) -> None:
    ended = run(*words, "--quick", "--runs", 2, "--set", "optimizer.momentum=0.5")
    assert ended.status == 0, ended.stderr
    assert "[QUICK]" in ended.stdout
    (table,) = (tmp_path / "tables").glob("t9_quick_set-*_runs-2.md")
    assert "QUICK FORM" in table.read_text(encoding="utf-8")
    assert "Set by hand: optimizer.momentum = 0.5." in ended.stdout
    assert "(2 runs)" in ended.stdout
    assert all("_quick-" in path.name for path in (tmp_path / "fi8" / "runs").iterdir())
    assert len(list((tmp_path / "fi8" / "runs").glob("*/split_seed-*"))) == 4


def test_other_data_are_tested_on_and_counts_add_up(
    made: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    other = dataset("fi8").read(made / "data" / "fi8")
    write_table(other.select(list(range(0, 64, 2))), made / "data" / "other.csv")
    (made / "cross.toml").write_text(
        """
title = "Another data set"
source = "Nobody 2026"
place = "table 10"
recipe = "tiny.toml"
data = "fi8"
set = { "model.weights" = "none", losses = [{ name = "cross_entropy" }] }

[columns]
accuracy = {}
eligible = { unit = "count" }
positive_negative = { unit = "count" }
negative_positive = { unit = "count" }
positive_positive = { unit = "count" }
negative_negative = { unit = "count" }
cross = { unit = "percent", digits = 1 }

[[rows]]
name = "elsewhere"
test = "other"
tested = 32
paper = { eligible = 32, cross = 41.4 }

[[rows]]
name = "sure"
test = "other"
theta = 0.3
""",
        encoding="utf-8",
    )
    ended = run(
        "reproduce", made / "cross.toml", "--data-root", made / "data", "--output", tmp_path,
        "--format", "csv", "--bootstrap", 50,
    )  # fmt: skip
    assert ended.status == 0, ended.stderr
    found = {(row["row"], row["figure"]): row["ours"] for row in lines(ended.stdout)}
    assert found["elsewhere", "eligible"] == "32"
    counts = ("positive_negative", "negative_positive", "positive_positive", "negative_negative")
    for row in ("elsewhere", "sure"):
        numbers = [int(found[row, name]) for name in counts]
        eligible = int(found[row, "eligible"])
        assert sum(numbers) == eligible
        if eligible:
            assert float(found[row, "cross"]) == pytest.approx(100 * sum(numbers[:2]) / eligible)
    assert len(list((tmp_path / "fi8" / "runs").iterdir())) == 1  # both rows are one network's
    assert len(list(tmp_path.rglob("other.parquet"))) == 1


def test_new_images_of_another_data_set_are_predicted_and_measured_anew(
    made: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    fi8 = dataset("fi8").read(made / "data" / "fi8")
    table = TABLE.partition("[[rows]]")[0] + (
        '[[rows]]\nname = "elsewhere"\ndata = "fi8"\ntest = "more"\ntested = 32\n'
        'set = { losses = [{ name = "cross_entropy" }] }\npaper = { accuracy = 50 }\n'
    )
    (made / "more.toml").write_text(table, encoding="utf-8")
    words = ("reproduce", made / "more.toml", "--data-root", made / "data", "--output", tmp_path)
    found = []
    for rows, draws in ((32, 20), (64, 20), (64, 10)):
        write_table(fi8.select(list(range(rows))), made / "data" / "more.csv")
        ended = run(*words, "--bootstrap", draws, "--format", "csv")
        assert ended.status == 0, ended.stderr
        found.append(lines(ended.stdout)[0])
    assert [row["images"] for row in found] == ["32", "64", "64"]
    assert found[1]["ours_low"] != found[2]["ours_low"] or found[1]["ours_high"] != found[2]["ours_high"]
    assert "elsewhere: 64 images tested, 32 in the paper" in run(*words, "--bootstrap", 10).stdout


def test_a_cross_sentiment_needs_no_labels_that_can_be_compared(
    made: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    frame = dataset("fi8").read(made / "data" / "fi8").frame.head(16).assign(label="trust")
    table = Table(frame, taxonomy=taxonomy("wikiart20"), root=made / "data" / "fi8", name="works")
    write_table(table, made / "data" / "works.csv")
    (made / "works.toml").write_text(
        'title = "T"\nsource = "N"\nplace = "p"\nrecipe = "tiny.toml"\ndata = "fi8"\n'
        'set = { "model.weights" = "none", losses = [{ name = "cross_entropy" }] }\n'
        'columns = { eligible = { unit = "count" } }\n[[rows]]\nname = "a"\ntest = "works"\n',
        encoding="utf-8",
    )
    words = ("reproduce", made / "works.toml", "--data-root", made / "data", "--output", tmp_path)
    nothing = run(*words, "--report-only")
    assert nothing.status == 1  # a row that could be there is not
    assert "a: not trained" in nothing.stdout
    ended = run(*words, "--format", "csv")
    assert ended.status == 0, ended.stdout + ended.stderr
    assert lines(ended.stdout)[0]["ours"] == "16"


def test_without_its_data_a_table_says_how_to_obtain_them(
    made: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    ended = run("reproduce", "5.8", "--data-root", made / "data", "--output", tmp_path)
    assert ended.status == 2
    assert "no row can run" in ended.stderr
    assert "how to obtain caer_s" in ended.stderr


def test_a_setting_that_is_wrong_is_told_before_any_work(
    words: tuple[object, ...], run: Callable[..., Any], tmp_path: Path
) -> None:
    ended = run(*words, "--set", "optimizer.lrr=1")
    assert ended.status == 2
    assert "lrr" in ended.stderr
    assert not (tmp_path / "fi8" / "runs").exists()
    for wrong in (("--format", "xml"), ("--backbone", "resnet999")):
        assert run(*words, *wrong).status == 2


def test_list_names_every_table(made: Path, run: Callable[..., Any]) -> None:
    ended = run("reproduce", "--list", "--data-root", made / "data")
    assert ended.status == 0, ended.stderr
    states = {
        line.split()[0]: " ".join(line.split()[1:3]) for line in ended.stdout.splitlines() if line[:1].strip()
    }
    assert set(available()) <= set(states)
    assert {name for name, state in states.items() if state == "in part"} >= {"3.6", "5.6", "5.10", "5.12"}
    assert states["5.8"] == states["paper-3"] == "data missing"
    assert "2 of 6 rows can run; fi8: 64 of 23,308 images" in ended.stdout
