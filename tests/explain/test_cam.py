"""Class activation maps: against Zhou's CAM where they must agree, loops, and other shapes of layers."""

import itertools

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.cam import FORMULAS, cam, grad_cam, grad_cam_plus_plus, hirescam, layercam
from evocative.explain.layers import last_layer, read, to_places
from evocative.explain.methods import emotion_maps, map_function, resolve_method
from evocative.explain.named import METHODS
from evocative.explain.score_cam import score_cam
from evocative.models.create import EmotionModel, create_model
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


def made(backbone: str = "test_efficientnet", **settings: object) -> EmotionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(backbone=backbone, weights=None, dimensions=("arousal",), **settings)  # type: ignore[arg-type]
        model = create_model(config, taxonomy("mikels8")).eval()
        for parameter in model.emotion_head.parameters():  # type: ignore[union-attr]
            torch.nn.init.normal_(parameter, std=0.5)
        return model


def pictures(count: int = 2, side: int = 160) -> Float[Tensor, "B 3 S S"]:
    generator = torch.Generator().manual_seed(1)
    coarse = torch.randn(count, 3, 5, 5, generator=generator)
    return torch.nn.functional.interpolate(coarse, size=side, mode="bilinear")


def test_grad_cam_is_zhous_cam_where_the_last_map_is_averaged() -> None:
    model = made(pool="last_map")
    images = pictures()
    with torch.no_grad():
        last = model.backbone.network.forward_intermediates(images, intermediates_only=True)[-1]
    weight = dict(model.emotion_head.named_parameters())  # type: ignore[union-attr]
    matrix = next(each for each in weight.values() if each.ndim == 2)
    expected = torch.einsum("kc,bchw->bkhw", matrix, last).relu() / last.shape[2] / last.shape[3]
    assert last.shape[2] > 1
    for method in ("grad-cam", "hirescam"):
        torch.testing.assert_close(cam(model, method)(images), expected.detach(), rtol=1e-3, atol=1e-6)


def test_hirescam_without_its_cut_adds_up_to_the_logit() -> None:
    model = made(pool="last_map")
    images = pictures(1)
    activation, leaf, said = read(model, images, last_layer(model.backbone.network))
    assert said.logits is not None
    (gradient,) = torch.autograd.grad(said.logits[:, 3].sum(), leaf)
    bias = next(each for each in model.emotion_head.parameters() if each.ndim == 1)  # type: ignore[union-attr]
    total = (activation * gradient).sum() + bias[3]
    torch.testing.assert_close(total, said.logits[0, 3], rtol=1e-4, atol=1e-5)


def test_formulas_are_what_loops_give() -> None:
    generator = np.random.default_rng(0)
    a, g = generator.normal(size=(2, 1, 3, 2, 4))
    got = {name: FORMULAS[name](torch.tensor(a), torch.tensor(g))[0].numpy() for name in FORMULAS}
    plain, plus, hires, layer = (np.zeros((2, 4)) for _ in range(4))
    for c in range(3):
        total = a[0, c].sum()
        weight = sum(
            x * x / (2 * x * x + total * x**3) * max(x, 0) for x in (float(each) for each in g[0, c].ravel())
        )
        for i, j in itertools.product(range(2), range(4)):
            plain[i, j] += g[0, c].mean() * a[0, c, i, j]
            plus[i, j] += weight * a[0, c, i, j]
            hires[i, j] += g[0, c, i, j] * a[0, c, i, j]
            layer[i, j] += max(g[0, c, i, j], 0) * a[0, c, i, j]
    expected = {"grad-cam": plain, "grad-cam++": plus, "hirescam": hires, "layercam": layer}
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], np.maximum(values, 0), rtol=1e-9, atol=1e-12, err_msg=name)


def test_no_gradient_gives_no_map() -> None:
    zeros = torch.zeros(1, 2, 3, 3)
    for formula in (grad_cam, grad_cam_plus_plus, hirescam, layercam):
        assert not formula(torch.ones(1, 2, 3, 3), zeros).any()


@pytest.mark.parametrize("method", METHODS[:-1])
@pytest.mark.parametrize(
    "backbone", ["test_efficientnet", "test_vit", "test_convnext", "swin_tiny_patch4_window7_224"]
)
def test_any_network_gives_maps(backbone: str, method: str) -> None:
    small = {"depths": (1, 1, 1, 1), "embed_dim": 24, "num_heads": (1, 1, 1, 1)}
    model = made(backbone, backbone_args=small) if "swin" in backbone else made(backbone)
    images = pictures(2, model.preprocessing.size)
    if method == "score-cam":
        maps = score_cam(model, channels=2, targets=["awe", "fear"])(images)
    else:
        maps = map_function(model, method, targets=["awe", "fear"])(images)
    assert maps.shape[:2] == (2, 2)
    assert maps.shape[2] * maps.shape[3] > 1
    assert maps.isfinite().all()
    assert maps.min() >= 0
    assert maps.max() > 0
    assert not maps.requires_grad


def test_pictures_of_a_batch_do_not_touch_and_the_model_stays_as_it_is() -> None:
    model = made()
    images = pictures(3)
    model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    together = cam(model)(images)
    alone = torch.cat([cam(model)(images[row : row + 1]) for row in range(3)])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_frozen_model_in_channels_last_gives_the_same() -> None:
    model = made()
    images = pictures(1)
    expected = cam(model)(images)
    model.requires_grad_(requires_grad=False).to(memory_format=torch.channels_last)
    torch.testing.assert_close(cam(model)(images), expected, rtol=1e-4, atol=1e-6)


def test_targets_are_emotions_and_dimensions_high_or_low() -> None:
    model = made()
    images = pictures()
    every = cam(model)(images)
    assert every.shape[1] == 8
    some = cam(model, targets=["fear", "awe"])(images)
    torch.testing.assert_close(some, every[:, [6, 1]])
    high, low = (cam(model, "hirescam", targets=[name])(images) for name in ("arousal", "-arousal"))
    assert not (high * low).any()  # a place raises it, or lowers it
    assert high.any() or low.any()
    with pytest.raises(ModelError, match="joy"):
        cam(model, targets=["joy"])


def test_log_odds_are_of_one_emotion_against_all_others() -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None, pool="last_map")
    model = create_model(config, taxonomy("mikels8")).eval()
    torch.nn.init.normal_(next(iter(model.emotion_head.parameters())), std=0.5)  # type: ignore[union-attr]
    images = pictures(1)
    _, leaf, said = read(model, images, last_layer(model.backbone.network))
    assert said.logits is not None
    p = said.logits.softmax(1)[:, 2]
    (gradient,) = torch.autograd.grad((p / (1 - p)).log().sum(), leaf)
    expected = (gradient * leaf).sum(1).relu()
    found = cam(model, "hirescam", targets=["contentment"], score="log_odds")(images)[:, 0]
    torch.testing.assert_close(found, expected.detach(), rtol=1e-3, atol=1e-6)


def test_score_cam_is_what_masks_one_by_one_give() -> None:
    model = made()
    image = pictures(1)
    activation = read(model, image, last_layer(model.backbone.network))[0].detach()[0]
    gains = []
    with torch.no_grad():
        for channel in activation:
            mask = torch.nn.functional.interpolate(channel[None, None], size=160, mode="bilinear")
            mask = (mask - mask.min()) / (mask.max() - mask.min() or 1)
            logits = model(image * mask).logits
            assert logits is not None
            gains.append(logits[0, 5])
        weights = torch.stack(gains).softmax(0)
        expected = (weights[:, None, None] * activation).sum(0).relu()
    found = score_cam(model, targets=["disgust"], batch_size=5)(image)[0, 0]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-6)


def test_layers_by_name_and_mistakes_said() -> None:
    model = made()
    images = pictures(1)
    shallow = cam(model, "layercam", layer="blocks.1")(images)
    assert shallow.shape[2] > cam(model)(images).shape[2]
    with pytest.raises(ModelError, match=r"blocks\.4"):
        cam(model, layer="block.4")(images)
    with pytest.raises(ModelError, match="grad-cam"):
        cam(model, "gradcam")
    with pytest.raises(ModelError, match="draws no map"):
        map_function(model, "own")
    assert resolve_method(model) == "grad-cam"


def test_tokens_lie_where_their_patches_are() -> None:
    network = made("test_vit").backbone.network
    rows, columns = network.patch_embed.grid_size
    tokens = torch.arange(rows * columns, dtype=torch.float32)[None, :, None].repeat(1, 1, 3)
    with_class = torch.cat([torch.full((1, 1, 3), -1.0), tokens], dim=1)
    places = to_places(with_class, network, layer="any")
    assert torch.equal(places[0, 2], torch.arange(rows * columns).view(rows, columns).float())
    last = torch.rand(1, 7, 7, 5)
    assert torch.equal(to_places(last, network, layer="any"), last.permute(0, 3, 1, 2))
    with pytest.raises(ModelError, match="more than one place"):
        to_places(torch.rand(1, 8), network, layer="pool")


def test_maps_become_named_maps() -> None:
    model = made()
    values = cam(model, targets=["awe", "fear"])(pictures(3))
    found = emotion_maps(values, ["awe", "fear"], method="grad-cam")
    assert len(found) == 3
    assert [one.label for one in found[0]] == ["awe", "fear"]
    np.testing.assert_array_equal(found[2][1].values, values[2, 1].numpy())
