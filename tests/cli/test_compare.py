"""`evocative compare`: printed figures, predictions, and every format."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from evocative.cli import app
from evocative.errors import DataError
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions, write_predictions
from evocative.taxonomy.labels import taxonomy

PAPER = ["81.806±0.177:5", "--against", "81.368±0.174:5"]


def invoke(*words: object) -> str:
    found = CliRunner().invoke(app, ["compare", *map(str, words)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Four files of predictions: two of one model, two of a worse one, of the same 60 images."""
    mikels = taxonomy("mikels8")
    truth = np.random.default_rng(0).integers(8, size=60)
    paths = []
    for number, signal in enumerate((2.0, 2.1, 0.5, 0.4)):
        logits = np.random.default_rng(number + 1).normal(size=(60, 8)) + signal * np.eye(8)[truth]
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        frame = {"path": [f"{row}.jpg" for row in range(60)], "label": [mikels.names[k] for k in truth]}
        columns: dict[str, Any] = {f"p_{name}": shares[:, k] for k, name in enumerate(mikels.names)}
        paths.append(tmp_path / f"{number}.parquet")
        write_predictions(
            Predictions(pd.DataFrame({**frame, **columns}), Metadata(taxonomy=mikels)), paths[-1]
        )
    return paths


def test_a_paper_against_itself() -> None:
    said = invoke(*PAPER)
    assert "+.438" in said
    assert "[+.182, +.694]" in said


def test_against_takes_all_words_up_to_the_next_option(files: list[Path]) -> None:
    said = invoke(*files[:2], "--against", *files[2:], "--bootstrap", 20)
    assert said.startswith(
        "files (0.parquet, 1.parquet) (2 repeats) against files (2.parquet, 3.parquet) (2 repeats)"
    )
    assert "McNemar, repeats 2: of 60 images" in said
    assert said == invoke("--against", *files[2:], "--bootstrap", 20, "--", *files[:2])


def test_two_sides_of_one_recipe_have_two_names(files: list[Path], tmp_path: Path) -> None:
    """`runs/plain-* --against runs/weak-*` said "mine against mine"."""
    for place, (folder, weight) in enumerate((("plain-0", 0), ("plain-1", 0), ("weak-0", 0.5))):
        (tmp_path / folder).mkdir()
        files[place].rename(tmp_path / folder / "predictions.parquet")
        recipe = {"name": "mine", "seed": place, "losses": {"center": {"weight": weight}}}
        (tmp_path / folder / "recipe.json").write_text(json.dumps(recipe))
    plain, weak = [tmp_path / "plain-0", tmp_path / "plain-1"], tmp_path / "weak-0"
    said = invoke(*plain, "--against", weak, "--bootstrap", 20)
    first, second = "mine (losses.center.weight = 0)", "mine (losses.center.weight = 0.5)"
    assert said.startswith(f"{first} (2 repeats) against {second} (1 repeat)")
    assert f"only {first} is right" in said


def test_cross_sentiment_of_merged_labels_is_left_out(files: list[Path], tmp_path: Path) -> None:
    rows = ["path,label", *(f"{row}.jpg,{('happiness', 'fear', 'surprise')[row % 3]}" for row in range(60))]
    (tmp_path / "six.csv").write_text("\n".join(rows))
    words = [files[0], "--against", files[2], "--data", tmp_path / "six.csv", "--map", "--bootstrap", 20]
    mapped = invoke(*words)
    assert "cross-sentiment" not in mapped
    assert "of 40 images" in mapped  # surprise is no answer of the networks'
    assert "cross-sentiment" in invoke(files[0], "--against", files[2], "--bootstrap", 20)


def test_without_against_means_are_told(files: list[Path]) -> None:
    said = invoke(f"good={files[0]}", f"good={files[1]}", f"bad={files[2]}", "--labels")
    assert "good (2 repeats)" in said
    assert "precision of awe" in said


def test_formats_agree(files: list[Path], tmp_path: Path) -> None:
    outputs = [tmp_path / f"x{suffix}" for suffix in (".json", ".csv", ".md", ".txt")]
    options = [word for path in outputs for word in ("-o", path)]
    said = invoke(
        f"a={files[0]}", f"a={files[1]}", "--against", files[2], files[3], "--bootstrap", 20, *options
    )
    assert said == outputs[3].read_text()
    assert outputs[2].read_text().startswith("## a (2 repeats) against files (2 repeats)\n\n|  | a | files |")
    content = json.loads(outputs[0].read_text())
    rows = {row["figure"]: row for row in content["differences"][0]["rows"]}
    lines = {line["figure"]: line for line in csv.DictReader(io.StringIO(outputs[1].read_text()))}
    assert set(rows) == set(lines)
    assert float(lines["accuracy"]["welch_p"]) == rows["accuracy"]["welch"]["p"]
    assert float(lines["accuracy"]["images_low"]) == rows["accuracy"]["images"]["low"]
    assert content["sides"][0]["figures"]["accuracy"]["n"] == 2
    assert "f1[awe]" in lines


def test_refusals(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unknown format"):
        invoke(*PAPER, "--format", "xml")
    with pytest.raises(DataError, match="ends in"):
        invoke(*PAPER, "-o", tmp_path / "x.xls")
    with pytest.raises(DataError, match="no figure in common"):
        invoke(*PAPER[:1], "--against", "accuracy=1±1:3")
    with pytest.raises(DataError, match="--against takes repeats"):
        invoke(files[0], "--against", f"a={files[1]}", f"b={files[2]}")
