"""ISLAMNet's emotion map and what is made with it."""

import pytest
import torch

from evocative.errors import ModelError
from evocative.models.create import EmotionModel, create_model
from evocative.models.islamnet import IslamnetNeck
from evocative.recipe.map_networks import IslamnetConfig
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


def make(**changes: object) -> EmotionModel:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_resnet", weights=None, neck="islamnet", **changes)  # type: ignore[arg-type]
    return create_model(config, taxonomy("mikels8"))


@torch.no_grad()
def test_the_embedding_is_the_average_of_f1_and_of_its_product_with_the_map() -> None:
    torch.manual_seed(1)
    neck = IslamnetNeck(IslamnetConfig(reduction=2), channels=8)
    f1 = torch.randn(3, 8, 4, 5)
    convolved = torch.einsum("oc,bchw->bohw", neck.conv.weight[:, :, 0, 0], f1)
    assert neck.conv.bias is not None
    f2 = torch.relu(convolved + neck.conv.bias[:, None, None])
    f4 = neck.attention(f2).sum(dim=1)
    torch.testing.assert_close(neck.emotion_map([f1])[:, 0], f4)
    found = neck(torch.zeros(3, 1), [f1])
    assert found.shape == (3, neck.num_features) == (3, 16)
    for image in range(3):
        for number in range(8):
            u = f4[image] * f1[image, number]
            assert found[image, number].item() == pytest.approx(f1[image, number].mean().item(), abs=1e-6)
            assert found[image, 8 + number].item() == pytest.approx(u.mean().item(), abs=1e-5)


@torch.no_grad()
def test_the_map_is_never_negative_unless_it_may_be() -> None:
    f1 = torch.randn(4, 8, 6, 6)
    torch.manual_seed(0)
    assert IslamnetNeck(IslamnetConfig(), channels=8).emotion_map([f1]).min() >= 0
    torch.manual_seed(0)
    assert IslamnetNeck(IslamnetConfig(rectify=False), channels=8).emotion_map([f1]).min() < 0


def test_f2_has_a_quarter_of_the_channels_or_as_many_as_asked_for() -> None:
    assert IslamnetNeck(IslamnetConfig(), channels=64).conv.out_channels == 16
    assert IslamnetNeck(IslamnetConfig(channels=5), channels=64).conv.out_channels == 5
    with pytest.raises(ModelError, match=r"model\.islamnet\.channels: expected 1 or more, found 0"):
        IslamnetNeck(IslamnetConfig(channels=0), channels=64)


@torch.no_grad()
def test_emotions_are_told_of_unturned_images_only() -> None:
    model = make(rotations=(0, 90, 180, 270)).eval()
    images, turned = torch.randn(2, 3, 32, 32), torch.randn(5, 3, 32, 32)
    both, alone = model(images, turned), model(images)
    assert both.rotation.shape == (7, 4)
    assert alone.rotation is None
    torch.testing.assert_close(both.logits, alone.logits)
    torch.testing.assert_close(both.embedding, alone.embedding)
    torch.testing.assert_close(both.rotation[2:], model.rotation_head(model.backbone(turned)[0]))  # type: ignore[misc]
    assert make().rotation_head is None


def test_the_loss_of_angles_reaches_the_backbone_and_not_the_neck() -> None:
    model = make(rotations=(0, 180))
    output = model(torch.randn(2, 3, 32, 32), torch.randn(2, 3, 32, 32))
    torch.autograd.backward(output.rotation.logsumexp(1).sum())
    assert any(each.grad is not None and each.grad.any() for each in model.backbone.parameters())
    assert all(each.grad is None for each in model.neck.parameters())


@torch.no_grad()
def test_a_models_map_is_its_necks() -> None:
    model, images = make().eval(), torch.randn(2, 3, 64, 64)
    found = model.emotion_map(images)
    assert isinstance(model.neck, IslamnetNeck)
    torch.testing.assert_close(found, model.neck.emotion_map(model.backbone(images)[1]))
    assert found.shape == (2, 1, 2, 2)
    plain = create_model(ModelConfig(backbone="test_resnet", weights=None), taxonomy("mikels8"))
    with pytest.raises(ModelError, match="makes no emotion map of its own; islamnet, wscnet and wildcat do"):
        plain.emotion_map(images)
