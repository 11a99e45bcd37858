"""A study's file: what is allowed, what is refused, and what recipes it makes."""

from pathlib import Path
from typing import Any

import pytest

from evocative.errors import RecipeError
from evocative.study.load import arm_recipe, load_study, notes, parse_study

PLAIN: dict[str, Any] = {"recipe": "default", "arms": {"plain": {}}}


def test_settings_of_study_arm_and_candidate_lie_over_the_recipe_in_this_order(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[[data.sources]]\npath = "a.csv"\nfolds = "f.csv"\n[optimizer]\nlr = 0.5\n', encoding="utf-8"
    )
    (tmp_path / "arms.toml").write_text(
        """
        recipe = "own.toml"
        reference = "center"
        set = { optimizer.lr = 0.1, "training.epochs" = 3, "model.weights" = "none" }
        [arms.center]
        set = { optimizer.lr = 0.2, "losses.contrastive_center" = { weight = 0.5 } }
        grid = { "optimizer.momentum" = [0.8, 0.7], "losses.contrastive_center.margin" = [1, 2] }
        """,
        encoding="utf-8",
    )
    study = load_study(tmp_path / "arms.toml")
    assert study.name == "arms"
    made = [arm_recipe(study, "center", number) for number in range(4)]
    pairs = [(recipe.optimizer.momentum, recipe.losses[1].margin) for recipe in made]
    assert pairs == [(0.8, 1), (0.8, 2), (0.7, 1), (0.7, 2)]
    assert {(one.optimizer.lr, one.training.epochs, one.losses[1].weight, one.name) for one in made} == {
        (0.2, 3, 0.5, "arms-center")
    }
    assert {one.model.weights for one in made} == {None}


def test_every_mistake_is_told_at_once() -> None:
    values = {
        "recipe": "default",
        "folds": [0, 0],
        "seeds": [],
        "reference": "plane",
        "set": {"seed": 1},
        "arms": {
            "plain": {"set": {"data.fold": 3}},
            "a/b": {"grid": {"optimizer.lr": 0.1}},
        },
    }
    with pytest.raises(RecipeError) as found:
        parse_study(values)
    message = str(found.value)
    for expected in (
        "7 setting(s)", "did you mean 'plain'", "folds: a value stands twice", "seeds: expected one or more",
        "set: seed comes from the study's seeds", "arms.plain.set: data.fold comes from the study's folds",
        "arms.a/b: a name is made of", "arms.a/b.grid.optimizer.lr: expected a list",
    ):  # fmt: skip
        assert expected in message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seds": [1]}, "unknown key 'seds'; did you mean 'seeds'"),
        ({"arms": {"plain": {"sett": {}}}}, "arms.plain: unknown key 'sett'; did you mean 'set'"),
        ({"select": {"figure": "f1"}}, "select.figure"),
        ({"recipe": "defalt"}, "did you mean 'default'"),
        ({"arms": {"plain": {"set": {"optimizer.lrr": 1}}}}, "arms.plain: optimizer: unknown key 'lrr'"),
        ({"arms": {"plain": {"set": {"optimizer.lr": -1}}}}, "arms.plain: optimizer.lr: expected above 0"),
        ({"recipe": "dissertation-fi8"}, "no source of the recipe names its folds"),
        (
            {"arms": {"plain": {}, "b": {"candidates": [{"seed": 1}], "grid": {"optimizer.lr": [1]}}}},
            "give candidates or a grid, not both",
        ),
        ({"arms": {"plain": {}, "b": {"grid": {"optimizer.lr": [0.1]}}}}, "select.allow_untuned = true"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(RecipeError) as found:
        parse_study(PLAIN | changes)
    assert expected in str(found.value)


def test_different_tuning_budgets_are_said() -> None:
    arms = {
        "plain": {"grid": {"optimizer.lr": [0.01, 0.02]}},
        "b": {"grid": {"optimizer.lr": [0.01, 0.02, 0.03]}},
    }
    assert "plain 2, b 3" in notes(parse_study({"recipe": "default", "arms": arms}))[0]
    assert notes(parse_study(PLAIN)) == []


def test_a_study_without_folds_uses_the_recipes_own_split() -> None:
    study = parse_study({"recipe": "dissertation-fi8", "folds": [], "arms": {"plain": {}}})
    assert study.places == (None,)


def test_a_study_without_predictions_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"arms\.own: evaluation\.run: found false, but a study compares"):
        parse_study({**PLAIN, "arms": {"plain": {}, "own": {"set": {"evaluation.run": False}}}})
