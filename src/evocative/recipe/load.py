"""Read a recipe, and say everything that is wrong with it at once."""

import os
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evocative.errors import RecipeError, unknown
from evocative.preprocessing import Preprocessing
from evocative.recipe.kim2018 import Kim2018Config
from evocative.recipe.override import override, split_assignment
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
from evocative.recipe.toml import read_toml


def available() -> dict[str, Path]:
    """Return the recipes that come with the package, by name."""
    folder = Path(str(resources.files("evocative") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load(
    source: str | os.PathLike[str], overrides: Iterable[str] = (), *,
    settings: Iterable[tuple[str, Any]] = (), where: str = "settings",
) -> Recipe:  # fmt: skip
    """Read a recipe.

    Args:
        source: A TOML file, or the name of a recipe that comes with the package.
        overrides: `section.key=value`, the value in TOML (a bare word is a string). A loss is addressed by
            its name: `losses.contrastive_center.weight=0.5`.
        settings: The same as pairs of a dotted key and a value (`flat` makes them of tables); applied first.
        where: What errors call the place that `settings` come from.

    Raises:
        RecipeError: It cannot be read, or settings are wrong; the message lists all of them.
    """
    path = _find(source)
    values = read_toml(path, wanted="a recipe's name or TOML file")
    for key, value in settings:
        override(values, key, value, where=where)
    for text in overrides:
        key, value = split_assignment(text)
        override(values, key, value)
    values.setdefault("name", path.stem)
    return parse(values, where=str(path))


def parse(values: dict[str, Any], *, where: str = "recipe") -> Recipe:
    """Check plain values and make a Recipe of them.

    Raises:
        RecipeError: Settings are wrong; the message lists all of them.
    """
    try:
        recipe = TypeAdapter(Recipe).validate_python(values)
    except ValidationError as error:
        lines = [f"  {_describe(values, dict(mistake))}" for mistake in error.errors()]
        raise RecipeError("\n".join([f"{where}: {len(lines)} setting(s) to mend", *lines])) from error
    if mistakes := _contradictions(recipe):
        lines = [f"  {mistake}" for mistake in mistakes]
        raise RecipeError("\n".join([f"{where}: {len(lines)} setting(s) to mend", *lines]))
    return recipe


def _find(source: str | os.PathLike[str]) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    recipes = available()
    if str(source) in recipes:
        return recipes[str(source)]
    raise RecipeError(
        f"{unknown('recipe', str(source), recipes)}. Give one of these names or the path of a TOML file."
    )


def _describe(values: dict[str, Any], mistake: dict[str, Any]) -> str:
    location = [str(part) for part in mistake["loc"]]
    place = ".".join(location)
    if mistake["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{'.'.join(location[:-1]) or 'recipe'}: {unknown('key', location[-1], _known(location[:-1]))}"
    if mistake["type"] == "literal_error":
        return f"{place}: expected {mistake['ctx']['expected']}, found {mistake['input']!r}"
    return f"{place}: {mistake['msg']}, found {mistake['input']!r}"


def _known(location: Sequence[str]) -> list[str]:
    sections: dict[str, type] = {
        "": Recipe, "data": DataConfig, "sources": Source, "model": ModelConfig, "gram": GramConfig,
        "motiejauskas2024": Motiejauskas2024Config, "zhang2022": Zhang2022Config,
        "whitened_gram": WhitenedGramConfig, "kim2018": Kim2018Config, "losses": LossConfig,
        "augmentation": Augmentation, "features": FeatureConfig,
        "optimizer": OptimizerConfig, "schedule": ScheduleConfig, "training": TrainingConfig,
        "evaluation": EvaluationConfig, "preprocessing": Preprocessing,
    }  # fmt: skip
    names = [name for name in location if not name.isdigit()]
    section = sections.get(names[-1] if names else "", Recipe)
    return list(section.__dataclass_fields__)  # type: ignore[attr-defined]


def _contradictions(recipe: Recipe) -> list[str]:
    """Say what no single setting shows."""
    training, data, model = recipe.training, recipe.data, recipe.model
    names = [loss.name for loss in recipe.losses]
    checks = [
        (training.epochs < 0, f"training.epochs: expected 0 or more, found {training.epochs}"),
        (training.batch_size < 1, f"training.batch_size: expected 1 or more, found {training.batch_size}"),
        (
            training.accumulation < 1,
            f"training.accumulation: expected 1 or more, found {training.accumulation}",
        ),
        (
            training.accumulation >= 1 and training.batch_size % training.accumulation != 0,
            f"training.batch_size {training.batch_size} is no multiple of training.accumulation "
            f"{training.accumulation}",
        ),
        (
            not 0 <= training.average_with_start <= 1,
            f"training.average_with_start: expected [0, 1], found {training.average_with_start}",
        ),
        (
            training.average_with_start > 0 and training.batch_norm == "train",
            'training.average_with_start needs training.batch_norm = "statistics", "frozen" or "folded"',
        ),
        (
            training.head_inverse_penalty is not None and not training.head_inverse_penalty > 0,
            f"training.head_inverse_penalty: expected more than 0, found {training.head_inverse_penalty}",
        ),
        (
            training.head_emotions_band and not (training.head_start and model.emotions and model.dimensions),
            "training.head_emotions_band needs training.head_start, model.emotions and model.dimensions",
        ),
        (
            training.head_emotions_band and model.neck == "wildcat",
            "training.head_emotions_band reads an emotion head, and wildcat has none",
        ),
        (
            training.head_group_effect and not (training.head_start and model.dimensions),
            "training.head_group_effect needs training.head_start and model.dimensions",
        ),
        (
            training.average_with_start > 0 and not training.head_start,
            "training.average_with_start needs training.head_start: else the start's heads are random",
        ),
        (not 0 <= training.ema < 1, f"training.ema: expected [0, 1), found {training.ema}"),
        (training.workers < 0, f"training.workers: expected 0 or more, found {training.workers}"),
        (not model.emotions and not model.dimensions, "model: neither emotions nor dimensions to learn"),
        (not recipe.losses, "losses: at least one term is needed, as cross_entropy"),
        (len(set(names)) != len(names), f"losses: a name stands twice in {names}"),
        (any(loss.weight < 0 for loss in recipe.losses), "losses: a weight is below 0"),
        (any(loss.margin < 0 for loss in recipe.losses), "losses: a margin is below 0"),
        (any(loss.inter_weight < 0 for loss in recipe.losses), "losses: an inter_weight is below 0"),
        (
            any(not 0 <= loss.label_smoothing < 1 for loss in recipe.losses),
            "losses: label_smoothing is in [0, 1)",
        ),
        (model.dimension_sd and not model.dimensions, "model.dimension_sd: model.dimensions is empty"),
        ("dimensions" in names and not model.dimensions, "losses: dimensions, but model.dimensions is empty"),
        (
            not model.emotions and any(name != "dimensions" for name in names),
            "losses: a term on labels, but model.emotions is false",
        ),
        (recipe.optimizer.lr <= 0, f"optimizer.lr: expected above 0, found {recipe.optimizer.lr}"),
        (recipe.schedule.min_lr > recipe.optimizer.lr, "schedule.min_lr is above optimizer.lr"),
        (recipe.schedule.period_epochs <= 0, "schedule.period_epochs: expected above 0"),
        (
            data.fold is not None and not any(source.folds for source in data.sources),
            "data.fold is given, but no source names its folds",
        ),
        (any(source.repeat < 1 for source in data.sources), "data.sources: repeat is 1 or more"),
        (model.frozen_stages < 0, f"model.frozen_stages: expected 0 or more, found {model.frozen_stages}"),
        (not 0 <= model.dropout < 1, f"model.dropout: expected [0, 1), found {model.dropout}"),
        *_shares(data.split),
        *_sources(data),
        *_limits(data.limit),
        *_numbers(recipe),
        *_losses(recipe),
        *_heads(recipe),
        *_gram(model.gram),
        *_necks(recipe),
        *_map_networks(recipe),
    ]
    return [message for wrong, message in checks if wrong]


def _shares(split: dict[str, float]) -> list[tuple[bool, str]]:
    strangers = sorted(set(split) - {"train", "validation", "test"})
    total = sum(split.values())
    return [
        (bool(strangers), f"data.split: unknown part(s) {strangers}; known: train, validation, test"),
        (any(share < 0 for share in split.values()), "data.split: a share is below 0"),
        (abs(total - 1) > 1e-6, f"data.split: the shares sum to {total:g}, not to 1"),
    ]


def _limits(limit: dict[str, int]) -> list[tuple[bool, str]]:
    strangers = sorted(set(limit) - {"train", "validation", "test"})
    return [
        (bool(strangers), f"data.limit: unknown part(s) {strangers}; known: train, validation, test"),
        (any(rows < 1 for rows in limit.values()), "data.limit: expected 1 row or more of a part"),
    ]


def _numbers(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which numbers the libraries below would refuse late, or not at all."""
    optimizer, clip = recipe.optimizer, recipe.optimizer.clip_norm
    return [
        (recipe.seed < 0, f"seed: expected 0 or more, found {recipe.seed}"),
        (clip is not None and clip <= 0, f"optimizer.clip_norm: expected above 0 or none, found {clip}"),
        (
            not 0 < optimizer.depth_decay <= 1,
            f"optimizer.depth_decay: expected (0, 1], found {optimizer.depth_decay}",
        ),
        (optimizer.weight_decay < 0, "optimizer.weight_decay: expected 0 or more"),
        (optimizer.accumulator < 0, "optimizer.accumulator: expected 0 or more"),
        (not 0 < recipe.schedule.factor <= 1, "schedule.factor: expected (0, 1]"),
        (optimizer.nesterov and optimizer.momentum <= 0, "optimizer.nesterov needs momentum above 0"),
        (recipe.schedule.warmup_epochs < 0, "schedule.warmup_epochs: expected 0 or more"),
        (recipe.evaluation.batch_size < 1, "evaluation.batch_size: expected 1 or more"),
    ]


def _losses(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which settings of a term are out of range, or stand at a term that does not know them."""
    checks = [
        (recipe.augmentation.mixup < 0, "augmentation.mixup: expected 0 or more"),
        (recipe.augmentation.cutmix < 0, "augmentation.cutmix: expected 0 or more"),
        (
            recipe.features.stored and (recipe.augmentation.mixup > 0 or recipe.augmentation.cutmix > 0),
            "features.stored: mixup and cutmix mix images, and stored features have none; set them to 0",
        ),
        (
            recipe.features.stored and recipe.evaluation.flip,
            "features.stored: a mirror image is not stored; set evaluation.flip = false",
        ),
        (
            recipe.features.stored and not recipe.model.gram.divide_by_hw,
            "features.stored: stored Gram matrices are divided by the places (4.10); set "
            "model.gram.divide_by_hw = true",
        ),
        (
            min(recipe.features.views, recipe.features.map_size) < 1,
            "features.views and features.map_size: expected 1 or more",
        ),
    ]
    for loss in recipe.losses:
        checks += _dimension_term(recipe, loss)
        place, other = f"losses.{loss.name}", loss.name != "cross_entropy"
        used = loss.class_weights != "none" or loss.logit_adjustment != 0 or loss.focal_gamma != 0
        checks += [
            (not 0 <= loss.effective_beta < 1, f"{place}.effective_beta: expected [0, 1)"),
            (loss.logit_adjustment < 0, f"{place}.logit_adjustment: expected 0 or more"),
            (loss.focal_gamma < 0, f"{place}.focal_gamma: expected 0 or more"),
            (other and used, f"{place}: class_weights, logit_adjustment, focal_gamma are of cross_entropy"),
        ]
    return checks


def _dimension_term(recipe: Recipe, loss: LossConfig) -> list[tuple[bool, str]]:
    """Say what a term on dimensions or on votes lacks, or has that is another term's."""
    place, density = f"losses.{loss.name}", loss.name == "dimensions" and loss.kind == "nll"
    mixed = recipe.augmentation.mixup > 0 or recipe.augmentation.cutmix > 0
    return [
        (
            density and not recipe.model.dimension_sd,
            f'{place}.kind = "nll" needs model.dimension_sd = true: a head that says how sure it is',
        ),
        (
            not density and (loss.noise != "none" or loss.damping != 0),
            f'{place}: noise and damping are of the term dimensions with kind = "nll"',
        ),
        (not 0 <= loss.damping <= 1, f"{place}.damping: expected [0, 1], found {loss.damping}"),
        (loss.vote_prior < 0, f"{place}.vote_prior: expected 0 or more, found {loss.vote_prior}"),
        (loss.vote_prior > 0 and loss.name != "distribution", f"{place}: vote_prior is of distribution"),
        (
            mixed and (loss.name == "distribution" or loss.noise != "none"),
            f"{place}: votes and raters' SD belong to single images; set augmentation.mixup and cutmix to 0",
        ),
    ]


def _sources(data: DataConfig) -> list[tuple[bool, str]]:
    """Say which shares of sources cannot be."""
    shares = [source.share for source in data.sources]
    given = [share for share in shares if share is not None]
    return [
        (
            bool(given) and len(given) < len(shares),
            f"data.sources: {len(given)} of {len(shares)} have a share; give one to each, or repeat to all",
        ),
        (any(not share > 0 for share in given), "data.sources: a share is above 0"),
        (
            any(source.share is not None and source.repeat != 1 for source in data.sources),
            "data.sources: share and repeat exclude each other",
        ),
    ]


def _heads(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which heads nothing would train, and whether the monitored figure can exist."""
    model, training = recipe.model, recipe.training
    learnt = {loss.name for loss in recipe.losses if loss.weight > 0}
    untrained = training.epochs > 0 and not training.head_start
    axis = training.monitor.removesuffix("_r")
    return [
        (
            untrained and model.emotions and not learnt & {"cross_entropy", "distribution"},
            "losses: nothing trains the emotion head; add cross_entropy or distribution, or set "
            "model.emotions = false",
        ),
        (
            untrained and bool(model.dimensions) and "dimensions" not in learnt,
            "losses: nothing trains model.dimensions; add the term dimensions, or leave the head out",
        ),
        (
            training.monitor in ("accuracy", "macro_f1") and not model.emotions,
            f"training.monitor = {training.monitor!r} needs model.emotions",
        ),
        (
            training.monitor.endswith("_r") and axis not in model.dimensions,
            f"training.monitor = {training.monitor!r} needs {axis} in model.dimensions",
        ),
    ]


def _gram(gram: GramConfig) -> list[tuple[bool, str]]:
    """Say which settings of the Gram modules cannot be had together."""
    return [
        (
            gram.backbone_fusion in ("append", "residual") and not gram.maps,
            f"model.gram.backbone_fusion = {gram.backbone_fusion!r} needs model.gram.maps: without modules "
            "nothing meets the backbone's vector",
        ),
        (
            gram.rank is not None and gram.triangle,
            "model.gram: rank and triangle exclude each other: bilinear forms read the whole matrix",
        ),
        (
            gram.start == "zero" and gram.fusion == "multiply",
            'model.gram.start = "zero" with fusion = "multiply" makes the other branch zero, too: use "add"',
        ),
        (
            any(number is not None and number < 1 for number in (gram.rank, gram.compress)),
            "model.gram: rank and compress are 1 or more, or left out",
        ),
    ]


def _necks(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say which settings of the networks beside the default one are out of range or contradict each other."""
    model, stored = recipe.model, recipe.features.stored
    same, shallow = model.motiejauskas2024, model.zhang2022
    first, second = (model.neck == name for name in ("motiejauskas2024", "zhang2022"))
    return [
        (
            model.neck != "motiejauskas2026" and model.gram != GramConfig(max_weights=model.gram.max_weights),
            f"model.gram is of the neck motiejauskas2026, and model.neck is {model.neck!r}: set "
            f"model.{model.neck} instead",
        ),
        (
            model.whitened_gram.channels < 1 or not model.whitened_gram.maps,
            "model.whitened_gram: expected channels of 1 or more, and at least one map",
        ),
        (
            model.dimension_statistics == "whitened_gram" and not model.dimension_maps,
            'model.dimension_statistics = "whitened_gram" needs model.dimension_maps: name the maps',
        ),
        (
            not model.kim2018.widths or min((*model.kim2018.widths, model.kim2018.places - 2)) < 1,
            "model.kim2018: expected hidden layers (widths) of 1 or more, and places of 3 or more",
        ),
        (same.modules < 0, "model.motiejauskas2024.modules: expected 0 or more"),
        (
            not all(0 <= each.dropout < 1 for each in (same, shallow, model.kim2018)),
            "dropout of model.motiejauskas2024, model.zhang2022 and model.kim2018: expected [0, 1)",
        ),
        (
            len(shallow.maps) != len(shallow.widths) or min((shallow.style_width, *shallow.widths)) < 1,
            "model.zhang2022: expected a width of 1 or more for each map, and for style_width",
        ),
        (
            first and stored and not same.divide_by_hw,
            "features.stored: stored Gram matrices are divided by the places; set "
            "model.motiejauskas2024.divide_by_hw = true, or train on the images",
        ),
        (
            second and stored and (shallow.halve or shallow.convolution == "before"),
            "features.stored: stored Gram matrices are those of the maps themselves; set "
            'model.zhang2022.halve = false and convolution = "beside" or "none", or train on the images',
        ),
    ]


def _map_networks(recipe: Recipe) -> list[tuple[bool, str]]:
    """Say the same of networks with an emotion map, and of turned copies."""
    model, learnt = recipe.model, {loss.name for loss in recipe.losses if loss.weight > 0}
    wildcat, counts = model.wildcat, (model.wscnet.maps_per_label, model.wildcat.maps_per_label)
    return [
        (
            model.neck in ("wscnet", "wildcat") and not model.emotions,
            f"model.neck = {model.neck!r} makes maps of labels: set model.emotions = true",
        ),
        (
            model.neck == "wildcat" and recipe.training.head_start,
            "training.head_start fits a linear layer, and wildcat has none: set training.head_start = false",
        ),
        (
            "detection" in learnt and model.neck != "wscnet",
            f'losses: detection is of model.neck = "wscnet", found {model.neck!r}; leave the term out',
        ),
        (
            "rotation" in learnt and recipe.features.stored,
            "losses: rotation turns images, and stored features have none; leave the term out, or train on "
            "the images",
        ),
        (min(counts) < 1, "model.wscnet and model.wildcat: expected maps_per_label of 1 or more"),
        (
            not (0 < wildcat.top <= 1 and 0 <= wildcat.bottom <= 1),
            "model.wildcat: expected 0 < top ≤ 1 and 0 ≤ bottom ≤ 1, shares of the map's places",
        ),
        (
            min(model.islamnet.reduction, model.islamnet.channels or 1) < 1,
            "model.islamnet: expected reduction and channels of 1 or more",
        ),
    ]
