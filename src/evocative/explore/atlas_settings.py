"""The settings of an atlas: all that its pictures depend on, beside the models that judge them.

settings = AtlasSettings(kind="plane", genome="weights", emitter="cma-me", evaluations=10_000)
settings = resolved(settings, load_judge())     # size and bins, where they were left open
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from evocative.errors import ModelError, RecipeError, unknown
from evocative.explore.atlas_cells import KINDS

if TYPE_CHECKING:
    from evocative.explore.judge import Judge

GENOMES: Final = ("cppn", "expression", "weights")
EMITTERS: Final = ("mutation", "random", "cma-me", "gradient")
"""Plain mutation of elites; random genomes, the baseline; CMA-ME; CMA-MEGA."""
FITNESSES: Final = ("confidence", "agreement")
BINS: Final = {"emotions": 10, "plane": 20, "probabilities": 500, "cube": 10}
"""Confidence bands an emotion; bins an axis; regions of all probabilities."""
VECTORS: Final = ("cma-me", "gradient")
"""Emitters that need genomes of one length, which are numbers throughout."""
_ONLY: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "views": ("fitness", ("agreement",)),
    **dict.fromkeys(("start", "crossing"), ("emitter", ("mutation",))),
    **dict.fromkeys(("searches", "sigma"), ("emitter", VECTORS)),
    "rate": ("emitter", ("gradient",)),
}
"""Settings that only some emitters or one fitness look at."""
_LEAST: Final = {
    "evaluations": 1, "batch": 1, "seed": 0, "size": 0, "bins": 0, "views": 1, "start": 1, "searches": 1,
}  # fmt: skip


@dataclass(frozen=True)
class AtlasSettings:
    """What an atlas is of, and how pictures for it are searched.

    Raises:
        RecipeError: A name is unknown, a number out of range, or two settings contradict each other.
    """

    kind: str = "emotions"
    """What cells stand for, one of `KINDS`."""
    genome: str = "cppn"
    """What draws the pictures, one of `GENOMES`."""
    emitter: str = "mutation"
    """Where new genomes come from, one of `EMITTERS`."""
    fitness: str = "confidence"
    """What elites compete by, one of `FITNESSES`."""
    evaluations: int = 10_000
    """Pictures that are judged in all; the last batch is not cut, so that it can be a few more."""
    batch: int = 64
    """Pictures between two looks at the archive."""
    seed: int = 0
    size: int = 0
    """Height and width of the pictures in pixels; 0: of the judge's input."""
    bins: int = 0
    """Bands, bins an axis or regions; 0: `BINS` of the kind."""
    views: int = 4
    """agreement: how many views of a picture each model is shown, the first of `VIEWS`."""
    start: int = 256
    """mutation: random genomes before the first elite is varied, in whole batches (one at least)."""
    crossing: float = 0.2
    """mutation: share of children that two elites have in common, before they are mutated."""
    searches: int = 4
    """cma-me, gradient: how many searches go on side by side; they share the batch."""
    sigma: float = 0.0
    """cma-me: SD of the first step, in weights; gradient: SD of the first step along slopes of length 1; 0:
    `SIGMA` of the emitter."""
    rate: float = 0.1
    """gradient: step of Adam towards the mean of the best children, in weights."""

    def __post_init__(self) -> None:
        from evocative.explore.views import VIEWS  # torch, which a comparison of atlases needs not

        known = {"kind": KINDS, "genome": GENOMES, "emitter": EMITTERS, "fitness": FITNESSES}
        for name, names in known.items():
            if getattr(self, name) not in names:
                raise RecipeError(unknown(name, str(getattr(self, name)), names))
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise RecipeError(f"{name}: expected at least {least}, found {getattr(self, name)}")
        if self.views > len(VIEWS):
            raise RecipeError(f"views: there are {len(VIEWS)} ({', '.join(VIEWS)}), found {self.views}")
        if not 0 <= self.crossing <= 1:
            raise RecipeError(f"crossing: expected a share in [0, 1], found {self.crossing}")
        if self.sigma < 0 or self.rate <= 0:
            raise RecipeError(f"expected sigma >= 0 and rate > 0, found {self.sigma} and {self.rate}")
        self._check_emitter()

    def _check_emitter(self) -> None:
        if self.emitter not in VECTORS:
            return
        if self.genome != "weights":
            raise RecipeError(
                f"emitter {self.emitter} moves genomes of a fixed length: expected genome weights, found "
                f"{self.genome}; choose it, or the emitter mutation"
            )
        if self.batch < 2 * self.searches:
            raise RecipeError(
                f"emitter {self.emitter}: each of {self.searches} searches needs two pictures a batch, found "
                f"batch {self.batch}; choose a batch of {2 * self.searches} or fewer searches"
            )


SIGMA: Final = {"cma-me": 0.5, "gradient": 1.0}
"""First steps: half the SD of random weights (with a fifth, few cells are found at first); lengths along
slopes."""


def unused(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that make no difference, each with what does not look at it.

    Example:
        >>> unused({"emitter": "random", "fitness": "agreement"})["start"]
        'emitter random'
    """
    return {
        name: f"{by} {settings[by]}"
        for name, (by, users) in _ONLY.items()
        if by in settings and settings[by] not in users
    }


def resolved(settings: AtlasSettings, judge: "Judge") -> AtlasSettings:
    """Fill in what was left open, and check that the model has what the kind is made of.

    Raises:
        ModelError: It lacks dimensions or emotions.
    """
    _check_model(settings, judge)
    return replace(
        settings,
        size=settings.size or judge.size,
        bins=settings.bins or BINS[settings.kind],
        sigma=settings.sigma or SIGMA.get(settings.emitter, 0.0),
    )


def _check_model(settings: AtlasSettings, judge: "Judge") -> None:
    needed = {"plane": ("valence", "arousal"), "cube": ("valence", "arousal", "dominance")}
    missing = [axis for axis in needed.get(settings.kind, ()) if axis not in judge.dimensions]
    has = ", ".join([*(["emotions"] if judge.taxonomy else []), *judge.dimensions])
    if missing:
        raise ModelError(
            f"{judge.name}: an atlas of kind {settings.kind} needs {', '.join(needed[settings.kind])}; the "
            f"model does not predict {', '.join(missing)}, it has {has}; choose another kind or model"
        )
    if judge.taxonomy is None and settings.kind in ("emotions", "probabilities"):
        raise ModelError(
            f"{judge.name}: an atlas of kind {settings.kind} needs emotions; the model has {has}; choose "
            "the kind plane or cube, or another model"
        )
    if judge.taxonomy is None and settings.fitness == "confidence":
        raise ModelError(
            f"{judge.name}: confidence is the largest probability of an emotion; the model has {has}; "
            "choose the fitness agreement"
        )
