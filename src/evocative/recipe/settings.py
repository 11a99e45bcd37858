"""The settings of a training run: frozen dataclasses, one a section of the TOML file."""

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from evocative.preprocessing import Preprocessing
from evocative.recipe.kim2018 import Kim2018Config
from evocative.recipe.map_networks import IslamnetConfig, RotationConfig, WildcatConfig, WscnetConfig
from evocative.recipe.ranges import (
    STRICT,
    Above0,
    BelowOne,
    Count,
    From0,
    Magnitude,
    Name,
    PartOfOne,
    Seed,
    Share,
    Side,
    Unbounded,
    Whole,
    Width,
)

Fusion = Literal["add", "multiply", "concatenate", "average"]
BackboneFusion = Literal["add", "multiply", "concatenate", "average", "append", "residual"]
Normalization = Literal["none", "signed_sqrt", "matrix_sqrt"]
BranchNorm = Literal["batch", "layer", "none"]
Start = Literal["random", "zero"]
Neck = Literal[
    "motiejauskas2026", "motiejauskas2024", "zhang2022", "whitened_gram", "islamnet", "wscnet", "wildcat",
    "kim2018",
]  # fmt: skip
Statistics = Literal["moments", "whitened_gram"]
Convolution = Literal["before", "beside", "none"]
ClassWeights = Literal["none", "balanced", "sqrt", "effective"]
Dimension = Literal["valence", "arousal", "dominance"]


@dataclass(frozen=True)
class Source:
    """Where rows come from."""

    __pydantic_config__ = STRICT

    dataset: Name = "table"
    """`table` for a CSV or Parquet file, else the name of a data set (`evocative datasets`)."""
    path: str = ""
    """The file or folder, relative to `--data-root`."""
    folds: str | None = None
    """A file with the columns path and fold: one that comes with the package (`fi8`), or a path relative to
    `--data-root`."""
    repeat: Count = 1
    """How often its training rows are seen in an epoch: a small set beside a large one wants more than 1."""
    share: Above0 | None = None
    """In place of `repeat`: its share of an epoch's training rows, beside those of the other sources. The
    source that needs it least is seen once, the others as often as their shares ask for."""


@dataclass(frozen=True)
class DataConfig:
    """Which rows there are, and what they are for."""

    __pydantic_config__ = STRICT

    sources: tuple[Source, ...] = ()
    taxonomy: str | None = None
    """Read from the sources where it is not given."""
    split: dict[str, Share] = field(default_factory=lambda: {"train": 0.8, "validation": 0.05, "test": 0.15})
    """Shares for rows without a `split` of their own: stratified, whole groups together. The dissertation
    does not describe FI-8's split; this one gives its size of test set."""
    split_seed: Seed = 0
    limit: dict[str, Count] = field(default_factory=dict)
    """At most so many rows of a part, as `{ train = 2000 }`: a sample by label, drawn with `split_seed`."""
    fold: Whole | Literal["validation"] | None = None
    """Hold this fold of every source's `folds` out as test, whatever `split` says. Rows that the file of
    folds marks as validation are for validation; where it marks none, `split.validation` is their share of
    the other rows. `validation`: train on every fold, and take the marked rows as test."""


@dataclass(frozen=True)
class GramConfig:
    """The Gram modules of Motiejauskas 2026, section 4.1; the other forms are described in docs/models.md."""

    __pydantic_config__ = STRICT

    maps: tuple[int | str, ...] = ()
    """timm's `out_indices` of the maps that modules read, or names of timm's modules; empty: no modules
    (v = 0)."""
    fusion: Fusion = "add"
    """How a module's two branches meet."""
    backbone_fusion: BackboneFusion = "add"
    """How the modules' z meets the projected backbone vector p (4.7); `append`: u = [h, z], h as it is;
    `residual`: u = h + γ(Wz + b), which before the first step is h."""
    divide_by_hw: bool = True
    """(4.10); False gives (4.9)."""
    compress: Count | None = None
    """First compress a map to at most this many channels by a 1×1 convolution."""
    center: bool = False
    """Covariances in place of inner products: each channel's mean is taken off first."""
    normalization: Normalization = "none"
    """`signed_sqrt`: of each entry, then the whole to length √C; `matrix_sqrt`: five Newton–Schulz steps."""
    triangle: bool = False
    """The dense layer reads each pair of channels once: C(C+1)/2 numbers for C²."""
    rank: Count | None = None
    """The dense layer C² → d becomes low-rank bilinear pooling with this many factors."""
    branch_norm: BranchNorm = "batch"
    """What normalises the output of the Gram branch."""
    start: Start = "random"
    """`zero`: a learnable gain an output on the Gram branch, which begins at 0."""
    means_of: Count | None = None
    """Average a map down to this many places a side before the branch beside the Gram matrix reads it; set by
    `features.stored`, which keeps maps so."""
    max_weights: Count = 50_000_000
    """A module with more weights than this is refused."""


@dataclass(frozen=True)
class Motiejauskas2024Config:
    """The same-layer Gram modules of Motiejauskas & Dzemyda 2024; `model.neck = "motiejauskas2024"`."""

    __pydantic_config__ = STRICT

    map: int | str = "blocks.2.1.conv_pwl"
    """What all modules read: a module's name, or a number of timm's `out_indices`. This one is the paper's
    "block3b project conv" of EfficientNetV2, before its batch norm."""
    modules: Magnitude = 3
    """k, 2 to 5 in the paper; 0: the backbone's side alone, as long as with 3."""
    fusion: Fusion = "multiply"
    """How a module's two branches meet."""
    backbone_fusion: Fusion = "add"
    """How the modules' vector meets the backbone's."""
    divide_by_hw: bool = False
    """Of the Gram matrix. The paper's equation (1) does not divide."""
    dropout: BelowOne = 0.5
    """On the backbone's pooled vector."""
    slope: From0 = 0.2
    """α of the leaky ReLUs."""
    means_of: Count | None = None
    """As in `gram`."""


@dataclass(frozen=True)
class Zhang2022Config:
    """The shallow Gram branches of Zhang et al. 2022; `model.neck = "zhang2022"`."""

    __pydantic_config__ = STRICT

    maps: tuple[int | str, ...] = ("act1", "maxpool", "layer1")
    """What the branches read, shallow to deep: modules' names, or numbers of timm's `out_indices`."""
    widths: tuple[Width, ...] = (64, 256, 512)
    """Length of each branch's vector."""
    halve: bool = True
    """Max-pool every map but the first by 2 before its Gram matrix."""
    convolution: Convolution = "before"
    """The 1×1 convolution: `before` the Gram matrix; `beside` it, averaged and added to its vector; or
    `none`."""
    dropout: BelowOne = 0.8
    """On the branches' joined vectors."""
    style_width: Width = 2048
    """Length of the shallow representation, "the dimension of the semantic feature"."""
    fusion: Fusion = "concatenate"
    """How it meets the backbone's vector."""
    means_of: Count | None = None
    """As in `gram`."""


@dataclass(frozen=True)
class WhitenedGramConfig:
    """Gram matrices of PCA-whitened maps beside the backbone's vector; `model.neck = "whitened_gram"`."""

    __pydantic_config__ = STRICT

    maps: tuple[int | str, ...] = (3, 4)
    """timm's `out_indices` of the maps, or names of timm's modules."""
    channels: Width = 64
    """How many directions of a map are kept: those of the largest variance over the training images. Also of
    the maps that the dimensions' head reads with `model.dimension_statistics = "whitened_gram"`."""


@dataclass(frozen=True)
class ModelConfig:
    """The network: backbone, neck, heads."""

    __pydantic_config__ = STRICT

    backbone: Name = "efficientnetv2_rw_s"
    """Any network of timm."""
    weights: Name | tuple[Name, ...] | None = "timm"
    """None: random; `timm`: timm's own; `hf-hub:org/name`; a file, relative to `--weights-root`; or the
    folder of a model of evocative's there, to go on from: its backbone, and what fits of its heads. Several
    folders of one architecture: the average of their weights (*model soup*: Wortsman et al. 2022b)."""
    backbone_args: dict[str, Any] = field(default_factory=dict)
    """Further arguments of `timm.create_model`."""
    pool: Literal["head", "last_map"] = "head"
    """`last_map`: the trunk only, pooled by the global average (weights without the head convolution)."""
    neck: Neck = "motiejauskas2026"
    """What lies between backbone and heads: whose network. Its settings are in the section beside it, `gram`
    or the one of its own name."""
    gram: GramConfig = field(default_factory=GramConfig)
    motiejauskas2024: Motiejauskas2024Config = field(default_factory=Motiejauskas2024Config)
    zhang2022: Zhang2022Config = field(default_factory=Zhang2022Config)
    whitened_gram: WhitenedGramConfig = field(default_factory=WhitenedGramConfig)
    islamnet: IslamnetConfig = field(default_factory=IslamnetConfig)
    wscnet: WscnetConfig = field(default_factory=WscnetConfig)
    wildcat: WildcatConfig = field(default_factory=WildcatConfig)
    kim2018: Kim2018Config = field(default_factory=Kim2018Config)
    emotions: bool = True
    """An emotion head with the taxonomy's labels."""
    dimensions: tuple[Dimension, ...] = ()
    """A bounded head for these axes."""
    dimension_maps: tuple[int | str, ...] = ()
    """timm's `out_indices`, or names of timm's modules, of maps that the dimensions' head reads beside the
    embedding: colour, texture and composition of shallower maps tell how stirring a picture is."""
    dimension_statistics: Statistics = "moments"
    """What it reads of them: `moments`, each channel's mean and SD; `whitened_gram`, the Gram matrices of
    the whitened maps."""
    dimension_sd: bool = False
    """The dimensions' head also says how sure it is: an SD an axis, which the loss `nll` trains."""
    dimension_sd_scale: tuple[Above0, ...] = ()
    """What these SDs are multiplied by, valence to dominance of those that are predicted; set by
    `training.calibrate_sd`. Empty: 1."""
    dropout: BelowOne = 0.0
    """Before the heads."""
    drop_path: BelowOne = 0.0
    """Stochastic depth of the backbone."""
    frozen_stages: Whole = 0
    """The first stages of the backbone that stay as they are, 1: the stem, 1 + k: and the first k groups of
    blocks; no gradient goes there, and their batch norms keep their statistics."""
    class_centers: bool = False
    """Learnable class centres in the space of the embedding; set by a centre loss."""
    rotations: tuple[int, ...] = ()
    """Degrees clockwise that a head tells apart on the pooled vector; set by the rotation loss."""
    folded: bool = False
    """Batch norms are folded into convolutions; set by `training.batch_norm = "folded"`."""


@dataclass(frozen=True)
class Augmentation:
    """What happens to a training image, in this order (Motiejauskas 2026, section 4.4)."""

    __pydantic_config__ = STRICT

    size: Side | None = None
    """Side of a training image in pixels; None: the preprocessing's. Objects look larger in random crops, so
    that a network trained at a smaller size than it is used at sees them alike (Touvron et al. 2019)."""
    random_resized_crop: bool = True
    scale: tuple[PartOfOne, PartOfOne] = (0.08, 1.0)
    """Share of the image's area."""
    ratio: tuple[Above0, Above0] = (0.75, 4 / 3)
    flip: bool = True
    """Horizontally, with probability one half."""
    flip_vertical: bool = False
    """Upside down, with probability one half."""
    zoom: tuple[From0, From0] = (0.0, 0.0)
    """Shares by which the image grows around its centre, drawn for height and width apart; (0, 0): not."""
    rotation: From0 = 0.0
    """Degrees by which it is turned at most, either way; corners are filled with the mean colour."""
    randaugment_n: Whole = 2
    """How many operations; 0: none."""
    randaugment_m: Magnitude = 3
    """Their magnitude, of 0 to 30."""
    color_jitter: From0 = 0.0
    erase: Share = 0.0
    """Probability of random erasing."""
    mixup: From0 = 0.0
    """α of mixup (Zhang 2018), as 0.2: two images and their targets are blended; 0: not."""
    cutmix: From0 = 0.0
    """α of CutMix (Yun 2019), as 1: a box of another image is pasted in. With both, each step takes one."""


@dataclass(frozen=True)
class FeatureConfig:
    """Training on stored features: the backbone stays as it is, what lies above it learns."""

    __pydantic_config__ = STRICT

    stored: bool = False
    """Run the backbone once over all images and train on what it said."""
    views: Count = 1
    """Of each training image: the first as evaluation sees it, others augmented. Epoch e takes view e mod
    `views`."""
    map_size: Count = 7
    """Places a side of the maps that Gram modules read; larger maps are averaged down to it."""


@dataclass(frozen=True)
class LossConfig:
    """One named term of the total loss."""

    __pydantic_config__ = STRICT

    name: Literal[
        "cross_entropy", "contrastive_center", "qi_su", "dimensions", "rotation", "detection", "distribution"
    ] = "cross_entropy"
    weight: From0 = 1.0
    """β for the centre losses, λ for the rotation; 0: the term is not computed."""
    label_smoothing: BelowOne = 0.0
    class_weights: ClassWeights = "none"
    """Of a label in the cross-entropy: in inverse proportion to its rows (`balanced`), to their square root,
    or to their effective number (Cui 2019)."""
    effective_beta: BelowOne = 0.999
    """β of `effective`."""
    logit_adjustment: From0 = 0.0
    """τ: logits are moved by τ · log(share of rows) while training (Menon 2021), so that the network's own
    answers are as if labels were equally frequent (τ = 1)."""
    focal_gamma: From0 = 0.0
    """γ of the focal loss (Lin 2017): what is already known counts less."""
    margin: From0 = 1.5
    """m of (4.20), in the units of the embedding."""
    inter_weight: From0 = 1.0
    """λ of (4.21)."""
    delta: Above0 = 1.0
    """The constant in Qi & Su's denominator."""
    kind: Literal["mse", "huber", "ccc", "nll"] = "mse"
    """How the dimensions are compared; `nll`, the normal density with a predicted SD, needs
    `model.dimension_sd`."""
    noise: Literal["none", "error", "sd"] = "none"
    """Of `nll`, what is known of each target's own uncertainty and is added to the predicted variance: the
    standard error of the mean rating (the table's `<axis>_sd` over the root of `<axis>_n`), or the SD itself,
    as where targets are single ratings."""
    damping: Share = 0.0
    """β of `nll` (Seitzer et al. 2022), in [0, 1]: each image is weighed by its variance to this power."""
    vote_prior: From0 = 0.0
    """Of `distribution`: votes that each label is given beforehand."""


@dataclass(frozen=True)
class OptimizerConfig:
    """How weights move."""

    __pydantic_config__ = STRICT

    name: Literal["sgd", "adagrad", "adamw"] = "sgd"
    lr: Above0 = 0.02
    """Of the parameters that are new (Gram modules, heads, centres)."""
    backbone_lr_scale: From0 = 1.0
    """The backbone's learning rate is `lr` times this."""
    depth_decay: PartOfOne = 1.0
    """Stage k of the backbone's n (the stem is 0) has its rate times this to the power n - 1 - k: below 1,
    early layers learn more slowly (layer-wise decay: Clark et al. 2020, Bao et al. 2022)."""
    momentum: BelowOne = 0.9
    nesterov: bool = False
    weight_decay: From0 = 0.0
    decay_norm_and_bias: bool = True
    betas: tuple[BelowOne, BelowOne] = (0.9, 0.999)
    accumulator: From0 = 0.0
    """Where Adagrad's sums of squared gradients begin: torch 0, Keras 0.1, which makes first steps short."""
    clip_norm: Unbounded | None = 5.0
    """h of (4.23); None, in TOML `inf`: no clipping."""
    clip: Literal["global", "group"] = "global"
    """Whose norm is held below `clip_norm`: the whole gradient's, or the backbone's and the new parameters'
    each by itself, so that large gradients of the heads do not shrink the backbone's."""

    def __post_init__(self) -> None:
        """Write no clipping as None, which JSON can say."""
        if self.clip_norm == math.inf:
            object.__setattr__(self, "clip_norm", None)


@dataclass(frozen=True)
class ScheduleConfig:
    """How the learning rate moves; a pure function of the step, so that resuming needs no state."""

    __pydantic_config__ = STRICT

    name: Literal["cosine_restarts", "cosine", "constant", "step"] = "cosine_restarts"
    period_epochs: Above0 = 5.0
    """Epochs between restarts, or between steps."""
    factor: PartOfOne = 0.5
    """What the rate is multiplied by at each step of `step`."""
    min_lr: From0 = 1e-4
    """Of the new parameters; other groups in proportion."""
    warmup_epochs: From0 = 0.0
    """Linear, from near zero."""


@dataclass(frozen=True)
class TrainingConfig:
    """How long, how large, how exact."""

    __pydantic_config__ = STRICT

    epochs: Whole = 20
    batch_size: Count = 256
    """Images a step over all devices and accumulated batches."""
    accumulation: Count = 1
    """Batches a step: each device sees batch_size / accumulation / devices images at once."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """`auto`: bf16 where the device computes in it, else fp32."""
    batch_norm: Literal["train", "statistics", "frozen", "folded"] = "train"
    """Of the backbone. `statistics`: means and variances stay, scale and shift learn; `frozen`: all four
    stay; `folded`: into the convolutions before."""
    head_start: bool = False
    """Fit the heads to frozen features first (linear probing, then fine-tuning: Kumar 2022)."""
    head_inverse_penalty: Above0 | None = None
    """C times the number of features, of the logistic regression that fits the emotion head; None: chosen on
    a third of the training rows. These cannot tell where the backbone has learnt their labels before, as in
    going on from a model that was trained on them: then give it, 1 to 2."""
    head_emotions_band: bool = False
    """In a head start, the emotion head's logits are a further band of the dimensions' regression: each
    dimension takes or leaves them. They are linear in the embedding, so that the head stays one layer."""
    head_group_effect: bool = False
    """In a head start, a share of the ratings may be left to what images of one group have in common: a
    mixed model, chosen by cross-validation over whole groups for each dimension."""
    average_with_start: Share = 0.0
    """Share of the weights before the first step in the final ones (WiSE-FT: Wortsman et al. 2022); needs a
    head start, and frozen or folded batch norms."""
    ema: BelowOne = 0.0
    """Decay of a moving average of the weights, as 0.999; 0: none. The average is what is validated, kept as
    the best and becomes the model; its memory, 1 / (1 - ema) steps, should be well below the run's length."""
    select: Literal["best", "last"] = "best"
    """Which weights become the model: the best epoch on validation rows, or the last."""
    monitor: Literal["loss", "accuracy", "macro_f1", "valence_r", "arousal_r", "dominance_r"] = "loss"
    """The figure on validation rows that chooses the best epoch."""
    checkpoint_minutes: From0 = 5.0
    """How often a run is saved inside an epoch; it is saved after each epoch anyhow."""
    workers: Whole = 2
    """Processes that load images, on each device; 0: none."""
    half: bool = False
    """Store the model's weights as float16."""
    calibrate_sd: bool = False
    """Scale the predicted SDs of dimensions, one factor an axis, to the errors on the validation rows: a
    network fits its training rows more closely than others, and takes this for certainty."""


@dataclass(frozen=True)
class EvaluationConfig:
    """What happens with the test rows after training."""

    __pydantic_config__ = STRICT

    run: bool = True
    bootstrap: Whole = 1000
    batch_size: Count = 64
    flip: bool = False
    """Average each image's answer with its mirror image's."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run depends on."""

    __pydantic_config__ = STRICT

    name: Name = "run"
    seed: Seed = 0
    data: DataConfig = field(default_factory=DataConfig)
    preprocessing: Preprocessing | None = None
    """None: the backbone's own, at 224 px."""
    model: ModelConfig = field(default_factory=ModelConfig)
    losses: tuple[LossConfig, ...] = (LossConfig(),)
    augmentation: Augmentation = field(default_factory=Augmentation)
    rotation: RotationConfig = field(default_factory=RotationConfig)
    features: FeatureConfig = field(default_factory=FeatureConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what `parse` reads, and what a run saves as its resolved recipe."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain
