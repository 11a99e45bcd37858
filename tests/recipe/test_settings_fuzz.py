"""Any setting of any recipe, changed in any way, gives a recipe or one error that names it."""

import random
from typing import Any

import pytest
from tests.damage import damaged, fuzz_seconds, within

from evocative.errors import EvocativeError, RecipeError
from evocative.recipe import available, load, parse
from evocative.recipe.override import split_assignment


def test_changed_settings_are_a_recipe_or_are_named() -> None:
    """A seeded sample of some 20,000 changes, of types, ranges and presence (in short, of four recipes')."""
    names = sorted(available())
    chosen = names if fuzz_seconds() > 10 else random.Random(0).sample(names, 4)
    cases: list[tuple[str, str, Any]] = [
        (name, way, values) for name in chosen for way, values in damaged(load(name).to_dict())
    ]
    random.Random(0).shuffle(cases)
    tried = 0
    for name, way, values in within(fuzz_seconds(), iter(cases)):
        parts = [part for part in way.split(":")[0].split(".") if not part.isdigit()]
        try:
            recipe = parse(values, where=name)
        except RecipeError as error:
            said = "unknown key" in str(error) or any(part in str(error) for part in parts)
        else:
            said = parse(recipe.to_dict()) == recipe  # and no NaN, which equals nothing
        assert said, f"{name}, {way}"
        tried += 1
    assert tried > 100


_KEYS = (
    "losses", "losses.0", "losses.7", "losses.contrastive_center", "losses.nothing.weight", "losses.0.weight",
    "losses.contrastive_center.weight", "data", "data.sources", "data.sources.0", "data.sources.0.path",
    "data.sources.fi8.path", "data.sources.9.path", "data.split", "data.split.train", "model.gram.maps.0",
    "model.gram.maps.7", "model", "optimizer.lr.high", "training", "trainig.epochs", "", ".", "..a", "seed",
    "name.x", "model.backbone_args.channels", "preprocessing", "preprocessing.mean.1",
)  # fmt: skip
_VALUES = (
    "1", ".5", "5.", "-1", "nan", "inf", "none", "true", "True", "", "''", "[]", "{}", "[1, 2",
    "{ weight = 1 }",
    '{ name = "qi_su" }', "[[1]]", "1979-05-27", "1\nb = 2", "9" * 400, "x" * 300, "\x00", "[" * 2000,
)  # fmt: skip


@pytest.mark.parametrize("key", _KEYS)
def test_any_override_is_a_recipe_or_a_recipe_error(key: str) -> None:
    for value in _VALUES:
        try:
            load("fi8", [f"{key}={value}"])
        except EvocativeError as error:
            named = str(error)
        else:
            named = "a recipe"
        assert named, value


def test_numbers_and_truth_as_people_write_them() -> None:
    assert split_assignment("a.b=.5") == ("a.b", 0.5)
    assert split_assignment("a.b=5.") == ("a.b", 5.0)
    assert split_assignment("a.b=True") == ("a.b", True)
    assert split_assignment("a.b=007") == ("a.b", 7)
    assert split_assignment("a.b=1e-3") == ("a.b", 0.001)
    assert load("dissertation-fi8", ["losses.contrastive_center.weight=.5"]).losses[1].weight == 0.5


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            ["losses.contrastive_center.weight=.5"],
            r"no term contrastive_center; it has cross_entropy. To add it write "
            r"losses.contrastive_center=\{ weight = 0.5 \}",
        ),
        (["losses.contrastive_centre.weight=1"], "'contrastive_centre'; did you mean 'contrastive_center'"),
        (["losses.qi_su=1"], r"a table of the term's settings, as in losses.qi_su=\{ weight = 1.0 \}"),
        (["data.sources.fi8.path=x"], "data.sources has 1 entry, 0, and a key leads to one by its number"),
        (["data.sources.4.path=x"], "data.sources has 1 entry, 0"),
        (["training.epochs=true"], "training.epochs: expected a valid integer, found True"),
        (["training.epochs='3'"], "training.epochs: expected a valid integer, found '3'"),
        (["optimizer.lr=nan"], "optimizer.lr: expected a finite number, found nan"),
        (["training=3"], "training: expected an object, found 3"),
        (["losses.a.b=1", "losses.c.d=2"], "(?s)unknown entry 'a'.*unknown entry 'c'"),
        (["optimizer.lr=-1", "seed=-1"], r"(?s)2 setting.*seed: expected .*optimizer.lr: expected above 0"),
    ],
)  # fmt: skip
def test_what_to_write_is_said(overrides: list[str], expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        load("fi8", overrides)


def test_a_sections_table_changes_the_keys_that_it_names() -> None:
    before, after = load("fi8"), load("fi8", ["training={ epochs = 1 }"])
    assert after.training.epochs == 1
    assert after.training.batch_size == before.training.batch_size


def test_entries_of_lists_are_replaced_by_number() -> None:
    recipe = load("dissertation-fi8", ['losses.1={ name = "qi_su", weight = 0.1 }', "model.gram.maps.0=0"])
    assert [loss.name for loss in recipe.losses] == ["cross_entropy", "qi_su"]
    assert recipe.model.gram.maps == (0, 2, 3)
    assert load("fi8", ["data.sources.0={ path = 'x' }"]).data.sources[0].path == "x"
