"""Fitness: what elites compete by. Confidence is what one model says; agreement is what all say at least.

For judges j and views v of a picture, with p_k of emotion k and d_a of dimension a:

    confidence   c_k = p_k                                  of the one judge and the plain view
    agreement    c_k = min over j, v of p_k(j, v)           what none of them denies
    fitness      max over k of c_k
    without emotions (agreement only)
                 1 - max over a of (max d_a - min d_a) / 2  over j and v: 1 where all say the same

An archive of emotions has a picture compete for each emotion k by c_k. Probabilities and dimensions that are
stored, and the cells of the other archives, are means over judges and views.

    jury = Jury([load_judge(), load_judge("other")], fitness="agreement", views=4)
    jury.score(pictures).fitness            # (B,), of the pictures in 256 levels, as they are saved
    jury.answer(pictures)                   # the same with gradients to the pictures
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.data.columns import AXES
from evocative.errors import ModelError, RecipeError
from evocative.explore.judge import Judge, quantized
from evocative.explore.views import shown


class Verdict(NamedTuple):
    """What a jury says of a batch."""

    probabilities: Float[Tensor, "B K"]
    """Means over judges and views; K = 0 without emotions."""
    vad: Float[Tensor, "B 3"]
    """Means over judges and views; NaN where a dimension is not predicted."""
    agreed: Float[Tensor, "B K"]
    """c_k: what a picture competes with for each emotion."""
    fitness: Float[Tensor, " B"]
    """In [0, 1]."""


class Jury:
    """One or several judges, and the views of a picture that they are shown."""

    def __init__(self, judges: Sequence[Judge], *, fitness: str = "confidence", views: int = 1) -> None:
        """Join judges.

        Args:
            judges: Of one taxonomy, with the same dimensions. Confidence takes one.
            fitness: `confidence` or `agreement`.
            views: How many views each is shown; confidence shows the plain one only.

        Raises:
            RecipeError: Confidence is asked of several.
            ModelError: They do not say the same kind of thing.
        """
        if fitness == "confidence" and len(judges) != 1:
            raise RecipeError(
                f"confidence is what one model says, found {len(judges)}: choose the fitness agreement"
            )
        self.judges, self.first = tuple(judges), judges[0]
        self.views = 1 if fitness == "confidence" else views
        self.labels = () if self.first.taxonomy is None else self.first.taxonomy.names
        for judge in judges[1:]:
            labels = () if judge.taxonomy is None else judge.taxonomy.names
            if (labels, judge.dimensions) != (self.labels, self.first.dimensions):
                raise ModelError(
                    f"{judge.name} and {self.first.name} do not say the same: expected "
                    f"{', '.join((*self.labels, *self.first.dimensions))}, found "
                    f"{', '.join((*labels, *judge.dimensions))}; take models of one taxonomy and dimensions"
                )

    def score(self, pictures: Float[Tensor, "B 3 S S"]) -> Verdict:
        """Judge pictures in [0, 1] as they will be saved, without gradients."""
        with torch.inference_mode():
            seen = [quantized(view) for view in shown(quantized(pictures) / 255, self.views)]
            return self._joined([_scored(judge, view) for judge in self.judges for view in seen])

    def answer(self, pictures: Float[Tensor, "B 3 S S"]) -> Verdict:
        """Judge pictures in [0, 1] with gradients, which pass the rounding to 256 levels unchanged."""
        seen = shown(_passing(pictures), self.views)
        return self._joined([_answered(judge, view) for judge in self.judges for view in map(_passing, seen)])

    def _joined(self, said: Sequence[tuple[Tensor, Tensor]]) -> Verdict:
        probabilities, vad = (torch.stack(parts) for parts in zip(*said, strict=True))
        agreed = probabilities.amin(0)
        if self.labels:
            fitness = agreed.amax(1)
        else:
            places = vad[:, :, [AXES.index(axis) for axis in self.first.dimensions]]
            fitness = 1 - ((places.amax(0) - places.amin(0)) / 2).amax(1)
        return Verdict(probabilities.mean(0), vad.mean(0), agreed, fitness)


def jacobian(
    jury: Jury,
    weights: Float[Tensor, "E P"],
    *,
    render: Callable[[Tensor], Tensor],
    measures: Callable[[Verdict], Tensor],
) -> tuple[Verdict, Float[np.ndarray, "E M P"]]:
    """Judge what weights draw, and return how that changes with each weight.

    Args:
        jury: Who judges.
        weights: E genomes of P weights.
        render: From weights to pictures (E, 3, S, S) in [0, 1], differentiable.
        measures: From the verdict to an archive's measures (E, M - 1).

    Returns:
        What the jury says, without gradients, and slopes in float64: of the fitness first, then of each
        measure. A slope that is not finite is 0.
    """
    weights = weights.detach().requires_grad_()
    said = jury.answer(render(weights))
    values = [said.fitness.sum(), *measures(said).sum(0)]
    rows = [torch.autograd.grad(value, weights, retain_graph=True)[0] for value in values]
    found = torch.stack(rows, 1).nan_to_num(0.0, 0.0, 0.0)
    return Verdict(*(part.detach().cpu() for part in said)), found.cpu().double().numpy()


def _passing(pictures: Tensor) -> Tensor:
    """Round to 256 levels forwards, leave gradients as they are backwards."""
    return pictures + (quantized(pictures) / 255 - pictures).detach()


def _scored(judge: Judge, pictures: Tensor) -> tuple[Tensor, Tensor]:
    said = judge.score(pictures)
    none = np.zeros((len(pictures), 0), dtype=np.float32)
    unknown = np.full((len(pictures), 3), np.nan, dtype=np.float32)
    probabilities = none if said.probabilities is None else said.probabilities
    return torch.from_numpy(probabilities), torch.from_numpy(unknown if said.vad is None else said.vad)


def _answered(judge: Judge, pictures: Tensor) -> tuple[Tensor, Tensor]:
    said = judge.answer(pictures)
    none, unknown = pictures.new_zeros(len(pictures), 0), pictures.new_full((len(pictures), 3), torch.nan)
    probabilities = none if said.logits is None else said.logits.softmax(1)
    return probabilities, unknown if said.vad is None else said.vad
