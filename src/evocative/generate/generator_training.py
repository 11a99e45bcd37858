"""The loop in which a generator learns, whoever teaches it; resumable without loss.

    lesson = Adversaries(recipe, pictures, vectors, conditions)     # generate/gan.py; or prior_free.AnswerTo
    generator = learn(lesson, Path("run"), resume=False)

run/
    generator.safetensors, config.json   the moving average of the weights (generate/generator_store.py)
    checkpoint.safetensors               all that going on needs
    run.json                             the settings
    log.jsonl, tensorboard/              figures of every tenth step
    sheets/step-0000500.png              samples of the average, from the same latents each time
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from torch import nn
from torch.optim import Optimizer

from evocative.data.alone import alone
from evocative.data.atomic import replacing
from evocative.errors import DivergedError, TrainingError, reading
from evocative.generate.generator import Generator
from evocative.generate.generator_checkpoint import FILE, load_state, save_state
from evocative.generate.generator_settings import Pace
from evocative.generate.generator_store import save_generator
from evocative.generate.samples import save_sheet
from evocative.training.ema import AveragedWeights
from evocative.training.log import RunLog
from evocative.training.repeatable import repeatable

SETTINGS: Final = "run.json"
_MAY_CHANGE: Final = ("steps", "checkpoint_every", "sheet_every")


@runtime_checkable
class Lesson(Protocol):
    """A way of teaching a generator."""

    @property
    def generator(self) -> Generator:
        """Who learns."""

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """All that learn, by name; the generator is among them."""

    @property
    def optimizers(self) -> Mapping[str, Optimizer]:
        """Whose moments belong to the state."""

    @property
    def pace(self) -> Pace:
        """How long, and what is kept on the way."""

    def settings(self) -> dict[str, Any]:
        """Return all that the weights depend on: plain values for JSON."""

    def step(self, number: int) -> dict[str, float]:
        """Take one step (from 1); return its figures, among them `loss`, the generator's."""


def learn(lesson: Lesson, folder: Path, *, resume: bool = False) -> Generator:
    """Teach a generator and save it.

    Args:
        lesson: At its beginning; with `resume` its networks take over what the folder keeps.
        folder: The run's.
        resume: Go on from the last checkpoint, if there is one.

    Returns:
        The lesson's generator with the moving average of its weights.

    Raises:
        DataError: Another process is at work in the folder.
        TrainingError: The folder holds a run and `resume` is false, or a run with other settings.
        DivergedError: A figure is no number any more.
    """
    with alone(folder):
        begin_folder(folder, lesson.settings(), resume=resume)
        average, steps = _teach(lesson, folder)
        average.copy_to(lesson.generator)
        save_generator(lesson.generator, folder, provenance={"steps": steps, **lesson.settings()})
    return lesson.generator


def _teach(lesson: Lesson, folder: Path) -> tuple[AveragedWeights, int]:
    """Take the missing steps; return the average of the weights, and how many steps there were."""
    average, pace = AveragedWeights(), lesson.pace
    average.begin(lesson.generator, decay=pace.ema_decay)
    state = {"networks": lesson.networks, "optimizers": lesson.optimizers, "average": average}
    done = load_state(folder / FILE, **state) if (folder / FILE).exists() else 0  # type: ignore[arg-type]
    device = next(lesson.generator.parameters()).device
    with RunLog(folder, active=True, resume_step=done, total_steps=pace.steps) as log, repeatable(device):
        for number in range(done + 1, pace.steps + 1):
            figures = lesson.step(number)
            if not all(map(math.isfinite, figures.values())):
                raise DivergedError(
                    f"step {number}: {figures}; choose smaller rates (optimizer.generator, "
                    "optimizer.discriminator)"
                )
            average.update(lesson.generator, step=number)
            log.step(number, figures, images=pace.batch_size)
            if number % pace.checkpoint_every == 0 or number == pace.steps:
                save_state(folder / FILE, step=number, **state)  # type: ignore[arg-type]
            if pace.sheet_every and number % pace.sheet_every == 0:
                with average.within(lesson.generator):
                    save_sheet(lesson.generator, folder / "sheets" / f"step-{number:07d}.png")
    return average, max(done, pace.steps)


def begin_folder(folder: Path, settings: dict[str, Any], *, resume: bool) -> None:
    """Write a run's settings, or hold them against those that are there.

    Raises:
        TrainingError: There is a run and `resume` is false, or its settings differ.
    """
    path = folder / SETTINGS
    if path.exists() and (folder / FILE).exists():
        if not resume:
            raise TrainingError(
                f"{folder}: holds a run. Go on with it (--resume), or name another folder (--output)"
            )
        with reading(path, TrainingError, "remove the run's folder and train anew"):
            before = json.loads(path.read_text(encoding="utf-8"))
        differing = _differing(before, json.loads(json.dumps(settings)))
        if differing:
            raise TrainingError(
                f"{folder}: its run had other settings: {'; '.join(differing)}. Resume it with the same "
                "(training.steps may grow), or name another folder"
            )
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _differing(before: Any, now: Any, above: str = "") -> list[str]:
    """Return where two plain values differ, as texts; what may change is passed over."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = [name for name in {**before, **now} if name not in _MAY_CHANGE]
        inside = (_differing(before.get(name), now.get(name), f"{above}{name}.") for name in names)
        return [each for found in inside for each in found]
    return [] if before == now else [f"{above.rstrip('.')} was {before!r} and is {now!r}"]
