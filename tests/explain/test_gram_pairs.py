"""Channel pairs that speak: against finite differences and the sum over places."""

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.gram_pairs import gram_gradients, gram_map
from evocative.models.create import EmotionModel, create_model
from evocative.models.necks import maps_of
from evocative.models.second_order import gram_matrix
from evocative.models.whitened import pooled_moments, whitenings
from evocative.recipe.settings import GramConfig, ModelConfig, WhitenedGramConfig, Zhang2022Config
from evocative.taxonomy.labels import taxonomy


def made(**settings: object) -> EmotionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(backbone="test_efficientnet", weights=None, **settings)  # type: ignore[arg-type]
        return create_model(config, taxonomy("mikels8")).eval().double()


def picture(count: int = 1) -> Float[Tensor, "B 3 64 64"]:
    coarse = torch.randn(count, 3, 5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return torch.nn.functional.interpolate(coarse, size=64, mode="bilinear")


def test_the_gradient_is_what_a_small_step_gives() -> None:
    model = made(gram=GramConfig(maps=(0, 1)))
    image = picture()
    found = gram_gradients(model, image, "awe")
    assert [each.map for each in found] == [0, 1]
    with torch.no_grad():
        pooled, maps = model.backbone(image)
        grams = [gram_matrix(each) for each in maps]
        for number, (i, j) in ((0, (0, 0)), (0, (1, 3)), (1, (2, 5))):
            step = torch.zeros_like(grams[number])
            step[0, i, j] = step[0, j, i] = 1e-4
            values = []
            for sign in (1, -1):
                moved = [g + sign * step if n == number else g for n, g in enumerate(grams)]
                logits = model.describe(pooled, maps, moved).logits
                assert logits is not None
                values.append(float(logits[0, 1]))
            slope = (values[0] - values[1]) / 2e-4
            pair = next(
                each
                for each in found[number].pairs(10**4)
                if (each.first, each.second) == (min(i, j), max(i, j))
            )
            assert pair.slope == pytest.approx(slope, rel=1e-3, abs=1e-7)
            assert pair.together == pytest.approx(float(grams[number][0, i, j]), rel=1e-5)


def test_pairs_add_up_and_come_in_order() -> None:
    found = gram_gradients(made(gram=GramConfig(maps=(1,))), picture(), "fear")[0]
    every = found.pairs(10**6)
    assert len(every) == len(found.gram) * (len(found.gram) + 1) // 2
    assert sum(each.added for each in every) == pytest.approx(found.added, rel=1e-5, abs=1e-9)
    assert [each.added for each in every] == sorted((each.added for each in every), reverse=True)
    assert found.pairs(3, lowering=True) == list(reversed(every))[:3]
    with pytest.raises(ModelError, match="1 or more"):
        found.pairs(0)


def test_the_map_is_the_same_sum_place_by_place() -> None:
    model = made(gram=GramConfig(maps=(1,)))
    image = picture()
    for target in ("awe", "fear", "sadness"):
        total = gram_gradients(model, image, target)[0]
        with torch.no_grad():
            features = model.backbone(image)[1][0][0].flatten(1).numpy()  # (C, N)
        per_place = np.einsum("cn,cd,dn->n", features, total.gradient, features) / features.shape[1]
        assert per_place.sum() == pytest.approx(total.added, rel=1e-4, abs=1e-9)
        drawn = gram_map(model, targets=[target])(image)[0, 0].flatten().numpy()
        np.testing.assert_allclose(drawn, np.maximum(per_place, 0), rtol=1e-4, atol=1e-9)


def test_maps_of_several_modules_are_joined_at_the_largest() -> None:
    model = made(gram=GramConfig(maps=(1, 2)))
    first, second = gram_gradients(model, picture(), "awe")
    drawn = gram_map(model, targets=["awe", "anger"])(picture(2))
    assert drawn.shape == (2, 2, 16, 16)
    assert first.gram.shape != second.gram.shape or first.map != second.map


def test_zhangs_modules_speak_too_and_plain_models_do_not() -> None:
    zhang = made(
        neck="zhang2022",
        zhang2022=Zhang2022Config(maps=("conv_stem",), widths=(4,), halve=False, convolution="beside"),
    )
    assert gram_gradients(zhang, picture(), "awe")[0].map == maps_of(zhang.config)[0]
    with pytest.raises(ModelError, match="no Gram matrix"):
        gram_gradients(made(), picture(), "awe")
    with pytest.raises(ModelError, match="joy"):
        gram_gradients(zhang, picture(), "joy")


def whitened(**settings: object) -> EmotionModel:
    """A model whose neck whitens maps 1 and 2 by the statistics of other pictures."""
    model = made(neck="whitened_gram", whitened_gram=WhitenedGramConfig(maps=(1, 2), channels=4), **settings)
    generator = torch.Generator().manual_seed(2)
    images = torch.randn(6, 3, 64, 64, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        _, maps = model.backbone(images)
    known = dict(zip(model.backbone.map_indices, maps, strict=True))
    names = {"neck.whitened": maps_of(model.config), "dimension_gram": model.config.dimension_maps}
    for name, module in whitenings(model).items():
        module.fit([pooled_moments(known[each]) for each in names[name]])
    return model.eval()


def test_pairs_behind_a_whitening_are_of_the_original_channels() -> None:
    """Against small steps of the maps themselves, which the network reads by its usual way."""
    model, image = whitened(), picture()
    found = gram_gradients(model, image, "awe")
    assert [each.map for each in found] == [1, 2]
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        pooled, maps = model.backbone(image)
        for number, module in enumerate(found):
            mean = model.neck.whitened.get_buffer(f"mean_{number}")  # type: ignore[union-attr]
            centered = (maps[number][0].flatten(1) - mean[:, None]).numpy()
            np.testing.assert_allclose(
                module.gram, centered @ centered.T / centered.shape[1], rtol=1e-9, atol=1e-12
            )
            moved = torch.randn(maps[number].shape, generator=generator, dtype=torch.float64)
            values = []
            for sign in (1, -1):
                every = [m + sign * 1e-6 * moved if n == number else m for n, m in enumerate(maps)]
                logits = model.emotion_head(model.join(pooled, every))  # type: ignore[misc]
                values.append(float(logits[0, 1]))
            slope = (values[0] - values[1]) / 2e-6
            step = moved[0].flatten(1).numpy() @ centered.T / centered.shape[1]  # dC = step + stepᵀ
            assert 2 * float((module.gradient * step).sum()) == pytest.approx(slope, rel=1e-4)


def test_a_whitened_module_adds_half_of_what_its_roots_are_worth() -> None:
    """x·d√x/dx = √x/2, but for the floor below the root."""
    model, image = whitened(), picture()
    with torch.no_grad():
        u = model.embed(image)[0]
        weights = model.emotion_head.linear.weight[2]  # type: ignore[union-attr]
        worth = float((u * weights)[model.neck.num_pooled :].sum())
    label = model.taxonomy.names[2] if model.taxonomy else ""
    found = gram_gradients(model, image, label)
    assert sum(each.added for each in found) == pytest.approx(worth / 2, rel=1e-2, abs=1e-3)


def test_the_map_behind_a_whitening_is_the_same_sum() -> None:
    model, image = whitened(), picture()
    drawn = gram_map(model, targets=["awe"])(image)
    assert drawn.shape == (1, 1, 16, 16)
    first = gram_gradients(model, image, "awe")[0]
    with torch.no_grad():
        mean = model.neck.whitened.get_buffer("mean_0")  # type: ignore[union-attr]
        features = (model.backbone(image)[1][0][0].flatten(1) - mean[:, None]).numpy()
    places = np.einsum("cn,cd,dn->n", features, first.gradient, features) / features.shape[1]
    assert places.sum() == pytest.approx(first.added, rel=1e-6)


def test_dimensions_speak_through_the_matrices_that_they_read() -> None:
    model = whitened(dimensions=("valence",), dimension_maps=(0,), dimension_statistics="whitened_gram")
    assert [each.map for each in gram_gradients(model, picture(), "awe")] == [1, 2]
    found = gram_gradients(model, picture(), "valence")
    assert [each.map for each in found] == [1, 2, 0]
    assert all(np.abs(each.gradient).max() > 0 for each in found)
