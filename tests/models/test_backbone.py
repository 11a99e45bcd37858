"""Backbones: pooled vector and maps of many kinds of network, against timm's own; refusals."""

import re

import pytest
import timm
import torch

from evocative.errors import ModelError
from evocative.models.backbone import Backbone

# name, size, pooled, channels of maps 1 and 2, their strides, their widths
NETWORKS = [
    ("resnet18", 64, 512, (64, 128), (4, 8), (16, 8)),
    ("mobilenetv2_100", 64, 1280, (24, 32), (4, 8), (16, 8)),
    ("tf_efficientnet_b0", 64, 1280, (24, 40), (4, 8), (16, 8)),
    ("legacy_xception", 64, 2048, (128, 256), (4, 8), (15, 8)),
    ("vit_tiny_patch16_224", 224, 192, (192, 192), (16, 16), (14, 14)),
]


@pytest.mark.parametrize(("name", "size", "pooled", "channels", "strides", "widths"), NETWORKS)
@torch.no_grad()
def test_pooled_vector_and_maps(  # noqa: PLR0917
    name: str,
    size: int,
    pooled: int,
    channels: tuple[int, ...],
    strides: tuple[int, ...],
    widths: tuple[int, ...],
) -> None:
    torch.manual_seed(0)
    backbone = Backbone(name, maps=(1, 2)).eval()
    assert (backbone.num_features, backbone.map_channels, backbone.map_strides) == (pooled, channels, strides)
    images = torch.randn(2, 3, size, size)
    vector, maps = backbone(images)
    assert vector.shape == (2, pooled)
    assert [each.shape for each in maps] == [
        (2, count, width, width) for count, width in zip(channels, widths, strict=True)
    ]
    torch.testing.assert_close(vector, backbone.network(images))


@torch.no_grad()
def test_maps_are_those_of_timms_feature_extractor() -> None:
    torch.manual_seed(0)
    backbone = Backbone("resnet18", maps=(0, 1, 3)).eval()
    extractor = timm.create_model("resnet18", features_only=True, out_indices=(0, 1, 3)).eval()
    extractor.load_state_dict(backbone.network.state_dict(), strict=False)
    images = torch.randn(1, 3, 64, 64)
    for ours, theirs in zip(backbone(images)[1], extractor(images), strict=True):
        assert torch.equal(ours, theirs)


@torch.no_grad()
def test_maps_come_in_the_order_in_which_they_were_asked_for() -> None:
    torch.manual_seed(0)
    backbone = Backbone("resnet18", maps=(2, 1, 2)).eval()
    assert backbone.map_channels == (128, 64, 128)
    _, maps = backbone(torch.randn(1, 3, 32, 32))
    assert [each.shape[1] for each in maps] == [128, 64, 128]
    assert torch.equal(maps[0], maps[2])


@torch.no_grad()
def test_last_map_is_the_trunk_alone() -> None:
    torch.manual_seed(0)
    backbone = Backbone("tf_efficientnet_b0", maps=(1,), pool="last_map").eval()
    assert backbone.num_features == 320
    assert not [key for key in backbone.network.state_dict() if key.startswith(("conv_head", "bn2"))]
    images = torch.randn(2, 3, 64, 64)
    vector, maps = backbone(images)
    assert [each.shape for each in maps] == [(2, 24, 16, 16)]
    trunk = backbone.network.forward_intermediates(images, indices=[4], intermediates_only=True)[0]
    torch.testing.assert_close(vector, trunk.mean(dim=(2, 3)))


def test_preprocessing_is_that_of_timms_record() -> None:
    record = timm.get_pretrained_cfg("legacy_xception")
    assert record is not None
    preprocessing = Backbone("legacy_xception").preprocessing
    assert (preprocessing.size, preprocessing.interpolation) == (299, "bicubic")
    assert preprocessing.mean == record.mean
    assert preprocessing.sd == record.std


def test_drop_path_and_arguments_reach_timm() -> None:
    from timm.layers.drop import DropPath

    drops = [each for each in Backbone("resnet18", drop_path=0.2).modules() if isinstance(each, DropPath)]
    assert max(each.drop_prob for each in drops) == pytest.approx(0.2)
    thin = Backbone("resnet18", maps=(1,), backbone_args={"channels": (8, 16, 24, 32)})
    assert (thin.num_features, thin.map_channels) == (32, (8,))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("resnet19", {}, "unknown backbone 'resnet19'; did you mean .*resnet18"),
        ("no such thing at all", {}, "timm.list_models"),
        ("resnet18", {"maps": (1, 7)}, "resnet18 has no map 7. Its maps are 0: 64 channels, 1: 64"),
        ("resnet18", {"maps": (-6,)}, "resnet18 has no map -6"),
        ("resnet18", {"backbone_args": {"depth": 3}}, "resnet18 cannot be made with depth=3.*backbone_args"),
        ("resnet18.no_such_tag", {}, "cannot be made"),
        (
            "resnet18",
            {"backbone_args": {"checkpoint_path": "x", "num_classes": 5}},
            "checkpoint_path, num_classes",
        ),
        ("resnet18", {"weights": "nowhere.safetensors"}, "nowhere.safetensors: no such file.*timm"),
        ("legacy_xception", {"weights": "timm"}, "no weights of its own on the hub.*give a file"),
    ],
)
def test_mistakes_are_named(name: str, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=re.compile(message, re.DOTALL)):
        Backbone(name, **arguments)  # type: ignore[arg-type]
