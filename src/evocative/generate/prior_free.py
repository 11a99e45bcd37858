"""A generator without any picture to learn from: it only answers to a frozen judge.

    lesson = AnswerTo(recipe, judge)
    learn(lesson, Path("runs/prior-free"))                        # generate/generator_training.py

Each step draws conditions and two latent vectors for each, looks at the pictures through random views and at
a random size, and descends

    w_l · cross-entropy of the label asked for  +  w_d · squared error of the dimensions asked for
        +  w · diversity of the two pictures for one condition  +  w_s · total variation

(Cybulski 2019's variant "without prior learning": the generator minimises the error between target and what
the predictor says.) Without the third term it would draw one picture an emotion, without views one pattern
of pixels that no one can see. What it draws is what the judge has learnt, and not what pictures are like.

mode-seeking (Mao 2019, equation 2, as the authors' code computes it, over the whole batch):
1 / (mean |G(c, z₁) − G(c, z₂)| / mean |z₁ − z₂| + 1e-5); features: the cosine of the two embeddings.

Mao 2019: Mode seeking generative adversarial networks for diverse image synthesis.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, cross_entropy
from torch.optim import Adam, Optimizer

from evocative.data.columns import AXES
from evocative.errors import ModelError
from evocative.explore.judge import Judge
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator
from evocative.generate.generator_checkpoint import step_generator
from evocative.generate.generator_settings import Pace, PriorFreeRecipe
from evocative.generate.generator_training import learn
from evocative.models.create import Output


class AnswerTo:
    """A generator that learns what a judge wants to see.

    Attributes:
        generator: Who learns.
        networks: It, by name.
        optimizers: Adam.
    """

    def __init__(self, recipe: PriorFreeRecipe, judge: Judge) -> None:
        """Draw the generator from the recipe's seed.

        Args:
            recipe: All settings.
            judge: Stays as it is; its device is where everything is computed.

        Raises:
            ModelError: The judge does not predict what the recipe asks for.
        """
        self.recipe, self.judge = recipe, judge
        self.conditions = answerable(judge, recipe)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.generator = Generator(self.conditions, recipe.network)
        self.generator.to(judge.device).to(memory_format=torch.channels_last)
        rates = recipe.optimizer
        self.networks: dict[str, nn.Module] = {"generator": self.generator}
        self.optimizers: dict[str, Optimizer] = {
            "generator": Adam(self.generator.parameters(), lr=rates.generator, betas=rates.betas)
        }

    @property
    def pace(self) -> Pace:
        """How long it takes."""
        return self.recipe.training

    def settings(self) -> dict[str, Any]:
        """Return the recipe, and who judges."""
        judge = {"name": self.judge.name, "weights": self.judge.weights}
        return {"recipe": asdict(self.recipe), "judge": judge}

    def step(self, number: int) -> dict[str, float]:
        """Draw pictures in pairs, hear the judge, descend."""
        source = step_generator(self.recipe.seed, number)
        conditions = drawn_conditions(
            self.conditions, self.pace.batch_size // 2, reach=self.recipe.target.reach, generator=source
        )
        conditions = conditions.repeat_interleave(2, dim=0).to(self.judge.device)
        latents = torch.randn(len(conditions), self.generator.latent_size, generator=source)
        latents = latents.to(self.judge.device)
        pictures = self.generator(latents, conditions)
        said = self.judge.answer(self._viewed(pictures, source), size=self._size(source))
        loss, figures = self._error(said, conditions)
        loss = loss + self._apart(pictures, latents, said.embedding, figures)
        optimizer = self.optimizers["generator"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return {"loss": loss.item(), **figures}

    def _viewed(
        self, pictures: Float[Tensor, "N 3 S S"], source: torch.Generator
    ) -> Float[Tensor, "N 3 S S"]:
        views = self.recipe.look.views
        return views.applied(pictures, views.drawn([source] * len(pictures)))

    def _size(self, source: torch.Generator) -> int:
        sizes = self.recipe.look.sizes
        return sizes[int(torch.randint(len(sizes), (1,), generator=source))]

    def _error(
        self, said: Output, conditions: Float[Tensor, "N C"]
    ) -> tuple[Float[Tensor, ""], dict[str, float]]:
        """Return how far the answers are from what was asked for, and figures of it."""
        target, figures = self.recipe.target, {}
        loss = said.embedding.sum() * 0
        labels = self.conditions.label_of(conditions)
        if said.logits is not None and (labels >= 0).any():
            term = cross_entropy(said.logits, labels, ignore_index=-1)
            loss = loss + target.label_weight * term
            hit = (said.logits.argmax(1) == labels)[labels >= 0]
            figures = {"cross_entropy": term.item(), "accuracy": hit.float().mean().item()}
        wanted = self.conditions.dimensions_of(conditions)
        asked = ~wanted.isnan()
        if said.vad is not None and asked.any():
            axes = [AXES.index(axis) for axis in self.conditions.dimensions]
            term = (said.vad[:, axes] - wanted)[asked].square().mean()
            loss = loss + target.dimension_weight * term
            figures["squared_error"] = term.item()
        return loss, figures

    def _apart(
        self,
        pictures: Float[Tensor, "N 3 S S"],
        latents: Float[Tensor, "N Z"],
        embedding: Float[Tensor, "N D"],
        figures: dict[str, float],
    ) -> Float[Tensor, ""]:
        """Return the terms on the pictures themselves; write the first into `figures`."""
        wants, loss = self.recipe.diversity, pictures.sum() * 0
        if wants.kind != "none":
            term = mode_seeking(pictures, latents) if wants.kind == "mode-seeking" else similarity(embedding)
            figures["diversity"] = term.item()
            loss = loss + wants.weight * term
        return loss + wants.smoothness * total_variation(pictures) if wants.smoothness else loss


def answerable(judge: Judge, recipe: PriorFreeRecipe) -> Conditions:
    """Return what a judge can be asked for of what a recipe wants.

    Raises:
        ModelError: It predicts nothing of that.
    """
    ask = recipe.target.ask
    labels = judge.taxonomy.names if judge.taxonomy is not None and ask != "dimensions" else ()
    dimensions = judge.dimensions if ask != "labels" else ()
    if not labels and not dimensions:
        raise ModelError(
            f"target.ask = {ask!r}: {judge.name} predicts "
            f"{', '.join(judge.dimensions) or 'labels only'}; ask for what it predicts"
        )
    return Conditions(tuple(labels), tuple(dimensions))


def drawn_conditions(
    conditions: Conditions, count: int, *, reach: float, generator: torch.Generator
) -> Float[Tensor, "N C"]:
    """Draw conditions: labels uniformly, places uniformly in [−reach, reach]^D, half and half where both are.

    Args:
        conditions: What may be asked for.
        count: N.
        reach: How far from neutral places are.
        generator: On the CPU.
    """
    number, axes = len(conditions.labels), len(conditions.dimensions)
    labels = torch.randint(max(1, number), (count,), generator=generator)
    places = (torch.rand(count, 3, generator=generator) * 2 - 1) * reach
    by_label = torch.rand(count, generator=generator) < (0.5 if number and axes else float(number > 0))
    places[by_label] = torch.nan
    return conditions.encoded(torch.where(by_label, labels, -1).numpy(), places.numpy())


def mode_seeking(pictures: Float[Tensor, "N 3 S S"], latents: Float[Tensor, "N Z"]) -> Float[Tensor, ""]:
    """Return Mao 2019's term for pictures in pairs (0 and 1, 2 and 3 …) of one condition each."""
    apart = (pictures[0::2] - pictures[1::2]).abs().mean()
    drawn = (latents[0::2] - latents[1::2]).abs().mean()
    return 1 / (apart / drawn + 1e-5)


def similarity(embedding: Float[Tensor, "N D"]) -> Float[Tensor, ""]:
    """Return the mean cosine of the two embeddings of each pair, in [−1, 1]."""
    return cosine_similarity(embedding[0::2], embedding[1::2]).mean()


def total_variation(pictures: Float[Tensor, "N 3 S S"]) -> Float[Tensor, ""]:
    """Return the mean absolute difference of neighbours, down and across."""
    down = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs().mean()
    return down + (pictures[:, :, :, 1:] - pictures[:, :, :, :-1]).abs().mean()


def train_prior_free(
    recipe: PriorFreeRecipe, folder: Path, *, judge: Judge, resume: bool = False
) -> Generator:
    """Train a generator that answers to a judge, and save it.

    Raises:
        ModelError: The judge does not predict what the recipe asks for.
        TrainingError: See `learn`.
    """
    return learn(AnswerTo(recipe, judge), folder, resume=resume)
