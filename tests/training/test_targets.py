"""Votes, valence to dominance, spreads: rows with some targets, rows with none, sources with shares."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError, RecipeError
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor
from evocative.inference.stream import write_answers
from evocative.models.store import load_model
from evocative.recipe import DataConfig, Recipe, Source, parse
from evocative.taxonomy.labels import TAXONOMIES
from evocative.training.run import run
from evocative.training.sources import gather
from evocative.training.targets import check_targets, raters_of

Make = Callable[..., Recipe]
MIKELS = TAXONOMIES["mikels8"]
ROWS = 20


def save(folder: Path, name: str, **columns: Any) -> None:
    frame = pd.DataFrame({"path": [f"{name}/{number}.png" for number in range(ROWS)], **columns})
    (folder / name).mkdir()
    random = np.random.default_rng(len(name))
    for path in frame["path"]:
        Image.fromarray(random.integers(0, 255, (36, 36, 3), dtype=np.uint8)).save(folder / path)
    frame["split"] = ["train"] * 12 + ["validation"] * 4 + ["test"] * 4
    taxonomy = MIKELS if any(column in frame for column in ("label", "votes_awe")) else None
    write_table(Table(frame, taxonomy=taxonomy, root=folder, name=name), folder / f"{name}.csv")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tables: rated on three axes with SD and number of raters, voted on, labelled."""
    folder = tmp_path_factory.mktemp("targets")
    random = np.random.default_rng(0)
    axes = ("valence", "arousal", "dominance")
    rated = {axis: random.uniform(-0.8, 0.8, ROWS) for axis in axes}
    rated |= {f"{axis}_sd": random.uniform(0.2, 0.5, ROWS) for axis in axes}
    rated |= {f"{axis}_n": np.full(ROWS, 25) for axis in axes}
    save(folder, "rated", **rated)
    save(folder, "voted", votes_awe=random.integers(1, 9, ROWS), votes_fear=random.integers(0, 9, ROWS))
    save(folder, "labelled", label=["awe", "fear"] * 10)
    return folder


def joint(make: Make, **sections: Any) -> Recipe:
    """All three tables, one network, a term for each kind of target."""
    values: dict[str, Any] = {
        "data": {"sources": [{"path": f"{name}.csv"} for name in ("rated", "voted", "labelled")]},
        "model": {
            "backbone": "test_efficientnet", "weights": None, "dimension_sd": True,
            "dimensions": ["valence", "arousal", "dominance"],
        },
        "losses": [
            {"name": "cross_entropy"},
            {"name": "distribution", "weight": 0.5, "vote_prior": 0.5},
            {"name": "dimensions", "kind": "nll", "noise": "error", "damping": 0.5, "weight": 2.0},
        ],
    }  # fmt: skip
    return make(**(values | sections))


@pytest.mark.parametrize("features", [{}, {"stored": True}])
def test_a_joint_run_answers_everything(
    tiny_recipe: Make, place: Path, tmp_path: Path, features: dict[str, Any]
) -> None:
    finished = run(joint(tiny_recipe, features=features), data_root=place, output=tmp_path / "run")
    assert finished.predictions is not None
    said = read_predictions(finished.predictions)
    assert said.metadata.dimension_sd
    spreads = said.frame[["valence_sd", "arousal_sd", "dominance_sd"]].to_numpy()
    assert ((spreads > 0) & (spreads < 1)).all()
    assert np.isfinite(said.dimensions).all()
    assert np.isfinite(said.targets).any(axis=0).all()
    log = (finished.folder / "log.jsonl").read_text()
    assert all(term in log for term in ("cross_entropy", "distribution", "dimensions", "dominance_r"))
    loaded = load_model(finished.model)
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32")
    again = predictor.predict_table(read_table(place / "rated.csv").select("test"))
    chosen = again.frame[["valence_sd", "arousal_sd", "dominance_sd"]].to_numpy()
    np.testing.assert_allclose(chosen, spreads[:4], atol=2e-3)
    paths = [place / "rated" / "0.png", place / "nothing.png"]
    for name in ("a.parquet", "a.csv"):
        write_answers(predictor.stream(paths), tmp_path / name, metadata=predictor.metadata)
        written = read_predictions(tmp_path / name)
        assert written.frame["dominance_sd"].notna().tolist() == [True, False]


def test_each_row_moves_only_what_it_has_targets_for(
    tiny_recipe: Make, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained on ratings alone the emotion head stays, on votes alone the other one does.

    A recipe with a term that no row speaks to is refused by itself; here that is what shows.
    """
    monkeypatch.setattr("evocative.training.run.idle_on_rows", lambda *_: [])
    for source, still, moves in (
        ("rated", "emotion_head", "dimension_head"),
        ("voted", "dimension_head", "emotion_head"),
    ):
        heads = []
        for epochs in (0, 2):
            recipe = joint(
                tiny_recipe,
                data={"sources": [{"path": f"{source}.csv"}], "taxonomy": "mikels8"},
                losses=[
                    {"name": "cross_entropy"},
                    {"name": "distribution", "weight": float(source == "voted")},
                    {"name": "dimensions", "kind": "nll"},
                ],
                training={"epochs": epochs, "select": "last"},
            )
            done = run(recipe, data_root=place, output=tmp_path / f"{source}{epochs}")
            heads.append(load_model(done.model).model.state_dict())
        moved = {name.split(".")[0] for name in heads[0] if not torch.equal(heads[0][name], heads[1][name])}
        assert moves in moved
        assert still not in moved


def test_rows_without_any_target_are_named() -> None:
    frame = pd.DataFrame(
        {
            "path": ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"],
            "label": ["awe", None, None, None, None],
            "arousal": [np.nan, 0.2, np.nan, np.nan, np.nan],
            "votes_fear": [np.nan, np.nan, 3, np.nan, 0],
        }
    )
    table = Table(frame, taxonomy=MIKELS, name="mine")
    check_targets(table.select([0, 1, 2]))
    with pytest.raises(DataError, match=r"mine: 2 training rows have no target.*\n.*d\.jpg\n.*e\.jpg"):
        check_targets(table)
    with pytest.raises(DataError, match="1 training row has no target"):
        check_targets(table.select([0, 3]))


def test_a_run_refuses_them(place: Path) -> None:
    table = read_table(place / "labelled.csv")
    labels = table.frame["label"].copy()
    labels.iloc[[2, 15]] = pd.NA  # the second one is for validation
    write_table(table.assign(label=labels), place / "gap.csv")
    with pytest.raises(DataError, match=r"labelled: 1 training row has no target.*\n.*labelled/2\.png"):
        gather(DataConfig(sources=(Source(path="gap.csv"),)), place)


def test_shares_are_of_an_epochs_rows_and_every_row_is_seen(place: Path) -> None:
    sources = tuple(Source(path=f"{name}.csv", share=share) for name, share in
                    (("rated", 0.5), ("voted", 0.3), ("labelled", 0.2)))  # fmt: skip
    parts = gather(DataConfig(sources=sources), place)
    counts = parts.train.frame["path"].str.split("/").str[0].value_counts()
    assert counts.to_dict() == {"rated": 30, "voted": 18, "labelled": 12}
    assert parts.train.frame["path"].nunique() == 36
    assert (len(parts.validation), len(parts.test)) == (12, 12)
    often = parts.train.frame["path"].value_counts()
    assert set(often[often.index.str.startswith("rated")]) == {2, 3}


def test_equal_needs_change_nothing(place: Path) -> None:
    names = ("rated", "voted")
    shared = gather(DataConfig(sources=tuple(Source(path=f"{n}.csv", share=2.0) for n in names)), place)
    plain = gather(DataConfig(sources=tuple(Source(path=f"{n}.csv") for n in names)), place)
    assert shared.train.frame.equals(plain.train.frame)


def test_raters_are_read_off_the_table(place: Path) -> None:
    table = read_table(place / "rated.csv")
    found = raters_of(table)
    np.testing.assert_allclose(found.sd[:, 2], table.frame["dominance_sd"], rtol=1e-5)
    np.testing.assert_allclose(found.error, found.sd / 5, rtol=1e-6)
    assert found.votes.shape == (ROWS, 0)
    voted = raters_of(read_table(place / "voted.csv"))
    assert voted.votes.shape == (ROWS, len(MIKELS))
    assert voted.sd.isnan().all()
    assert torch.equal(voted.rows(torch.tensor([3, 1])).votes, voted.votes[[3, 1]])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"losses": [{"name": "dimensions", "kind": "nll"}], "model": {"emotions": False}}, "dimension_sd"),
        ({"losses": [{"name": "cross_entropy", "damping": 0.5}]}, "noise and damping are of"),
        ({"losses": [{"name": "cross_entropy", "vote_prior": 1.0}]}, "vote_prior is of distribution"),
        ({"losses": [{"name": "distribution"}], "augmentation": {"mixup": 0.2}}, "mixup and cutmix to 0"),
        ({"data": {"sources": [{"share": 0.5}, {"repeat": 2}]}}, "1 of 2 have a share"),
        ({"data": {"sources": [{"share": 0.5, "repeat": 2}]}}, "exclude each other"),
        ({"data": {"sources": [{"share": 0.0}]}}, "share: expected above 0"),
        ({"model": {"dimension_sd": True}}, "model.dimensions is empty"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse(values)


@pytest.mark.parametrize(("source", "message"), [("rated", "no training row has votes"),
                                                ("voted", "columns <axis>_sd and <axis>_n")])  # fmt: skip
def test_terms_that_no_row_has_targets_for_are_refused(
    tiny_recipe: Make, place: Path, tmp_path: Path, source: str, message: str
) -> None:
    data = {"sources": [{"path": f"{source}.csv"}], "taxonomy": "mikels8"}
    recipe = joint(
        tiny_recipe, data=data, model={"dimensions": ["valence"], "dimension_sd": True, "emotions": True}
    )
    with pytest.raises(RecipeError, match=message):
        run(recipe, data_root=place, output=tmp_path / "run")
