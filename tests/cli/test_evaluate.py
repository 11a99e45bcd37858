"""`evocative evaluate`: models and predictions, tables and folders, end to end."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.cli.evaluate import report_on
from evocative.data.content import content_digests, short_digests
from evocative.data.table import Table, write_table
from evocative.evaluate import pictures, write
from evocative.evaluate.report import TrainedOn, read_report
from evocative.evaluate.suite import evaluate
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions, read_predictions, write_predictions
from evocative.inference.predictor import Predictor, load
from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.models.training_images import FILE, TrainingImages
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

Run = Callable[..., Any]
LABELS = ("awe", "fear", "sadness")
FILES = ["circumplex", "confusion", "embedding", "centers", "reliability", "roc"]


@pytest.fixture(autouse=True)
def one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw one picture only: the others are tested in their own room."""
    monkeypatch.setattr(write, "PICTURES", {"centers": pictures.centers})


@pytest.fixture
def every_picture(monkeypatch: pytest.MonkeyPatch, one_picture: None) -> None:
    """Draw all of them, with two columns of the embedding as its map: UMAP itself is slow."""
    monkeypatch.setattr(write, "PICTURES", pictures.PICTURES)
    monkeypatch.setattr(pictures, "map_coordinates", lambda embedding, **_: (embedding[:, :2], "as it is"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures in each of three folders that bear emotions' names."""
    generator = np.random.default_rng(0)
    for label in LABELS:
        (tmp_path / "images" / label).mkdir(parents=True)
        for number in range(4):
            blocks = generator.integers(0, 256, (3, 4, 3), dtype=np.uint8)
            picture = Image.fromarray(blocks).resize((40, 36), Image.Resampling.BICUBIC)
            picture.save(tmp_path / "images" / label / f"{number}.png")
    return tmp_path / "images"


@pytest.fixture
def table(folder: Path, tmp_path: Path) -> Path:
    """A table of these pictures beside them, with targets, themes and splits."""
    paths = [f"{label}/{number}.png" for label in LABELS for number in range(4)]
    frame = pd.DataFrame(
        {
            "path": paths,
            "label": [path.partition("/")[0] for path in paths],
            "valence": np.linspace(-0.9, 0.9, 12),
            "split": ["train", "test"] * 6,
            "group": [f"theme {row // 2 % 3} {row % 2}" for row in range(12)],
        }
    )
    write_table(Table(frame, taxonomy("mikels8"), folder, "mine"), tmp_path / "mine.csv")
    return tmp_path / "mine.csv"


@pytest.mark.usefixtures("every_picture")
def test_a_model_on_a_folder(run: Run, tiny_model: str, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "report"
    ended = run("evaluate", tiny_model, "--data", folder, "--output", output, "--bootstrap", 20)
    made = f"{output}: there is no folder {output.parent} yet; it will be made\n"
    assert (ended.status, ended.stderr) == (0, made)
    assert {path.name for path in output.iterdir()} == {
        "predictions.parquet", "report.json", "report.html", *(f"{name}.png" for name in FILES),
    }  # fmt: skip
    report = read_report(output)
    assert (report.counts.rows, report.counts.labelled, report.counts.errors) == (12, 12, 0)
    assert (report.provenance.model, report.provenance.data, report.provenance.split) == (
        "tiny",
        "images",
        None,
    )
    assert report.intervals.resamples == 20
    kept = read_predictions(output / "predictions.parquet")
    assert report.to_dict() | {"pictures": [], "provenance": None} == evaluate(
        kept, bootstrap=20
    ).to_dict() | {"provenance": None}
    assert kept.frame["label"].tolist() == [label for label in LABELS for _ in range(4)]
    predictor = load(tiny_model)
    answer = predictor.predict(folder / "awe" / "0.png")
    assert kept.probabilities is not None
    np.testing.assert_allclose(kept.probabilities[0], list((answer.probabilities or {}).values()), rtol=1e-4)


def test_the_summary_is_whole_in_a_pipe(run: Run, tiny_model: str, folder: Path, tmp_path: Path) -> None:
    ended = run("evaluate", tiny_model, "--data", folder, "-o", tmp_path / "r", "--bootstrap", 20)
    lines = ended.stdout.splitlines()
    assert lines[0].strip() == "tiny on images"
    assert lines[1].strip() == "12 images, 12 with a label"
    accuracy = next(line.split() for line in lines if line.strip().startswith("accuracy"))
    report = read_report(tmp_path / "r")
    assert report.classification is not None
    assert accuracy[1] == f"{report.classification.accuracy.value:.3f}"
    assert accuracy[-1] == "12"
    assert lines[-1] == f"report: {tmp_path / 'r' / 'report.html'}"
    assert "…" not in ended.stdout
    assert "no dimensions: no predicted row has a target" in ended.stdout


def test_a_table_is_measured_on_its_test_rows(run: Run, tiny_model: str, table: Path, tmp_path: Path) -> None:
    assert run("evaluate", tiny_model, "--data", table, "-o", tmp_path / "r", "--bootstrap", 5).status == 0
    report = read_report(tmp_path / "r")
    assert (report.counts.rows, report.provenance.split, report.provenance.data) == (6, "test", "mine")
    assert report.intervals.groups == 3
    assert [one.name for one in report.dimensions] == ["valence"]
    ended = run(
        "evaluate", tiny_model, "--data", table, "-o", tmp_path / "r", "--bootstrap", 0, "--split", "all"
    )
    assert ended.status == 0
    assert read_report(tmp_path / "r").counts.rows == 12
    ended = run("evaluate", tiny_model, "--data", table, "--split", "tset")
    assert ended.status == 2
    assert "did you mean 'test'?" in ended.stderr


def test_predictions_with_and_without_a_table(run: Run, tiny_model: str, table: Path, tmp_path: Path) -> None:
    """The same figures, whether a model predicts, or its file is read, with its own labels or the table's."""
    first, again, bare = tmp_path / "first", tmp_path / "again", tmp_path / "bare.parquet"
    assert run("evaluate", tiny_model, "--data", table, "-o", first, "--bootstrap", 9).status == 0
    kept = read_predictions(first / "predictions.parquet")
    assert run("evaluate", first / "predictions.parquet", "-o", again, "--bootstrap", 9).status == 0
    frame = kept.frame.drop(columns=["label", "split", "group", "target_valence"])
    write_predictions(Predictions(frame, metadata=kept.metadata), bare)
    parts = (
        "counts",
        "classification",
        "clustering",
        "dimensions",
        "cross_sentiment",
        "calibration",
        "intervals",
    )
    expected = read_report(first).to_dict()
    assert read_report(again).provenance.split == "test"
    for settings in ([], ["--data", table]):
        source = bare if settings else first / "predictions.parquet"
        assert run("evaluate", source, *settings, "-o", again, "--bootstrap", 9).status == 0
        found = read_report(again).to_dict()
        assert {part: found[part] for part in parts} == {part: expected[part] for part in parts}


def test_broken_images_are_rows_with_an_error(
    run: Run, tiny_model: str, folder: Path, tmp_path: Path
) -> None:
    (folder / "awe" / "9.png").write_bytes(b"no image")
    ended = run("evaluate", tiny_model, "--data", folder, "-o", tmp_path / "r", "--bootstrap", 0)
    assert ended.status == 1
    assert "1 of 13 images have no answer" in ended.stderr
    report = read_report(tmp_path / "r")
    assert (report.counts.errors, report.counts.labelled) == (1, 12)
    assert report.classification is not None
    assert report.classification.accuracy.n == 12


def test_labels_of_another_taxonomy(run: Run, tiny_model: str, folder: Path, tmp_path: Path) -> None:
    (folder / "awe").rename(folder / "happiness")
    ended = run("evaluate", tiny_model, "--data", folder, "-o", tmp_path / "r", "--bootstrap", 5)
    assert ended.status == 2
    assert "'happiness'" in ended.stderr
    assert "--map" in ended.stderr
    assert not (tmp_path / "r").exists()  # refused before the work
    ended = run("evaluate", tiny_model, "--data", folder, "-o", tmp_path / "r", "--bootstrap", 5, "--map")
    assert ended.status == 0
    report = read_report(tmp_path / "r")
    assert report.provenance.mapping is not None
    assert report.provenance.mapping.startswith("predictions: mikels8 → ")
    assert report.counts.labelled == 12
    kept = read_predictions(tmp_path / "r" / "predictions.parquet")
    assert kept.names == taxonomy("mikels8").names


def test_a_foreign_file_of_dimensions_alone(run: Run, tmp_path: Path) -> None:
    lines = ["path,valence,arousal,target_valence,target_arousal"]
    lines += [f"{row}.jpg,{row / 10},{-row / 10},{row / 11},{row / 12}" for row in range(9)]
    (tmp_path / "foreign.csv").write_text("\n".join(lines))
    ended = run("evaluate", tmp_path / "foreign.csv", "-o", tmp_path / "r", "--bootstrap", 50)
    assert ended.status == 0
    valence, arousal = read_report(tmp_path / "r").dimensions
    assert valence.pearson_r.value == pytest.approx(1)
    assert arousal.pearson_r.value == pytest.approx(-1)
    assert "no classification: the predictions hold no probabilities" in ended.stdout


def test_an_image_that_stands_twice_is_refused(run: Run, tmp_path: Path) -> None:
    lines = ["path,valence,arousal,target_valence,target_arousal"]
    lines += [f"{name},0.1,0.2,0.1,0.3" for name in ("a.jpg", "b.jpg", "./a.jpg")]
    (tmp_path / "foreign.csv").write_text("\n".join(lines))
    ended = run("evaluate", tmp_path / "foreign.csv", "-o", tmp_path / "r")
    assert ended.status == 2
    assert "1 images have more than one prediction" in ended.stderr
    assert "a.jpg" in ended.stderr
    assert not (tmp_path / "r").exists()


def test_targets_are_looked_for_before_the_work(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of valence answered all images of a folder, only to find that none has a target."""
    config = ModelConfig(backbone="test_efficientnet", weights=None, emotions=False, dimensions=("valence",))
    model = create_model(config, None)
    settings: dict[str, Any] = {"provenance": {}, "measured": {}, "licence": "none"}
    save_model(model, tmp_path / "model", preprocessing=Preprocessing(size=32), **settings)
    paths = [path.relative_to(tmp_path).as_posix() for path in sorted(folder.rglob("*.png"))]
    half = {"path": paths, "split": ["train", "test"] * 6, "valence": [0.5, None] * 6, "label": ["awe"] * 12}
    pd.DataFrame(half).to_csv(tmp_path / "half.csv", index=False)
    with monkeypatch.context() as patch:
        patch.setattr(Predictor, "predict_table", lambda *_, **__: pytest.fail("answered"))
        for data in (folder, tmp_path / "half.csv"):
            words = ["--data", data, "-o", tmp_path / "r", "--bootstrap", 0]
            ended = run("evaluate", tmp_path / "model", *words)
            assert ended.status == 2
            assert "rows has a target" in ended.stderr
            assert "The model answers valence; the data have label" in ended.stderr
    assert not (tmp_path / "r").exists()


def test_images_without_labels_are_told_before_the_work(
    run: Run, tiny_model: str, folder: Path, tmp_path: Path
) -> None:
    paths = [path.relative_to(tmp_path).as_posix() for path in sorted(folder.rglob("*.png"))]
    pd.DataFrame({"path": paths}).to_csv(tmp_path / "bare.csv", index=False)
    words = ["--data", tmp_path / "bare.csv", "-o", tmp_path / "r", "--bootstrap", 0]
    ended = run("evaluate", tiny_model, *words)
    assert ended.status == 0
    assert "Only what needs no target is measured" in ended.stderr
    assert read_report(tmp_path / "r").cross_sentiment[0].eligible == 12


def test_learned_class_centers_come_from_the_model(folder: Path, run: Run, tmp_path: Path) -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None, class_centers=True)
    model = create_model(config, taxonomy("mikels8"))
    settings: dict[str, Any] = {"provenance": {}, "measured": {}, "licence": "none"}
    save_model(model, tmp_path / "model", preprocessing=Preprocessing(size=32), **settings)
    arguments = ("--data", folder, "-o", tmp_path / "r", "--bootstrap", 0)
    assert run("evaluate", tmp_path / "model", *arguments).status == 0
    centers = next(one for one in read_report(tmp_path / "r").pictures if one.file == "centers.png")
    assert "learned" in centers.caption
    source = tmp_path / "r" / "predictions.parquet"
    assert (
        run("evaluate", source, "--model", tmp_path / "model", "-o", tmp_path / "s", "--bootstrap", 0).status
        == 0
    )
    assert read_report(tmp_path / "s").pictures == read_report(tmp_path / "r").pictures


def test_what_training_calls(tiny_model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = {
        "path": ["a", "b"],
        "p_positive": [0.9, 0.2],
        "p_negative": [0.1, 0.8],
        "label": ["positive"] * 2,
    }
    rows = Predictions(pd.DataFrame(frame), metadata=Metadata(taxonomy=taxonomy("sentiment2")))
    write_predictions(rows, tmp_path / "p.parquet")
    report = report_on(tmp_path / "p.parquet", tmp_path / "report", bootstrap=3, seed=1, model=tiny_model)
    assert report.classification is not None
    assert report.classification.accuracy.value == 0.5
    assert json.loads((tmp_path / "report" / "report.json").read_text())["provenance"]["seed"] == 1
    assert "accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["MODEL"], "a model needs --data"),
        (["MODEL", "--data", "nowhere"], "there is no such file or folder"),
        (["nowhere", "--data", "TABLE"], "nowhere: there is no such folder"),
        (["nowhere.parquet"], "nowhere.parquet: there is no such file"),
        (["MODEL", "--data", "TABLE", "--images", "elsewhere"], "there is no such file or folder"),
        (["MODEL", "--data", "FOLDER", "--images", "elsewhere"], "there is no such file or folder"),
        (["MODEL", "--data", "TABLE", "--bootstrap", "-1"], "bootstrap"),
        (["TABLE"], "there is no probability of p_amusement"),
    ],
)
def test_what_is_refused(run: Run, tiny_model: str, table: Path, words: list[str], said: str) -> None:
    known = {"MODEL": tiny_model, "TABLE": table, "FOLDER": table.parent / "images"}
    ended = run("evaluate", *(known.get(word, word) for word in words))
    assert ended.status == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def remember(model: str, folder: Path, paths: list[Path]) -> Path:
    """Copy a model, and let it have been trained on some images."""
    shutil.copytree(model, folder)
    record = TrainingImages(short_digests(content_digests(paths)))
    (folder / FILE).write_bytes(record.to_bytes())
    return folder


def test_images_that_the_model_has_learnt_are_told_and_left_out(
    run: Run, tiny_model: str, folder: Path, tmp_path: Path
) -> None:
    learnt = sorted(folder.rglob("*.png"))[:5]
    model = remember(tiny_model, tmp_path / "model-5", learnt)
    common = ("--data", folder, "--bootstrap", 0, "-o", tmp_path / "r")
    ended = run("evaluate", model, *common)
    assert ended.status == 0
    assert "trained on 5 of 12 images: the figures are better than of new pictures; --unseen" in ended.stderr
    assert read_report(tmp_path / "r").trained_on == TrainedOn(5, 12)
    assert "trained on 5 of 12 images" in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    kept = read_predictions(tmp_path / "r" / "predictions.parquet").frame
    assert kept["trained_on"].tolist() == [True] * 5 + [False] * 7

    again = run(
        "evaluate", tmp_path / "r" / "predictions.parquet", "--unseen", "-o", tmp_path / "s", "--bootstrap", 0
    )
    assert "5 images that the model was trained on were left out" in again.stderr
    report = read_report(tmp_path / "s")
    assert report.trained_on == TrainedOn(0, 7, left_out=5)
    assert report.counts.labelled == 7


def test_predictions_without_a_word_about_it_are_asked_of_their_model(
    run: Run, tiny_model: str, folder: Path, table: Path, tmp_path: Path
) -> None:
    model = remember(tiny_model, tmp_path / "model-all", list(folder.rglob("*.png")))
    old = tmp_path / "old.parquet"
    assert run("evaluate", tiny_model, "--data", table, "-o", tmp_path / "r", "--bootstrap", 0).stderr == ""
    assert read_report(tmp_path / "r").trained_on is None
    shutil.copy(tmp_path / "r" / "predictions.parquet", old)
    words = ("evaluate", old, "--data", table, "-o", tmp_path / "s", "--bootstrap", 0, "--split", "test")
    assert run(*words).stderr == ""
    told = run(*words, "--model", model).stderr
    assert "trained on all 6 images: the figures say nothing of new pictures" in told
    ended = run(*words, "--unseen")
    assert ended.status == 2
    assert "is not known" in ended.stderr
    ended = run(*words, "--unseen", "--model", model)
    assert ended.status == 2
    assert "trained on all 6 images" in ended.stderr
