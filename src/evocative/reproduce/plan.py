"""From a table's rows to recipes, and from these to studies that share whatever is trained already.

A run's folder bears the digest of all its settings, so that rows of several tables that ask for the same
network share its runs, and a changed setting trains anew beside what was there:

    OUTPUT/fi8/runs/tf_efficientnet_b0_v3_beta0.5_m5_lambda100-1f0c53d2/split_seed-0/
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from evocative.errors import EvocativeError
from evocative.recipe import Recipe, Source
from evocative.recipe import load as load_recipe
from evocative.recipe.override import flat
from evocative.reproduce.backbones import Backbone
from evocative.reproduce.datasets import Found
from evocative.reproduce.published import PublishedTable, Row
from evocative.reproduce.quick import quick_settings
from evocative.study.load import parse_study
from evocative.study.settings import Study


@dataclass(frozen=True)
class Wish:
    """What is asked for beyond the table."""

    quick: bool = False
    backbone: Backbone | None = None
    """In the place of the published ones."""
    settings: tuple[tuple[str, Any], ...] = ()
    """Of every recipe, as pairs of a dotted key and a value; over all else."""
    runs: int | None = None
    """In the place of the published number."""

    @property
    def told(self) -> list[str]:
        """Say what differs from the paper by wish."""
        lines = []
        if self.backbone is not None:
            lines.append(
                f"Another network than the paper's stands in every row that is ours: {self.backbone.name}."
            )
        if self.settings:
            lines.append(
                "Set by hand: " + ", ".join(f"{key} = {value}" for key, value in self.settings) + "."
            )
        return lines


@dataclass(frozen=True)
class Planned:
    """A row that can be trained: its recipe, and the arm of a study that its runs are."""

    row: Row
    data: str
    recipe: str
    settings: tuple[tuple[str, Any], ...]
    arm: str
    runs: int


def rows_of(table: PublishedTable, wish: Wish) -> tuple[Row, ...]:
    """Return the rows that are ours to train; to a table of backbones another network adds its own."""
    if wish.backbone is None:
        return table.rows
    if table.rows_are == "settings":
        return tuple(row for row in table.rows if not row.fixed)
    first = {table.data_of(row): row for row in reversed(table.rows)}
    return tuple(
        replace(row, name=f"{row.name.partition(',')[0]}, {wish.backbone.name}", paper={}, sd={})
        for row in reversed(first.values())
    )


def plan(table: PublishedTable, row: Row, found: Mapping[str, Found], wish: Wish) -> Planned:
    """Resolve the recipe of a row.

    Args:
        table: What the row is of.
        row: One of `rows_of`.
        found: The data sets below the data root.
        wish: What is asked for beyond the table.

    Raises:
        RecipeError: The recipe is unknown, or a setting is wrong.
    """
    data, recipe = table.data_of(row), table.recipe_of(row)
    source = found[data].source or Source(data, data)
    settings: list[tuple[str, Any]] = [("data.sources", [asdict(source)])]
    backbone = {} if wish.backbone is None or row.fixed else wish.backbone.settings
    for layer in (table.set, row.set, backbone):
        settings += flat(layer).items()
    settings += wish.settings
    where = f"table {table.name}, {row.name}"
    if wish.quick:
        resolved = load_recipe(recipe, settings=settings, where=where)
        settings = [*settings, *quick_settings(resolved).items(), *wish.settings]
    resolved = load_recipe(recipe, settings=settings, where=where)
    runs = wish.runs or (1 if wish.quick else table.runs_of(row))
    return Planned(row, data, recipe, tuple(settings), arm_name(resolved), runs)


def plan_all(
    table: PublishedTable, found: Mapping[str, Found], wish: Wish
) -> tuple[list[Planned], dict[str, str]]:
    """Resolve every row whose data are there; for each other one say why it cannot run, by its name."""
    planned, why = [], {}
    if wish.backbone is not None and table.rows_are == "settings":
        why = {row.name: "left out: its network is its own" for row in table.rows if row.fixed}
    for row in rows_of(table, wish):
        if row.printed_only:
            why[row.name] = "the paper's value only: this method is not among our networks"
            continue
        needed = dict.fromkeys([table.data_of(row), *([row.test] if row.test else [])])
        if missing := [found[name].told for name in needed if not found[name].usable]:
            why[row.name] = "; ".join(missing)
            continue
        try:
            planned.append(plan(table, row, found, wish))
        except EvocativeError as error:
            why[row.name] = str(error)
    return planned, why


def studies(planned: Iterable[Planned]) -> list[tuple[str, Study]]:
    """Return a study for each data set, recipe and number of runs, with the data set's name.

    Raises:
        RecipeError: A setting is not the table's to give, as the seed.
    """
    parts: dict[tuple[str, str, int], list[Planned]] = {}
    for one in planned:
        parts.setdefault((one.data, one.recipe, one.runs), []).append(one)
    return [(data, _study(data, recipe, runs, some)) for (data, recipe, runs), some in parts.items()]


def _study(data: str, recipe: str, runs: int, planned: list[Planned]) -> Study:
    arms = {one.arm: {"title": one.row.name, "set": dict(one.settings)} for one in planned}
    return parse_study(
        {
            "name": data,
            "recipe": recipe,
            "folds": [],
            "seeds": list(range(runs)),
            "reference": planned[0].arm,
            "keep_models": True,  # other data sets are tested on with them, perhaps later
            "arms": arms,
        },
        where=f"tables on {data}",
    )


def arm_name(recipe: Recipe) -> str:
    """Return a name that tells the settings most spoken of, and is another one for any other setting.

    Settings at their defaults do not count, so that a new one leaves old runs what they are.
    """
    plain = replace(recipe, name="", seed=0).to_dict()
    told = json.dumps(_changed(plain, Recipe(name="").to_dict()), sort_keys=True)
    return "_".join(_words(recipe)) + "-" + hashlib.sha256(told.encode()).hexdigest()[:8]


def _words(recipe: Recipe) -> list[str]:
    necks = {
        "motiejauskas2026": f"v{len(recipe.model.gram.maps)}",
        "motiejauskas2024": f"k{recipe.model.motiejauskas2024.modules}",
    }
    neck = recipe.model.neck
    words = [recipe.model.backbone.replace("/", "."), necks.get(neck, neck)]
    for loss in recipe.losses:
        if loss.name == "contrastive_center":
            words += [f"beta{loss.weight:g}", f"m{loss.margin:g}", f"lambda{loss.inter_weight:g}"]
    return [*words, "quick"] if recipe.data.limit else words


def _changed(values: Any, defaults: Any) -> Any:
    """Return the settings that differ from the defaults."""
    if not (isinstance(values, dict) and isinstance(defaults, dict)):
        return values
    return {
        key: _changed(value, defaults.get(key)) for key, value in values.items() if value != defaults.get(key)
    }
