"""Everything that a training run depends on, as frozen settings read from one TOML file.

    recipe = load("default")                                     # a recipe that comes with the package
    recipe = load("my.toml", overrides=["optimizer.lr=0.01", "losses.contrastive_center.weight=0"])

Unknown keys, wrong types and contradictions are all reported at once. Names that only other rooms know
(backbones, data sets) are checked by `evocative.training.run.check`, before any work.

    settings.py        the sections, as frozen dataclasses
    ranges.py          which values a setting may have
    validation.py      plain values -> dataclasses, with all mistakes at once
    contradictions.py  what no single setting shows
    load.py            TOML and overrides -> Recipe
    override.py        single settings changed by a dotted key
    toml.py            a file's values, or what is wrong with it
"""

from evocative.recipe.load import available, load, parse
from evocative.recipe.settings import (
    Augmentation,
    DataConfig,
    EvaluationConfig,
    FeatureConfig,
    GramConfig,
    LossConfig,
    ModelConfig,
    Motiejauskas2024Config,
    OptimizerConfig,
    Recipe,
    ScheduleConfig,
    Source,
    TrainingConfig,
    WhitenedGramConfig,
    Zhang2022Config,
)

__all__ = [
    "Augmentation",
    "DataConfig",
    "EvaluationConfig",
    "FeatureConfig",
    "GramConfig",
    "LossConfig",
    "ModelConfig",
    "Motiejauskas2024Config",
    "OptimizerConfig",
    "Recipe",
    "ScheduleConfig",
    "Source",
    "TrainingConfig",
    "WhitenedGramConfig",
    "Zhang2022Config",
    "available",
    "load",
    "parse",
]
