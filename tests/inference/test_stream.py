"""Answers written as they come: complete files or none, readable by others."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.inference import stream
from evocative.inference.answer import Answer
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import read_predictions
from evocative.inference.stream import format_of, write_answers
from evocative.taxonomy.labels import taxonomy

SENTIMENT = taxonomy("sentiment2")
METADATA = Metadata(taxonomy=SENTIMENT, model="tiny", embedding_size=2)


def answers(n: int) -> Iterator[Answer]:
    for row in range(n):
        if row % 3 == 2:
            yield Answer(path=f"{row}.jpg", error="is empty")
            continue
        p = row / n
        yield Answer(
            path=f"{row}.jpg",
            emotion=SENTIMENT.names[0],
            probability=1 - p,
            probabilities=dict(zip(SENTIMENT.names, (1 - p, p), strict=True)),
            sentiment="positive",
            arousal=p,
            embedding=np.array([row, -row], np.float32),
        )


def test_json_is_one_object_a_line() -> None:
    file = io.StringIO()
    written = write_answers(answers(7), file, metadata=METADATA, format="json")
    assert (written.rows, written.failed) == (7, 2)
    assert [json.loads(line) for line in file.getvalue().splitlines()] == [a.to_dict() for a in answers(7)]


def test_csv_opens_in_a_spreadsheet_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    assert write_answers(answers(7), path, metadata=METADATA).failed == 2
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows[1]["emotion"] == SENTIMENT.names[0]
    assert float(rows[1]["probability"]) == pytest.approx(6 / 7, abs=1e-5)
    assert rows[2]["emotion"] == ""
    assert rows[2]["error"] == "is empty"
    found = read_predictions(path)
    assert found.metadata.taxonomy == SENTIMENT
    assert found.ok.tolist() == [row % 3 != 2 for row in range(7)]
    assert found.dimensions[4, 1] == pytest.approx(4 / 7, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 3, 8])
def test_parquet_goes_by_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    from pyarrow import parquet

    monkeypatch.setattr(stream, "ROWS_PER_GROUP", 3)
    path = tmp_path / "p.parquet"
    write_answers(answers(n), path, metadata=METADATA)
    assert parquet.ParquetFile(path).num_row_groups == -(-n // 3)
    if n:
        found = read_predictions(path)
        assert found.paths == [f"{row}.jpg" for row in range(n)]
        assert found.metadata.model == "tiny"
        assert found.embedding is not None
        assert found.embedding[0].tolist() == [0, 0]
        assert np.isnan(found.embedding[2:3]).all()


def test_parquet_may_leave_embeddings_out(tmp_path: Path) -> None:
    write_answers(answers(2), tmp_path / "p.parquet", metadata=METADATA, embedding=False)
    assert read_predictions(tmp_path / "p.parquet").embedding is None


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_interrupted_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    path.write_text("old")

    def interrupted() -> Iterator[Answer]:
        yield from answers(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_answers(interrupted(), path, metadata=METADATA)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_names_that_are_no_unicode_are_written_all_the_same(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    write_answers(
        [Answer(path="b\udce4r.jpg", error="b\udce4r.jpg: is empty"), *answers(1)], path, metadata=METADATA
    )
    if ending == "json":
        assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["path"] == "b\udce4r.jpg"
    else:
        assert read_predictions(path).paths == ["b\\udce4r.jpg", "0.jpg"]


def test_formats_are_known_by_the_ending() -> None:
    assert format_of(Path("a.JSONL")) == "json"
    assert format_of(Path("a.parquet")) == "parquet"
    with pytest.raises(DataError, match=r"ends in one of \.json.*format"):
        format_of(Path("a.xlsx"))


def test_targets_that_do_not_suit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Parquet goes to a file"):
        write_answers(answers(1), io.StringIO(), metadata=METADATA, format="parquet")
    with pytest.raises(DataError, match="name a format"):
        write_answers(answers(1), io.StringIO(), metadata=METADATA)
    with pytest.raises(DataError, match="unknown format 'xml'"):
        write_answers(answers(1), tmp_path / "a", metadata=METADATA, format="xml")
