"""Recipes: what is read, what is refused, and that all mistakes come at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evocative.errors import RecipeError
from evocative.recipe import Recipe, available, load, parse

TEXT = """
name = "try"
[[data.sources]]
dataset = "fi8"
path = "fi8"
[[losses]]
name = "cross_entropy"
[[losses]]
name = "contrastive_center"
weight = 0.5
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "try.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_defaults_are_the_dissertations() -> None:
    recipe = Recipe()
    assert (recipe.optimizer.name, recipe.optimizer.lr, recipe.optimizer.momentum) == ("sgd", 0.02, 0.9)
    assert (recipe.schedule.name, recipe.schedule.period_epochs, recipe.schedule.min_lr) == (
        "cosine_restarts",
        5,
        1e-4,
    )
    assert (recipe.training.epochs, recipe.training.batch_size, recipe.optimizer.clip_norm) == (20, 256, 5)
    assert (recipe.augmentation.randaugment_n, recipe.augmentation.randaugment_m) == (2, 3)


def test_round_trip_through_plain_values() -> None:
    recipe = parse({"model": {"gram": {"maps": [1, 2, 3]}}, "optimizer": {"clip_norm": None}})
    assert parse(recipe.to_dict()) == recipe
    assert recipe.model.gram.maps == (1, 2, 3)


def test_overrides_reach_sections_and_named_losses(recipe_file: Path) -> None:
    recipe = load(
        recipe_file,
        ["optimizer.lr=0.1", "losses.contrastive_center.weight=0", "model.backbone=resnet18",
         "data.sources.0.path=x", "optimizer.clip_norm=none", "model.gram.maps=[1, 2]"],
    )  # fmt: skip
    assert recipe.optimizer.lr == 0.1
    assert recipe.losses[1].weight == 0
    assert recipe.model.backbone == "resnet18"
    assert recipe.data.sources[0].path == "x"
    assert recipe.optimizer.clip_norm is None
    assert recipe.model.gram.maps == (1, 2)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("optimizer.lr", "expected section.key=value"),
        ("optimizer.rate=1", "unknown key 'rate'"),
        ("losses.center.weight=1", "unknown entry 'center'"),
        ("optimizer.lr.high=1", "valid number"),
        ("training.precision=fp8", "expected 'auto', 'fp32', 'bf16' or 'fp16'"),
        ("schedule.min_lr=1", "min_lr is above"),
        (
            "losses.contrastive_center.weight=-1",
            "losses.contrastive_center.weight: expected 0 or more, found -1",
        ),
        ("training.batch_size=0", "expected 1 or more"),
        ("training.monitor=acc", "expected 'loss'"),
        ("training.monitor=valence_r", "needs valence in model.dimensions"),
        ("losses.cross_entropy.weight=0", "nothing trains the emotion head"),
        ("optimizer.clip_norm=0", "expected above 0 or none"),
        ("training.average_with_start=0.5", "needs training.head_start"),
        ("model.gram.backbone_fusion=residual", "'residual' needs model.gram.maps"),
        ("model.gram.backbone_fusion=append", "'append' needs model.gram.maps"),
        ("model.gram={ maps = [1], rank = 4, triangle = true }", "rank and triangle exclude each other"),
        ('model.gram={ maps = [1], start = "zero", fusion = "multiply" }', "makes the other branch zero"),
        ("model.frozen_stages=-1", "model.frozen_stages: expected 0 or more"),
        ("optimizer.depth_decay=0", r"optimizer.depth_decay: expected \(0, 1\]"),
        ("training.ema=1", r"training.ema: expected \[0, 1\)"),
        ("augmentation.mixup=-0.1", "augmentation.mixup: expected 0 or more"),
        ("augmentation.cutmix=-1", "augmentation.cutmix: expected 0 or more"),
        ("losses.cross_entropy.effective_beta=1", r"effective_beta: expected \[0, 1\)"),
        ("losses.contrastive_center.focal_gamma=2", "focal_gamma are of cross_entropy"),
        ("losses.cross_entropy.class_weights=log", "expected 'none', 'balanced', 'sqrt' or 'effective'"),
        ("model.gram.rank=0", "model.gram.rank: expected 1 or more or none, found 0"),
        ("model.gram.normalization=l2", "expected 'none', 'signed_sqrt' or 'matrix_sqrt'"),
    ],
)
def test_mistakes_are_named(recipe_file: Path, override: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        load(recipe_file, [override])


@pytest.mark.parametrize("way", ["mixup", "cutmix"])
def test_stored_features_cannot_be_mixed(way: str) -> None:
    with pytest.raises(RecipeError, match="mixup and cutmix mix images"):
        parse({"features": {"stored": True}, "augmentation": {way: 0.2}})


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(RecipeError) as caught:
        parse(
            {"optimizr": {}, "training": {"epoch": 3, "precision": "fp8"}, "data": {"sources": [{"pth": 1}]}}
        )
    message = str(caught.value)
    assert "4 setting(s)" in message
    assert "did you mean 'optimizer'?" in message
    assert "did you mean 'epochs'?" in message
    assert "data.sources.0: unknown key 'pth'" in message


def test_unknown_recipe_names_what_there_is() -> None:
    with pytest.raises(RecipeError, match="unknown recipe 'defalt'"):
        load("defalt")


def test_broken_toml_is_a_recipe_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("a = [", encoding="utf-8")
    with pytest.raises(RecipeError, match="not a TOML file"):
        load(path)


@pytest.mark.parametrize("name", sorted(available()))
def test_committed_recipes_are_sound_and_name_no_place(name: str) -> None:
    text = available()[name].read_text(encoding="utf-8")
    load(name)
    assert '"/' not in text
    assert ".." not in text


def test_published_recipes_say_what_the_papers_say() -> None:
    """The numbers as printed: 2024 section 4.2, dissertation sections 4.4 and 5.2.3."""
    sadness, shallow = load("motiejauskas2024"), load("zhang2022")
    assert (sadness.optimizer.lr, sadness.training.batch_size) == (2 * 0.002, 2 * 64)
    assert (sadness.training.epochs, shallow.training.epochs) == (25, 60)
    assert (sadness.augmentation.randaugment_n, sadness.augmentation.randaugment_m) == (3, 7)
    assert sadness.preprocessing is not None
    assert sadness.preprocessing.size == 256
    for data, beta, separation in (("fi8", 0.5, 100), ("emoset118k", 1, 100), ("webemo-sadness", 0.5, 5)):
        recipe = load(f"dissertation-{data}")
        assert (recipe.losses[1].weight, recipe.losses[1].inter_weight) == (beta, separation)
        assert (recipe.training.epochs, recipe.training.batch_size, recipe.optimizer.lr) == (20, 256, 0.02)
    assert load("dissertation-caer-s").training.epochs == 50


def test_no_clipping_can_be_written_in_toml_and_in_json() -> None:
    recipe = load("plain-resnet50")
    assert recipe.optimizer.clip_norm is None
    assert parse(recipe.to_dict()) == recipe
    assert parse({"optimizer": {"clip_norm": float("inf")}}).optimizer.clip_norm is None


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        max_size=3,
    )
)
def test_any_values_give_a_recipe_or_a_recipe_error(values: dict[str, object]) -> None:
    try:
        parse(values)
    except RecipeError:
        return
    assert set(values) <= set(Recipe.__dataclass_fields__)


def test_the_text_filter_is_section_351s() -> None:
    recipe = load("text-filter")
    assert recipe.data.split == {"train": 0.7, "validation": 0.15, "test": 0.15}
    assert (recipe.model.backbone, recipe.optimizer.name, recipe.optimizer.lr) == (
        "legacy_xception",
        "sgd",
        0.001,
    )
    augmentation = recipe.augmentation
    assert (augmentation.zoom, augmentation.rotation) == ((0.05, 0.15), 108)
    assert augmentation.flip
    assert augmentation.flip_vertical
    assert not augmentation.random_resized_crop
