"""Makers of maps: what cannot work is refused at once, what fails on one picture ends nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evocative.datasets.gaze import GazeImage
from evocative.errors import DataError, ModelError
from evocative.evaluate.model_maps import FolderMaps, ModelMaps
from evocative.inference.answer import Answer
from evocative.inference.predictor import Predictor, load


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load(device="cpu", workers=1, batch_size=4)


@pytest.fixture
def image(tmp_path: Path) -> GazeImage:
    pixels = np.random.default_rng(0).integers(256, size=(40, 48, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return GazeImage(tmp_path / "a.png", 40, 48)


def test_an_unknown_method_is_refused_before_the_first_image(predictor: Predictor) -> None:
    with pytest.raises(ModelError, match="unknown method 'grad-kam'; did you mean 'grad-cam'"):
        ModelMaps(predictor, method="grad-kam")
    with pytest.raises(ModelError, match="unknown emotion 'aw'"):
        ModelMaps(predictor, emotion="aw")


def test_a_picture_without_an_answer_has_no_curves(
    predictor: Predictor, image: GazeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = ModelMaps(predictor, emotion="awe")
    absent = GazeImage(image.path.with_name("absent.png"), 40, 48)
    found = maker.curves([absent, image], steps=1, draws=5)
    assert found["deletion by the map"].n == 1
    monkeypatch.setattr(
        predictor, "stream", lambda pictures: [Answer(None, error="no number")] * len(pictures)
    )
    assert maker.curves([image], steps=1, draws=5) == {}


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_broken_array_is_told_of_by_its_name(tmp_path: Path, image: GazeImage, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npy: cannot be read as a map"):
        FolderMaps(tmp_path)(image)


def test_an_archive_that_is_called_an_array_is_told_of_as_well(tmp_path: Path, image: GazeImage) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, values=np.ones((2, 2)))
    with pytest.raises(DataError, match=r"a\.npy: cannot be read as a map"):
        FolderMaps(tmp_path)(image)
