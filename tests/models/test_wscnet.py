"""WSCNet's two branches re-derived from its text."""

from typing import Literal

import pytest
import torch

from evocative.errors import ModelError
from evocative.losses.objective import Objective
from evocative.models.create import create_model
from evocative.models.wscnet import WscnetNeck
from evocative.recipe.map_networks import WscnetConfig
from evocative.recipe.settings import LossConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.mark.parametrize("pool", ["average", "max"])
@torch.no_grad()
def test_maps_scores_and_embedding_by_hand(pool: Literal["average", "max"]) -> None:
    torch.manual_seed(0)
    neck = WscnetNeck(WscnetConfig(maps_per_label=2, pool=pool), channels=5, labels=3)
    features = torch.randn(2, 5, 3, 4)
    raw = neck.detectors.conv(features)
    for image in range(2):
        coupled = torch.zeros(3, 4)
        for label in range(3):
            each = (raw[image, 2 * label] + raw[image, 2 * label + 1]) / 2
            score = each.mean() if pool == "average" else each.max()
            assert neck.scores([features])[image, label].item() == pytest.approx(score.item(), abs=1e-6)
            coupled += score * each / 3
        torch.testing.assert_close(neck.emotion_map([features])[image, 0], coupled)
        expected = torch.cat([features[image].mean((1, 2)), (coupled * features[image]).mean((1, 2))])
        torch.testing.assert_close(neck(torch.zeros(2, 5), [features])[image], expected)


def test_both_branches_are_trained_on_logits() -> None:
    """Cross-entropy has its softmax inside: a second one before it, as some have it, is not the same."""
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_resnet", weights=None, neck="wscnet")
    model = create_model(config, taxonomy("mikels8")).eval()
    labels = torch.tensor([0, 3])
    output = model(torch.randn(2, 3, 32, 32))
    objective = Objective([LossConfig(weight=0.5), LossConfig(name="detection", weight=0.5)])
    losses = objective(
        output.embedding, logits=output.logits, vad=None, class_centers=None, labels=labels,
        target_vad=torch.full((2, 3), torch.nan), scores=output.scores,
    )  # fmt: skip
    scores = output.scores
    by_hand = [
        (torch.logsumexp(each, 1) - each[torch.arange(2), labels]).mean() for each in (output.logits, scores)
    ]
    torch.testing.assert_close(losses.total, sum(by_hand) / 2)
    assert set(losses.terms) == {"cross_entropy", "detection"}
    torch.autograd.backward(losses.total)
    assert isinstance(model.neck, WscnetNeck)
    assert model.neck.detectors.conv.weight.grad is not None
    assert model.neck.detectors.conv.weight.grad.any()


def test_a_step_makes_the_maps_of_labels_once() -> None:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_resnet", weights=None, neck="wscnet")
    model = create_model(config, taxonomy("mikels8")).eval()
    neck, images = model.neck, torch.randn(2, 3, 32, 32)
    assert isinstance(neck, WscnetNeck)
    calls: list[int] = []
    neck.detectors.register_forward_hook(lambda *_: calls.append(1))
    output = model(images)
    assert len(calls) == 1
    pooled, maps = model.backbone(images)
    for said in (output, model.describe(pooled, maps)):
        torch.testing.assert_close(said.scores, neck.scores(maps))
        torch.testing.assert_close(said.embedding, neck(pooled, maps))


def test_it_needs_labels() -> None:
    config = ModelConfig(
        backbone="test_resnet", weights=None, neck="wscnet", emotions=False, dimensions=("valence",)
    )
    with pytest.raises(ModelError, match=r"need an emotion head .*found 0 labels and 4"):
        create_model(config)
