"""`evocative curate labels`: findings in a file, and a word about models that know the labels."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.curate.findings import Finding, collect, read_findings, write_findings
from evocative.data.content import content_digests, short_digests
from evocative.data.table import Table, write_table
from evocative.models.training_images import FILE, TrainingImages
from evocative.taxonomy.labels import taxonomy

Run = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Twelve dark images of sadness and twelve bright ones of awe, one of each labelled as the other."""
    random = np.random.default_rng(0)
    labels = ["sadness", "awe"] * 12
    for number in range(24):
        pixels = random.integers(0, 60, (32, 32, 3), dtype=np.uint8) + np.uint8(190 * (number % 2))
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    labels[0], labels[1] = labels[1], labels[0]
    frame = pd.DataFrame({"path": [f"{number}.png" for number in range(24)], "label": labels})
    write_table(Table(frame, taxonomy=taxonomy("mikels8"), root=tmp_path, name="fi8"), tmp_path / "fi8.csv")
    return tmp_path / "fi8.csv"


def test_labels_are_checked_with_a_models_features(run: Run, table: Path, tiny_model: str) -> None:
    output, cleaned = table.parent / "found.csv", table.parent / "cleaned.csv"
    ended = run(
        "curate", "labels", table, "-o", output, "--model", tiny_model, "--folds", 3, "--cache",
        table.parent / "store", "--action", "drop", "--cleaned", cleaned, "--precision", "fp32",
    )  # fmt: skip
    assert ended.status == 0, ended.stderr
    found = read_findings(output)
    assert {"0.png", "1.png"} <= set(found.frame["path"])
    assert found.frame.set_index("path").loc["0.png", "likely"] == "sadness"
    assert "24 labels checked, 0 rows left out" in ended.stdout
    assert "warning" not in ended.stderr
    assert len(pd.read_csv(cleaned, comment="#")) == 24 - len(found)


def test_images_that_a_model_has_learnt_are_counted_whatever_the_table_is_called(
    run: Run, table: Path, tiny_model: str
) -> None:
    model, output = table.parent / "learnt", table.parent / "found.csv"
    shutil.copytree(tiny_model, model)
    paths = [table.parent / f"{number}.png" for number in range(7)]
    (model / FILE).write_bytes(TrainingImages(short_digests(content_digests(paths))).to_bytes())
    ended = run("curate", "labels", table, "-o", output, "--model", model, "--folds", 3)
    assert ended.status == 0, ended.stderr
    assert "model was trained on 7 of 24 labelled images (the same files" in ended.stderr
    assert read_findings(output).settings["trained_on"] == 7


def test_predictions_that_a_model_made_of_images_it_has_learnt_are_left_out(run: Run, table: Path) -> None:
    rows = pd.DataFrame({"path": [f"{number}.png" for number in range(24)], "p_awe": 0.9, "p_sadness": 0.1})
    rows["trained_on"] = [number < 20 for number in range(24)]
    rows.to_csv(table.parent / "p.csv", index=False)
    words = (
        "curate",
        "labels",
        table,
        "-o",
        table.parent / "found.csv",
        "--predictions",
        table.parent / "p.csv",
    )
    ended = run(*words)
    assert ended.status == 0, ended.stderr
    assert "4 labels checked, 20 rows left out" in ended.stdout
    rows.assign(trained_on=True).to_csv(table.parent / "p.csv", index=False)
    ended = run(*words)
    assert ended.status == 2
    assert "the model was trained on 24 of them" in ended.stderr


def test_a_model_that_knows_the_labels_is_pointed_out(run: Run, table: Path) -> None:
    ended = run("curate", "labels", table, "-o", table.parent / "found.csv", "--folds", 2)
    assert ended.status == 0, ended.stderr
    assert "the embedded model was trained on fi8" in ended.stderr


def test_predictions_of_a_cross_validation_need_no_images(run: Run, table: Path) -> None:
    names = taxonomy("mikels8").names
    rows = pd.DataFrame({"path": [f"{number}.png" for number in range(24)]})
    for name in names:
        rows[f"p_{name}"] = 0.02
    rows.loc[0::2, "p_sadness"] = rows.loc[1::2, "p_awe"] = 0.86
    rows.to_csv(table.parent / "p.csv", index=False)
    for image in table.parent.glob("*.png"):
        image.unlink()
    output = table.parent / "found.parquet"
    ended = run("curate", "labels", table, "-o", output, "--predictions", table.parent / "p.csv")
    assert ended.status == 0, ended.stderr
    assert set(read_findings(output).frame["path"]) == {"0.png", "1.png"}


def test_a_backbone_needs_weights(run: Run, table: Path) -> None:
    ended = run("curate", "labels", table, "-o", table.parent / "x.csv", "--backbone", "test_efficientnet")
    assert ended.status == 2
    assert "--weights" in ended.stderr


def test_copies_stay_together_in_the_folds(run: Run, table: Path, tiny_model: str) -> None:
    """Of a pair of copies one label was flipped; apart, the other would be learnt from."""
    folder = table.parent
    rows = pd.read_csv(table, comment="#")
    copies = collect(
        [Finding(f"{n}.png", "near_duplicate", 0.9, "planted", cluster=f"c{n % 3}") for n in range(24)],
        table=Table(rows, name="fi8"), kind="duplicates", settings={"radius": 11},
    )  # fmt: skip
    write_findings(copies, folder / "d.csv")
    words = ["curate", "labels", table, "-o", folder / "f.csv", "--model", tiny_model, "--precision", "fp32"]
    ended = run(*words, "--folds", 3, "-f", folder / "d.csv")
    assert ended.status == 0, ended.stderr
    assert read_findings(folder / "f.csv").settings["copies_together"] == {"radius": 11}
    ended = run(*words, "--folds", 4, "-f", folder / "d.csv")  # three clusters fill three folds only
    assert ended.status == 2
    assert "4" in ended.stderr
    (folder / "p.csv").touch()
    ended = run(*words, "-f", folder / "d.csv", "--predictions", folder / "p.csv")
    assert ended.status == 2
    assert "Give one of --findings and --predictions" in ended.stderr
