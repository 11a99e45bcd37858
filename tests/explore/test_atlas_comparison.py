"""Atlases at as many evaluations: arms, means and differences as by hand; strangers are refused."""

import json
import statistics
from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from pathlib import Path

import pytest
from scipy.stats import ttest_ind

from evocative.errors import DataError
from evocative.explore.atlas_comparison import arms_of, compare_atlases
from evocative.explore.atlas_folder import Atlas
from evocative.explore.atlas_tables import render, write_comparison

Make = Callable[..., Atlas]


@pytest.fixture
def runs(fake_atlas: Make, tmp_path: Path) -> list[Atlas]:
    """Three seeds of two emitters, the latter seeds first."""
    return [
        fake_atlas(tmp_path / f"{emitter}-{seed}", seed=seed, rows=rows, emitter=emitter)
        for seed in (2, 1, 0)
        for emitter, rows in (("random", 6), ("mutation", 9))
    ]


def test_arms_are_runs_that_differ_in_their_seed(runs: list[Atlas]) -> None:
    arms = arms_of(runs)
    assert {name: [run.settings["seed"] for run in found] for name, found in arms.items()} == {
        "random": [0, 1, 2], "mutation": [0, 1, 2],
    }  # fmt: skip


def test_arms_are_not_called_by_what_makes_no_difference(fake_atlas: Make, tmp_path: Path) -> None:
    own = {"random": 0.0, "mutation": 0.0, "cma-me": 0.5, "gradient": 1.0}
    runs = [
        fake_atlas(tmp_path / name, emitter=name, sigma=sigma, start=start, views=start)
        for start, (name, sigma) in enumerate(own.items())
    ]
    assert list(arms_of(runs)) == list(own)
    wide = fake_atlas(tmp_path / "wide", emitter="cma-me", sigma=2.0)
    assert list(arms_of([runs[0], runs[2], wide])) == ["random", "cma-me, sigma default", "cma-me, sigma 2.0"]


def test_figures_are_read_off_at_equal_evaluations(runs: list[Atlas]) -> None:
    compared = compare_atlases(runs, at=250)
    for name in ("random", "mutation"):
        values = [run.curve["coverage"].iloc[1] for run in runs if run.settings["emitter"] == name]
        found = compared.arms[name]["coverage"]
        assert found.mean == pytest.approx(statistics.mean(values))
        assert found.sd == pytest.approx(statistics.stdev(values))
    assert compare_atlases(runs).evaluations == 400
    with pytest.raises(DataError, match="no record at 50 evaluations; its curve goes from 100 to 400"):
        compare_atlases(runs, at=50)


def test_differences_are_welchs(runs: list[Atlas]) -> None:
    compared = compare_atlases(runs)
    assert (compared.against, list(compared.differences)) == ("random", ["mutation"])
    ends = {
        name: [run.curve["qd_score"].iloc[-1] for run in runs if run.settings["emitter"] == name]
        for name in ("random", "mutation")
    }
    test = ttest_ind(ends["mutation"], ends["random"], equal_var=False)
    found = compared.differences["mutation"]["qd_score"]
    assert found.p == pytest.approx(test.pvalue)
    assert found.difference == pytest.approx(
        statistics.mean(ends["mutation"]) - statistics.mean(ends["random"])
    )
    holm = compared.corrected["mutation"]
    p = {name: one.p for name, one in compared.differences["mutation"].items() if isfinite(one.p)}
    assert min(holm[name] for name in p) == pytest.approx(min(1, len(p) * min(p.values())))
    assert all(holm[name] >= p[name] for name in p)
    written = compared.to_dict()["differences"]["mutation"]["qd_score"]
    assert written["p_holm"] == pytest.approx(holm["qd_score"])
    assert compare_atlases(runs, against="mutation").against == "mutation"
    with pytest.raises(DataError, match="no arm 'cma'"):
        compare_atlases(runs, against="cma")


def test_one_run_twice_is_no_repeat(runs: list[Atlas]) -> None:
    with pytest.raises(DataError, match="one run twice"):
        compare_atlases([*runs, runs[0]])
    with pytest.raises(DataError, match="a name for each of 6 atlases, found 1"):
        compare_atlases(runs, names=["one"])
    with pytest.raises(DataError, match="found none"):
        compare_atlases([])


def test_other_cells_do_not_compare(fake_atlas: Make, tmp_path: Path) -> None:
    emotions, plane = fake_atlas(tmp_path / "a"), fake_atlas(tmp_path / "b", "plane")
    with pytest.raises(DataError, match=r"archives of the same cells.*emotion 3 × band 4"):
        compare_atlases([emotions, plane])


def test_what_compares_only_in_part_is_noted(fake_atlas: Make, tmp_path: Path) -> None:
    first = fake_atlas(tmp_path / "a", "probabilities")
    second = fake_atlas(tmp_path / "b", "probabilities", seed=1, fitness="agreement")
    compared = compare_atlases([first, second])
    assert set(compared.arms) == {"confidence", "agreement"}
    assert "QD scores and best fitness do not compare" in compared.notes[0]
    assert "lie elsewhere" in compared.notes[1]
    assert "One seed an arm" in render(compared)
    more = fake_atlas(tmp_path / "c", "probabilities", fitness="agreement", views=6)
    assert "QD scores and best fitness do not compare" in compare_atlases([second, more]).notes[0]


def test_profiles_of_longer_runs_do_not_compare(fake_atlas: Make, tmp_path: Path) -> None:
    first, second = fake_atlas(tmp_path / "a"), fake_atlas(tmp_path / "b", seed=1)
    assert compare_atlases([first, second]).notes == ()
    cut = replace(second, curve=second.curve.iloc[:2])
    told = "Runs end after 200 to 400 evaluations: their final profiles do not compare."
    assert compare_atlases([first, cut]).notes == (told,)
    with pytest.raises(DataError, match="without a record"):
        compare_atlases([first, replace(second, curve=second.curve.iloc[:0])])


def test_tables_say_it_in_every_style(runs: list[Atlas], tmp_path: Path) -> None:
    compared = compare_atlases(runs)
    text = render(compared)
    assert text.startswith("After 400 evaluations, of 12 cells:\n")
    one = compared.arms["random"]["coverage"]
    assert f"{100 * one.mean:.1f} ± {100 * one.sd:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}] %" in text
    assert "Less random, over seeds:" in text
    assert "| --- |" in render(compared, "markdown")
    values = json.loads(render(compared, "json"))
    assert values["arms"]["random"]["coverage"]["mean"] == one.mean
    assert values["arms"]["random"]["runs"] == ["random-0", "random-1", "random-2"]
    with pytest.raises(DataError, match="unknown format"):
        render(compared, "latex")
    for name in ("a.md", "a.json", "a.txt", "new/a.png"):
        assert write_comparison(compared, tmp_path / name).stat().st_size > 100
    with pytest.raises(DataError, match="expected a name that ends in"):
        write_comparison(compared, tmp_path / "a.doc")


def test_without_seeds_json_has_null(fake_atlas: Make, tmp_path: Path) -> None:
    values = json.loads(render(compare_atlases([fake_atlas(tmp_path / "a")]), "json"))
    assert values["against"] is None
    assert values["arms"]["mutation"]["best"]["sd"] is None
