"""Whole atlases of a small network: what they hold, the same from the same seed, killed and resumed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

pytest.importorskip("ribs")

from tests.judges import MakeJudge

from evocative.errors import DataError, ModelError, RecipeError
from evocative.explore.atlas import Clock, Progress, make_atlas
from evocative.explore.atlas_folder import Atlas
from evocative.explore.atlas_settings import AtlasSettings
from evocative.explore.genome import read_genome
from evocative.explore.judge import load_judge, quantized
from evocative.explore.made import read_made
from evocative.models.store import save_model

SMALL: dict[str, Any] = {"batch": 16, "start": 32, "evaluations": 96, "searches": 2}
WAYS = [
    ("emotions", "cppn", "mutation"),
    ("emotions", "expression", "random"),
    ("emotions", "weights", "gradient"),
    ("plane", "weights", "cma-me"),
    ("plane", "weights", "gradient"),
    ("probabilities", "weights", "mutation"),
    ("cube", "weights", "gradient"),
]
CUBE = ("valence", "arousal", "dominance")


def same(one: Atlas, other: Atlas) -> None:
    pd.testing.assert_frame_equal(one.elites, other.elites)
    columns = ["evaluations", "coverage", "qd_score", "best"]
    pd.testing.assert_frame_equal(one.curve[columns], other.curve[columns])


@pytest.mark.parametrize(("kind", "genome", "emitter"), WAYS)
def test_fills_cells_with_what_the_judge_says(
    kind: str, genome: str, emitter: str, make_judge: MakeJudge, tmp_path: Path
) -> None:
    judge = make_judge(CUBE)
    bins = 20 if kind == "probabilities" else 4
    settings = AtlasSettings(kind=kind, genome=genome, emitter=emitter, bins=bins, **SMALL)
    seen: list[Progress] = []
    atlas = make_atlas([judge], settings, tmp_path, watch=seen.append)
    assert len(atlas.elites) > 3
    assert [step.evaluations for step in seen] == atlas.curve["evaluations"].tolist()
    assert 96 <= seen[-1].evaluations < 96 + 16 + 2 * (1 + 2 * 9)
    assert (np.diff(atlas.curve["coverage"]) >= 0).all()
    assert (np.diff(atlas.curve["qd_score"]) >= -1e-9).all()
    assert atlas.curve["qd_score"].iloc[-1] == pytest.approx(atlas.elites["fitness"].sum())
    assert atlas.coverage == pytest.approx(atlas.curve["coverage"].iloc[-1])
    assert (atlas.curve["seconds_scoring"] <= atlas.curve["seconds"]).all()
    for row, elite in atlas.elites.iterrows():
        path = atlas.picture(int(str(row)))
        assert path is not None
        pixels = torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None]
        said = judge.score(pixels)
        assert said.probabilities is not None
        assert said.vad is not None
        np.testing.assert_allclose(atlas.probabilities[int(str(row))], said.probabilities[0], atol=2e-4)
        np.testing.assert_allclose(elite[list(CUBE)].to_numpy(dtype=float), said.vad[0], atol=2e-4)
        if kind == "emotions":
            chance = elite["p_" + elite["cell_emotion"]]
            assert elite["fitness"] == pytest.approx(chance)
            assert min(int((chance + 1e-6) * 4), 3) == elite["cell_band"]
        else:
            assert elite["fitness"] == pytest.approx(said.probabilities.max(), abs=2e-4)


def test_pictures_are_drawn_from_the_genomes(make_judge: MakeJudge, tmp_path: Path) -> None:
    from evocative.explore.genome import make_species

    atlas = make_atlas([make_judge()], AtlasSettings(kind="plane", size=24, **SMALL), tmp_path)
    genomes = [read_genome(json.loads(text)) for text in atlas.elites["genome"]]
    drawn = quantized(make_species("cppn").render(genomes, 24))
    table = read_made(tmp_path).frame
    assert len(table) == len(atlas.elites)
    for row, genome in enumerate(genomes):
        path = atlas.picture(row)
        assert path is not None
        np.testing.assert_array_equal(np.array(Image.open(path)), drawn[row].permute(1, 2, 0).numpy())
        assert atlas.elites["formula"][row] == genome.formula()
        assert tmp_path / table["path"][row] == path
    middles = -0.95 + 0.1 * atlas.elites["cell_valence"]
    np.testing.assert_allclose(table["valence"], middles, atol=1e-6)


def test_only_elites_of_the_strongest_emotion_were_made_for_it(make_judge: MakeJudge, tmp_path: Path) -> None:
    judge = make_judge()
    atlas = make_atlas([judge], AtlasSettings(**SMALL), tmp_path)
    table = read_made(tmp_path).frame
    labels = np.array(atlas.model.labels)
    strongest = labels[atlas.probabilities.argmax(1)]
    asked = (strongest == atlas.elites["cell_emotion"]).to_numpy()
    assert 0 < asked.sum() < len(asked)
    assert table["label"].tolist() == strongest[asked].tolist()
    assert table["path"].tolist() == atlas.elites["picture"][asked].tolist()
    assert set(table["source"]) == {"atlas-cppn"}
    assert set(table["model"]) == {judge.name}
    assert not {"valence", "arousal", "dominance"} & set(table)


def test_a_plane_asks_for_no_dominance(make_judge: MakeJudge, tmp_path: Path) -> None:
    atlas = make_atlas([make_judge(CUBE)], AtlasSettings(kind="plane", **SMALL), tmp_path)
    assert atlas.elites["dominance"].notna().all()
    table = read_made(tmp_path).frame
    assert {"valence", "arousal"} <= set(table)
    assert "dominance" not in table


@pytest.mark.parametrize("emitter", ["mutation", "gradient"])
def test_a_seed_is_an_atlas(emitter: str, make_judge: MakeJudge, tmp_path: Path) -> None:
    settings = AtlasSettings(kind="plane", genome="weights", emitter=emitter, seed=3, **SMALL)
    one, again = (make_atlas([make_judge()], settings, tmp_path / name) for name in ("one", "again"))
    same(one, again)
    other = AtlasSettings(kind="plane", genome="weights", emitter=emitter, seed=4, **SMALL)
    assert not one.elites["genome"].equals(
        make_atlas([make_judge()], other, tmp_path / "other").elites["genome"]
    )


@pytest.mark.parametrize(
    ("genome", "emitter"), [("cppn", "mutation"), ("weights", "cma-me"), ("weights", "gradient")]
)
def test_stopped_anywhere_it_goes_on(
    genome: str, emitter: str, make_judge: MakeJudge, tmp_path: Path
) -> None:
    settings = AtlasSettings(kind="plane", genome=genome, emitter=emitter, **SMALL)
    judge = make_judge()
    whole = make_atlas([judge], settings, tmp_path / "whole")

    def stop(progress: Progress) -> None:
        if progress.evaluations >= 40 and not progress.replayed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_atlas([judge], settings, tmp_path / "broken", watch=stop)
    seen: list[Progress] = []
    resumed = make_atlas([judge], settings, tmp_path / "broken", resume=True, watch=seen.append)
    same(whole, resumed)
    assert {step.replayed for step in seen} == {True, False}
    assert (np.diff([step.seconds for step in seen]) >= 0).all()  # however long the replay takes


def test_a_clock_stands_while_a_run_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 12.0, 50.0, 51.5])
    monkeypatch.setattr("evocative.explore.atlas.time.perf_counter", lambda: next(now))
    clock = Clock()
    assert clock.seconds == 2.0
    clock.stand(7.0, 3.0)
    assert (clock.seconds, clock.seconds, clock.scoring) == (7.0, 7.0, 3.0)
    clock.go_on()
    assert clock.seconds == 8.5


def test_a_finished_atlas_is_searched_on(make_judge: MakeJudge, tmp_path: Path) -> None:
    judge = make_judge()
    whole = make_atlas([judge], AtlasSettings(**SMALL, bins=40), tmp_path / "whole")
    make_atlas([judge], AtlasSettings(**SMALL | {"evaluations": 32}, bins=40), tmp_path / "part")
    (tmp_path / "part" / "pictures" / "cell-00000-an-older-elite.png").touch()
    same(whole, make_atlas([judge], AtlasSettings(**SMALL, bins=40), tmp_path / "part", resume=True))
    files = {f"pictures/{path.name}" for path in (tmp_path / "part" / "pictures").iterdir()}
    assert files == set(whole.elites["picture"])


KILLED = """
import sys, torch
torch.set_num_threads(1)
from evocative.explore.atlas import make_atlas
from evocative.explore.atlas_settings import AtlasSettings
from evocative.explore.judge import load_judge
settings = AtlasSettings(batch=4, start=16, evaluations=100_000, seed=5)
make_atlas([load_judge(sys.argv[1], device="cpu", precision="fp32")], settings, sys.argv[2])
"""


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums of several threads may be rounded otherwise than those of the child's one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_killed_by_the_system_it_goes_on_without_loss(make_judge: MakeJudge, tmp_path: Path) -> None:
    model, broken = tmp_path / "model", tmp_path / "broken"
    judge = make_judge()
    save_model(
        judge._network.model.cpu(), model, preprocessing=judge.preprocessing, provenance={}, measured={},
        licence="none",
    )  # fmt: skip
    words = [sys.executable, "-c", KILLED, str(model), str(broken)]
    child = subprocess.Popen(words, env=os.environ | {"OMP_NUM_THREADS": "1"})
    while not list((broken / "journal").glob("*.npz")):
        assert child.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    settings = AtlasSettings(batch=4, start=16, evaluations=100_000, seed=5)
    with pytest.raises(DataError, match="another process is at work here"):
        make_atlas([judge], settings, broken, resume=True)
    time.sleep(float(np.random.default_rng().uniform(0, 0.05)))
    child.kill()
    child.wait()
    assert not (broken / "atlas.json").exists()
    kept = 4 * 8 * len(list((broken / "journal").glob("*.npz")))
    settings = AtlasSettings(batch=4, start=16, evaluations=kept + 16, seed=5)
    judges = [load_judge(model, device="cpu", precision="fp32")]
    resumed = make_atlas(judges, settings, broken, resume=True)
    same(make_atlas(judges, settings, tmp_path / "whole"), resumed)


def test_agreement_is_no_greater_than_confidence(make_judge: MakeJudge, tmp_path: Path) -> None:
    judges = [make_judge(seed=0), make_judge(seed=1)]
    settings = AtlasSettings(kind="plane", fitness="agreement", views=2, **SMALL)
    atlas = make_atlas(judges, settings, tmp_path)
    assert (atlas.elites["fitness"] <= atlas.probabilities.max(1) + 1e-6).all()
    assert atlas.settings["judges"] == ["tiny-0", "tiny-1"]


def test_says_what_a_model_lacks(make_judge: MakeJudge, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"does not predict dominance, it has emotions, valence, arousal"):
        make_atlas([make_judge()], AtlasSettings(kind="cube"), tmp_path)
    bare = make_judge(("valence", "arousal"), emotions=False)
    with pytest.raises(ModelError, match="needs emotions"):
        make_atlas([bare], AtlasSettings(kind="emotions"), tmp_path)
    with pytest.raises(ModelError, match="fitness agreement"):
        make_atlas([bare], AtlasSettings(kind="plane"), tmp_path)
    settings = AtlasSettings(kind="plane", fitness="agreement", **SMALL)
    assert make_atlas([bare], settings, tmp_path / "near").elites["fitness"].max() <= 1


def test_settings_are_checked() -> None:
    with pytest.raises(RecipeError, match="unknown kind 'emotion'; did you mean 'emotions'"):
        AtlasSettings(kind="emotion")
    with pytest.raises(RecipeError, match="genome weights"):
        AtlasSettings(emitter="cma-me")
    with pytest.raises(RecipeError, match="two pictures a batch"):
        AtlasSettings(emitter="gradient", genome="weights", batch=6)
    with pytest.raises(RecipeError, match="views"):
        AtlasSettings(views=99)


def test_another_model_does_not_go_on(make_judge: MakeJudge, tmp_path: Path) -> None:
    make_atlas([make_judge()], AtlasSettings(**SMALL), tmp_path)
    with pytest.raises(DataError, match="models"):
        make_atlas([make_judge(seed=1)], AtlasSettings(**SMALL), tmp_path, resume=True)
    with pytest.raises(DataError, match="--resume"):
        make_atlas([make_judge()], AtlasSettings(**SMALL), tmp_path)


def test_a_run_is_not_resumed_in_another_precision(make_judge: MakeJudge, tmp_path: Path) -> None:
    """Scores of two precisions in one archive would be no one's."""
    judge = make_judge()
    settings = AtlasSettings(kind="emotions", evaluations=16, batch=8, start=8)
    make_atlas([judge], settings, tmp_path / "a")
    judge.name = "moved"
    make_atlas([judge], replace(settings, evaluations=24), tmp_path / "a", resume=True)
    judge.precision = "bf16"
    with pytest.raises(DataError, match=r"models\.1\.precision: fp32 then, bf16 now"):
        make_atlas([judge], replace(settings, evaluations=32), tmp_path / "a", resume=True)
