"""Whether a model was trained on an image is told by the file's content, and travels with predictions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.content import content_digest, content_digests, short_digests
from evocative.errors import DataError
from evocative.inference.predictions import Predictions, read_predictions, write_predictions
from evocative.inference.trained_on import images_trained_on, marked, trained_on
from evocative.models.place import EMBEDDED
from evocative.models.training_images import FILE, TrainingImages, read_training_images


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Two files, a copy of the first under another name, and one that is not there."""
    for name, content in (("a", b"1"), ("b", b"2"), ("copy", b"1")):
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in ("a", "b", "copy", "absent")]


def test_digests_are_those_of_each_file(images: list[Path]) -> None:
    twice = [*images, images[0]]
    assert content_digests(twice) == [content_digest(path) for path in twice]
    assert content_digests([]) == []
    assert short_digests(content_digests(images)).tolist() == sorted(
        int(str(content_digest(path))[:16], 16) for path in images[:2]
    )


def test_what_is_known_of_each_image(images: list[Path]) -> None:
    record = TrainingImages(short_digests(content_digests(images[:1])))
    digests = content_digests(images)
    assert trained_on(record, digests).tolist() == [True, False, True, pd.NA]
    part = TrainingImages(record.digests, complete=False)
    assert trained_on(part, digests).tolist() == [True, pd.NA, True, pd.NA]
    assert trained_on(None, digests).isna().all()
    assert trained_on(record, []).tolist() == []
    assert trained_on(record, [str(digests[0])[:16]]).tolist() == [True]


def test_a_folder_without_a_record_reads_no_image(
    images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = images[0].parent
    with monkeypatch.context() as patched:
        patched.setattr("evocative.inference.trained_on.content_digests", None)
        assert images_trained_on(folder, images).isna().all()
    (folder / FILE).write_bytes(TrainingImages(short_digests(content_digests(images[1:2]))).to_bytes())
    assert images_trained_on(folder, images).tolist() == [False, True, False, pd.NA]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("known", [[True, False, None], [True, False, True], [False, False, False]])
def test_the_column_comes_back(known: list[bool | None], ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"path": ["a", "b", "c"], "valence": [0.0, 0.1, 0.2]})
    predictions = marked(Predictions(frame), pd.array(known, dtype="boolean"))
    write_predictions(predictions, tmp_path / f"p.{ending}")
    found = read_predictions(tmp_path / f"p.{ending}").frame["trained_on"]
    assert found.dtype == "boolean"
    assert [None if pd.isna(value) else bool(value) for value in found] == known


def test_nothing_is_added_where_nothing_is_known() -> None:
    predictions = Predictions(pd.DataFrame({"path": ["a"], "valence": [0.0]}))
    assert "trained_on" not in marked(predictions, pd.array([None], dtype="boolean")).frame


def test_other_words_in_the_column_are_refused() -> None:
    frame = pd.DataFrame({"path": ["a", "b"], "valence": [0.0, np.nan], "trained_on": ["perhaps", "true"]})
    with pytest.raises(DataError, match="column trained_on: expected True, False or nothing"):
        Predictions(frame)


def test_the_embedded_model_knows_its_images(shared_data: Path) -> None:
    record = read_training_images(EMBEDDED)
    assert record is not None
    assert (len(record), record.complete) == (14_144, True)  # of 14,157, thirteen of which are copies
    known = [
        *sorted((shared_data / "oasis" / "images").iterdir())[:5],
        *sorted((shared_data / "fi8" / "awe").iterdir())[:5],
    ]
    assert trained_on(record, content_digests(known)).tolist() == [True] * 10
    new = sorted((shared_data / "text-positive").iterdir())[:5]
    assert trained_on(record, content_digests(new)).tolist() == [False] * 5
    assert (EMBEDDED / FILE).stat().st_size < 114_000
