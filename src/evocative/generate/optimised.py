"""Pictures that gradients paint: feature visualisation of what a model takes for an emotion (Olah 2017).

    judge = load_judge()
    goals = [parse_goal("awe", judge)] * 4
    made = optimise([judge], goals, seed=0)               # from noise
    made.pictures                                          # uint8 (4, 3, 224, 224)
    moved = optimise([judge], goals, starts=photographs, settings=OptimiseSettings(near=30.0))

A picture is a Fourier spectrum with decorrelated colours (`spectrum.py`); in every step it is seen through a
random view (`random_views.py`), and Adam moves the spectrum against the loss of its goal (`goals.py`). A
picture depends on (seed, its number) only, not on those beside it.

Differs from the paper in: views are one affine map with mirrored edges and a draw for each picture, where its
code pads with grey, crops, scales and turns a whole batch at once; log-odds in place of logits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from evocative.errors import DataError, RecipeError, TrainingError, unknown
from evocative.explore.judge import Judge, quantized
from evocative.generate.goals import JOINED, SCORES, Goal, Joined, Score, joined_losses
from evocative.generate.random_views import Views
from evocative.generate.spectrum import Form, Parameters
from evocative.recipe.ranges import STRICT


@dataclass(frozen=True)
class OptimiseSettings:
    """How pictures are optimised.

    Raises:
        RecipeError: A setting is out of range.
    """

    __pydantic_config__ = STRICT

    steps: int = 256
    learning_rate: float = 0.05
    """Of Adam, as in Olah 2017's code; from a photograph a tenth of it changes less than is needed."""
    size: int | None = None
    """Height and width in pixels; by default the first judge's."""
    form: Form = "spectrum"
    decorrelated: bool = True
    decay: float = 1.0
    views: Views = field(default_factory=Views)
    score: Score = "log_odds"
    joined: Joined = "mean"
    """Of several judges: their mean loss, or that of the one who is convinced least."""
    near: float = 0.0
    """Weight of the mean squared difference (of values in [0, 1]) from where the picture began."""
    sd: float = 0.01
    """Of the numbers that noise begins with."""
    batch_size: int = 8
    """Pictures at once; it changes memory and time, not the pictures."""

    def __post_init__(self) -> None:
        least = {"steps": 1, "learning_rate": 1e-9, "near": 0, "sd": 0, "batch_size": 1}
        for name, bound in least.items():
            if not getattr(self, name) >= bound:
                raise RecipeError(f"{name}: expected {bound:g} or more, found {getattr(self, name)}")
        if self.score not in SCORES:
            raise RecipeError("score: " + unknown("score", self.score, SCORES))
        if self.joined not in JOINED:
            raise RecipeError("joined: " + unknown("way to join judges", self.joined, JOINED))


@dataclass(frozen=True, eq=False)
class Optimised:
    """What came of it."""

    pictures: UInt8[Tensor, "N 3 S S"]
    begun: UInt8[Tensor, "N 3 S S"]
    """Where each began."""
    curve: Float32[np.ndarray, "T N"]
    """The loss of the goal in each step, of the view that was seen then."""


def optimise(
    judges: Sequence[Judge],
    goals: Sequence[Goal],
    *,
    settings: OptimiseSettings | None = None,
    starts: UInt8[Tensor, "N 3 S S"] | None = None,
    seed: int = 0,
    told: Callable[[int], None] = lambda pictures: None,
) -> Optimised:
    """Optimise a picture for each goal.

    Args:
        judges: One or more frozen models; the first one's input size is the default size.
        goals: One a picture.
        settings: How.
        starts: Photographs to begin with, one a goal; None: noise.
        seed: Of the noise and of the views.
        told: Called after each step with the number of pictures that it moved.

    Raises:
        DataError: There are no goals, or photographs that do not fit them.
        TrainingError: A loss is not a number.
    """
    settings = settings or OptimiseSettings()
    form = Parameters(settings.size or judges[0].size, settings.form, settings.decorrelated, settings.decay)
    _check(goals, starts, form.size)
    parts = []
    for first in range(0, len(goals), settings.batch_size):
        some = range(first, min(first + settings.batch_size, len(goals)))
        generators = [generator_of(seed, number) for number in some]
        if starts is None:
            numbers = torch.stack([form.noise(each, sd=settings.sd) for each in generators])
        else:
            numbers = form.numbers(starts[some.start : some.stop].float() / 255)
        wanted = [goals[number] for number in some]
        parts.append(_descend(numbers, form, judges, wanted, generators, settings, told))
    return Optimised(
        torch.cat([part.pictures for part in parts]),
        torch.cat([part.begun for part in parts]),
        np.concatenate([part.curve for part in parts], axis=1),
    )


def _descend(  # noqa: PLR0917
    numbers: Tensor,
    form: Parameters,
    judges: Sequence[Judge],
    goals: Sequence[Goal],
    generators: Sequence[torch.Generator],
    settings: OptimiseSettings,
    told: Callable[[int], None],
) -> Optimised:
    numbers = numbers.to(judges[0].device).requires_grad_()
    optimiser = torch.optim.Adam([numbers], lr=settings.learning_rate)
    begun = form.picture(numbers).detach()
    curve = []
    for step in range(settings.steps):
        pictures = form.picture(numbers)
        seen = settings.views.applied(pictures, settings.views.drawn(generators))
        loss = joined_losses(judges, goals, seen, score=settings.score, joined=settings.joined)
        if not loss.isfinite().all():
            raise TrainingError(f"step {step}: a loss is not a number; make learning_rate smaller")
        moved = (pictures - begun).square().mean(dim=(1, 2, 3))
        (numbers.grad,) = torch.autograd.grad((loss + settings.near * moved).sum(), numbers)
        optimiser.step()
        curve.append(loss.detach().cpu().numpy())
        told(len(goals))
    return Optimised(quantized(form.picture(numbers)).cpu(), quantized(begun).cpu(), np.stack(curve))


def generator_of(seed: int, number: int) -> torch.Generator:
    """Return the randomness of one picture."""
    state = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))


def _check(goals: Sequence[Goal], starts: Tensor | None, size: int) -> None:
    if not goals:
        raise DataError("expected at least one goal, found none")
    if starts is not None and starts.shape != (len(goals), 3, size, size):
        raise DataError(
            f"starts: expected a photograph for each goal, ({len(goals)}, 3, {size}, {size}), "
            f"found {tuple(starts.shape)}"
        )
