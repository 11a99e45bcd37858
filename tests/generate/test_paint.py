"""From wishes to rows: settings, photographs, how far goals are met, how far pictures were changed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.errors import DataError, RecipeError
from evocative.explore.judge import Judge
from evocative.explore.made import read_made, write_made
from evocative.generate.goals import parse_goal
from evocative.generate.latent_search import LatentSettings
from evocative.generate.optimised import OptimiseSettings
from evocative.generate.paint import achieved, changes, goals_of, photographs, read_settings, rows_of
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def judge() -> Judge:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    model = create_model(config, taxonomy("mikels8")).eval()
    return Judge(model, Preprocessing(size=32), precision="fp32", name="tiny")


def pictures(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)


def test_settings_come_from_defaults_a_file_and_single_words(tmp_path: Path) -> None:
    file = tmp_path / "slow.toml"
    file.write_text('steps = 5\nform = "pixels"\n[views]\nrotation = 3\n')
    found = read_settings(OptimiseSettings, str(file), ["steps=7", "views.mirror=false"], near=2.0, steps=1)
    assert (found.steps, found.form, found.near) == (7, "pixels", 2.0)
    assert (found.views.rotation, found.views.mirror, found.views.jitter) == (3.0, False, 0.05)
    assert read_settings(LatentSettings, None, ["search=evolution"]).search == "evolution"


@pytest.mark.parametrize(
    "wrong", ["form=waves", "views.tilt=2", "stepps=3", "steps=many", "score=odds", "joined=best"]
)
def test_refuses_settings_that_are_not(wrong: str) -> None:
    with pytest.raises(RecipeError, match=r"--set: 1 setting\(s\) to mend"):
        read_settings(OptimiseSettings, None, [wrong])


def test_goals_stand_together(judge: Judge) -> None:
    assert [goal.name for goal in goals_of(["awe", "-arousal"], [judge], count=2)] == [
        "awe",
        "awe",
        "-arousal",
        "-arousal",
    ]
    assert len(goals_of([], [judge], count=3)) == 24


def test_photographs_are_fitted_and_repeated(judge: Judge, tmp_path: Path) -> None:
    Image.new("RGB", (50, 40), (10, 20, 30)).save(tmp_path / "plain.png")
    found = photographs(tmp_path / "plain.png", judge, 2, size=24)
    assert found.shape == (2, 3, 24, 24)
    assert found[1, :, 5, 5].tolist() == [10, 20, 30]
    with pytest.raises(DataError, match=r"none\.png"):
        photographs(tmp_path / "none.png", judge, 1)


def test_achieved_is_the_mean_of_what_was_asked_for(judge: Judge) -> None:
    goals = [parse_goal(text, judge) for text in ("awe", "-arousal", "fear,valence=0.5")]
    said = judge.score(pictures(3))
    assert said.probabilities is not None
    assert said.vad is not None
    wanted = [
        said.probabilities[0, 1],
        1 - abs(said.vad[1, 1] + 1) / 2,
        (said.probabilities[2, 6] + 1 - abs(said.vad[2, 0] - 0.5) / 2) / 2,
    ]
    np.testing.assert_allclose(achieved(goals, pictures(3), judge), wanted, rtol=1e-6)


def test_changes_tell_waves_from_noise() -> None:
    before = torch.full((3, 3, 64, 64), 100, dtype=torch.uint8)
    after = before.clone()
    columns = torch.arange(64)
    after[0] += (10 * torch.cos(2 * torch.pi * columns / 64)).round().to(torch.int8).to(torch.uint8)
    after[1] += torch.where(columns % 2 == 0, 6, 250).to(torch.uint8)  # +6 and -6 in turn
    rms, coarse = changes(before, after)
    assert rms[0] == pytest.approx(10 / 2**0.5, rel=0.02)
    np.testing.assert_allclose(rms[1:], [6.0, 0.0])
    assert coarse[0] > 0.99
    assert coarse[1] == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(coarse[2])


def test_share_of_a_change_is_a_naive_sum_over_the_whole_spectrum() -> None:
    before, after = pictures(2)[:1], pictures(2)[1:]
    difference = after.double().numpy() - before.double().numpy()
    power = (np.abs(np.fft.fft2(difference)) ** 2).sum(axis=1)[0]
    where = np.hypot(np.fft.fftfreq(32)[:, None], np.fft.fftfreq(32)[None, :])
    assert changes(before, after)[1][0] == pytest.approx(power[where < 1 / 16].sum() / power.sum(), rel=1e-9)


def test_rows_are_a_made_table(judge: Judge, tmp_path: Path) -> None:
    goals = goals_of(["awe", "valence=0.5"], [judge], count=1)
    rows = rows_of(goals, pictures(2), pictures(2), [judge, judge], source="optimised", seed=3)
    write_made(tmp_path / "made", pictures(2), rows, taxonomy=judge.taxonomy)
    table = read_made(tmp_path / "made")
    assert table.labels.tolist() == [1, -1]
    np.testing.assert_allclose(table.dimensions[1], [0.5, np.nan, np.nan])
    assert list(table.frame["target"]) == ["awe", "valence=0.5"]
    assert list(table.frame["model"]) == ["tiny + tiny"] * 2
    np.testing.assert_allclose(table.frame["found"], table.frame["found_2"])
    np.testing.assert_allclose(table.frame["change"], 0.0)
