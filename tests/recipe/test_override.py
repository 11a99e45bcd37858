"""Single settings changed by a dotted key."""

from typing import Any

import pytest

from evocative.errors import RecipeError
from evocative.recipe import load
from evocative.recipe.override import flat, override


def test_a_table_for_a_loss_adds_or_replaces_it() -> None:
    values: dict[str, Any] = {"losses": [{"name": "cross_entropy"}]}
    override(values, "losses.contrastive_center", {"weight": 0.5, "margin": 5.0})
    override(values, "losses.contrastive_center", {"weight": 0.1})
    override(values, "losses.cross_entropy.label_smoothing", 0.1)
    assert values["losses"] == [
        {"name": "cross_entropy", "label_smoothing": 0.1},
        {"name": "contrastive_center", "weight": 0.1},
    ]


def test_the_default_loss_can_be_changed_where_a_recipe_names_none() -> None:
    values: dict[str, Any] = {}
    override(values, "losses.cross_entropy.label_smoothing", 0.1)
    assert values == {"losses": [{"name": "cross_entropy", "label_smoothing": 0.1}]}


def test_none_is_no_value_only_where_a_setting_allows_it() -> None:
    recipe = load(
        "dissertation-fi8",
        ["optimizer.clip_norm=none"],
        settings=[("model.weights", "none"), ("losses.cross_entropy.class_weights", "none")],
    )
    assert recipe.optimizer.clip_norm is None
    assert recipe.model.weights is None
    assert recipe.losses[0].class_weights == "none"


def test_given_values_are_not_shared() -> None:
    arm = {"losses": [{"name": "cross_entropy"}]}
    first: dict[str, Any] = {}
    for key, value in flat(arm).items():
        override(first, key, value)
    override(first, "losses.cross_entropy.weight", 2.0)
    assert arm == {"losses": [{"name": "cross_entropy"}]}


def test_tables_in_tables_are_dotted_keys_but_tables_as_values_stay() -> None:
    written = {
        "optimizer": {"lr": 0.1},
        "model": {"gram": {"maps": [1]}, "backbone_args": {"pad_type": "same"}},
        "data.split": {"train": 1.0},
        "losses": {"contrastive_center": {"weight": 0.5}},
        "preprocessing": {"size": 64},
    }
    assert flat(written) == {
        "optimizer.lr": 0.1,
        "model.gram.maps": [1],
        "model.backbone_args": {"pad_type": "same"},
        "data.split": {"train": 1.0},
        "losses.contrastive_center": {"weight": 0.5},
        "preprocessing.size": 64,
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [("losses.centre.weight", "arms.a losses.centre: unknown entry"), ("seed.x", "seed is not a section")],
)
def test_no_such_place(key: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        load("dissertation-fi8", settings=[("seed", 1), (key, 1)], where="arms.a")
