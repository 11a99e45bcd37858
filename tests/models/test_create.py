"""The whole network: the dissertation's sizes, its equations, heads together, centres, refusals."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from evocative.errors import ModelError
from evocative.losses.objective import Objective
from evocative.models.create import EmotionModel, create_model
from evocative.models.gram import FUSIONS, Fusion
from evocative.models.motiejauskas2026 import GramNeck
from evocative.recipe.settings import GramConfig, LossConfig, ModelConfig
from evocative.taxonomy.labels import Taxonomy, taxonomy

MIKELS = taxonomy("mikels8")
THIN = ModelConfig(
    backbone="resnet18",
    weights=None,
    backbone_args={"channels": (6, 8, 10, 12)},
    gram=GramConfig(maps=(1, 2)),
)


def make(seed: int = 0, labels: Taxonomy | None = MIKELS, **changes: Any) -> EmotionModel:
    torch.manual_seed(seed)
    return create_model(replace(THIN, **changes), labels)


@torch.no_grad()
def test_the_dissertations_network() -> None:
    gram = GramConfig(maps=(1, 2, 3))
    model = create_model(ModelConfig(weights=None, gram=gram, class_centers=True), MIKELS).eval()
    assert model.backbone.num_features == 1792
    assert model.backbone.map_channels == (48, 64, 160)
    assert model.backbone.map_strides == (4, 8, 16)
    assert isinstance(model.neck, GramNeck)
    assert [module.num_features for module in model.neck.gram_modules] == [24, 32, 80]
    assert model.num_features == 136
    assert model.class_centers is not None
    assert model.class_centers.shape == (8, 136)
    output = model(torch.randn(2, 3, 64, 64))
    assert output.embedding.shape == (2, 136)
    assert output.logits is not None
    assert output.logits.shape == (2, 8)
    assert output.vad is None


@torch.no_grad()
def test_the_embedding_is_p_plus_z() -> None:
    model = make().eval()
    images = torch.randn(2, 3, 32, 32)
    pooled, maps = model.backbone(images)
    assert isinstance(model.neck, GramNeck)
    z = torch.cat([module(each) for module, each in zip(model.neck.gram_modules, maps, strict=True)], dim=1)
    assert isinstance(model.neck, GramNeck)
    assert model.neck.projection is not None
    u = model.neck.projection(pooled) + z
    output = model(images)
    assert torch.equal(output.embedding, u)
    assert model.emotion_head is not None
    assert torch.equal(output.logits, model.emotion_head.linear(u))


@torch.no_grad()
def test_without_gram_modules_the_embedding_is_the_pooled_vector() -> None:
    model = make(gram=GramConfig()).eval()
    images = torch.randn(2, 3, 32, 32)
    assert model.num_features == 12
    assert torch.equal(model(images).embedding, model.backbone(images)[0])


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("backbone_fusion", FUSIONS)
@torch.no_grad()
def test_every_fusion_has_the_width_it_says(fusion: Fusion, backbone_fusion: Fusion) -> None:
    gram = GramConfig(maps=(1, 2), fusion=fusion, backbone_fusion=backbone_fusion, compress=4)
    model = make(gram=gram).eval()
    width = 7 * (2 if fusion == "concatenate" else 1) * (2 if backbone_fusion == "concatenate" else 1)
    assert model.num_features == model(torch.randn(2, 3, 32, 32)).embedding.shape[1] == width


@torch.no_grad()
def test_appended_features_leave_the_pooled_vector_as_it_is() -> None:
    model = make(gram=GramConfig(maps=(1, 2), backbone_fusion="append")).eval()
    pooled, maps = model.backbone(torch.randn(2, 3, 32, 32))
    assert isinstance(model.neck, GramNeck)
    z = torch.cat([module(each) for module, each in zip(model.neck.gram_modules, maps, strict=True)], dim=1)
    assert torch.equal(model.join(pooled, maps), torch.cat([pooled, z], dim=1))
    assert model.num_features == 12 + 7
    assert isinstance(model.neck, GramNeck)
    assert model.neck.projection is None


RESIDUAL = GramConfig(maps=(1, 2), backbone_fusion="residual", normalization="matrix_sqrt", start="zero")


@pytest.mark.parametrize("autocast", [False, True])
def test_a_residual_network_starts_as_the_plain_one_to_the_bit(autocast: bool) -> None:
    images = torch.randn(4, 3, 32, 32)
    changes: dict[str, Any] = {"dimensions": ("valence",), "class_centers": True}
    outputs, gradients = [], []
    for gram in (GramConfig(), RESIDUAL):
        model = make(gram=gram, **changes)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            output = model(images)
        assert output.logits is not None
        torch.autograd.backward(nn.functional.cross_entropy(output.logits.float(), torch.arange(4)))
        outputs.append((output, model.class_centers))
        gradients.append([each.grad for each in model.backbone.parameters()])
    (plain, centers), (residual, same) = outputs
    for ours, theirs in zip(plain[:4], residual[:4], strict=True):
        assert torch.equal(ours.nan_to_num(), theirs.nan_to_num())
    assert centers is not None
    assert same is not None
    assert torch.equal(centers, same)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(*gradients, strict=True))


def test_a_residual_is_h_plus_gain_times_a_linear_layer_of_z() -> None:
    model = make(gram=RESIDUAL)
    assert isinstance(model.neck, GramNeck)
    assert model.neck.residual is not None
    nn.init.normal_(model.neck.residual.gain)
    pooled, maps = model.backbone(torch.randn(4, 3, 32, 32))
    z = torch.cat([module(each) for module, each in zip(model.neck.gram_modules, maps, strict=True)], dim=1)
    expected = pooled + model.neck.residual.gain * model.neck.residual.linear(z)
    torch.testing.assert_close(model.join(pooled, maps), expected)
    smaller = [nn.functional.avg_pool2d(each, 2) for each in maps[:1]] + [maps[1]]  # as a store may give
    assert model.join(pooled, smaller).shape == (4, 12)


def test_a_residual_branch_learns_from_the_second_step() -> None:
    model = make(gram=replace(RESIDUAL, start="random"))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    images, before = torch.randn(4, 3, 32, 32), make(gram=replace(RESIDUAL, start="random")).state_dict()
    for step in range(2):
        optimizer.zero_grad()
        logits = model(images).logits
        assert logits is not None
        torch.autograd.backward(nn.functional.cross_entropy(logits, torch.arange(4)))
        optimizer.step()
        now = model.state_dict()
        assert not torch.equal(now["residual.gain"], before["residual.gain"])
        moved = not torch.equal(now["gram_modules.0.dense.weight"], before["gram_modules.0.dense.weight"])
        assert moved == (step == 1)


@pytest.mark.parametrize("fusion", ["append", "residual"])
@torch.no_grad()
def test_without_maps_other_fusions_are_the_plain_network(fusion: Any) -> None:
    images = torch.randn(2, 3, 32, 32)
    found = make(gram=GramConfig(backbone_fusion=fusion)).eval()(images)
    assert torch.equal(found.embedding, make(gram=GramConfig()).eval()(images).embedding)


def test_two_heads_learn_together_on_one_backbone() -> None:
    model = make(dimensions=("valence", "arousal"), class_centers=True, dropout=0.1)
    terms = [LossConfig(), LossConfig(name="contrastive_center", weight=0.5), LossConfig(name="dimensions")]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    images, labels = torch.randn(6, 3, 32, 32), torch.tensor([0, 1, 2, 3, -1, 5])
    targets = torch.tensor([[0.5, -0.5, float("nan")]] * 3 + [[float("nan")] * 3] + [[-0.4, 0.9, 0.1]] * 2)
    totals = []
    for _ in range(12):
        output = model(images)
        assert output.vad is not None
        assert output.vad[:, 2].isnan().all()
        losses = Objective(terms)(
            output.embedding, logits=output.logits, vad=output.vad, class_centers=model.class_centers,
            labels=labels, target_vad=targets,
        )  # fmt: skip
        optimizer.zero_grad()
        torch.autograd.backward(losses.total)
        assert all(each.grad is not None and each.grad.isfinite().all() for each in model.parameters())
        optimizer.step()
        totals.append(losses.total.item())
    assert totals[-1] < 0.7 * totals[0]


def test_dimensions_alone_need_no_taxonomy() -> None:
    model = make(emotions=False, dimensions=("valence", "arousal"), labels=None)
    output = model(torch.randn(2, 3, 32, 32))
    assert output.logits is None
    assert output.vad is not None
    assert model.taxonomy is None


def test_class_centres_do_not_disturb_the_other_weights() -> None:
    without, with_centers = make(), make(class_centers=True)
    state = with_centers.state_dict()
    centers = state.pop("class_centers")
    assert list(state) == list(without.state_dict())
    assert all(torch.equal(each, state[key]) for key, each in without.state_dict().items())
    assert torch.equal(make(class_centers=True).state_dict()["class_centers"], centers)
    assert not torch.equal(make(seed=1, class_centers=True).state_dict()["class_centers"], centers)


def test_parameter_groups_are_whole_and_disjoint() -> None:
    model = make(class_centers=True, dimensions=("valence",))
    backbone, new = model.parameter_groups()
    assert {id(each) for each in backbone} == {id(each) for each in model.backbone.parameters()}
    assert not {id(each) for each in backbone} & {id(each) for each in new}
    assert len(backbone) + len(new) == len(list(model.parameters()))
    assert any(each is model.class_centers for each in new)


@torch.no_grad()
def test_folding_keeps_the_output_and_is_remembered() -> None:
    model = make().double().eval()
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    before = model(images).logits
    model.fold()
    assert model.config.folded
    torch.testing.assert_close(model(images).logits, before)
    assert not any(isinstance(each, nn.BatchNorm2d) for each in model.modules())
    rebuilt = create_model(replace(model.config, weights=None), MIKELS)
    assert list(rebuilt.state_dict()) == list(model.state_dict())


def test_a_backbone_that_does_not_fold_whole_is_refused() -> None:
    model = make(backbone="resnetv2_18", gram=GramConfig())
    with pytest.raises(ModelError, match=r"resnetv2_18: only \d+ of \d+ batch norms can be folded.*frozen"):
        model.fold()


def test_mixed_precision_gives_finite_answers() -> None:
    model = make(dimensions=("valence",)).eval()
    images = torch.randn(2, 3, 32, 32).to(memory_format=torch.channels_last)
    model = model.to(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model(images)
    assert mixed.logits is not None
    assert mixed.embedding.dtype == torch.float32
    torch.testing.assert_close(mixed.embedding, model(images).embedding.detach(), rtol=0.1, atol=0.05)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"emotions": False}, "needs a head"),
        ({"labels": None}, "needs a taxonomy"),
        ({"labels": Taxonomy.custom("one", ["joy"])}, "at least two labels"),
        ({"emotions": False, "dimensions": ("valence",), "class_centers": True}, "class centres belong to"),
        ({"backbone": "resnet19"}, "did you mean"),
        ({"gram": GramConfig(maps=(9,))}, "has no map 9"),
        (
            {"backbone": "resnet50", "backbone_args": {}, "gram": GramConfig(maps=(1, 2, 3))},
            r"537,397,248 on 1024 channels.*gram\.compress = 64",
        ),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=re.compile(message)):
        make(**changes)


def test_the_compressed_form_of_what_was_refused_is_made() -> None:
    gram = GramConfig(maps=(1, 2, 3), compress=64)
    model = make(backbone="resnet50", backbone_args={}, gram=gram)
    assert model.num_features == 128 + 256 + 512


@torch.no_grad()
def test_the_dimensions_head_reads_moments_of_maps_that_gram_modules_may_read_too() -> None:
    model = make(dimensions=("arousal",), dimension_maps=(3, 1)).eval()
    assert model.backbone.map_indices == (1, 2, 3)
    images = torch.randn(2, 3, 64, 64)
    _, maps = model.backbone(images)
    pieces = []
    for each in (maps[2], maps[0]):  # in the order that was asked for
        wide = each.double().flatten(2).numpy()
        pieces += [wide.mean(2), np.sqrt(wide.var(2) + 1e-6)]
    output = model(images)
    np.testing.assert_allclose(output.moments, np.concatenate(pieces, 1), rtol=1e-4, atol=1e-5)
    assert model.num_moments == output.moments.shape[1] == 2 * sum(model.backbone.map_channels[0::2])
    assert model.dimension_head is not None
    assert output.vad is not None
    linear = model.dimension_head.linear
    read = torch.cat([output.embedding, output.moments], dim=1)
    assert torch.equal(output.vad[:, 1], torch.tanh(read @ linear.weight[0] + linear.bias[0]))
    plain = make(dimensions=("arousal",)).eval()
    assert model.num_features == plain.num_features
    assert torch.equal(plain(images).moments, torch.zeros(2, 0))


def test_maps_for_a_dimensions_head_that_is_not_there_are_refused() -> None:
    with pytest.raises(ModelError, match=r"dimension_maps are read by the head of model\.dimensions"):
        make(dimension_maps=(1,))


def test_several_weights_are_for_recipes() -> None:
    with pytest.raises(ModelError, match="several models are averaged where a recipe is trained"):
        make(weights=("one", "other"))
