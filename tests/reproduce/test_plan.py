"""Which networks are trained: the same one for rows that ask for the same, another for any other setting."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evocative.data.table import Table, write_table
from evocative.datasets import DATASETS
from evocative.errors import RecipeError
from evocative.recipe import Source, load
from evocative.reproduce.backbones import Backbone, available, find_backbone
from evocative.reproduce.datasets import Found, find_dataset
from evocative.reproduce.parse import load_table
from evocative.reproduce.plan import Planned, Wish, arm_name, plan_all, rows_of, studies
from evocative.reproduce.quick import ROWS, quick_settings
from evocative.study.jobs import arm_jobs
from evocative.taxonomy.labels import taxonomy

FI8 = {"fi8": Found("fi8", Source("fi8", "fi8"), 100, 23_308)}


def planned(name: str, wish: Wish | None = None) -> dict[str, Planned]:
    table = load_table(name)
    found = {one: FI8.get(one, Found(one, None, problem="missing")) for one in table.datasets}
    return {one.row.name: one for one in plan_all(table, found, wish or Wish())[0]}


def test_tables_share_the_networks_that_they_have_in_common() -> None:
    beta, cross, summary = planned("5.6"), planned("5.12"), planned("5.10")
    assert len({one.arm for one in beta.values()}) == 8
    assert beta["β = 0"].arm == cross["Baseline, θ = 0.3"].arm == summary["FI-8, baseline"].arm
    assert cross["Ours, no threshold"].arm == cross["Ours, θ = 0.3"].arm == summary["FI-8, ours"].arm
    assert list(summary) == ["FI-8, baseline", "FI-8, ours"]
    assert summary["FI-8, ours"].arm.startswith("efficientnetv2_rw_s_v3_beta0.5_m5_lambda100-")


def test_what_is_tested_on_can_be_compared_and_has_the_printed_size() -> None:
    for name in ("5.3", "5.4", "5.11", "paper-5", "paper-6", "report-1"):
        for row in load_table(name).rows:
            if row.test:
                card = DATASETS[row.test]
                card.settings(row.options)
                sizes = [card.expected, card.drawn, *card.variants.values()]
                assert row.tested in (None, *(size.get("images") for size in sizes))
    for row in load_table("5.11").rows:  # of all 4,105 works counts would compare with nothing
        assert row.options == {"labels": "sentiments"}
        assert row.tested == DATASETS[row.test].variants["sentiment3"]["images"]


def test_a_prepared_part_is_whole_when_it_has_the_parts_size(tmp_path: Path) -> None:
    frame = pd.DataFrame({"path": ["a.jpg", "b.jpg"], "label": ["others", "sadness"]})
    for name, expected in (("emotion6_sadness", 8_350), ("emotion6_sadness_drawn", 1_372)):
        table = Table(frame, taxonomy=taxonomy("sadness2"), name=name)
        write_table(table, tmp_path / "emotion6_sadness.csv")
        assert find_dataset("emotion6_sadness", tmp_path).expected == expected


def test_an_arm_is_another_one_for_any_other_setting_but_name_and_seed() -> None:
    recipe = load("dissertation-fi8")
    assert arm_name(replace(recipe, name="x", seed=7)) == arm_name(recipe)
    others = [
        load("dissertation-fi8", [text])
        for text in ("optimizer.lr=0.1", "losses.contrastive_center.margin=4.0", "data.split_seed=1")
    ]
    assert len({arm_name(one) for one in (recipe, *others)}) == 4


def test_a_setting_at_its_default_does_not_count() -> None:
    assert arm_name(load("dissertation-fi8", ["training.ema=0.0"])) == arm_name(load("dissertation-fi8"))


def test_runs_of_a_study_lie_where_every_table_looks(tmp_path: Path) -> None:
    ((data, study),) = studies(planned("5.12").values())
    assert (data, study.seeds, study.keep_models) == ("fi8", (0,), True)
    jobs = arm_jobs(study, tmp_path, {})
    assert len(jobs) == 2
    ((_, beta),) = studies(planned("5.6").values())
    shared = {job.folder for job in jobs} & {job.folder for job in arm_jobs(beta, tmp_path, {})}
    assert len(shared) == 1
    for job in jobs:
        again = next((one for one in arm_jobs(beta, tmp_path, {}) if one.folder == job.folder), job)
        assert again.recipe == job.recipe  # else the second table would find a run of another recipe


def test_another_network_stands_in_every_row_or_beside_the_printed_ones() -> None:
    wish = Wish(backbone=Backbone("b", {"model.backbone": "test_efficientnet", "model.weights": "b.pth"}))
    rows = planned("5.6", wish)
    assert all(one.arm.startswith("test_efficientnet_v") for one in rows.values())
    assert rows["β = 0"].row.paper["accuracy"] == 0.6968
    assert [row.name for row in rows_of(load_table("3.6"), wish)] == [
        "WEBEmo sadness, b", "FI-8, b", "EmoSet-118K, b", "CAER-S, b",
    ]  # fmt: skip
    (own,) = planned("3.6", wish).values()
    assert own.arm.startswith("test_efficientnet_v0-")
    assert own.row.paper == {}
    assert "Zhang et al. 2022" not in [row.name for row in rows_of(load_table("5.1"), wish)]
    table = load_table("5.1")
    found = {one: Found(one, Source(one, one), 1) for one in table.datasets}
    done, why = plan_all(table, found, wish)
    assert [one.row.name for one in done] == [row.name for row in table.rows if not row.fixed]
    assert why == {"Zhang et al. 2022": "left out: its network is its own"}


def test_ways_to_name_a_backbone(tmp_path: Path) -> None:
    assert find_backbone("resnet18").settings["model.weights"] == "timm"
    assert find_backbone("resnet18=a/b.pth").settings["model.weights"] == "a/b.pth"
    for name in available():
        found = find_backbone(name)
        pairs = list(found.settings.items())
        assert load("dissertation-fi8", settings=pairs).model.backbone == found.settings["model.backbone"]
    (tmp_path / "mine.toml").write_text(
        '[model]\nbackbone = "resnet18"\npool = "last_map"\n', encoding="utf-8"
    )
    assert find_backbone(str(tmp_path / "mine.toml")) == Backbone(
        "mine", {"model.backbone": "resnet18", "model.pool": "last_map"}
    )
    (tmp_path / "none.toml").write_text('[model]\npool = "last_map"\n', encoding="utf-8")
    for wrong, told in (("resnet9999", "tf_efficientnet_b0.features"), ("gone.toml", "cannot be read")):
        with pytest.raises(RecipeError, match=told):
            find_backbone(wrong)
    with pytest.raises(RecipeError, match="names no network"):
        find_backbone(str(tmp_path / "none.toml"))


def test_the_quick_form_is_smaller_in_every_way_and_is_valid() -> None:
    whole = load("dissertation-fi8")
    quick = load("dissertation-fi8", settings=quick_settings(whole).items())
    assert quick.data.limit == ROWS
    assert quick.training.epochs < whole.training.epochs
    assert quick.preprocessing is not None
    assert quick.preprocessing.size == quick.augmentation.size == 112
    assert quick.optimizer.lr == pytest.approx(0.02 / 8**0.5)  # batches of 32 in place of 256
    assert quick.schedule.period_epochs == quick.training.epochs  # it ends at the lowest rate


def test_the_quick_form_keeps_what_a_network_expects_of_its_input() -> None:
    recipe = load("dissertation-fi8", ["model.backbone=legacy_xception"])
    assert recipe.preprocessing is None
    quick = load("dissertation-fi8", settings=[*quick_settings(recipe).items()])
    assert quick.preprocessing is not None
    assert quick.preprocessing.mean == (0.5, 0.5, 0.5)  # timm's record of Xception


def test_settings_by_hand_are_over_the_quick_form() -> None:
    ((_, study),) = studies(planned("5.12", Wish(quick=True, settings=(("training.epochs", 1),))).values())
    for job in arm_jobs(study, Path(), {}):
        assert job.recipe.training.epochs == 1
        assert job.recipe.data.limit == ROWS


def test_what_no_row_can_do_without_is_said() -> None:
    table = load_table("5.10")
    found = {name: Found(name, None, problem="missing") for name in table.datasets}
    done, why = plan_all(table, found, Wish())
    assert not done
    assert why["FI-8, ours"] == "fi8: missing"


def test_a_prepared_table_comes_before_a_folder(tmp_path: Path) -> None:
    (tmp_path / "fi8").mkdir()
    assert "cannot be read" in find_dataset("fi8", tmp_path).problem
    (tmp_path / "a.jpg").touch()
    (tmp_path / "fi8.csv").write_text("path,label\na.jpg,awe\n", encoding="utf-8")
    found = find_dataset("fi8", tmp_path)
    assert (found.source, found.rows, found.whole) == (Source("table", "fi8.csv"), 1, False)
    (tmp_path / "nobody-knows").mkdir()
    assert "no reader" in find_dataset("nobody-knows", tmp_path).problem
