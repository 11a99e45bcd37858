"""Pictures beside report.json: drawn where there is something to draw, and told where not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.errors import DataError
from evocative.evaluate import pictures, write
from evocative.evaluate.centers import Centers, mean_centers
from evocative.evaluate.report import read_report
from evocative.evaluate.rows import Rows
from evocative.evaluate.suite import evaluate
from evocative.evaluate.write import write_report
from evocative.taxonomy.labels import Taxonomy, taxonomy

EVERYTHING = ["confusion", "roc", "embedding", "centers", "dimensions", "circumplex", "reliability"]


@pytest.fixture
def quick_map(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Take two columns for the map, UMAP being slow and tested elsewhere; hold each call's settings."""
    calls: list[dict[str, Any]] = []

    def coordinates(embedding: Any, **settings: Any) -> Any:
        calls.append({"rows": len(embedding), **settings})
        return embedding[:, :2], "UMAP, so to speak"

    monkeypatch.setattr(pictures, "map_coordinates", coordinates)
    return calls


def written(predictions: Any, folder: Path, **settings: Any) -> Any:
    return write_report(evaluate(predictions, bootstrap=3), predictions, folder, **settings)


def test_everything(make: Any, tmp_path: Path, quick_map: list[dict[str, Any]]) -> None:
    report = written(make(60), tmp_path / "new" / "report")
    assert [picture.file for picture in report.pictures] == [f"{name}.png" for name in EVERYTHING]
    for picture in report.pictures:
        with Image.open(tmp_path / "new" / "report" / picture.file) as image:
            assert image.width > 300
        assert picture.title
        assert picture.caption.endswith(".")
    assert report.absent == {}
    assert quick_map == [{"rows": 60, "seed": 0, "n_neighbors": 15}]
    assert read_report(tmp_path / "new" / "report").to_dict() == report.to_dict()
    assert "true label" in next(each.caption for each in report.pictures if each.file == "embedding.png")


@pytest.mark.usefixtures("quick_map")
def test_an_older_report_is_replaced(make: Any, tmp_path: Path) -> None:
    (tmp_path / "confusion.png").touch()
    report = written(make(30, labels=None), tmp_path)
    assert {each.file for each in report.pictures} == {"dimensions.png", "circumplex.png"}
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "dimensions.png", "circumplex.png"}


@pytest.mark.usefixtures("quick_map")
def test_without_labels_the_map_shows_predictions(make: Any, tmp_path: Path) -> None:
    report = written(make(30, label=None, valence=None), tmp_path)
    captions = {each.file: each.caption for each in report.pictures}
    assert set(captions) == {"embedding.png"} | {"dimensions.png"}
    assert "predicted label" in captions["embedding.png"]
    assert "2 labels" in report.absent["centers.png"]


@pytest.mark.usefixtures("quick_map")
def test_learned_centers_are_shown_if_there_are_any(make: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(write, "PICTURES", {"centers": pictures.centers})
    names = taxonomy("mikels8").names
    learned = Centers(names, np.eye(8, 12), "learned")
    captions = {each.file: each.caption for each in written(make(30), tmp_path, centers=learned).pictures}
    assert "learned" in captions["centers.png"]
    captions = {each.file: each.caption for each in written(make(30), tmp_path).pictures}
    assert "means" in captions["centers.png"]


def test_mean_centers_are_of_the_labels_that_occur(make: Any) -> None:
    predictions = make(30, label=["awe", "fear", None] * 10)
    found = mean_centers(Rows.of(predictions))
    assert isinstance(found, Centers)
    assert found.names == ("awe", "fear")
    np.testing.assert_allclose(found.vectors[0], predictions.embedding[::3].mean(axis=0), rtol=1e-5)


def test_too_many_labels_and_too_few_rows(make: Any, tmp_path: Path, monkeypatch: Any) -> None:
    pairs = {name: pictures.PICTURES[name] for name in ("confusion", "roc")}
    monkeypatch.setattr(write, "PICTURES", pairs)
    many = Taxonomy.custom("many", [f"label {k}" for k in range(61)])
    report = written(make(70, labels=many), tmp_path)
    assert {"confusion.png", "roc.png"} <= set(report.absent)
    assert "too many" in report.absent["roc.png"]
    monkeypatch.setattr(write, "PICTURES", {"embedding": pictures.embedding})
    few = written(make(9), tmp_path)
    assert "10 rows, found 9" in few.absent["embedding.png"]


def test_a_large_set_is_sampled(make: Any, tmp_path: Path, quick_map: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(pictures, "MOST_POINTS", 20)
    report = written(make(30), tmp_path)
    assert quick_map[0]["rows"] == 20
    assert "20 of 30 rows" in next(each.caption for each in report.pictures if each.file == "embedding.png")


def test_a_place_that_cannot_be_written(make: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="choose another folder"):
        written(make(9), tmp_path / "file" / "report")
