"""`evocative evaluate-dimensions` and `compare-representations`, from files to files."""

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

EKMAN = taxonomy("ekman6")


def invoke(*words: object) -> str:
    found = CliRunner().invoke(app, [*map(str, words)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folds of a model, a table of ratings, and one of edges."""
    rng = np.random.default_rng(0)
    paths = [f"{row}.jpg" for row in range(60)]
    truth = rng.uniform(-1, 1, (60, 2))
    shares = rng.dirichlet(np.ones(6), size=60)
    frame = pd.DataFrame({"path": paths, **{f"p_{name}": shares[:, k] for k, name in enumerate(EKMAN.names)}})
    for a, axis in enumerate(("valence", "arousal")):
        frame[axis] = np.clip(0.5 * truth[:, a] + 0.2 * rng.normal(size=60), -1, 1)
    whole = Predictions(frame, metadata=Metadata(taxonomy=EKMAN))
    for fold in range(2):
        write_predictions(whole.select(range(30 * fold, 30 * fold + 30)), tmp_path / f"{fold}.parquet")
    table = pd.DataFrame({"path": paths, "valence": truth[:, 0], "arousal": truth[:, 1]})
    extra: dict[str, Any] = {
        "valence_sd": 0.3,
        "valence_n": 20,
        "kind": ["sea", "land"] * 30,
        "group": np.arange(60) // 3,
    }
    table.assign(**extra).to_csv(tmp_path / "table.csv", index=False)
    pd.DataFrame({"path": paths, "edges": rng.random(60)}).to_csv(tmp_path / "style.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_dimensions_in_depth(place: Path) -> None:
    told = invoke(
        "evaluate-dimensions", "m=0.parquet", "m=1.parquet", "--data", "table.csv", "--by", "kind",
        "--columns", "style.csv", "--against", "edges", "--residual-sd", "--bootstrap", 10, "-o", "out",
    )  # fmt: skip
    assert "ceiling: reliability" in told
    assert "| edges | 60 |" in told
    valence, arousal = json.loads((place / "out" / "dimensions.json").read_text())
    assert set(valence["categories"]) == {"sea", "land"}
    assert valence["ceiling"]["r"]["value"] > 0.9
    assert not arousal["ceiling"]
    assert (place / "out" / "pit.png").is_file()


def test_representations(place: Path) -> None:
    told = invoke(
        "compare-representations", "m=0.parquet", "m=1.parquet", "--words", "russell1977",
        "--data", "table.csv", "--bootstrap", 5, "-o", "out.json",
    )  # fmt: skip
    assert "| m | joint |" in told
    found = json.loads((place / "out.json").read_text())
    assert found["n"] == 60
    assert [one["representation"] for one in found["scored"]] == ["label", "distribution", "VA", "joint"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evaluate-dimensions", "a=0.parquet", "b=1.parquet", "--data", "table.csv"), "of one model"),
        (("evaluate-dimensions", "accuracy=81.4±0.2%:5"), "no images"),
        (("compare-representations", "0.parquet", "--words", "mikels", "--data", "table.csv"), "russell1977"),
        (("compare-representations", "0.parquet", "--words", "russell1977", "-o", "a.csv"), "as .json"),
    ],
    ids=["two models", "printed", "no such words", "no such file"],
)
def test_mistakes_are_told(place: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message.replace(".", r"\.")):
        CliRunner().invoke(app, list(words), catch_exceptions=False)
