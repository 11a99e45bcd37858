"""A model's own map: of networks that draw one, against what their necks draw."""

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.methods import map_function, resolve_method
from evocative.explain.own_map import has_own_map, own_map
from evocative.models.create import EmotionModel, create_model
from evocative.models.wscnet import WscnetNeck
from evocative.recipe.map_networks import IslamnetConfig, WildcatConfig, WscnetConfig
from evocative.recipe.settings import ModelConfig, Neck
from evocative.taxonomy.labels import taxonomy

WAYS = {
    "islamnet": {"islamnet": IslamnetConfig(map=3)},
    "wscnet": {"wscnet": WscnetConfig(map=3)},
    "wildcat": {"wildcat": WildcatConfig(map=3)},
}


def made(neck: Neck, **settings: object) -> EmotionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(
            backbone="test_efficientnet",
            weights=None,
            neck=neck,
            **WAYS[neck],
            **settings,  # type: ignore[arg-type]
        )
        return create_model(config, taxonomy("mikels8"))


def pictures() -> Float[Tensor, "2 3 64 64"]:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("neck", ["islamnet", "wscnet"])
def test_one_map_for_all_emotions_is_the_same_for_each(neck: Neck) -> None:
    model = made(neck)
    assert has_own_map(model)
    assert resolve_method(model) == "own"
    drawn = own_map(model, targets=["fear", "awe"])(pictures())
    assert model.training  # as it was
    assert drawn.shape[:2] == (2, 2)
    assert drawn.min() >= 0
    torch.testing.assert_close(drawn[:, 0], drawn[:, 1], rtol=0, atol=0)
    model.eval()
    torch.testing.assert_close(drawn[:, :1], model.emotion_map(pictures()))
    assert map_function(model)(pictures()).shape == (2, 8, *drawn.shape[2:])


def test_the_map_of_islamnet_makes_its_features_stronger() -> None:
    """f5 = [f1, f4 ⊗ f1]: the second half of the embedding follows from the map alone."""
    model = made("islamnet").eval()
    with torch.no_grad():
        _, (f1,) = model.backbone(pictures())
        f4 = model.emotion_map(pictures())
        half = (f4 * f1).mean(dim=(2, 3))
        torch.testing.assert_close(model.embed(pictures())[:, f1.shape[1] :], half, rtol=1e-4, atol=1e-5)


def test_the_maps_of_labels_of_wscnet_make_its_scores_and_its_map() -> None:
    model = made("wscnet").eval()
    assert isinstance(model.neck, WscnetNeck)
    with torch.no_grad():
        _, maps = model.backbone(pictures())
        each = model.neck.label_maps(maps)
        assert each.shape[:2] == (2, 8)
        scores = each.mean(dim=(2, 3))
        torch.testing.assert_close(model(pictures()).scores, scores)
        coupled = torch.einsum("bk,bkhw->bhw", scores, each) / 8
    drawn = own_map(model, targets=["awe"])(pictures())
    torch.testing.assert_close(drawn[:, 0], coupled.relu(), rtol=1e-4, atol=1e-6)


def test_wildcat_has_a_map_of_each_emotion_in_their_order() -> None:
    model = made("wildcat").eval()
    names = taxonomy("mikels8").names
    every = own_map(model)(pictures())
    assert every.shape[1] == len(names)
    assert (every[:, 0] - every[:, 1]).abs().max() > 0
    turned = own_map(model, targets=list(reversed(names)))(pictures())
    torch.testing.assert_close(turned, every.flip(1), rtol=0, atol=0)


def test_it_speaks_for_no_dimension_and_takes_no_layer() -> None:
    model = made("islamnet", dimensions=("valence",))
    with pytest.raises(ModelError, match="valence"):
        own_map(model, targets=["valence"])
    with pytest.raises(ModelError, match="neither layer nor score"):
        map_function(model, "own", layer="blocks.1")
