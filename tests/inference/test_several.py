"""One image or several: lists are answered as lists, in their order, and one that fails is one answer."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from evocative.errors import DataError
from evocative.inference.predictor import Predictor
from evocative.inference.several import several
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = create_model(config, taxonomy("ekman6"))
    return Predictor(
        model, Preprocessing(size=32), device="cpu", precision="fp32", batch_size=2, workers=1, name="tiny"
    )


def image(seed: int) -> "Image.Image":
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 36, 3), dtype=np.uint8))


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    found = [tmp_path / f"{seed}.png" for seed in range(3)]
    for seed, path in enumerate(found):
        image(seed).save(path)
    return [str(path) for path in found]


def test_lists_are_answered_in_their_order(predictor: Predictor, paths: list[str]) -> None:
    singly = [predictor.predict(path) for path in paths]
    for several_of_them in (
        paths,
        tuple(paths),
        iter(paths),
        pd.Series(paths, index=[7, 8, 9]),
        np.array(paths),
    ):
        answers = predictor.predict(several_of_them)
        assert isinstance(answers, list)
        assert [answer.path for answer in answers] == paths
        for answer, single in zip(answers, singly, strict=True):
            assert answer.valence == pytest.approx(single.valence, abs=1e-5)
            assert answer.look is not None
    assert predictor(paths) == predictor.predict(paths)
    assert predictor(paths[0]) == singly[0]
    assert predictor.predict([]) == []


def test_one_bad_image_is_one_answer(predictor: Predictor, paths: list[str]) -> None:
    answers = predictor.predict([paths[0], "gone.jpg", image(2), b"no image"])
    assert [answer.ok for answer in answers] == [True, False, True, False]
    assert "no such file" in str(answers[1].error)
    assert answers[2].path is None
    assert answers[2].look is not None


def test_a_batch_of_pixels_is_its_images(predictor: Predictor) -> None:
    batch = np.stack([np.asarray(image(seed)) for seed in range(3)])
    answers = predictor.predict(batch)
    assert len(answers) == 3
    single = predictor.predict(batch[1])
    assert answers[1].probabilities == pytest.approx(single.probabilities, abs=1e-5)


@pytest.mark.parametrize("one", [
    "a.jpg", Path("a.jpg"), b"bytes", bytearray(b"bytes"), memoryview(b"bytes"), BytesIO(b"a\nb"),
    Image.new("RGB", (4, 4)), np.zeros((4, 4)), np.zeros((4, 4, 3)), torch.zeros(3, 4, 4),
    pd.DataFrame({"path": []}), None, 3,
])  # fmt: skip
def test_what_is_one_image(one: Any) -> None:
    assert several(one) is None


def test_what_has_no_order_is_refused(predictor: Predictor, paths: list[str]) -> None:
    unordered: tuple[Any, ...] = (set(paths), frozenset(paths), dict.fromkeys(paths), {}.keys())
    for strange in unordered:
        with pytest.raises(DataError, match="give a list"):
            predictor.predict(strange)


def test_a_folder_is_refused_with_what_to_do(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is a folder, not an image; give the images in it"):
        predictor.predict(tmp_path)


def test_a_generator_is_asked_once(predictor: Predictor, paths: list[str]) -> None:
    def each() -> Iterator[str]:
        yield from paths

    assert len(predictor(each())) == 3


def test_a_line_says_what_it_is(predictor: Predictor) -> None:
    assert repr(predictor) == (
        "Predictor(model='tiny', taxonomy='ekman6', labels=6, dimensions=('valence',), device='cpu', "
        "precision='fp32', flip=False)"
    )
