"""The network: a backbone, a neck that reads some of its maps, and heads for emotions and dimensions.

*Motiejauskas 2026*, section 4.1, or another paper's (`model.neck`, see `models.necks`): the neck makes the
embedding u. Differs from the paper in: a second head for valence, arousal and dominance may read the same u,
beside it means and SDs of maps (`dimension_maps`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.heads import DimensionHead, EmotionHead
from evocative.models.necks import (
    emotion_map_of,
    hide_name,
    make_neck,
    maps_of,
    scores_of,
    statistics_of,
)
from evocative.models.second_order import mean_and_sd
from evocative.models.whitened import WhitenedGram, WhitenedNeck
from evocative.models.wscnet import WscnetNeck
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import Taxonomy

Statistics = tuple[Float[Tensor, "B _"], Float[Tensor, "B _ _"]]
"""Of one map: the channels' means, and the Gram matrix F·Fᵀ/(H·W)."""


class Reading(NamedTuple):
    """What the heads read."""

    embedding: Float[Tensor, "B D"]
    """The penultimate features u."""
    moments: Float[Tensor, "B M"]
    """`config.dimension_statistics` of `config.dimension_maps`, for the dimensions' head alone; or none."""
    scores: Float[Tensor, "B A"]
    """The neck's own logits, where it has any, else A = 0."""

    def float(self) -> "Reading":
        """Return it in float32."""
        return Reading(*(each.float() for each in self))


class Output(NamedTuple):
    """What a model says of a batch."""

    embedding: Float[Tensor, "B D"]
    """The penultimate features u."""
    logits: Float[Tensor, "B K"] | None
    """One a label of the taxonomy; None without an emotion head."""
    vad: Float[Tensor, "B 3"] | None
    """Valence, arousal, dominance in (-1, 1), NaN for those that are not predicted; None without a head."""
    moments: Float[Tensor, "B M"]
    """What the dimensions' head read beside the embedding."""
    scores: Float[Tensor, "B K"] | None = None
    """The neck's own logits, as of WSCNet's detection branch; None where it has none."""
    rotation: Float[Tensor, "M R"] | None = None
    """Logits of `config.rotations` for images and their turned copies; None where none were given."""
    vad_sd: Float[Tensor, "B 3"] | None = None
    """How sure the dimensions' head is, an SD an axis; None where it does not say."""


class EmotionModel(nn.Module):
    """A network that says which emotions a picture evokes.

    Attributes:
        config: How it was made.
        taxonomy: What its logits stand for; None without an emotion head.
        preprocessing: What timm's record says of the backbone's weights.
        class_centers: Learnable centres (K, D) in the space of the embedding, or None.
        num_features: D, the length of the embedding.
        num_moments: M, what the dimensions' head reads beside it.
    """

    class_centers: nn.Parameter | None

    def __init__(self, config: ModelConfig, taxonomy: Taxonomy | None = None) -> None:
        """Make the network; see `create_model`."""
        super().__init__()
        self.config = config
        if isinstance(config.weights, tuple):
            raise ModelError(
                "model.weights: several models are averaged where a recipe is trained; name one file, or none"
            )
        self.taxonomy = _checked(config, taxonomy)
        self.backbone = Backbone(
            config.backbone,
            maps=tuple(dict.fromkeys((*maps_of(config), *config.dimension_maps))),
            weights=config.weights,
            pool=config.pool,
            drop_path=config.drop_path,
            backbone_args=config.backbone_args,
            frozen_stages=config.frozen_stages,
            appended=config.kim2018 if config.neck == "kim2018" else None,
        )
        widths = dict(zip(self.backbone.map_indices, self.backbone.map_channels, strict=True))
        channels = [widths[index] for index in config.dimension_maps]
        whitens = config.dimension_statistics == "whitened_gram"
        self.dimension_gram = WhitenedGram(channels, width=config.whitened_gram.channels) if whitens else None
        self.num_moments = (
            2 * sum(channels) if self.dimension_gram is None else self.dimension_gram.num_features
        )
        labels = 0 if self.taxonomy is None else len(self.taxonomy)
        self.neck = make_neck(
            config, pooled=self.backbone.num_features,
            channels=[widths[index] for index in maps_of(config)], labels=labels,
        )  # fmt: skip
        hide_name(self)
        self.num_features = self.neck.num_features
        self.emotion_head = (
            EmotionHead(self.num_features, labels, dropout=config.dropout)
            if config.emotions and config.neck != "wildcat"  # whose scores are the logits
            else None
        )
        self.dimension_head = (
            DimensionHead(
                self.num_features + self.num_moments,
                config.dimensions,
                dropout=config.dropout,
                sd=config.dimension_sd,
                sd_scale=config.dimension_sd_scale,
            )
            if config.dimensions
            else None
        )
        self.rotation_head = (
            nn.Linear(self.backbone.num_features, len(config.rotations)) if config.rotations else None
        )
        self.register_parameter("class_centers", self._draw_centers(labels) if config.class_centers else None)
        if config.folded:
            self.fold(partly=True)

    @property
    def preprocessing(self) -> Preprocessing:
        """Size, interpolation, mean and SD that timm's record gives the backbone's weights."""
        return self.backbone.preprocessing

    def forward(
        self, images: Float[Tensor, "B 3 H W"], turned: Float[Tensor, "N 3 H W"] | None = None
    ) -> Output:
        """Return embedding, logits and dimensions of normalised images.

        Args:
            images: As they are; only these are asked for emotions.
            turned: Copies for the head of `config.rotations`, which then answers for images and copies.
        """
        if turned is None or self.rotation_head is None:
            return self.answer(self.read(images))
        pooled, maps = self.backbone(torch.cat([images, turned]))
        count = len(images)
        reading = self._read(pooled[:count], [each[:count] for each in maps])
        return self.answer(reading)._replace(rotation=self.rotation_head(pooled))

    def read(self, images: Float[Tensor, "B 3 H W"]) -> Reading:
        """Return what the heads read of normalised images."""
        return self._read(*self.backbone(images))

    def _read(self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B _ _ _"]]) -> Reading:
        found = dict(zip(self.backbone.map_indices, maps, strict=True))
        chosen = [found[index] for index in maps_of(self.config)]
        embedding, scores = self._joined(pooled, chosen)
        return Reading(
            embedding,
            self._moments([found[index] for index in self.config.dimension_maps], like=pooled),
            _nothing(pooled) if scores is None else scores,
        )

    def _moments(self, maps: Sequence[Float[Tensor, "B _ _ _"]], *, like: Tensor) -> Float[Tensor, "B M"]:
        """Return what the dimensions' head reads of maps beside the embedding."""
        if not maps:
            return _nothing(like)
        if self.dimension_gram is not None:
            found: Tensor = self.dimension_gram(maps)
            return found
        return torch.cat([mean_and_sd(each) for each in maps], dim=1)

    @torch.no_grad()
    def emotion_map(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B M h w"]:
        """Return the network's own map of where emotion lies, 0 or above, at the resolution of its layer.

        Args:
            images: Normalised. The model should be in evaluation mode.

        Returns:
            M = 1, one map for all labels (islamnet, wscnet), or one a label (wildcat); negative values are
            cut off.

        Raises:
            ModelError: The neck makes no map.
        """
        _, maps = self.backbone(images)
        found = dict(zip(self.backbone.map_indices, maps, strict=True))
        values = emotion_map_of(self.neck, [found[index] for index in maps_of(self.config)])
        if values is None:
            raise ModelError(
                f"model.neck = {self.config.neck!r} makes no emotion map of its own; islamnet, wscnet and "
                "wildcat do. For any network there are class activation maps"
            )
        return values.float().clamp(min=0)

    def describe(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None, moments: Float[Tensor, "B M"] | None = None,
        *, statistics: Sequence[Statistics] | None = None,
    ) -> Output:  # fmt: skip
        """Return the same from what the backbone says of images: all that lies above it.

        Args:
            pooled: The backbone's vectors h.
            maps: The maps that the neck reads (`necks.maps_of`), in this order; none for a neck that reads
                `statistics`.
            grams: Their Gram matrices where these were stored; the maps may then be smaller averages.
            moments: Means and SDs of the maps that `config.dimension_maps` names.
            statistics: Means (B, C) and Gram matrices of the maps that `necks.statistics_of` names.
        """
        known = dict(zip(statistics_of(self.config), statistics or (), strict=True))
        if self.config.neck == "whitened_gram":
            maps, grams = _split([known[index] for index in maps_of(self.config)])
        embedding, scores = self._joined(pooled, maps, grams)
        if self.dimension_gram is not None:
            moments = self.dimension_gram(*_split([known[index] for index in self.config.dimension_maps]))
        return self.answer(
            Reading(
                embedding,
                _nothing(pooled) if moments is None else moments,
                _nothing(pooled) if scores is None else scores,
            )
        )

    def answer(self, reading: Reading) -> Output:
        """Return what the heads say."""
        emotions, dimensions = self.emotion_head, self.dimension_head
        scores = reading.scores if reading.scores.shape[1] else None
        both = torch.cat([reading.embedding, reading.moments], dim=1)
        return Output(
            reading.embedding,
            (scores if self.config.emotions else None) if emotions is None else emotions(reading.embedding),
            None if dimensions is None else dimensions(both),
            reading.moments,
            scores,
            vad_sd=None if dimensions is None else dimensions.spread(both),
        )

    def join(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:  # fmt: skip
        """Return the penultimate features u from the pooled vectors h and the maps F: the neck's part."""
        embedding: Tensor = self.neck(pooled, maps, grams)
        return embedding

    def _joined(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B K"] | None]:  # fmt: skip
        """Return the embedding and the neck's own logits, what both need computed once."""
        if isinstance(self.neck, WscnetNeck):
            return self.neck.both(maps)
        scores = scores_of(self.neck, maps)
        return self.join(pooled, maps, grams), scores

    def embed(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        """Return the penultimate features u of normalised images."""
        return self.read(images).embedding

    @property
    def num_short(self) -> int:
        """Length of what `short` returns."""
        return self.neck.num_pooled if isinstance(self.neck, WhitenedNeck) else self.num_features

    def short(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B E"]:
        """Return the part of the embedding that is given out with answers: of whitened matrices none.

        Their thousands of numbers are for linear heads; the pooled vector stands in front of them, and a
        million of these fit into a file.
        """
        return embedding[:, : self.num_short]

    def fold(self, *, partly: bool = False, read: Collection[str] = ()) -> None:
        """Fold the backbone's batch norms into its convolutions: faster, and fixed from now on.

        Outputs in evaluation mode stay equal to rounding. `config.folded` says that it was done, so that
        saved weights find the same structure again.

        Args:
            partly: Be content when some batch norms must stay, as in networks that normalise first.
            read: Names of further modules whose output is to stay what it is: `Backbone.fold`.

        Raises:
            ModelError: Batch norms would be left, which training would then go on changing.
        """
        before = _norms(self.backbone.network)
        folded = self.backbone.fold(read=read)
        self.config = replace(self.config, folded=True)
        if folded < before and not partly:
            raise ModelError(
                f"{self.config.backbone}: only {folded} of {before} batch norms can be folded. Freeze them "
                'instead (training.batch_norm = "frozen")'
            )

    def scale_sd(self, factors: Sequence[float]) -> None:
        """Multiply predicted SDs by a factor an axis from now on; the configuration keeps it.

        Raises:
            ModelError: The model predicts no SD, or factors do not go with its dimensions.
        """
        if self.dimension_head is None:
            raise ModelError("model.dimension_sd_scale: this model predicts no dimensions")
        self.dimension_head.scale_sd(factors)
        self.config = replace(self.config, dimension_sd_scale=tuple(float(each) for each in factors))

    def parameter_groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return the backbone's parameters, and those that are new (neck, heads, class centres)."""
        backbone = list(self.backbone.parameters())
        inside = {id(parameter) for parameter in backbone}
        return backbone, [each for each in self.parameters() if id(each) not in inside]

    def _draw_centers(self, labels: int) -> nn.Parameter:
        """Draw centres from N(0, 1), by a generator of their own: other weights are the same without them."""
        generator = torch.Generator().manual_seed(torch.initial_seed())
        return nn.Parameter(torch.randn(labels, self.num_features, generator=generator))


def create_model(config: ModelConfig, taxonomy: Taxonomy | None = None) -> EmotionModel:
    """Make a model from its settings, in training mode.

    New weights are drawn by torch's global generator (`torch.manual_seed` before makes them repeatable),
    as torch initialises linear and convolution layers.

    Args:
        config: Backbone, neck, heads.
        taxonomy: The labels; needed for an emotion head, and not looked at without one.

    Raises:
        ModelError: The backbone or a map does not exist, weights do not fit, a Gram module would be of absurd
            size, there is no head at all, or the taxonomy is missing.

    Example:
        >>> config = ModelConfig(backbone="resnet18", weights=None, dimensions=("valence", "arousal"))
        >>> model = create_model(config, taxonomy("mikels8"))  # doctest: +SKIP
    """
    return EmotionModel(config, taxonomy)


def _nothing(pooled: Float[Tensor, "B P"]) -> Float[Tensor, "B 0"]:
    return pooled.new_zeros(len(pooled), 0)


def _split(statistics: Sequence[Statistics]) -> tuple[list[Tensor], list[Tensor]]:
    """Return means as maps of one place, and Gram matrices."""
    return [means[:, :, None, None] for means, _ in statistics], [gram for _, gram in statistics]


def _norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules())


def _checked(config: ModelConfig, taxonomy: Taxonomy | None) -> Taxonomy | None:
    if not config.emotions and not config.dimensions:
        raise ModelError("a model needs a head: set model.emotions = true, or name model.dimensions")
    if config.class_centers and not config.emotions:
        raise ModelError(
            "class centres belong to emotions: set model.emotions = true or class_centers = false"
        )
    if config.dimension_sd and not config.dimensions:
        raise ModelError("model.dimension_sd is of the head of model.dimensions: name these, too")
    if config.dimension_sd_scale and not config.dimension_sd:
        raise ModelError("model.dimension_sd_scale: no SD is predicted; set model.dimension_sd = true")
    if config.dimension_maps and not config.dimensions:
        raise ModelError("model.dimension_maps are read by the head of model.dimensions: name these, too")
    if not config.emotions:
        return None
    if taxonomy is None or len(taxonomy) < 2:
        raise ModelError(
            "an emotion head needs a taxonomy of at least two labels: give one, or set model.emotions = false"
        )
    return taxonomy
