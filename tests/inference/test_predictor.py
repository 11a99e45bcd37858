"""Predictor: right numbers, whatever the batch; order, bounds and failures of a stream."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageOps

from evocative.data.image import Source, decode
from evocative.data.table import Table
from evocative.data.transforms import evaluation_transform, normalize
from evocative.errors import DataError, ModelError
from evocative.inference import predictor as predictor_module
from evocative.inference.answer import Answer
from evocative.inference.predictor import Predictor, load
from evocative.models import place
from evocative.models.create import EmotionModel, create_model
from evocative.models.place import EMBEDDED
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.labels import taxonomy

SMALL = Preprocessing(size=48)


@pytest.fixture(scope="module")
def predictor(model: EmotionModel) -> Predictor:
    return Predictor(model, SMALL, device="cpu", precision="fp32", batch_size=4, workers=2, name="tiny")


def numbers(answers: list[Answer]) -> np.ndarray:
    rows = []
    for answer in answers:
        assert answer.probabilities is not None
        rows.append([*answer.probabilities.values(), answer.valence, answer.arousal])
    return np.array(rows)


def test_an_answer_is_the_networks_own(
    model: EmotionModel, predictor: Predictor, pictures: list[Path]
) -> None:
    inputs = normalize(evaluation_transform(SMALL)(decode(pictures[0]))[None], SMALL)
    with torch.no_grad():
        output = model(inputs)
    expected = output.logits[0].softmax(0).numpy()
    answer = predictor.predict(pictures[0])
    assert answer.path == str(pictures[0])
    assert answer.probabilities is not None
    np.testing.assert_allclose(list(answer.probabilities.values()), expected, atol=1e-5)
    assert tuple(answer.probabilities) == taxonomy("mikels8").names
    assert answer.emotion == taxonomy("mikels8").names[int(expected.argmax())]
    assert answer.probability == pytest.approx(expected.max(), abs=1e-5)
    assert answer.sentiment == taxonomy("mikels8").sentiment(answer.emotion)
    assert (answer.valence, answer.arousal) == pytest.approx(output.vad[0, :2].tolist(), abs=1e-5)
    assert answer.dominance is None
    assert answer.embedding is not None
    assert answer.embedding.dtype == np.float32
    np.testing.assert_allclose(answer.embedding, output.embedding[0].numpy(), atol=1e-4)


def test_every_kind_of_source_gives_the_same_answer(predictor: Predictor, pictures: list[Path]) -> None:
    path = pictures[1]
    with Image.open(path) as picture:
        sources: list[Source] = [path, str(path), path.read_bytes(), picture, np.asarray(picture)]
        answers = list(predictor.stream(sources))
    assert [answer.path for answer in answers] == [str(path), str(path), None, None, None]
    table = numbers(answers)
    np.testing.assert_allclose(table, np.broadcast_to(table[0], table.shape), atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 5, 32])
def test_neighbours_in_a_batch_change_nothing(
    model: EmotionModel, predictor: Predictor, pictures: list[Path], batch_size: int
) -> None:
    other = Predictor(model, SMALL, device="cpu", precision="fp32", batch_size=batch_size, workers=3)
    order = np.random.default_rng(batch_size).permutation(len(pictures))
    expected = numbers([predictor.predict(path) for path in pictures])
    answers = list(other.stream(pictures[place] for place in order))
    assert [answer.path for answer in answers] == [str(pictures[place]) for place in order]
    np.testing.assert_allclose(numbers(answers), expected[order], atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 0.01, "the pictures must differ for this to mean anything"


def test_failures_stand_in_their_place(predictor: Predictor, pictures: list[Path], tmp_path: Path) -> None:
    empty, missing = tmp_path / "empty.jpg", tmp_path / "missing.jpg"
    empty.touch()
    sources: list[Source] = [pictures[0], empty, missing, tmp_path, *pictures[1:4], b"no image"]
    answers = list(predictor.stream(sources))
    assert [answer.ok for answer in answers] == [True, False, False, False, True, True, True, False]
    assert "empty.jpg" in str(answers[1].error)
    assert answers[1].probabilities is None
    assert answers[1].embedding is None
    np.testing.assert_allclose(numbers([answers[4]]), numbers([predictor.predict(pictures[1])]), atol=1e-5)
    with pytest.raises(DataError, match=r"missing\.jpg"):
        predictor.predict(missing)


def test_a_stream_takes_few_sources_ahead(predictor: Predictor, pictures: list[Path]) -> None:
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield pictures[taken % len(pictures)]

    answers = predictor.stream(endless())
    assert taken == 0
    for given in range(50):
        next(answers)
        assert taken - given <= 2 * predictor.batch_size
    answers.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_a_stream_of_nothing(predictor: Predictor) -> None:
    assert list(predictor.stream([])) == []


def test_what_nobody_foresaw_is_an_error_too(
    predictor: Predictor, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode_or_break(source: Path, *, at_least: int) -> Image.Image:
        if source == pictures[1]:
            raise ZeroDivisionError("a bug in a library")
        return decode(source, at_least=at_least)

    monkeypatch.setattr(predictor_module, "decode", decode_or_break)
    answers = list(predictor.stream(pictures[:3]))
    assert [answer.ok for answer in answers] == [True, False, True]
    assert "ZeroDivisionError" in str(answers[1].error)


def test_outputs_that_are_no_numbers_are_named(model: EmotionModel, pictures: list[Path]) -> None:
    broken = create_model(model.config, model.taxonomy)
    assert broken.emotion_head is not None
    torch.nn.init.constant_(broken.emotion_head.linear.bias, torch.nan)
    predictor = Predictor(broken, SMALL, device="cpu", precision="fp32")
    answers = list(predictor.stream(pictures[:2]))
    assert all(
        "not finite" in str(answer.error) and "probabilities" in str(answer.error) for answer in answers
    )
    assert "valence" not in str(answers[0].error)
    with pytest.raises(ModelError, match="not finite"):
        predictor.predict(pictures[0])


def test_flip_averages_an_image_with_its_mirror_image(model: EmotionModel, pictures: list[Path]) -> None:
    plain = Predictor(model, SMALL, device="cpu", precision="fp32")
    flipping = Predictor(model, SMALL, device="cpu", precision="fp32", flip=True)
    picture = decode(pictures[1]).resize((48, 48))
    both = numbers([plain.predict(picture), plain.predict(ImageOps.mirror(picture))])
    assert np.abs(both[0] - both[1]).max() > 1e-3
    np.testing.assert_allclose(numbers([flipping.predict(picture)])[0], both.mean(axis=0), atol=1e-5)


def test_the_users_model_stays_as_it_is(model: EmotionModel, pictures: list[Path]) -> None:
    copy = create_model(model.config, model.taxonomy)
    copy.train()
    before = {name: tensor.clone() for name, tensor in copy.state_dict().items()}
    Predictor(copy, SMALL, device="cpu", precision="bf16").predict(pictures[0])
    after = copy.state_dict()
    assert copy.training
    assert copy.config == model.config
    assert all(parameter.requires_grad for parameter in copy.parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_bf16_stays_close(model: EmotionModel, predictor: Predictor, pictures: list[Path]) -> None:
    rough = Predictor(model, SMALL, device="cpu", precision="bf16")
    exact = numbers([predictor.predict(path) for path in pictures])
    found = numbers(list(rough.stream(pictures)))
    np.testing.assert_allclose(found, exact, atol=0.05)
    np.testing.assert_allclose(found[:, :8].sum(axis=1), 1, atol=1e-5)


def test_a_model_without_emotions(model: EmotionModel, pictures: list[Path]) -> None:
    config = replace(model.config, emotions=False, dimensions=("arousal",))
    predictor = Predictor(create_model(config), SMALL, device="cpu", precision="fp32")
    answer = predictor.predict(pictures[0])
    assert (answer.emotion, answer.probabilities, answer.sentiment, answer.valence) == (
        None,
        None,
        None,
        None,
    )
    assert answer.arousal is not None
    assert predictor.dimensions == ("arousal",)


def test_a_table_keeps_what_people_said(predictor: Predictor, pictures: list[Path]) -> None:
    frame = pd.DataFrame(
        {
            "path": [path.name for path in pictures] + ["gone.jpg"],
            "label": ["awe", "fear", None] * 4 + ["awe"],
            "valence": [0.5] * 12 + [None],
            "split": ["test"] * 13,
        }
    )
    table = Table(frame, taxonomy=taxonomy("mikels8"), root=pictures[0].parent)
    seen: list[Answer] = []

    def watch(answers: Iterator[Answer]) -> Iterator[Answer]:
        for answer in answers:
            seen.append(answer)
            yield answer

    found = predictor.predict_table(table, watch=watch)
    assert found.paths == list(frame["path"])
    assert found.labels.tolist() == [1, 6, -1] * 4 + [1]
    assert found.ok.tolist() == [True] * 12 + [False]
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities[:12], numbers(seen[:12])[:, :8], atol=1e-6)
    assert np.isnan(found.probabilities[12]).all()
    assert np.isnan(found.targets[12]).all()
    assert found.targets[0, 0] == 0.5
    assert found.embedding is not None
    assert found.embedding.shape == (13, predictor.metadata.embedding_size)


def test_load_takes_a_folder(
    model: EmotionModel, predictor: Predictor, pictures: list[Path], tmp_path: Path
) -> None:
    save_model(model, tmp_path / "tiny", preprocessing=SMALL, provenance={}, measured={}, licence="none")
    loaded = load(tmp_path / "tiny", device="cpu", precision="fp32")
    assert loaded.metadata.model == "tiny"
    assert loaded.metadata.weights == predictor.metadata.weights
    assert loaded.preprocessing == SMALL
    one, other = loaded.predict(pictures[0]), predictor.predict(pictures[0])
    np.testing.assert_allclose(numbers([one]), numbers([other]), atol=1e-6)


@pytest.mark.skipif(not (EMBEDDED / "config.json").is_file(), reason="this checkout has no embedded model")
def test_the_embedded_model_answers_by_default() -> None:
    predictor = load(device="cpu", precision="fp32")
    answer = predictor.predict(np.full((64, 96, 3), 128, np.uint8))
    assert predictor.metadata.model == "embedded"
    assert answer.emotion in taxonomy("mikels8").names
    assert answer.valence is not None
    assert answer.arousal is not None


def test_load_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load(tmp_path / "nothing")
    monkeypatch.setattr(place, "EMBEDDED", tmp_path)
    with pytest.raises(ModelError, match=r"no embedded model.*--model"):
        load()


@pytest.mark.parametrize(("settings", "message"), [
    ({"batch_size": 0}, "at least 1"),
    ({"workers": 0}, "at least 1"),
    ({"device": "quantum"}, "unknown device"),
    ({"device": "cuda:97"}, "is not there"),
    ({"precision": "fp8"}, "unknown precision"),
    ({"precision": "fp16", "device": "cpu"}, "fp16 cannot be had on a CPU"),
])  # fmt: skip
def test_settings_that_cannot_be_had(model: EmotionModel, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Predictor(model, SMALL, **settings)  # type: ignore[arg-type]
