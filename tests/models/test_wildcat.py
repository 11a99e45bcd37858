"""WILDCAT's pooling against a sort, and its scores as logits."""

import pytest
import torch

from evocative.errors import ModelError
from evocative.models.create import create_model
from evocative.models.wildcat import WildcatNeck
from evocative.recipe.map_networks import WildcatConfig
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.mark.parametrize(("top", "bottom", "highest", "lowest"), [(0.25, 0.5, 3, 6), (0.01, 0.0, 1, 0)])
@torch.no_grad()
def test_the_score_is_of_the_highest_and_lowest_places(
    top: float, bottom: float, highest: int, lowest: int
) -> None:
    torch.manual_seed(0)
    config = WildcatConfig(maps_per_label=2, top=top, bottom=bottom, alpha=0.7)
    neck = WildcatNeck(config, channels=5, labels=3)
    features = torch.randn(2, 5, 3, 4)
    found = neck.scores([features])
    raw = neck.detectors.conv(features)
    for image in range(2):
        for label in range(3):
            places = sorted(((raw[image, 2 * label] + raw[image, 2 * label + 1]) / 2).flatten().tolist())
            expected = sum(places[-highest:]) / highest
            expected += 0.7 * sum(places[:lowest]) / lowest if lowest else 0.0
            assert found[image, label].item() == pytest.approx(expected, abs=1e-6)


@torch.no_grad()
def test_scores_are_the_logits_and_the_map_is_one_a_label() -> None:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_resnet", weights=None, neck="wildcat", dimensions=("valence",))
    model, images = create_model(config, taxonomy("mikels8")).eval(), torch.randn(2, 3, 64, 64)
    output = model(images)
    assert model.emotion_head is None
    assert torch.equal(output.logits, output.scores)
    assert output.logits.shape == (2, 8)
    assert output.vad.shape == (2, 3)
    assert output.embedding.shape == (2, model.num_features)
    found = model.emotion_map(images)
    assert found.shape == (2, 8, 2, 2)
    assert found.min() >= 0


def test_dropout_is_on_the_features_that_the_maps_read() -> None:
    neck = WildcatNeck(WildcatConfig(), channels=5, labels=3, dropout=0.5)
    features = torch.randn(2, 5, 3, 4)
    assert not torch.equal(neck.scores([features]), neck.scores([features]))
    neck.eval()
    assert torch.equal(neck.scores([features]), neck.scores([features]))


@pytest.mark.parametrize(
    "config", [WildcatConfig(top=0.0), WildcatConfig(top=1.5), WildcatConfig(bottom=-0.1)]
)
def test_shares_of_places_are_shares(config: WildcatConfig) -> None:
    with pytest.raises(ModelError, match="expected 0 < top ≤ 1 and 0 ≤ bottom ≤ 1"):
        WildcatNeck(config, channels=5, labels=3)
