"""The tables that come along: all of them parse, and what they hold is what the papers print."""

import pytest

from evocative.errors import RecipeError
from evocative.recipe import Recipe, load
from evocative.recipe import available as recipes
from evocative.recipe.override import flat
from evocative.reproduce.parse import available, load_table, parse_table
from evocative.reproduce.published import COUNTS, PublishedTable, Row

DISSERTATION = ["3.6", *(f"5.{number}" for number in range(1, 14))]
CROSS = ("5.11", "5.12", "5.13")


@pytest.fixture(scope="module")
def tables() -> dict[str, PublishedTable]:
    return {name: load_table(name) for name in available()}


def test_every_table_is_there_in_order(tables: dict[str, PublishedTable]) -> None:
    names = list(tables)
    assert names[: len(DISSERTATION)] == DISSERTATION
    assert {"paper-3", "paper-4", "paper-5", "paper-6", "report-1", "report-2"} <= set(names)
    for table in tables.values():
        assert table.title
        assert table.source
        assert table.place


@pytest.mark.parametrize("name", list(available()))
def test_every_row_is_a_recipe(name: str, tables: dict[str, PublishedTable]) -> None:
    table = tables[name]
    for row in table.rows:
        assert table.recipe_of(row) in recipes()
        recipe = load(table.recipe_of(row), settings=[*flat(table.set).items(), *flat(row.set).items()])
        assert recipe.evaluation.run


def cross(row: Row) -> tuple[int, float]:
    """Return the sum of a row's counts, and the rate of it that is of opposite sentiment, in percent."""
    counts = [int(row.paper[name]) for name in COUNTS if name != "eligible"]
    opposite = row.paper["positive_negative"] + row.paper["negative_positive"]
    return sum(counts), 100 * opposite / sum(counts)


def test_ten_printed_rows_of_counts_add_up_and_two_do_not(tables: dict[str, PublishedTable]) -> None:
    rows = {f"{name} {row.name}": row for name in CROSS for row in tables[name].rows}
    assert len(rows) == 12
    off = {
        name: row
        for name, row in rows.items()
        if cross(row)[0] != row.paper["eligible"] or round(cross(row)[1], 1) != row.paper["cross"]
    }
    assert set(off) == {"5.11 Baseline, θ = 0.3", "5.13 Baseline, no threshold"}

    total, rate = cross(off["5.11 Baseline, θ = 0.3"])
    assert (total, off["5.11 Baseline, θ = 0.3"].paper["eligible"]) == (559, 552)
    assert round(rate, 1) == 43.5  # the printed rate fits the counts' own sum

    row = off["5.13 Baseline, no threshold"]
    total, rate = cross(row)
    assert (total, row.paper["eligible"]) == (17_129, 17_716)
    assert round(rate, 1) != row.paper["cross"]
    assert row.paper["positive_negative"] == row.paper["negative_positive"] == 1_710
    mended = row.paper["eligible"] - total + 1_710
    assert mended == 2_297
    assert round(100 * (1_710 + mended) / row.paper["eligible"], 1) == row.paper["cross"] == 22.6
    for name in ("5.11", "5.13"):
        assert any("add up" in line for line in tables[name].oddities)


def test_sums_of_rows_are_the_test_sets(tables: dict[str, PublishedTable]) -> None:
    sizes = {"5.11": 3_176, "5.12": 3_407, "5.13": 17_716}
    for name, size in sizes.items():
        for row in tables[name].rows:
            assert row.tested == size
            assert row.theta == 0.3 or row.paper["eligible"] == size
    for name, supports in (("paper-5", (467, 353)), ("paper-6", (888, 484))):
        (row,) = (row for row in tables[name].rows if row.paper)
        assert [row.paper["support/others"], row.paper["support/sadness"]] == list(supports)
        assert sum(supports) == row.tested


@pytest.mark.parametrize("name", ["5.2", "5.3", "5.4", "paper-4", "paper-5", "paper-6"])
def test_printed_f1_is_the_harmonic_mean_of_printed_precision_and_recall(
    name: str, tables: dict[str, PublishedTable]
) -> None:
    for row in tables[name].rows:
        for label in ("others", "sadness"):
            if row.paper:
                precision, recall, f1 = (
                    row.paper[f"{kind}/{label}"] for kind in ("precision", "recall", "f1")
                )
                assert 2 * precision * recall / (precision + recall) == pytest.approx(f1, abs=8e-4)


def test_tables_that_repeat_each_other_agree_but_where_it_is_said(tables: dict[str, PublishedTable]) -> None:
    def of(name: str, row: str) -> dict[str, float]:
        return next(one for one in tables[name].rows if one.name == row).paper

    assert of("5.5", "β = 0.0") == of("5.10", "WEBEmo sadness, baseline")
    assert of("5.6", "β = 0") == of("5.10", "FI-8, baseline")
    emoset = of("5.10", "EmoSet-118K, baseline")
    assert of("5.7", "β = 0")["accuracy"] == emoset["accuracy"]
    for figure in ("ari", "nmi", "asr"):
        assert of("5.7", "β = 0")[figure] != emoset[figure]
    said = " ".join(tables["5.10"].oddities)
    assert "0.3416 and 0.3320" in said
    assert "0.8156 and 0.3567" in said
    assert "0.3416 and 0.3320" in " ".join(tables["5.7"].oddities)


def test_headline_values(tables: dict[str, PublishedTable]) -> None:
    ours = {row.name: list(row.paper.values()) for row in tables["5.10"].rows}
    assert ours["WEBEmo sadness, ours"] == [0.8374, 0.1689, 0.2293, 0.0665]
    assert ours["EmoSet-118K, ours"] == [0.8046, 0.5988, 0.6241, 0]
    assert ours["FI-8, ours"] == [0.7188, 0.4592, 0.4628, 0.0646]
    zhang = next(row for row in tables["paper-3"].rows if row.fixed)
    assert (zhang.paper["accuracy"], zhang.sd["accuracy"], tables["paper-3"].runs_of(zhang)) == (
        81.313,
        0.186,
        5,
    )


def test_all_mistakes_of_a_table_are_told_at_once() -> None:
    values = {
        "title": "", "source": "", "place": "", "columns": {"acuracy": {}},
        "rows": [{"name": "a", "paper": {"ari": 1.0}, "sd": {"nmi": 0.1}, "theta": 0.2}, {"name": "a"}],
    }  # fmt: skip
    with pytest.raises(RecipeError) as told:
        parse_table(values)
    for words in (
        "did you mean 'accuracy'", "a name stands twice: a", "no column is called ari",
        "nmi has no value in paper", "name the data set", "recipe: name one",
        "theta: expected one of 0.0, 0.3",
    ):  # fmt: skip
        assert words in str(told.value)
    with pytest.raises(RecipeError, match="unknown key 'papr'; did you mean 'paper'"):
        parse_table({**values, "rows": [{"name": "a", "papr": {}}]})
    with pytest.raises(RecipeError, match=r"unknown table '5\.66'; did you mean '5\.6'"):
        load_table("5.66")


def test_what_is_printed_of_methods_that_are_not_ours_is_no_row_to_train(
    tables: dict[str, PublishedTable],
) -> None:
    printed = {row.name: row.paper for row in tables["islamnet-1"].rows if row.printed_only}
    assert printed == {"PAEF": {"accuracy": 46.1}, "JCDL": {"accuracy": 66.8}, "SPN": {"accuracy": 66.6}}
    with pytest.raises(RecipeError, match="printed_only: there is nothing printed"):
        parse_table(
            {
                "title": "t", "source": "s", "place": "p", "recipe": "islamnet", "data": "fi8",
                "columns": {"accuracy": {}}, "rows": [{"name": "x", "printed_only": True}],
            }
        )  # fmt: skip


def test_the_main_experiment_of_islamnet_is_one_network_in_both_its_tables(
    tables: dict[str, PublishedTable],
) -> None:
    """As the text says of its table 2; the two printed values of it are 11.3 points apart."""

    def recipe(table: str, name: str) -> Recipe:
        (row,) = (row for row in tables[table].rows if row.name == name)
        return load(tables[table].recipe_of(row), settings=[*flat(row.set).items()])

    first, second = recipe("islamnet-1", "ISLAMNet"), recipe("islamnet-2", "c: 0, 90, 180, 270")
    assert first == second
    assert first.rotation.task == "c"
    assert recipe("islamnet-1", "ISLAMNet without rotation") == recipe("islamnet-2", "no rotation")
    assert recipe("islamnet-1", "WSCNet").model.neck == "wscnet"
