"""AlexNet as a backbone: torchvision's own answers, maps, stages, weights from its file."""

from pathlib import Path

import pytest
import torch
from torchvision.models import alexnet

from evocative.errors import ModelError
from evocative.models.alexnet import AlexNet
from evocative.models.backbone import Backbone, is_backbone
from evocative.models.stages import stages

IMAGES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[torch.nn.Module, Path]:
    """Stand-ins for torchvision's network and its file."""
    torch.manual_seed(0)
    network = alexnet(num_classes=3).eval()
    path = tmp_path_factory.mktemp("weights") / "alexnet.pth"
    torch.save(network.state_dict(), path)
    return network, path


@torch.no_grad()
def test_a_file_of_torchvisions_fits_and_answers_alike(published: tuple[torch.nn.Module, Path]) -> None:
    theirs, path = published
    ours = Backbone("alexnet", weights=str(path), maps=[0, 2, -1]).eval()
    pooled, maps = ours(IMAGES)
    features = theirs.get_submodule("features")(IMAGES)
    flat = theirs.get_submodule("avgpool")(features).flatten(1)
    classifier = theirs.get_submodule("classifier")
    assert isinstance(classifier, torch.nn.Sequential)
    torch.testing.assert_close(pooled, classifier[:6](flat))
    torch.testing.assert_close(maps[2], features)
    assert [tuple(each.shape[1:2]) for each in maps] == [(64,), (384,), (256,)]
    assert ours.num_features == 4096
    assert ours.map_channels == (64, 384, 256)


@torch.no_grad()
def test_the_trunk_alone_and_named_maps() -> None:
    torch.manual_seed(0)
    network = Backbone("alexnet", maps=["features.8", 1], pool="last_map").eval()
    pooled, maps = network(IMAGES)
    assert pooled.shape == (2, 256)
    assert [each.shape[1] for each in maps] == [256, 192]
    assert not [name for name, _ in network.named_parameters() if "classifier" in name]
    strides = Backbone("alexnet", maps=[0, 1, 2, 3, 4]).map_strides
    assert strides == (4, 8, 16, 16, 32)


def test_stages_are_the_five_convolutions() -> None:
    found = stages(AlexNet())
    assert [len(stage) for stage in found] == [2, 2, 2, 2, 6]
    frozen = Backbone("alexnet", frozen_stages=2)
    still = {name for name, each in frozen.network.named_parameters() if not each.requires_grad}
    assert still == {"features.0.weight", "features.0.bias", "features.3.weight", "features.3.bias"}


def test_what_it_does_not_know_is_refused() -> None:
    assert is_backbone("alexnet")
    assert not is_backbone("alexnett")
    with pytest.raises(ModelError, match="did you mean alexnet"):
        Backbone("alexnett")
    with pytest.raises(ModelError, match="alexnet knows dropout only"):
        Backbone("alexnet", backbone_args={"pad_type": "same"})
    with pytest.raises(ModelError, match="no weights of alexnet on the hub"):
        Backbone("alexnet", weights="timm")


@pytest.mark.parametrize(("name", "size", "width"), [("vgg11", 64, 4096), ("inception_v3", 96, 2048)])
@torch.no_grad()
def test_vgg_and_inception_of_timm_are_backbones(name: str, size: int, width: int) -> None:
    pooled, maps = Backbone(name, maps=[1, -1]).eval()(torch.rand(1, 3, size, size))
    assert pooled.shape == (1, width)
    assert len(maps) == 2
