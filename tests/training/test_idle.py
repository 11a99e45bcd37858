"""Losses that could not act are refused before any work, all at once, and say why."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.training.conftest import make_recipe

from evocative.data.table import Table
from evocative.errors import RecipeError
from evocative.recipe import LossConfig, Recipe
from evocative.training.idle import idle_losses, idle_on_rows
from evocative.training.run import check, run
from evocative.training.sources import gather

CE, CENTER = {"name": "cross_entropy"}, {"name": "contrastive_center", "weight": 0.5}
PLAIN: dict[str, Any] = {
    "backbone": "test_efficientnet", "weights": None, "dimensions": [], "gram": {"maps": []}
}  # fmt: skip
MAPS = PLAIN | {"gram": {"maps": [1]}}


def recipe(*losses: dict[str, Any], **sections: Any) -> Recipe:
    return make_recipe(losses=list(losses), **({"model": PLAIN} | sections))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (recipe(CE, CENTER, features={"stored": True}), "contrastive_center: cannot act: features.stored"),
        (recipe(CE, CENTER | {"name": "qi_su"}, features={"stored": True}), "losses.qi_su: cannot act"),
        (
            recipe(CE, CENTER, optimizer={"backbone_lr_scale": 0.0}),
            "losses.contrastive_center: cannot act: optimizer.backbone_lr_scale = 0",
        ),
        (
            recipe(CE, {"name": "rotation", "weight": 0.5}, optimizer={"backbone_lr_scale": 0.0}),
            "losses.rotation: cannot act",
        ),
        (recipe(CE, CENTER | {"delta": 2.0}, model=MAPS), "losses.contrastive_center.delta: is not read"),
        (recipe(CE | {"margin": 3.0}), "losses.cross_entropy.margin: .* but by contrastive_center"),
        (recipe(CE, {"name": "qi_su", "inter_weight": 2.0}), "losses.qi_su.inter_weight: is not read"),
    ],
)  # fmt: skip
def test_terms_that_reach_nothing_are_named(settings: Recipe, named: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=named):
        check(
            replace(settings, data=replace(settings.data, sources=())),
            data_root=tmp_path,
            weights_root=tmp_path,
        )


def test_terms_that_reach_something_may_stay() -> None:
    assert idle_losses(recipe(CE, CENTER)) == []  # the backbone learns
    assert idle_losses(recipe(CE, CENTER, model=MAPS, features={"stored": True})) == []  # the modules learn
    assert idle_losses(recipe(CE, CENTER | {"weight": 0.0}, features={"stored": True})) == []  # left out
    stored = recipe(CE, CENTER, features={"stored": True})
    assert idle_losses(replace(stored, training=replace(stored.training, epochs=0))) == []


def test_nothing_but_weights_of_0() -> None:
    made = recipe(CE)
    nothing = replace(made, losses=(LossConfig(weight=0.0),))
    assert idle_losses(nothing)[0].startswith("losses: every weight is 0, so that")


def _rows(data: Path, **columns: Any) -> Table:
    train = gather(make_recipe().data, data).train
    return train.assign(**columns)


def test_terms_that_no_row_speaks_to_come_at_once(tiny_data: Path) -> None:
    made = make_recipe(
        losses=[CE | {"class_weights": "balanced"}, CENTER, {"name": "dimensions"}, {"name": "distribution"}]
    )
    assert idle_on_rows(make_recipe(), _rows(tiny_data)) == []
    bare = _rows(tiny_data, label=None, valence=float("nan"), arousal=float("nan"))
    found = "\n".join(idle_on_rows(made, bare))
    for line in (
        "losses.cross_entropy: no training row has a label and balanced class weights no counts",
        "losses.contrastive_center: no training row has a label",
        "losses.dimensions: no training row has valence or arousal",
        "losses.distribution: no training row has votes (columns votes_<label>)",
    ):
        assert line in found


def test_a_run_refuses_them(tiny_data: Path, tmp_path: Path) -> None:
    made = make_recipe(
        losses=[CE, {"name": "dimensions"}, {"name": "distribution"}],
        model=MAPS | {"dimensions": ["dominance"]},
    )
    with pytest.raises(RecipeError, match=r"2 term\(s\) that cannot act\n.*dominance.*\n.*votes"):
        run(made, data_root=tiny_data, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
