"""A GAN learns what it is shown, goes on to the bit, and its settings are checked."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.data.atomic import replacing
from evocative.data.table import Table, read_table
from evocative.errors import DataError, DivergedError, RecipeError, TrainingError
from evocative.generate.conditions import Conditions
from evocative.generate.gan import Adversaries, train_gan
from evocative.generate.generator import NetworkConfig
from evocative.generate.generator_settings import (
    AdversarialConfig,
    DiscriminatorConfig,
    GanRecipe,
    Pace,
    PicturesConfig,
    PriorFreeRecipe,
    Rates,
    load_generator_recipe,
)
from evocative.generate.generator_store import WEIGHTS, load_generator
from evocative.generate.generator_training import learn
from evocative.generate.samples import drawn
from evocative.generate.small_pictures import small_pictures
from evocative.recipe.settings import DataConfig, Source

RECIPE = GanRecipe(
    network=NetworkConfig(size=16, latent_size=4, width=6, max_width=8),
    discriminator=DiscriminatorConfig(width=6, max_width=8),
    adversarial=AdversarialConfig(augment=("translation",)),
    training=Pace(steps=6, batch_size=4, checkpoint_every=2, sheet_every=0),
)
LABELS = Conditions(labels=("awe", "fear"))


def two_colors() -> tuple[torch.Tensor, torch.Tensor]:
    """Red is awe, blue is fear, each with a little noise."""
    noise = torch.randint(0, 40, (40, 3, 16, 16), generator=torch.Generator().manual_seed(0))
    pictures = noise.to(torch.uint8)
    pictures[:20, 0] += 200
    pictures[20:, 2] += 200
    return pictures, LABELS.encoded(np.repeat([0, 1], 20), np.full((40, 3), np.nan))


def lesson(recipe: GanRecipe = RECIPE) -> Adversaries:
    pictures, vectors = two_colors()
    return Adversaries(recipe, pictures, vectors, LABELS)


@pytest.mark.parametrize(
    "adversarial",
    [
        AdversarialConfig(),
        AdversarialConfig(loss="non-saturating", r1=1.0, r1_every=2, categorical=1.0, discriminator_steps=2),
    ],
)
def test_a_run_that_is_cut_goes_on_to_the_same_weights(
    adversarial: AdversarialConfig, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, adversarial=adversarial)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    learn(lesson(recipe), whole)
    torch.manual_seed(99)  # what happens elsewhere does not matter

    class Killed(Exception):  # noqa: N818 (a test's)
        pass

    broken = lesson(recipe)
    step = broken.step

    def until_five(number: int) -> dict[str, float]:
        if number == 5:
            raise Killed
        return step(number)

    broken.step = until_five  # type: ignore[method-assign]
    with pytest.raises(Killed):
        learn(broken, cut)
    learn(lesson(recipe), cut, resume=True)
    assert (cut / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert (cut / "checkpoint.safetensors").read_bytes() == (whole / "checkpoint.safetensors").read_bytes()


def test_a_finished_run_may_be_given_more_steps(tmp_path: Path) -> None:
    learn(lesson(), tmp_path / "whole")
    learn(lesson(replace(RECIPE, training=replace(RECIPE.training, steps=3))), tmp_path / "more")
    learn(lesson(), tmp_path / "more", resume=True)
    whole, more = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("whole", "more"))
    assert whole == more


def test_other_settings_are_refused(tmp_path: Path) -> None:
    learn(lesson(), tmp_path)
    with pytest.raises(TrainingError, match="holds a run"):
        learn(lesson(), tmp_path)
    with pytest.raises(TrainingError, match=r"recipe\.optimizer\.generator was 0\.0002 and is 0\.1"):
        learn(lesson(replace(RECIPE, optimizer=Rates(generator=0.1))), tmp_path, resume=True)


def test_the_saved_weights_are_the_moving_average(tmp_path: Path) -> None:
    recipe = replace(RECIPE, training=replace(RECIPE.training, steps=3, ema_decay=0.15))
    taught = lesson(recipe)
    average = {name: each.clone() for name, each in taught.generator.state_dict().items()}
    for step in (1, 2, 3):
        taught.step(step)
        decay = min(0.15, (1 + step) / (10 + step))
        for name, each in taught.generator.state_dict().items():
            average[name] = decay * average[name] + (1 - decay) * each
    learn(lesson(recipe), tmp_path)
    for name, each in load_generator(tmp_path).state_dict().items():
        torch.testing.assert_close(each, average[name], rtol=1e-4, atol=1e-6)


def test_learns_which_color_was_asked_for(tmp_path: Path) -> None:
    recipe = replace(
        RECIPE,
        adversarial=AdversarialConfig(augment=()),
        optimizer=Rates(generator=2e-3, discriminator=4e-3),
        training=Pace(steps=120, batch_size=8, ema_decay=0.9, checkpoint_every=1000, sheet_every=0),
    )
    generator = learn(lesson(recipe), tmp_path)
    pictures = drawn(generator, [{"label": "awe"}] * 8 + [{"label": "fear"}] * 8, seed=1)
    red_over_blue = (pictures[:, 0] - pictures[:, 2]).mean(dim=(1, 2))
    assert (red_over_blue[:8] > 0.3).all()
    assert (red_over_blue[8:] < -0.3).all()


def test_numbers_beyond_all_bounds_end_the_run(tmp_path: Path) -> None:
    taught = lesson()
    taught.step = lambda _: {"loss": float("nan")}  # type: ignore[assignment, method-assign]
    with pytest.raises(DivergedError, match="step 1"):
        learn(taught, tmp_path)


def test_rare_labels_are_drawn_as_often_if_balance_is_one() -> None:
    pictures, vectors = two_colors()
    recipe = replace(
        RECIPE,
        pictures=PicturesConfig(balance=1.0, mirror=False),
        training=replace(RECIPE.training, batch_size=4000),
    )
    taught = Adversaries(recipe, pictures[10:], vectors[10:], LABELS)  # 10 of awe, 20 of fear
    batch, asked = taught.batch(torch.Generator().manual_seed(0))
    assert asked[:, 0].mean().item() == pytest.approx(0.5, abs=0.03)
    assert ((batch[:, 0] > batch[:, 2]).float().mean(dim=(1, 2)) > 0.5).equal(asked[:, 0] > 0.5)
    assert batch.min() >= -1
    assert batch.max() <= 1


def images(folder: Path) -> Table:
    """Three labels' images, a repeated one and a broken one."""
    rows = ["path,label"]
    for number in range(8):
        color = (30 * number, 90, 10) if number != 3 else (0, 90, 10)
        Image.new("RGB", (40, 30), color).save(folder / f"{number}.png")
        rows.append(f"{number}.png,{'awe' if number % 2 else 'fear'}")
    (folder / "broken.png").write_bytes(b"no picture")
    with replacing(folder / "table.csv") as unfinished:
        unfinished.write_text("\n".join([*rows, "broken.png,awe"]) + "\n")
    return read_table(folder / "table.csv")


def test_small_pictures_leave_out_what_is_broken_or_repeated(tmp_path: Path) -> None:
    table = images(tmp_path)
    small = small_pictures(table, size=16, cache=tmp_path / "cache")
    pictures = small.pixels
    assert len(small.unreadable) == 1
    assert "broken.png" in small.unreadable[0]
    assert small.rows.tolist() == [0, 1, 2, 4, 5, 6, 7]  # 3 is 0 again, 8 is broken
    assert pictures.shape == (7, 3, 16, 16)
    assert (pictures[2, 0] == 60).all()
    (tmp_path / "cache").rename(tmp_path / "away")
    assert torch.equal(small_pictures(table, size=16).pixels, pictures)


def test_small_pictures_are_kept_until_a_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = images(tmp_path)
    before = small_pictures(table, size=16, cache=tmp_path / "cache")
    monkeypatch.setattr("evocative.generate.small_pictures.decode", None)
    kept = small_pictures(table, size=16, cache=tmp_path / "cache")
    assert torch.equal(before.pixels, kept.pixels)
    assert kept.unreadable == before.unreadable
    monkeypatch.undo()
    was = (tmp_path / "0.png").stat()
    Image.new("RGB", (40, 30), (255, 90, 10)).save(tmp_path / "0.png")
    os.utime(tmp_path / "0.png", ns=(was.st_atime_ns, was.st_mtime_ns))  # dates do not tell
    after = small_pictures(table, size=16, cache=tmp_path / "cache")
    assert (after.pixels[0, 0] == 255).all()


def test_a_gan_does_not_go_on_after_its_table_changed(tmp_path: Path) -> None:
    images(tmp_path)
    (tmp_path / "broken.png").unlink()
    table = tmp_path / "table.csv"
    text = (
        table.read_text(encoding="utf-8")
        .replace("broken.png,awe\n", "")
        .replace("path,label", "path,label,split")
    )
    table.write_text(
        "\n".join([*text.replace("awe", "awe,train").replace("fear", "fear,train").splitlines(), ""])
    )
    recipe = replace(RECIPE, data=DataConfig(sources=(Source("table", "table.csv"),)))
    train_gan(recipe, tmp_path / "run", data_root=tmp_path)
    before = table.read_text(encoding="utf-8")
    table.write_text(before.replace("1.png,awe", "1.png,fear"), encoding="utf-8")
    with pytest.raises(
        RecipeError, match=r"train: 1 of 8 row\(s\) with another label, as 1\.png: awe then, fear now"
    ):
        train_gan(recipe, tmp_path / "run", data_root=tmp_path, resume=True)
    table.write_text(before, encoding="utf-8")
    train_gan(recipe, tmp_path / "run", data_root=tmp_path, resume=True)


def test_without_any_readable_image_the_first_reason_is_told(tmp_path: Path) -> None:
    table = images(tmp_path)
    with pytest.raises(DataError, match="none of 1 images"):
        small_pictures(table.select([8]), size=16)


def test_trains_on_a_table_on_disk(tmp_path: Path) -> None:
    images(tmp_path)
    data = DataConfig(sources=(Source(path="table.csv"),), split={"train": 1.0})
    recipe = replace(RECIPE, data=data, training=replace(RECIPE.training, steps=2, sheet_every=2))
    told: list[str] = []
    generator = train_gan(recipe, tmp_path / "run", data_root=tmp_path, say=told.append)
    assert set(generator.conditions.labels) == {"awe", "fear"}
    assert (tmp_path / "run" / "sheets" / "step-0000002.png").is_file()
    assert json.loads((tmp_path / "run" / "run.json").read_text())["pictures"] == 7
    assert "broken.png" in told[0]


def test_recipes_that_come_along_are_sound() -> None:
    gan = load_generator_recipe("gan", ["training.steps=7"], kind=GanRecipe)
    assert gan.training.steps == 7
    assert gan.data.sources[0].dataset == "fi8"
    assert load_generator_recipe("prior-free", kind=PriorFreeRecipe).look.views.mirror


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("training.stepps=7", "training: unknown key 'stepps'; did you mean 'steps'"),
        ("training.steps=0", "training.steps"),
        ("network.size=48", "power of two"),
        ('adversarial.augment=["blur"]', "adversarial.augment"),
        ('method="prior-free"', "'gan' was asked for"),
    ],
)
def test_mistakes_in_a_recipe_are_named(change: str, named: str) -> None:
    with pytest.raises(RecipeError, match=named):
        load_generator_recipe("gan", [change], kind=GanRecipe)


def test_an_unknown_recipe_is_answered_with_what_there_is() -> None:
    with pytest.raises(RecipeError, match="prior-free"):
        load_generator_recipe("gann", kind=GanRecipe)
