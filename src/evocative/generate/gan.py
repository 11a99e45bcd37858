"""A conditional generative adversarial network on a Table: pictures like those that people felt so about.

    lesson = Adversaries(recipe, pictures, vectors, conditions)
    learn(lesson, Path("runs/gan"))                                # generate/generator_training.py

Goodfellow 2014's game with what made it stable since: residual networks, a projection discriminator with
spectral norm (Miyato 2018a, b), hinge loss, two learning rates (Heusel 2017), differentiable augmentation
(Zhao 2020), and a moving average of the generator's weights (Karras 2018). ArtGAN's categorical feedback (Tan
2017) is a setting. Parts: generator.py, discriminator.py, adversarial.py, diff_augment.py.

Differs from ArtGAN in all of these, and in having no autoencoder branch.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from evocative.generate.adversarial import (
    categorical_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    made_class,
)
from evocative.generate.conditions import Conditions, conditions_of_table
from evocative.generate.diff_augment import augmented
from evocative.generate.discriminator import Discriminator
from evocative.generate.generator import Generator
from evocative.generate.generator_checkpoint import FILE, step_generator
from evocative.generate.generator_settings import GanRecipe, Pace
from evocative.generate.generator_training import learn
from evocative.generate.small_pictures import small_pictures
from evocative.training.given import Given
from evocative.training.sources import gather
from evocative.training.unchanged import keep

_GENERATOR = 0  # whose turn it is, a part of the randomness; the discriminator's turns are 1, 2 …


class Adversaries:
    """A generator and a discriminator, and what they learn from.

    Attributes:
        generator: Who learns to draw.
        discriminator: Who learns to tell.
        networks: Both, by name.
        optimizers: Adam for each.
    """

    def __init__(
        self,
        recipe: GanRecipe,
        pictures: UInt8[Tensor, "M 3 S S"],
        vectors: Float[Tensor, "M C"],
        conditions: Conditions,
        *,
        device: str | torch.device = "cpu",
    ) -> None:
        """Draw both networks from the recipe's seed.

        Args:
            recipe: All settings.
            pictures: Of the training rows, at `network.size`.
            vectors: What each would have been asked for as.
            conditions: What the vectors mean.
            device: Where to compute.
        """
        self.recipe, self.conditions, self.device = recipe, conditions, torch.device(device)
        self.pictures, self.vectors = pictures, vectors
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            generator = Generator(conditions, recipe.network)
            discriminator = Discriminator(
                conditions, size=recipe.network.size, config=recipe.discriminator,
                categorical=recipe.adversarial.categorical > 0,
            )  # fmt: skip
        self.generator, self.discriminator = generator, discriminator
        for network in (generator, discriminator):
            network.to(self.device).to(memory_format=torch.channels_last)
        self.networks: dict[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        rates = recipe.optimizer
        self.optimizers: dict[str, Optimizer] = {
            "generator": Adam(generator.parameters(), lr=rates.generator, betas=rates.betas),
            "discriminator": Adam(discriminator.parameters(), lr=rates.discriminator, betas=rates.betas),
        }
        self._chances = _chances(conditions.label_of(vectors), recipe.pictures.balance)

    @property
    def pace(self) -> Pace:
        """How long it takes."""
        return self.recipe.training

    def settings(self) -> dict[str, Any]:
        """Return the recipe, and how many pictures there are."""
        return {"recipe": asdict(self.recipe), "pictures": len(self.pictures)}

    def step(self, number: int) -> dict[str, float]:
        """Let the discriminator learn, then the generator."""
        figures: dict[str, float] = {}
        self.discriminator.requires_grad_(requires_grad=True)
        for turn in range(self.recipe.adversarial.discriminator_steps):
            figures |= self._discriminate(number, step_generator(self.recipe.seed, number, turn + 1))
        self.discriminator.requires_grad_(requires_grad=False)
        return figures | self._generate(step_generator(self.recipe.seed, number, _GENERATOR))

    def batch(self, source: torch.Generator) -> tuple[Float[Tensor, "N 3 S S"], Float[Tensor, "N C"]]:
        """Draw rows: their pictures in [-1, 1], half of them mirrored if the recipe says so, and vectors."""
        rows = torch.multinomial(self._chances, self.pace.batch_size, replacement=True, generator=source)
        pictures = self.pictures[rows]
        if self.recipe.pictures.mirror:
            turned = torch.rand(len(rows), generator=source) < 0.5
            pictures = torch.where(turned[:, None, None, None], pictures.flip(3), pictures)
        scaled = pictures.to(self.device).float().div(127.5).sub(1)
        return scaled.contiguous(memory_format=torch.channels_last), self.vectors[rows].to(self.device)

    def _discriminate(self, number: int, source: torch.Generator) -> dict[str, float]:
        wants, changes = self.recipe.adversarial, self.recipe.adversarial.augment
        real, conditions = self.batch(source)
        made = self._drawn(conditions, source).detach()
        penalised = wants.r1 > 0 and number % wants.r1_every == 0
        real = augmented(real, changes, source).requires_grad_(penalised)
        of_real = self.discriminator(real, conditions)
        of_made = self.discriminator(augmented(made, changes, source), conditions)
        loss = discriminator_loss(of_real.realness, of_made.realness, wants.loss)
        if of_real.classes is not None and of_made.classes is not None:
            told = categorical_loss(of_real.classes, self.conditions.label_of(conditions))
            told = told + categorical_loss(of_made.classes, made_class(of_made.classes))
            loss = loss + wants.categorical * told
        total = loss
        if penalised:
            total = loss + wants.r1 * wants.r1_every * gradient_penalty(of_real.realness, real)
        _descend(self.optimizers["discriminator"], total)
        return {
            "discriminator_loss": loss.item(),
            "realness_of_table": of_real.realness.mean().item(),
            "realness_of_made": of_made.realness.mean().item(),
        }

    def _generate(self, source: torch.Generator) -> dict[str, float]:
        wants = self.recipe.adversarial
        rows = torch.multinomial(self._chances, self.pace.batch_size, replacement=True, generator=source)
        conditions = self.vectors[rows].to(self.device)
        made = augmented(self._drawn(conditions, source), wants.augment, source)
        verdict = self.discriminator(made, conditions)
        loss = generator_loss(verdict.realness, wants.loss)
        if verdict.classes is not None:
            labels = self.conditions.label_of(conditions)
            loss = loss + wants.categorical * categorical_loss(verdict.classes, labels)
        _descend(self.optimizers["generator"], loss)
        return {"loss": loss.item()}

    def _drawn(self, conditions: Float[Tensor, "N C"], source: torch.Generator) -> Float[Tensor, "N 3 S S"]:
        """Draw pictures in [-1, 1]."""
        latent = torch.randn(len(conditions), self.generator.latent_size, generator=source)
        pictures: Tensor = self.generator(latent.to(self.device), conditions)
        return pictures * 2 - 1


def train_gan(
    recipe: GanRecipe,
    folder: Path,
    *,
    data_root: Path,
    resume: bool = False,
    device: str | torch.device = "cpu",
    cache: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Generator:
    """Train on the recipe's tables and save the generator.

    Args:
        recipe: All settings; `data` names the tables.
        folder: The run's.
        data_root: What the tables' places are relative to.
        resume: Go on from the last checkpoint.
        device: Where to compute.
        cache: Keeps the decoded pictures; by default the folder's `cache`.
        say: Is told, a line each, which images cannot be read; they are left out.

    Raises:
        DataError: A table has mistakes, or no image can be read.
        RecipeError: The run in the folder was given other rows.
        TrainingError: See `learn`.
    """
    parts = gather(recipe.data, data_root)
    keep(folder, Given.of(parts), checkpoint=FILE)
    table = parts.train
    small = small_pictures(
        table, size=recipe.network.size, fit=recipe.pictures.fit, once=recipe.pictures.once,
        cache=cache or folder / "cache",
    )  # fmt: skip
    for line in small.unreadable:
        say(line)
    conditions, vectors = conditions_of_table(table.select(small.rows))
    lesson = Adversaries(recipe, small.pixels, vectors, conditions, device=device)
    return learn(lesson, folder, resume=resume)


def _chances(labels: Tensor, balance: float) -> Float[Tensor, " M"]:
    """Return each row's weight: (rows with its label) ^ −balance."""
    _, places, counts = np.unique(labels.cpu().numpy(), return_inverse=True, return_counts=True)
    return torch.tensor(counts[places].astype(np.float64) ** -balance, dtype=torch.float32)


def _descend(optimizer: Optimizer, loss: Float[Tensor, ""]) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
