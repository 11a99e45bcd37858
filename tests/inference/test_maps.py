"""Maps by the predictor and its answers: of the whole picture, the same by every way, never in the way."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.data.image import decode
from evocative.data.transforms import evaluation_transform, normalize
from evocative.errors import ModelError
from evocative.explain.cam import cam
from evocative.explain.emotion_map import EmotionMap
from evocative.explain.placement import over_picture
from evocative.inference.predictor import Predictor
from evocative.models.create import EmotionModel
from evocative.preprocessing import Preprocessing


def test_an_answer_shows_where_its_emotion_rests(model: EmotionModel, pictures: list[Path]) -> None:
    predictor = Predictor(model, device="cpu", precision="fp32", workers=1)
    answer = predictor.predict(pictures[0])
    found = answer.map()
    assert (found.label, found.method) == (answer.emotion, "grad-cam")
    inputs = normalize(
        evaluation_transform(model.preprocessing)(decode(pictures[0]))[None], model.preprocessing
    )
    expected = cam(model, targets=[str(answer.emotion)])(inputs)[0, 0].numpy()
    np.testing.assert_allclose(found.values, expected, rtol=1e-2, atol=1e-5)  # batch norms are folded there
    every = {one.label: one for one in predictor.maps(pictures[0])}
    np.testing.assert_allclose(every["awe"].values, answer.map("awe").values, rtol=1e-5, atol=1e-7)
    assert answer.map("-valence").label == "-valence"


def test_streamed_answers_have_maps_as_long_as_the_file_is_there(
    model: EmotionModel, pictures: list[Path]
) -> None:
    predictor = Predictor(model, device="cpu", precision="fp32", workers=1)
    streamed = next(predictor.stream([pictures[1]]))
    np.testing.assert_allclose(
        streamed.map("fear").values, predictor.predict(pictures[1]).map("fear").values, rtol=1e-5
    )
    with Image.open(pictures[1]) as image:
        nameless = next(predictor.stream([image.convert("RGB")]))
    with pytest.raises(ModelError, match=r"Predictor\.maps"):
        nameless.map()
    stored = pickle.loads(pickle.dumps(streamed))
    assert stored == streamed
    with pytest.raises(ModelError, match="not at hand"):
        stored.map()
    failed = next(predictor.stream(["absent.jpg"]))
    with pytest.raises(ModelError, match="no answer"):
        failed.map()
    with pytest.raises(ModelError, match="joy"):
        streamed.map("joy")


def test_answers_are_the_same_after_maps(model: EmotionModel, pictures: list[Path]) -> None:
    predictor = Predictor(model, device="cpu", precision="fp32", workers=1)
    before = predictor.predict(pictures[2])
    predictor.maps(pictures[3], method="layercam", layer="blocks.1")
    assert predictor.predict(pictures[2]) == before
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
@pytest.mark.parametrize("size", [(90, 50), (50, 90), (64, 64)])
def test_a_map_lies_over_what_the_network_saw(fit: str, size: tuple[int, int]) -> None:
    """A picture whose own brightness is the map: what comes back must lie over it again."""
    preprocessing = Preprocessing(size=32, fit=fit, mean=(0, 0, 0))  # type: ignore[arg-type]
    values = np.zeros((size[1], size[0]), np.uint8)
    values[:, : size[0] // 2] = 200  # left half
    values[size[1] // 2 :] //= 2  # darker below
    picture = Image.fromarray(values).convert("RGB")
    seen = evaluation_transform(preprocessing)(picture)[0].numpy().astype(np.float32)
    back = over_picture(EmotionMap(seen), size, preprocessing).resized(size[1], size[0])
    known = np.ones((size[1], size[0]), bool)
    if fit == "crop":
        side, (width, height) = min(size), size
        known[:] = False
        known[(height - side) // 2 : (height + side) // 2, (width - side) // 2 : (width + side) // 2] = True
    assert np.abs(back - values)[known].mean() < 8  # edges are soft
    assert not back[~known].any() or back[~known].mean() < 10


def test_maps_of_a_square_picture_stay_as_they_are() -> None:
    one = EmotionMap(np.ones((7, 7), np.float32), label="awe")
    assert over_picture(one, (300, 200), Preprocessing()) is one
    padded = over_picture(one, (300, 150), replace(Preprocessing(), fit="pad"))
    assert padded.values.shape == (112, 224)
    assert padded.label == "awe"
