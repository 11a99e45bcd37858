"""Everything that a training run depends on, as frozen settings read from one TOML file.

    recipe = load("default")                                     # a recipe that comes with the package
    recipe = load("my.toml", overrides=["optimizer.lr=0.01", "losses.contrastive_center.weight=0"])

Unknown keys, wrong types and contradictions are all reported at once. Names that only other rooms know
(backbones, data sets) are checked by `evocative.training.run.check`, before any work.
"""

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from evocative.errors import RecipeError, unknown
from evocative.preprocessing import Preprocessing

Fusion = Literal["add", "multiply", "concatenate", "average"]
Dimension = Literal["valence", "arousal", "dominance"]
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Source:
    """Where rows come from."""

    __pydantic_config__ = _STRICT

    dataset: str = "table"
    """`table` for a CSV or Parquet file, else the name of a data set (`evocative datasets`)."""
    path: str = ""
    """The file or folder, relative to `--data-root`."""
    folds: str | None = None
    """A file with the columns path and fold: one that comes with the package (`fi8`), or a path relative to
    `--data-root`."""
    repeat: int = 1
    """How many times its training rows are seen in an epoch: a small set beside a large one wants more than 1."""


@dataclass(frozen=True)
class DataConfig:
    """Which rows there are, and what they are for."""

    __pydantic_config__ = _STRICT

    sources: tuple[Source, ...] = ()
    taxonomy: str | None = None
    """Read from the sources where it is not given."""
    split: dict[str, float] = field(default_factory=lambda: {"train": 0.8, "validation": 0.05, "test": 0.15})
    """Shares for rows without a `split` of their own: stratified, whole groups together. The dissertation
    does not describe FI-8's split; this one gives its size of test set."""
    split_seed: int = 0
    fold: int | None = None
    """Hold this fold of every source's `folds` out as test, whatever `split` says; `split.validation` is then
    its share of the other rows."""


@dataclass(frozen=True)
class GramConfig:
    """The Gram modules of Motiejauskas 2026, section 4.1."""

    __pydantic_config__ = _STRICT

    maps: tuple[int, ...] = ()
    """timm's `out_indices` of the maps that modules read; empty: no modules (v = 0)."""
    fusion: Fusion = "add"
    """How a module's two branches meet."""
    backbone_fusion: Fusion = "add"
    """How the modules' z meets the projected backbone vector p (4.7)."""
    divide_by_hw: bool = True
    """(4.10); False gives (4.9)."""
    compress: int | None = None
    """First compress a map to at most this many channels by a 1×1 convolution."""
    max_weights: int = 50_000_000
    """A module with more weights than this is refused."""


@dataclass(frozen=True)
class ModelConfig:
    """The network: backbone, Gram modules, heads."""

    __pydantic_config__ = _STRICT

    backbone: str = "efficientnetv2_rw_s"
    """Any network of timm."""
    weights: str | None = "timm"
    """None: random; `timm`: timm's own; `hf-hub:org/name`; or a file, relative to `--weights-root`."""
    backbone_args: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `timm.create_model`."""
    pool: Literal["head", "last_map"] = "head"
    """`last_map`: the trunk only, pooled by the global average (weights without the head convolution)."""
    gram: GramConfig = field(default_factory=GramConfig)
    emotions: bool = True
    """An emotion head with the taxonomy's labels."""
    dimensions: tuple[Dimension, ...] = ()
    """A bounded head for these axes."""
    dropout: float = 0.0
    """Before the heads."""
    drop_path: float = 0.0
    """Stochastic depth of the backbone."""
    class_centers: bool = False
    """Learnable class centres in the space of the embedding; set by a centre loss."""
    folded: bool = False
    """Batch norms are folded into convolutions; set by `training.batch_norm = "folded"`."""


@dataclass(frozen=True)
class Augmentation:
    """What happens to a training image, in this order (Motiejauskas 2026, section 4.4)."""

    __pydantic_config__ = _STRICT

    random_resized_crop: bool = True
    scale: tuple[float, float] = (0.08, 1.0)
    """Share of the image's area."""
    ratio: tuple[float, float] = (0.75, 4 / 3)
    flip: bool = True
    """Horizontally, with probability one half."""
    randaugment_n: int = 2
    """How many operations; 0: none."""
    randaugment_m: int = 3
    """Their magnitude, of 0 to 30."""
    color_jitter: float = 0.0
    erase: float = 0.0
    """Probability of random erasing."""


@dataclass(frozen=True)
class LossConfig:
    """One named term of the total loss."""

    __pydantic_config__ = _STRICT

    name: Literal["cross_entropy", "contrastive_center", "qi_su", "dimensions"] = "cross_entropy"
    weight: float = 1.0
    """β for the centre losses; 0: the term is not computed."""
    label_smoothing: float = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    margin: float = 1.5
    """m of (4.20), in the units of the embedding."""
    inter_weight: float = 1.0
    """λ of (4.21)."""
    delta: float = 1.0
    """The constant in Qi & Su's denominator."""
    kind: Literal["mse", "huber", "ccc"] = "mse"
    """How the dimensions are compared."""


@dataclass(frozen=True)
class OptimizerConfig:
    """How weights move."""

    __pydantic_config__ = _STRICT

    name: Literal["sgd", "adagrad", "adamw"] = "sgd"
    lr: float = 0.02
    """Of the parameters that are new (Gram modules, heads, centres)."""
    backbone_lr_scale: float = 1.0
    """The backbone's learning rate is `lr` times this."""
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    decay_norm_and_bias: bool = True
    betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float | None = 5.0
    """h of (4.23); None: no clipping."""


@dataclass(frozen=True)
class ScheduleConfig:
    """How the learning rate moves; a pure function of the step, so that resuming needs no state."""

    __pydantic_config__ = _STRICT

    name: Literal["cosine_restarts", "cosine", "constant"] = "cosine_restarts"
    period_epochs: float = 5.0
    """Epochs between restarts."""
    min_lr: float = 1e-4
    """Of the new parameters; other groups in proportion."""
    warmup_epochs: float = 0.0
    """Linear, from zero."""


@dataclass(frozen=True)
class TrainingConfig:
    """How long, how large, how exact."""

    __pydantic_config__ = _STRICT

    epochs: int = 20
    batch_size: int = 256
    """Images a step over all devices and accumulated batches."""
    accumulation: int = 1
    """Batches a step: each device sees batch_size / accumulation / devices images at once."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """`auto`: bf16 where the device computes in it, else fp32."""
    batch_norm: Literal["train", "frozen", "folded"] = "train"
    """`frozen`: the backbone's running statistics and weights stay; `folded`: into the convolutions before."""
    head_start: bool = False
    """Fit the heads to frozen features first (linear probing, then fine-tuning: Kumar 2022)."""
    select: Literal["best", "last"] = "best"
    """Which weights become the model: the best epoch on validation rows, or the last."""
    monitor: str = "loss"
    """The figure that chooses the best epoch: loss, accuracy, macro_f1, valence_r or arousal_r."""
    checkpoint_minutes: float = 5.0
    """How often a run is saved inside an epoch; it is saved after each epoch anyhow."""
    workers: int = 2
    """Processes that load images, on each device; 0: none."""
    half: bool = False
    """Store the model's weights as float16."""


@dataclass(frozen=True)
class EvaluationConfig:
    """What happens with the test rows after training."""

    __pydantic_config__ = _STRICT

    run: bool = True
    bootstrap: int = 1000
    batch_size: int = 64
    flip: bool = False
    """Average each image's answer with its mirror image's."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run depends on."""

    __pydantic_config__ = _STRICT

    name: str = "run"
    seed: int = 0
    data: DataConfig = field(default_factory=DataConfig)
    preprocessing: Preprocessing | None = None
    """None: the backbone's own, at 224 px."""
    model: ModelConfig = field(default_factory=ModelConfig)
    losses: tuple[LossConfig, ...] = (LossConfig(),)
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what `parse` reads, and what a run saves as its resolved recipe."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def available() -> dict[str, Path]:
    """Return the recipes that come with the package, by name."""
    folder = Path(str(resources.files("evocative") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load(source: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        source: A TOML file, or the name of a recipe that comes with the package.
        overrides: `section.key=value`, the value in TOML (a bare word is a string). A loss is addressed by its
            name: `losses.contrastive_center.weight=0.5`.

    Raises:
        RecipeError: It cannot be read, or settings are wrong; the message lists all of them.
    """
    path = _find(source)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not a TOML file: {error}") from error
    for text in overrides:
        _override(values, text)
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


def _override(values: dict[str, Any], text: str) -> None:
    key, equals, literal = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(f"--set {text!r}: expected section.key=value, as in optimizer.lr=0.01")
    *parents, last = key.strip().split(".")
    place: Any = values
    for number, name in enumerate(parents):
        place = _step_into(place, name, where=".".join(parents[: number + 1]))
    if not isinstance(place, dict):
        raise RecipeError(f"--set {text!r}: {'.'.join(parents)} is not a section")
    place[last] = _value(literal.strip())


def _step_into(place: Any, name: str, *, where: str) -> Any:
    if isinstance(place, list):
        named = {str(item.get("name")): item for item in place if isinstance(item, dict)}
        if name in named:
            return named[name]
        if name.isdigit() and int(name) < len(place):
            return place[int(name)]
        raise RecipeError(f"--set {where}: {unknown('entry', name, named)}, or a number below {len(place)}")
    if not isinstance(place, dict):
        raise RecipeError(f"--set {where}: not a section")
    return place.setdefault(name, {})


def _value(literal: str) -> Any:
    if literal.lower() in ("none", "null"):
        return None
    try:
        return tomllib.loads(f"value = {literal}")["value"]
    except tomllib.TOMLDecodeError:
        return literal


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
        "losses": LossConfig, "augmentation": Augmentation, "optimizer": OptimizerConfig,
        "schedule": ScheduleConfig, "training": TrainingConfig, "evaluation": EvaluationConfig,
        "preprocessing": Preprocessing,
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
        (not 0 <= model.dropout < 1, f"model.dropout: expected [0, 1), found {model.dropout}"),
        *_shares(data.split),
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
