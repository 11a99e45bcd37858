"""Several models that answer together, with first stages that they have in common run and stored once.

Log-probabilities are averaged: with shares w the ensemble says p ∝ Π p_i^w_i, the geometric mean of what its
members say, normalised (a logarithmic opinion pool: Genest & Zidek 1986). Valence, arousal and dominance are
plain weighted means. Docs: `docs/ensembles.md`.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.create import EmotionModel, Output, Reading, create_model
from evocative.models.ensemble_config import EnsembleConfig, check_heads, checked_shares
from evocative.models.shared_stages import find_shared, keeping, part, share, still_shared
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.labels import Taxonomy


class Readings(NamedTuple):
    """What the members' heads read."""

    members: tuple[Reading, ...]

    def float(self) -> "Readings":
        """Return it in float32."""
        return Readings(tuple(each.float() for each in self.members))


class EmotionEnsemble(nn.Module):
    """Models that answer together; it reads images and answers as an `EmotionModel` does.

    It is for answering: always in evaluation mode, and not to be trained.

    Attributes:
        config: Members, shares, and what they have in common.
        taxonomy: What its logits stand for: that of all members; None without an emotion head.
        members: The models; those after the first may lack the steps that an earlier one runs for them.
    """

    def __init__(self, config: EnsembleConfig, members: Sequence[EmotionModel]) -> None:
        """Join members, in place; see `make_ensemble`."""
        super().__init__()
        self.config = config
        self.members = nn.ModuleList(members)
        self.taxonomy = next((each.taxonomy for each in members if each.taxonomy is not None), None)
        self._handles = share(self._backbones(), config.shared)
        self.eval()

    @property
    def first(self) -> EmotionModel:
        """The first member, which lacks nothing."""
        return self._models()[0]

    @property
    def preprocessing(self) -> Preprocessing:
        """What timm's record says of the first member's backbone."""
        return self.first.preprocessing

    @property
    def num_short(self) -> int:
        """The first member's."""
        return self.first.num_short

    def short(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B E"]:
        """Return what the first member shows of it."""
        return self.first.short(embedding)

    @property
    def num_features(self) -> int:
        """Length of the embedding: the first member's."""
        return self.first.num_features

    @property
    def class_centers(self) -> nn.Parameter | None:
        """The first member's, whose embedding they lie in."""
        return self.first.class_centers

    @property
    def backbone(self) -> Backbone:
        """The first member's, which can be used alone."""
        return self.first.backbone

    def train(self, mode: bool = True) -> "EmotionEnsemble":
        """Stay in evaluation mode, in which alone shared stages say the same to all."""
        super().train(mode=False)
        return self

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Output:
        """Return the first member's embedding, and logits and dimensions of all, of normalised images."""
        return self.answer(self.read(images))

    def read(self, images: Float[Tensor, "B 3 H W"]) -> Readings:
        """Return what the heads of each member read of normalised images."""
        with keeping():
            return Readings(tuple(member.read(images) for member in self._models()))

    def answer(self, readings: Readings) -> Output:
        """Return what the members say together."""
        said = [member.answer(each) for member, each in zip(self._models(), readings.members, strict=True)]
        return Output(
            said[0].embedding,
            self._logits(said),
            self._dimensions(said),
            said[0].moments,
            vad_sd=self._spread(said),
        )

    def embed(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        """Return the first member's penultimate features of normalised images."""
        return self.first.embed(images)

    def fold(self, *, partly: bool = False) -> None:
        """Fold the batch norms of all members, of what they share once; see `EmotionModel.fold`.

        Raises:
            ModelError: Batch norms would be left, and `partly` is not set.
        """
        part(self._backbones(), self.config.shared, self._handles)
        _fold(self._models(), partly=partly)
        shared = tuple(dict(each) for each in still_shared(self._backbones(), self.config.shared))
        self.config = replace(self.config, shared=shared, folded=True)
        self._handles = share(self._backbones(), shared)

    def apart(self) -> "EmotionEnsemble":
        """Let each member run all its steps itself, in place; return the ensemble."""
        part(self._backbones(), self.config.shared, self._handles)
        self.config = replace(self.config, shared=tuple({} for _ in self.members))
        self._handles = []
        return self

    def _logits(self, said: Sequence[Output]) -> Float[Tensor, "B K"] | None:
        """Average log-probabilities over the members that have an emotion head."""
        pairs = zip(self.config.shares, (each.logits for each in said), strict=True)
        found = [(share, logits.float().log_softmax(1)) for share, logits in pairs if logits is not None]
        if not found:
            return None
        total = sum(share for share, _ in found)
        return torch.stack([share / total * each for share, each in found]).sum(0)

    def _dimensions(self, said: Sequence[Output]) -> Float[Tensor, "B 3"] | None:
        """Average each axis over the members that predict it; one that none predicts is NaN."""
        pairs = zip(self.config.dimension_shares, (each.vad for each in said), strict=True)
        found = [(share, vad.float()) for share, vad in pairs if vad is not None]
        if not found:
            return None
        shares = torch.tensor([share for share, _ in found], device=found[0][1].device)[:, None, None]
        values = torch.stack([vad for _, vad in found])
        weights = shares * ~values.isnan()
        return (weights * values.nan_to_num()).sum(0) / weights.sum(0)

    def _spread(self, said: Sequence[Output]) -> Float[Tensor, "B 3"] | None:
        """Return the SD of the mixture of the members' normal densities; None where one of them says none.

        Its variance is the mean of the members' own, and that of their means.
        """
        pairs = zip(self.config.dimension_shares, said, strict=True)
        found = [(share, each) for share, each in pairs if each.vad is not None]
        if not found or any(each.vad_sd is None for _, each in found):
            return None
        shares = torch.tensor([share for share, _ in found], device=said[0].embedding.device)[:, None, None]
        means, sds = (
            torch.stack([part.float() for _, each in found if (part := getattr(each, name)) is not None])
            for name in ("vad", "vad_sd")
        )
        weights = shares * ~means.isnan()
        weights = weights / weights.sum(0)
        mean = (weights * means.nan_to_num()).sum(0)
        variance = (weights * (sds.square() + (means - mean).square()).nan_to_num()).sum(0)
        return torch.where(mean.isnan(), mean, variance).sqrt()

    def _models(self) -> list[EmotionModel]:
        return [cast("EmotionModel", member) for member in self.members]

    def _backbones(self) -> list[Backbone]:
        return [member.backbone for member in self._models()]


def make_ensemble(
    models: Sequence[EmotionModel], *, shares: Sequence[float] | None = None,
    dimension_shares: Sequence[float] | None = None,
) -> EmotionEnsemble:  # fmt: skip
    """Join trained models that read images in the same way; they stay as they are.

    Members are copied; the labels of all are put into the order of the first one's. What the first stages of
    members have in common is found by comparison and run once; that each then says what it said alone, to the
    bit, is tried on noise, and where it does not hold nothing is shared.

    Args:
        models: At least two, of any backbones; the embedding is the first one's.
        shares: One a member, sum 1; equal ones where it is not given. Of members without an emotion head none
            counts for emotions, and the others' grow to sum 1.
        dimension_shares: The same for valence, arousal and dominance; `shares` where it is not given.

    Raises:
        ModelError: Fewer than two models, an ensemble among them, shares that do not fit, or other labels.

    Example:
        >>> both = make_ensemble([tuned, frozen], shares=[0.75, 0.25])  # doctest: +SKIP
    """
    _check_members(models)
    weights = checked_shares("shares", shares, len(models))
    config = EnsembleConfig(
        members=tuple(model.config for model in models),
        shares=weights,
        dimension_shares=weights
        if dimension_shares is None
        else checked_shares("dimension_shares", dimension_shares, len(models)),
        shared=tuple({} for _ in models),
    )
    check_heads(config)
    members = [copy.deepcopy(model).eval() for model in models]
    taxonomy = next((each.taxonomy for each in members if each.taxonomy is not None), None)
    for number, member in enumerate(members):
        _reorder(member, taxonomy, number)
    if any(member.config.folded for member in members):  # folded stages are not those that were not folded
        for member in members:
            if not member.config.folded:
                member.fold(partly=True)
        config = replace(config, members=tuple(member.config for member in members))
    return _joined(config, members)


def restore(config: EnsembleConfig, taxonomy: Taxonomy | None) -> EmotionEnsemble:
    """Make an ensemble of random weights from its settings, for weights that are loaded next.

    Raises:
        ModelError: A member cannot be made, or the settings contradict each other.
    """
    count = len(config.members)
    lengths = (len(config.shares), len(config.dimension_shares), len(config.shared))
    if count < 2 or any(length != count for length in lengths):
        raise ModelError(
            f"an ensemble of {count} members with {lengths[0]} shares, {lengths[1]} of dimensions and "
            f"{lengths[2]} lists of shared steps. Was config.json edited? Make it anew (evocative ensemble)"
        )
    if any(not 0 <= owner < number for number, own in enumerate(config.shared) for owner in own.values()):
        raise ModelError("an ensemble whose members share steps with later ones. Was config.json edited?")
    members = [create_model(replace(member, weights=None), taxonomy) for member in config.members]
    if config.folded:
        _fold(members, partly=True)
    return EmotionEnsemble(config, members)


def _joined(config: EnsembleConfig, members: Sequence[EmotionModel]) -> EmotionEnsemble:
    """Join members, sharing what can be shared, and look whether each says what it said alone."""
    noise = _noise(members[0])
    with torch.no_grad():
        alone = [member.read(noise) for member in members]
        shared = find_shared([member.backbone for member in members], noise)
        ensemble = EmotionEnsemble(replace(config, shared=tuple(dict(each) for each in shared)), members)
        together = ensemble.read(noise).members
    same = all(
        torch.equal(one, other)
        for before, after in zip(alone, together, strict=True)
        for one, other in zip(before, after, strict=True)
    )
    return ensemble if same else ensemble.apart()


def _fold(members: Sequence[EmotionModel], *, partly: bool) -> None:
    """Fold members alike: a map that one reads by name stays what it is in all."""
    named = {name for member in members for name in member.backbone.named_maps}
    for member in members:
        if not member.config.folded:
            member.fold(partly=partly, read=named)


def _noise(model: EmotionModel) -> Float[Tensor, "2 3 S S"]:
    size, device = model.preprocessing.size, next(model.parameters()).device
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0)).to(device)


def _reorder(member: EmotionModel, taxonomy: Taxonomy | None, number: int) -> None:
    """Put a member's labels into the order of a taxonomy, in place."""
    if taxonomy is None or member.taxonomy is None or member.emotion_head is None:
        return
    mine = member.taxonomy.names
    if sorted(mine) != sorted(taxonomy.names):
        strange = sorted(set(mine) ^ set(taxonomy.names))
        raise ModelError(
            f"member {number + 1} has other labels than the first: {', '.join(strange)} on one side only. "
            "Join models of the same labels, or map their labels and train anew"
        )
    order = torch.tensor([mine.index(name) for name in taxonomy.names])
    linear = member.emotion_head.linear
    for parameter in (linear.weight, linear.bias, member.class_centers):
        if parameter is not None:
            parameter.data = parameter.data[order.to(parameter.device)].clone()
    member.taxonomy = taxonomy


def _check_members(models: Sequence[EmotionModel]) -> None:
    if any(isinstance(model, EmotionEnsemble) for model in models):
        raise ModelError("an ensemble cannot be a member of another: name its members, with their shares")
    if len(models) < 2:
        raise ModelError(f"an ensemble has at least two members, not {len(models)}")
