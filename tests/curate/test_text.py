"""Text in images: the rules around a detector, and a detector that was trained."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from evocative.curate.findings import cleaned
from evocative.curate.looks import Look
from evocative.curate.text import ClassifierDetector, find_text, text_table
from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError, ModelError
from evocative.inference.predictor import Predictor
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import Taxonomy

SCORES = {"a.png": 0.9, "b.png": 0.3, "c.png": 0.1}


class Named:
    """Says of an image what its name says, and counts."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.about = {"detector": "named"}
        self.seen: list[str] = []
        self.stop_at = stop_at

    def look(self, paths: Sequence[Path]) -> Iterator[Look]:
        for path in paths:
            if path.name == self.stop_at:
                raise KeyboardInterrupt
            if path.exists():
                self.seen.append(path.name)
                yield Look(SCORES[path.name], f"saw {path.name}")
            else:
                yield Look(None, "no such file")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Three images, and one that is missing."""
    for number, name in enumerate(SCORES):
        Image.new("RGB", (40, 40), (number, 0, 0)).save(tmp_path / name)
    return Table(pd.DataFrame({"path": [*SCORES, "gone.png"]}), root=tmp_path, name="try")


def test_scores_become_actions(table: Table) -> None:
    found = find_text(table, detector=Named())
    assert found.frame[["path", "action"]].to_numpy().tolist() == [["a.png", "drop"], ["b.png", "review"]]
    assert found.frame["evidence"].tolist() == ["saw a.png", "saw b.png"]
    assert found.settings == {"drop": 0.5, "area": 0.1, "review": 0.25, "detector": {"detector": "named"}}
    assert cleaned(table, found).frame["path"].tolist() == ["b.png", "c.png", "gone.png"]


def test_thresholds_are_included(table: Table) -> None:
    found = find_text(table, detector=Named(), drop=0.3, review=0.1)
    assert found.frame["action"].tolist() == ["drop", "drop", "review"]
    with pytest.raises(DataError, match="expected 0 ≤ review ≤ drop ≤ 1"):
        find_text(table, detector=Named(), drop=0.2, review=0.3)


def test_only_large_words_suggest_to_drop(table: Table) -> None:
    """A sign in the distance is for a person to judge; where no area is known the score decides."""

    class Placed(Named):
        def look(self, paths: Sequence[Path]) -> Iterator[Look]:
            areas = {"a.png": 0.1, "b.png": 0.099, "c.png": None}
            for path in paths:
                yield Look(0.9, "saw", areas[path.name]) if path.exists() else Look(None)

    assert find_text(table, detector=Placed()).frame["action"].tolist() == ["drop", "review", "drop"]
    all_go = find_text(table, detector=Placed(), area=0.0)
    assert set(all_go.frame["action"]) == {"drop"}
    sure = find_text(table, detector=Placed(), drop=0.95)
    assert set(sure.frame["action"]) == {"review"}
    with pytest.raises(DataError, match="0 ≤ area ≤ 1"):
        find_text(table, detector=Placed(), area=2.0)


def test_the_table_says_something_of_every_row(table: Table, tmp_path: Path) -> None:
    looked = text_table(table, detector=Named())
    write_table(looked, tmp_path / "text.csv")
    frame = read_table(tmp_path / "text.csv", check=False).frame
    assert frame["path"].tolist() == [*SCORES, "gone.png"]
    np.testing.assert_array_equal(frame["text"], [0.9, 0.3, 0.1, np.nan])
    again = find_text(table, looked=looked, detector=Named())
    pd.testing.assert_frame_equal(again.frame, find_text(table, detector=Named()).frame)
    with pytest.raises(DataError, match="other images"):
        find_text(table.select([0, 1]), looked=looked, detector=Named())


def test_a_kill_loses_nothing_that_was_finished(table: Table, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        find_text(table, detector=Named(stop_at="c.png"), store=tmp_path / "store")
    detector = Named()
    found = find_text(table, detector=detector, store=tmp_path / "store")
    assert detector.seen == ["c.png"]
    assert found.frame["path"].tolist() == ["a.png", "b.png"]


def test_equal_files_are_looked_at_once(table: Table) -> None:
    (table.root / "gone.png").write_bytes((table.root / "a.png").read_bytes())
    detector = Named()
    looked = text_table(table, detector=detector)
    assert sorted(detector.seen) == sorted(SCORES)
    assert looked.frame["text"].tolist() == [0.9, 0.3, 0.1, 0.9]


def tiny(*labels: str) -> Predictor:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = create_model(
            ModelConfig(backbone="test_efficientnet", weights=None), Taxonomy.custom("text", labels)
        ).eval()
    return Predictor(model, Preprocessing(size=32), device="cpu", precision="fp32", workers=1)


def test_a_classifiers_score_is_its_probability_of_text(table: Table) -> None:
    predictor = tiny("others", "text")
    looks = list(ClassifierDetector(predictor).look(table.paths))
    expected = [predictor.predict(path).probabilities for path in table.paths[:3]]
    assert [look.score for look in looks[:3]] == pytest.approx(
        [each["text"] for each in expected if each is not None], abs=1e-6
    )
    assert looks[3].score is None
    assert "no such file" in looks[3].evidence
    assert ClassifierDetector(predictor).about != ClassifierDetector(predictor, label="others").about


def test_a_classifier_must_know_what_text_is() -> None:
    with pytest.raises(ModelError, match=r"unknown label 'text'.*recipe text-filter"):
        ClassifierDetector(tiny("cats", "dogs"))
