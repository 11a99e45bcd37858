"""A judge says of a tensor what the predictor says of the file; its gradients are its answers' slopes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.explore.judge import Judge, load_judge, quantized
from evocative.inference.predictor import load
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def embedded() -> Judge:
    return load_judge(precision="fp32", batch_size=3)


@pytest.fixture
def small() -> Judge:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",))
    model = create_model(config, taxonomy("mikels8")).eval()
    return Judge(model, Preprocessing(size=32), precision="fp32")


def pictures(count: int, size: int) -> torch.Tensor:
    coarse = torch.rand(count, 3, 7, 7, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.interpolate(coarse, (size, size), mode="bilinear")


def test_says_what_the_predictor_says_of_the_saved_file(embedded: Judge, tmp_path: Path) -> None:
    made = quantized(pictures(4, embedded.size))
    found = embedded.score(made)
    assert found.probabilities is not None
    assert found.vad is not None
    predictor = load(precision="fp32")
    for row, picture in enumerate(made):
        path = tmp_path / f"{row}.png"
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(path)
        answer = predictor.predict(path)
        assert answer.probabilities is not None
        np.testing.assert_allclose(list(answer.probabilities.values()), found.probabilities[row], atol=1e-5)
        assert answer.valence == pytest.approx(float(found.vad[row, 0]), abs=1e-5)


def test_resizes_other_sizes_nearly_as_pillow_does(embedded: Judge, tmp_path: Path) -> None:
    made = quantized(pictures(2, 300))
    found = embedded.score(made).probabilities
    assert found is not None
    for row, picture in enumerate(made):
        path = tmp_path / f"{row}.png"
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(path)
        answer = load(precision="fp32").predict(path)
        assert answer.probabilities is not None
        np.testing.assert_allclose(list(answer.probabilities.values()), found[row], atol=0.02)


def test_answers_are_scores_of_whole_grey_levels(small: Judge) -> None:
    made = quantized(pictures(5, 32))
    scores, answers = small.score(made), small.answer(made / 255)
    assert scores.probabilities is not None
    assert answers.logits is not None
    np.testing.assert_allclose(scores.probabilities, answers.logits.softmax(1).detach().numpy(), atol=1e-5)


def test_gradients_are_the_slopes_of_the_answer(small: Judge) -> None:
    at = pictures(1, 32).requires_grad_()
    logits = small.answer(at).logits
    assert logits is not None
    (gradient,) = torch.autograd.grad(logits[0, 2], at)
    direction = gradient / gradient.norm()

    def ahead(step: float) -> float:
        found = small.answer(at.detach() + step * direction).logits
        assert found is not None
        return float(found[0, 2])

    slope = (ahead(1e-2) - ahead(-1e-2)) / 2e-2
    assert slope == pytest.approx(float(gradient.norm()), rel=0.05)


def test_batches_do_not_matter(small: Judge) -> None:
    made = quantized(pictures(7, 32))
    whole = small.score(made)
    small.batch_size = 2
    parts = small.score(made)
    np.testing.assert_allclose(whole.embedding, parts.embedding, atol=1e-5)
    assert whole.vad is not None
    assert parts.vad is not None
    np.testing.assert_allclose(whole.vad, parts.vad, atol=1e-6)


def test_quantizing_cuts_off_and_rounds() -> None:
    values = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0]).view(1, 1, 1, 5).expand(1, 3, 1, 5)
    assert quantized(values)[0, 0, 0].tolist() == [0, 0, 128, 255, 255]
