"""The settings by which a generator learns: frozen dataclasses, one a section of a TOML file.

load_generator_recipe("gan", ["training.steps=200"])            # a name that comes along, or a file

`method` says what the file is: "gan" learns from the pictures of tables, "prior-free" from a judge alone.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from evocative.errors import RecipeError, unknown
from evocative.generate.generator import NetworkConfig
from evocative.generate.random_views import Views
from evocative.preprocessing import Fit
from evocative.recipe.override import override, split_assignment
from evocative.recipe.ranges import STRICT, Count, From0, Seed
from evocative.recipe.settings import DataConfig
from evocative.recipe.toml import read_toml
from evocative.recipe.validation import validated

Change = Literal["color", "translation", "cutout"]
Adversarial = Literal["hinge", "non-saturating"]
Apart = Literal["mode-seeking", "features", "none"]
Ask = Literal["labels", "dimensions", "either"]


@dataclass(frozen=True)
class Pace:
    """How long a generator learns, and what is kept on the way."""

    __pydantic_config__ = STRICT

    steps: int = 4000
    """Of the generator. A finished run may be resumed with more."""
    batch_size: int = 32
    ema_decay: float = 0.995
    """Of the moving average of the weights, which is what is saved."""
    checkpoint_every: int = 200
    """Steps; a killed run repeats those since the last one, to the bit."""
    sheet_every: int = 500
    """Steps between two sheets of samples; 0: none."""

    def __post_init__(self) -> None:
        least = {"steps": 1, "batch_size": 2, "checkpoint_every": 1, "sheet_every": 0}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise RecipeError(f"training.{name}: expected {value} or more, found {getattr(self, name)}")
        if not 0 < self.ema_decay < 1:
            raise RecipeError(f"training.ema_decay: expected between 0 and 1, found {self.ema_decay}")


@dataclass(frozen=True)
class Rates:
    """Adam's settings; the rates are constant (Heusel 2017: the discriminator's may be larger)."""

    __pydantic_config__ = STRICT

    generator: float = 2e-4
    discriminator: float = 4e-4
    betas: tuple[float, float] = (0.0, 0.9)

    def __post_init__(self) -> None:
        if min(self.generator, self.discriminator) <= 0 or not all(0 <= beta < 1 for beta in self.betas):
            raise RecipeError("optimizer: rates are above 0, betas in [0, 1)")


@dataclass(frozen=True)
class PicturesConfig:
    """How a table's images become pictures to learn from."""

    __pydantic_config__ = STRICT

    fit: Fit = "crop"
    """`squash`, `crop` or `pad`: see `evocative.preprocessing`."""
    mirror: bool = True
    """Half of them are shown as mirror images."""
    once: bool = True
    """Of pictures with the same pixels one is kept: tiles of removed photographs are no emotion."""
    balance: From0 = 0.0
    """Rows are drawn by (count of their label) ^ −balance: 0 as often as they are, 1 each label as often."""


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The network that tells pictures of the table from others."""

    __pydantic_config__ = STRICT

    width: Count = 32
    """Channels at half the pictures' size, doubled with every halving."""
    max_width: Count = 256
    spectral_norm: bool = True
    """Miyato 2018a."""
    batch_sd: bool = True
    """A channel that says how much the pictures of a batch differ (Karras 2018, section 3)."""


@dataclass(frozen=True)
class AdversarialConfig:
    """What generator and discriminator want of each other."""

    __pydantic_config__ = STRICT

    loss: Adversarial = "hinge"
    r1: float = 0.0
    """Weight γ of the gradient penalty on real pictures (Mescheder 2018); 0: none."""
    r1_every: int = 8
    """Steps between two penalties, each as many times as heavy (Karras 2020, appendix B)."""
    categorical: float = 0.0
    """Weight of ArtGAN's categorical feedback (Tan 2017); 0: none."""
    augment: tuple[Change, ...] = ("color", "translation", "cutout")
    """What both kinds of pictures go through before the discriminator (Zhao 2020); (): nothing."""
    discriminator_steps: int = 1
    """For each step of the generator."""

    def __post_init__(self) -> None:
        if min(self.r1, self.categorical) < 0 or min(self.r1_every, self.discriminator_steps) < 1:
            raise RecipeError(
                "adversarial: r1 and categorical are 0 or more, r1_every and discriminator_steps 1 or more"
            )


@dataclass(frozen=True)
class GanRecipe:
    """A conditional generative adversarial network on tables."""

    __pydantic_config__ = STRICT

    method: Literal["gan"] = "gan"
    name: str = "gan"
    seed: Seed = 0
    data: DataConfig = field(default_factory=DataConfig)
    pictures: PicturesConfig = field(default_factory=PicturesConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    adversarial: AdversarialConfig = field(default_factory=AdversarialConfig)
    optimizer: Rates = field(default_factory=Rates)
    training: Pace = field(default_factory=Pace)


@dataclass(frozen=True)
class TargetConfig:
    """What a prior-free generator is asked for, and how the judge's answer is held against it."""

    __pydantic_config__ = STRICT

    ask: Ask = "either"
    """`labels`, `dimensions`, or `either`: half of the pictures for a label, half for a place."""
    reach: float = 0.8
    """Places are drawn uniformly from [−reach, reach] in every dimension."""
    label_weight: float = 1.0
    """Of the cross-entropy."""
    dimension_weight: float = 4.0
    """Of the squared error."""

    def __post_init__(self) -> None:
        if not 0 < self.reach <= 1 or min(self.label_weight, self.dimension_weight) < 0:
            raise RecipeError("target: expected 0 < reach ≤ 1, and weights of 0 or more")


@dataclass(frozen=True)
class LookConfig:
    """How the judge looks: at random views, so that no single pattern of pixels will do."""

    __pydantic_config__ = STRICT

    sizes: tuple[int, ...] = (96, 128, 160, 224)
    """Pixels a side; each step draws one. Small ones cost less."""
    views: Views = field(default_factory=Views)

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 32:
            raise RecipeError(f"look.sizes: expected one size or more, each 32 or more, found {self.sizes}")


@dataclass(frozen=True)
class DiversityConfig:
    """What keeps pictures for one condition apart."""

    __pydantic_config__ = STRICT

    kind: Apart = "mode-seeking"
    """`mode-seeking`: latents' distance over pictures' distance (Mao 2019); `features`: similarity of what
    the judge sees in two of them; `none`."""
    weight: float = 0.1
    smoothness: float = 0.0
    """Weight of the pictures' total variation."""

    def __post_init__(self) -> None:
        if min(self.weight, self.smoothness) < 0:
            raise RecipeError("diversity: weight and smoothness are 0 or more")


@dataclass(frozen=True)
class PriorFreeRecipe:
    """A generator that sees no pictures and answers to a judge alone."""

    __pydantic_config__ = STRICT

    method: Literal["prior-free"] = "prior-free"
    name: str = "prior-free"
    seed: Seed = 0
    network: NetworkConfig = field(default_factory=NetworkConfig)
    target: TargetConfig = field(default_factory=TargetConfig)
    look: LookConfig = field(default_factory=LookConfig)
    diversity: DiversityConfig = field(default_factory=DiversityConfig)
    optimizer: Rates = field(default_factory=lambda: Rates(generator=1e-3, betas=(0.0, 0.99)))
    training: Pace = field(default_factory=lambda: Pace(batch_size=16))


GeneratorRecipe = GanRecipe | PriorFreeRecipe
R = TypeVar("R", GanRecipe, PriorFreeRecipe)
RECIPES: Final = {"gan": GanRecipe, "prior-free": PriorFreeRecipe}


def available_generators() -> dict[str, Path]:
    """Return the generators' recipes that come with the package, by name."""
    folder = Path(str(resources.files("evocative") / "recipes" / "generators"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_generator_recipe(
    source: str | os.PathLike[str], overrides: Iterable[str] = (), *, kind: type[R]
) -> R:
    """Read a generator's recipe.

    Args:
        source: A TOML file, or the name of a recipe that comes along.
        overrides: `section.key=value`, the value in TOML.
        kind: Which of the two recipes it must be.

    Raises:
        RecipeError: It cannot be read, is of the other method, or settings are wrong; all are named.
    """
    known = available_generators()
    path = known.get(str(source), Path(source))
    if not path.is_file():
        raise RecipeError(
            f"{unknown('recipe of a generator', str(source), known)}. Give one of these names or a TOML file."
        )
    values = read_toml(path, wanted="the name or TOML file of a generator's recipe")
    for text in overrides:
        override(values, *split_assignment(text))
    wanted = kind.method
    if values.get("method", wanted) != wanted:
        raise RecipeError(f"{path}: method is {values['method']!r}, and {wanted!r} was asked for")
    return _checked(values, kind, where=str(path))


def _checked(values: dict[str, Any], kind: type[R], *, where: str) -> R:
    recipe, mistakes = validated(kind, values)
    if recipe is None:
        told: list[str] = [f"  {mistake}" for mistake in mistakes]
        raise RecipeError("\n".join([f"{where}: {len(told)} setting(s) to mend", *told]))
    return recipe
