"""Whitened Gram matrices against a naive derivation; what is stored of a map against the map."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from evocative.data.transforms import normalize
from evocative.errors import ModelError
from evocative.inference.network import Network
from evocative.models.create import EmotionModel, create_model
from evocative.models.second_order import gram_matrix
from evocative.models.store import load_model, save_model
from evocative.models.whitened import PooledMoments, WhitenedGram, pooled_moments, whitenings
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig, WhitenedGramConfig
from evocative.taxonomy.labels import taxonomy

CONFIG = ModelConfig(
    backbone="test_efficientnet", weights=None, neck="whitened_gram", dimensions=("arousal",),
    whitened_gram=WhitenedGramConfig(maps=(1, "blocks.3.0.conv_pwl"), channels=5),
    dimension_maps=("blocks.1",), dimension_statistics="whitened_gram",
)  # fmt: skip


def some_maps(images: int = 40, seed: int = 0) -> list[Tensor]:
    """Return two maps whose channels are far from white and have means of their own."""
    random = torch.Generator().manual_seed(seed)
    mixing = [
        torch.randn(count, count, generator=torch.Generator().manual_seed(count)) + 3 * torch.eye(count)
        for count in (6, 3)
    ]
    return [
        torch.einsum("bchw,cd->bdhw", torch.randn(images, len(each), 4, 5, generator=random), each)
        + torch.arange(float(len(each)))[:, None, None]
        for each in mixing
    ]


def fitted(maps: Sequence[Tensor], width: int = 4) -> WhitenedGram:
    module = WhitenedGram([each.shape[1] for each in maps], width=width)
    module.fit([pooled_moments(each) for each in maps])
    return module


def make(seed: int = 0) -> EmotionModel:
    torch.manual_seed(seed)
    model = create_model(CONFIG, taxonomy("mikels8")).eval()
    with torch.no_grad():
        _, maps = model.backbone(torch.randn(8, 3, 32, 32))
    seen = dict(zip(model.backbone.map_indices, maps, strict=True))
    for name, module in whitenings(model).items():
        of = CONFIG.dimension_maps if name == "dimension_gram" else CONFIG.whitened_gram.maps
        module.fit([pooled_moments(seen[index]) for index in of])
    return model


def test_the_vector_is_what_numpy_makes_of_the_columns() -> None:
    maps = some_maps()
    said = fitted(maps)(maps).double().numpy()
    pieces = []
    for each, width in zip(maps, (4, 3), strict=True):
        columns = each.double().permute(0, 2, 3, 1).flatten(1, 2).numpy()  # (B, hw, C)
        flat = columns.reshape(-1, columns.shape[2])
        values, vectors = np.linalg.eigh(np.cov(flat.T, bias=True))
        order = np.argsort(-values)[:width]
        basis = vectors[:, order] / np.sqrt(values[order])
        basis *= np.sign(np.take_along_axis(vectors[:, order], np.abs(vectors[:, order]).argmax(0)[None], 0))
        white = (columns - flat.mean(0)) @ basis
        gram = np.einsum("bpc,bpd->bcd", white, white) / columns.shape[1]
        rows, places = np.triu_indices(width)
        pieces.append(gram[:, rows, places] * np.where(rows == places, 1, 2))
    squares = np.sign(said) * said**2  # of the signed roots, whose rounding is large near zero
    np.testing.assert_allclose(squares, np.concatenate(pieces, axis=1), atol=0.01)  # W is in half precision


def test_over_the_images_it_was_fitted_to_the_mean_matrix_is_the_identity() -> None:
    maps = some_maps()
    module = fitted(maps)
    for number, (each, width) in enumerate(zip(maps, module.widths, strict=True)):
        mean = module._whitened(number, each, None).mean(0)
        torch.testing.assert_close(mean, torch.eye(width), rtol=0, atol=5e-3)


def test_a_stored_matrix_and_its_means_say_what_the_map_says() -> None:
    maps, others = some_maps(), some_maps(5, seed=1)
    module = fitted(maps).double()
    wide = [each.double() for each in others]
    means = [each.mean(dim=(2, 3), keepdim=True) for each in wide]
    known = module(means, [gram_matrix(each) for each in wide])
    torch.testing.assert_close(known, module(wide))
    assert known.dtype == torch.float64


def test_any_invertible_mixing_of_the_channels_leaves_the_matrix_but_for_a_rotation() -> None:
    maps = some_maps()[:1]
    mixed = [torch.einsum("bchw,cd->bdhw", maps[0], torch.diag(torch.arange(1.0, 7.0))) - 3]
    ours, theirs = fitted(maps, width=6), fitted(mixed, width=6)
    for one, other in zip(ours._whitened(0, maps[0], None), theirs._whitened(0, mixed[0], None), strict=True):
        torch.testing.assert_close(
            torch.linalg.eigvalsh(one), torch.linalg.eigvalsh(other), rtol=0.02, atol=0.02
        )


def test_batches_gather_what_all_images_say_at_once() -> None:
    (maps, _), pooled = some_maps(), PooledMoments(6)
    for batch in torch.split(maps, 7):
        pooled.add(batch.mean(dim=(2, 3)), gram_matrix(batch))
    flat = maps.permute(0, 2, 3, 1).reshape(-1, 6).double()
    torch.testing.assert_close(pooled.mean, flat.mean(0), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(pooled.covariance, torch.cov(flat.T, correction=0), rtol=1e-4, atol=1e-4)
    assert pooled.images == 40


def test_directions_that_do_not_vary_say_nothing() -> None:
    maps = some_maps()[0]
    maps[:, 2] = 1.0
    maps[:, 4] = 2 * maps[:, 3]
    vectors = fitted([maps], width=6)([maps])
    assert vectors.abs().max() < 10
    rows, columns = torch.triu_indices(6, 6)
    dead = (rows >= 4) | (columns >= 4)  # two of six directions are none
    assert not vectors[:, dead].any()
    assert vectors[:, ~dead].any(0).all()


def test_gradients_are_finite_where_a_matrix_is_zero() -> None:
    module = fitted(some_maps())
    maps = [each.requires_grad_() for each in some_maps(2)]
    with torch.no_grad():
        maps[0].copy_(module.get_buffer("mean_0")[:, None, None])  # z = 0 everywhere
    module(maps).sum().backward()
    assert all(each.grad is not None and bool(each.grad.isfinite().all()) for each in maps)


def test_autocast_does_not_round_it() -> None:
    maps = some_maps()
    module = fitted(maps)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = module(maps)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, module(maps))


def test_what_is_not_fitted_says_so() -> None:
    maps = some_maps()
    with pytest.raises(ModelError, match=r"not fitted yet.* training\.head_start = true"):
        WhitenedGram([6, 3])(maps)
    with pytest.raises(ModelError, match="no image to fit"):
        WhitenedGram([6]).fit([PooledMoments(6)])
    with pytest.raises(ModelError, match="map 1 is the same at every place"):
        WhitenedGram([6, 3]).fit([pooled_moments(each) for each in (maps[0], torch.ones(4, 3, 2, 2))])


@torch.no_grad()
def test_a_model_comes_back_fitted_in_half_precision_too(tmp_path: Path) -> None:
    model, images = make(), torch.randn(2, 3, 32, 32)
    save_model(
        model, tmp_path / "m", preprocessing=Preprocessing(size=32), provenance={}, measured={},
        licence="apache-2.0", precision="float16",
    )  # fmt: skip
    again = load_model(tmp_path / "m").model
    assert isinstance(again, EmotionModel)
    for name, module in whitenings(again).items():
        assert module.fitted
        for mine, its in zip(module.buffers(), whitenings(model)[name].buffers(), strict=True):
            assert torch.equal(mine, its)  # they were rounded when they were fitted
    assert set(model.state_dict()) >= {"whitened.mean_1", "whitened.whitening_0", "dimension_gram.mean_0"}
    assert again(images).embedding.shape == (2, model.backbone.num_features + 2 * 15)
    unfitted = create_model(CONFIG, taxonomy("mikels8"))
    unfitted.load_state_dict(create_model(CONFIG, taxonomy("mikels8")).state_dict())
    with pytest.raises(ModelError, match="not fitted"):
        unfitted(images)


@torch.no_grad()
def test_folding_and_prediction_leave_the_answer() -> None:
    model = make().double()
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    before = model(images)
    model.fold()
    torch.testing.assert_close(model(images).moments, before.moments)
    torch.testing.assert_close(model(images).embedding, before.embedding)
    pixels, small = torch.randint(0, 255, (2, 3, 32, 32), dtype=torch.uint8), Preprocessing(size=32)
    plain = make()
    numbers = Network(plain, small, device=torch.device("cpu"), precision="fp32").compute(pixels)
    expected = plain(normalize(pixels, small))
    np.testing.assert_allclose(  # of the thousands of numbers the pooled vector alone is given out
        numbers.embedding, plain.short(expected.embedding).numpy(), rtol=1e-3, atol=1e-3
    )
    assert numbers.embedding.shape[1] == plain.backbone.num_features < plain.num_features


@torch.no_grad()
def test_describe_makes_the_same_of_means_and_matrices() -> None:
    model, images = make(), torch.randn(3, 3, 32, 32)
    pooled, maps = model.backbone(images)
    seen = dict(zip(model.backbone.map_indices, maps, strict=True))
    names = (1, "blocks.3.0.conv_pwl", "blocks.1")
    statistics = [(seen[name].mean(dim=(2, 3)), gram_matrix(seen[name])) for name in names]
    said, expected = model.describe(pooled, [], statistics=statistics), model(images)
    torch.testing.assert_close(said.embedding, expected.embedding, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(said.moments, expected.moments, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(said.vad, expected.vad, rtol=1e-3, atol=1e-3, equal_nan=True)
