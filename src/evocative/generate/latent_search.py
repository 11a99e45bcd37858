"""Search through a trained generator's latent space: pictures that it can draw and a model is convinced by.

    generator = load_generator("runs/gan")
    goals = [parse_goal("awe", judge)] * 4
    found = search_latents(generator, [judge], goals)                                    # by gradient
    found = search_latents(generator, [judge], goals, settings=LatentSettings(search="evolution"))
    found.pictures, found.latents

Everything that is found is a picture of the generator, so that what it has learnt of its data is the prior
(Nguyen 2016, "Synthesizing the preferred inputs for neurons in neural networks via deep generator networks").
Latent vectors must stay where it was trained: the standard normal's, of Z numbers, lie near a shell of radius
√Z. By gradient, a term keeps them there; evolution draws children in ways that leave the normal as it is, so
that it needs none.

Differs from the paper in: the prior is the density of the normal's radius, not an L2 penalty, whose optimum
is the origin; a generator with conditions is asked for the goal as well; evolution. Of a generator that looks
at a latent vector's direction only (`generator.py`), the radius changes nothing and the prior costs nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

from evocative.errors import DataError, ModelError, RecipeError, TrainingError, unknown
from evocative.explore.judge import Judge, quantized
from evocative.explore.views import VIEWS, shown
from evocative.generate.generator import Generator
from evocative.generate.goals import JOINED, SCORES, Goal, Joined, Score, joined_losses
from evocative.generate.latent_moves import crossed, mutated, shell_loss
from evocative.generate.optimised import generator_of
from evocative.generate.random_views import Views
from evocative.recipe.ranges import STRICT

Search = Literal["gradient", "evolution"]
SEARCHES: tuple[Search, ...] = get_args(Search)
CROSSED = 0.5
"""The share of children that have two parents."""


@dataclass(frozen=True)
class LatentSettings:
    """How latent vectors are searched.

    Raises:
        RecipeError: A setting is out of range.
    """

    __pydantic_config__ = STRICT

    search: Search = "gradient"
    steps: int = 64
    """Of Adam, or generations."""
    learning_rate: float = 0.05
    prior: float = 1.0
    """gradient: weight of minus the log density of the radius."""
    views: Views = field(default_factory=Views)
    """gradient: random views, as of optimised pictures."""
    population: int = 16
    """evolution: latent vectors that are kept, and children of each generation, of each picture."""
    mutation: float = 0.3
    """evolution: 0 is a copy, 1 a draw that knows nothing of its parent."""
    num_views: int = 2
    """evolution: fixed views whose mean loss counts (`views.py`), the picture itself first."""
    score: Score = "log_odds"
    joined: Joined = "mean"
    batch_size: int = 8
    """Pictures at once in gradient."""

    def __post_init__(self) -> None:
        ranges = {
            "steps": (1, None), "learning_rate": (1e-9, None), "prior": (0, None), "population": (2, None),
            "mutation": (0, 1), "num_views": (1, len(VIEWS)), "batch_size": (1, None),
        }  # fmt: skip
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if not (value >= least and (most is None or value <= most)):
                wanted = f"{least:g} or more" if most is None else f"{least:g} to {most:g}"
                raise RecipeError(f"{name}: expected {wanted}, found {value}")
        for name, known in {"search": SEARCHES, "score": SCORES, "joined": JOINED}.items():
            if getattr(self, name) not in known:
                raise RecipeError(f"{name}: " + unknown(name, getattr(self, name), known))


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found."""

    pictures: UInt8[Tensor, "N 3 S S"]
    """At the generator's size."""
    begun: UInt8[Tensor, "N 3 S S"]
    """What it drew first: by gradient the same vector's, by evolution the best of the first draws."""
    latents: Float32[Tensor, "N Z"]
    curve: Float32[np.ndarray, "T N"]
    """The loss of the goal after each step: of the view seen then, or of the best."""


def search_latents(
    generator: Generator,
    judges: Sequence[Judge],
    goals: Sequence[Goal],
    *,
    settings: LatentSettings | None = None,
    seed: int = 0,
    told: Callable[[int], None] = lambda pictures: None,
) -> Found:
    """Search a picture for each goal; it depends on (seed, its number) only.

    Args:
        generator: Trained, in evaluation mode; it is not changed.
        judges: One or more frozen models.
        goals: One a picture. What the generator can be asked for of it, it is asked for.
        settings: How.
        seed: Of all draws.
        told: Called after each step with the number of pictures that it moved.

    Raises:
        DataError: There are no goals.
        ModelError: A goal asks for nothing that the generator knows.
        TrainingError: A loss is not a number.
    """
    if not goals:
        raise DataError("expected at least one goal, found none")
    settings = settings or LatentSettings()
    task = _Task(generator.to(judges[0].device), judges, settings, told)
    conditions = torch.stack([condition_of(generator, goal) for goal in goals])
    random = [generator_of(seed, number) for number in range(len(goals))]
    size = settings.batch_size if settings.search == "gradient" else 1
    parts = [
        (_descend if settings.search == "gradient" else _evolve)(
            task, goals[first : first + size], conditions[first : first + size], random[first : first + size]
        )
        for first in range(0, len(goals), size)
    ]
    return Found(
        torch.cat([part.pictures for part in parts]),
        torch.cat([part.begun for part in parts]),
        torch.cat([part.latents for part in parts]),
        np.concatenate([part.curve for part in parts], axis=1),
    )


def condition_of(generator: Generator, goal: Goal) -> Float[Tensor, " C"]:
    """Return what of a goal a generator is asked for: its emotion and its dimensions, where it knows them.

    Raises:
        ModelError: It knows nothing of it.
    """
    targets = goal.targets()
    known = generator.conditions
    label = goal.emotion if goal.emotion in known.labels else None
    values = {
        axis: float(targets[axis] or 0.0) for axis, _ in (*goal.ends, *goal.place) if axis in known.dimensions
    }
    if label is None and not values:
        has = ", ".join((*known.labels, *known.dimensions))
        raise ModelError(
            f"target {goal.name!r}: the generator can be asked for {has} only; train one that can"
        )
    return generator.condition_of(label=label, **values)


@dataclass(frozen=True)
class _Task:
    generator: Generator
    judges: Sequence[Judge]
    settings: LatentSettings
    told: Callable[[int], None]

    def losses(self, goals: Sequence[Goal], pictures: Tensor) -> Float[Tensor, " N"]:
        found = joined_losses(
            self.judges, goals, pictures, score=self.settings.score, joined=self.settings.joined
        )
        if not found.isfinite().all():
            raise TrainingError("a loss is not a number; make learning_rate smaller")
        return found


def _descend(
    task: _Task, goals: Sequence[Goal], conditions: Tensor, random: Sequence[torch.Generator]
) -> Found:
    settings, size = task.settings, task.generator.latent_size
    latents = torch.stack([torch.randn(size, generator=each) for each in random]).to(conditions.device)
    latents.requires_grad_()
    optimiser = torch.optim.Adam([latents], lr=settings.learning_rate)
    with torch.no_grad():
        begun = task.generator(latents, conditions)
    curve = []
    for _ in range(settings.steps):
        pictures = task.generator(latents, conditions)
        loss = task.losses(goals, settings.views.applied(pictures, settings.views.drawn(random)))
        total = (loss + settings.prior * shell_loss(latents)).sum()
        (latents.grad,) = torch.autograd.grad(total, latents)
        optimiser.step()
        curve.append(loss.detach().cpu().numpy())
        task.told(len(goals))
    with torch.no_grad():
        pictures = task.generator(latents, conditions)
    return Found(quantized(pictures).cpu(), quantized(begun).cpu(), latents.detach().cpu(), np.stack(curve))


@torch.no_grad()
def _evolve(
    task: _Task, goals: Sequence[Goal], conditions: Tensor, random: Sequence[torch.Generator]
) -> Found:
    """Keep the best of parents and children, generation by generation, for one goal."""
    (goal,), (one,), count = goals, random, task.settings.population
    latents = torch.randn(count, task.generator.latent_size, generator=one)
    losses = _judged(task, goal, conditions, latents)
    begun = latents[losses.argmin()][None]
    curve = []
    for _ in range(task.settings.steps):
        children = _children(latents, task.settings.mutation, one)
        everyone = torch.cat([latents, children])
        scores = torch.cat([losses, _judged(task, goal, conditions, children)])
        best = scores.argsort(stable=True)[:count]
        latents, losses = everyone[best], scores[best]
        curve.append(losses[:1].numpy())
        task.told(1)
    drawn = [
        quantized(task.generator(each.to(conditions), conditions)).cpu() for each in (latents[:1], begun)
    ]
    return Found(drawn[0], drawn[1], latents[:1], np.stack(curve))


def _children(latents: Float[Tensor, "N Z"], amount: float, one: torch.Generator) -> Float[Tensor, "N Z"]:
    count = len(latents)
    parents = torch.randint(count, (2, count), generator=one)
    shares = torch.rand(count, generator=one)
    shares = torch.where(torch.rand(count, generator=one) < CROSSED, shares, torch.zeros(()))
    mixed = crossed(latents[parents[0]], latents[parents[1]], shares)
    return mutated(mixed, torch.randn(latents.shape, generator=one), amount)


def _judged(task: _Task, goal: Goal, conditions: Tensor, latents: Tensor) -> Float[Tensor, " N"]:
    """Return the mean loss of a few fixed views of each vector's picture."""
    pictures = task.generator(latents.to(conditions), conditions.expand(len(latents), -1))
    views = shown(pictures, task.settings.num_views)
    return torch.stack([task.losses([goal] * len(latents), view) for view in views]).mean(0).cpu()
