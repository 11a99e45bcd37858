"""The objective: named terms, each with its weight, summed to what training minimises.

The dissertation's (4.22), L = L_entr + β·L_contr, is two terms: `cross_entropy`, and `contrastive_center`
with weight β. A term of weight 0 is not computed at all, so that β = 0 is plain cross-entropy to the bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from jaxtyping import Float, Int64
from torch import Tensor, nn

from evocative.errors import RecipeError, unknown
from evocative.losses.contrastive_center import contrastive_center, qi_su
from evocative.losses.distribution import distribution_loss
from evocative.losses.imbalance import class_weights, cross_entropy, log_prior
from evocative.losses.raters import Raters
from evocative.losses.rotation import rotation_loss
from evocative.losses.vad import dimension_loss
from evocative.recipe.settings import LossConfig

Part = TypeVar("Part", Tensor, Raters)


@dataclass(frozen=True)
class Evidence:
    """What a batch gives the terms: the model's output on one side, the targets on the other."""

    embedding: Float[Tensor, "B D"]
    logits: Float[Tensor, "B K"] | None
    vad: Float[Tensor, "B 3"] | None
    class_centers: Float[Tensor, "K D"] | None
    labels: Int64[Tensor, " B"]
    target_vad: Float[Tensor, "B 3"]
    class_weights: Float[Tensor, " K"] | None
    log_prior: Float[Tensor, " K"] | None
    """Of the training rows; None in evaluation mode."""
    scores: Float[Tensor, "B K"] | None = None
    rotation: Float[Tensor, "M R"] | None = None
    turns: Int64[Tensor, " M"] | None = None
    vad_sd: Float[Tensor, "B 3"] | None = None
    raters: Raters | None = None


@dataclass(frozen=True)
class Losses:
    """The objective's value on a batch."""

    total: Float[Tensor, ""]
    """The weighted sum, to go backward from."""
    terms: dict[str, Float[Tensor, ""]]
    """Each computed term by name, before its weight, detached: for logs."""


class Objective(nn.Module):
    """A weighted sum of named terms. `.to(device)` moves its class weights along.

    In evaluation mode (`.eval()`) logits are not adjusted by the prior, and nothing is turned.

    Example:
        >>> objective = Objective([LossConfig(), LossConfig(name="contrastive_center", weight=0.5)])
    """

    class_weights: Tensor | None
    log_prior: Tensor | None

    def __init__(self, terms: Sequence[LossConfig], *, class_counts: Sequence[int] | None = None) -> None:
        """Take the recipe's terms.

        Args:
            terms: At least one; each name at most once.
            class_counts: Training rows of each label, for terms with `class_weights` (`imbalance` says which)
                or `logit_adjustment`.

        Raises:
            RecipeError: A name is unknown or stands twice, a weight is negative, or the counts are missing.
        """
        super().__init__()
        _check(terms, class_counts)
        self.terms = tuple(terms)
        weighted = [term for term in terms if term.class_weights != "none"]
        weights = prior = None
        if class_counts is not None:
            prior = log_prior(class_counts)
            for term in weighted:
                weights = class_weights(class_counts, term.class_weights, beta=term.effective_beta)
        self.register_buffer("class_weights", weights, persistent=False)
        self.register_buffer("log_prior", prior, persistent=False)

    @property
    def needs_class_centers(self) -> bool:
        """Whether a term that counts asks the model for learnable class centres."""
        return any(term.name in ("contrastive_center", "qi_su") and term.weight > 0 for term in self.terms)

    @property
    def needs_rotation(self) -> bool:
        """Whether a term that counts wants turned copies of images, and a head that tells their angles."""
        return any(term.name == "rotation" and term.weight > 0 for term in self.terms)

    @property
    def needs_raters(self) -> bool:
        """Whether a term that counts reads votes, or how far raters agreed."""
        return any(
            term.weight > 0 and (term.name == "distribution" or term.noise != "none") for term in self.terms
        )

    def forward(
        self,
        output_embedding: Float[Tensor, "B D"],
        *,
        logits: Float[Tensor, "B K"] | None,
        vad: Float[Tensor, "B 3"] | None,
        class_centers: Float[Tensor, "K D"] | None,
        labels: Int64[Tensor, " B"],
        target_vad: Float[Tensor, "B 3"],
        partner_labels: Int64[Tensor, " B"] | None = None,
        share: float = 1.0,
        scores: Float[Tensor, "B K"] | None = None,
        rotation: Float[Tensor, "M R"] | None = None,
        turns: Int64[Tensor, " M"] | None = None,
        vad_sd: Float[Tensor, "B 3"] | None = None,
        raters: Raters | None = None,
    ) -> Losses:
        """Return the total and its terms.

        Args:
            output_embedding: The model's penultimate features u.
            logits: Of the emotion head; None when the model has none.
            vad: Of the dimension head, NaN in columns that it does not predict; None when there is none.
            class_centers: The model's learnable centres, for the terms that use them.
            labels: -1 where an image has none: such rows give labels' terms no gradient.
            target_vad: NaN where there is no target: likewise.
            partner_labels: Of the images that were mixed in: a term on labels is then `share` times its value
                for `labels`, and the rest for these (Zhang 2018).
            share: λ in [0, 1].
            scores: The neck's own logits (`WscnetNeck.scores`), for `detection`.
            rotation: Logits of angles, of unturned images and turned copies.
            turns: Their labels (`losses.rotation.Turned`).
            vad_sd: Of the dimension head, where it tells how sure it is.
            raters: Votes and spreads of these images, for `distribution` and for the noise of `nll`.

        Raises:
            RecipeError: A term needs something that the model does not have.
        """
        evidence = Evidence(
            output_embedding, logits, vad, class_centers, labels, target_vad, self.class_weights,
            self.log_prior if self.training else None, scores, rotation, turns, vad_sd, raters,
        )  # fmt: skip
        partner = evidence if partner_labels is None else replace(evidence, labels=partner_labels)
        total: Tensor | None = None
        terms: dict[str, Tensor] = {}
        for config in self.terms:
            if config.weight == 0 or (config.name == "rotation" and not self.training):
                continue
            value = LOSSES[config.name](evidence, config)
            if share != 1 and config.name not in ("dimensions", "rotation", "distribution"):
                value = share * value + (1 - share) * LOSSES[config.name](partner, config)
            terms[config.name] = value.detach()
            weighted = value if config.weight == 1 else config.weight * value
            total = weighted if total is None else total + weighted
        if total is None:
            total = output_embedding.sum() * 0
        return Losses(total, terms)


def _cross_entropy(evidence: Evidence, config: LossConfig) -> Tensor:
    logits = _needed(evidence.logits, config, "an emotion head (model.emotions = true)")
    if not bool((evidence.labels >= 0).any()):
        return logits.float().sum() * 0
    weights = evidence.class_weights if config.class_weights != "none" else None
    if config.logit_adjustment and evidence.log_prior is not None:
        logits = logits + config.logit_adjustment * evidence.log_prior.to(logits)
    return cross_entropy(
        logits, evidence.labels, weights=None if weights is None else weights.to(logits),
        smoothing=config.label_smoothing, gamma=config.focal_gamma,
    )  # fmt: skip


def _contrastive_center(evidence: Evidence, config: LossConfig) -> Tensor:
    centers = _needed(evidence.class_centers, config, "class centres (model.class_centers = true)")
    return contrastive_center(
        evidence.embedding,
        evidence.labels,
        centers,
        margin=config.margin,
        inter_weight=config.inter_weight,
    )


def _qi_su(evidence: Evidence, config: LossConfig) -> Tensor:
    centers = _needed(evidence.class_centers, config, "class centres (model.class_centers = true)")
    return qi_su(evidence.embedding, evidence.labels, centers, delta=config.delta)


def _dimensions(evidence: Evidence, config: LossConfig) -> Tensor:
    vad = _needed(evidence.vad, config, 'a dimension head (model.dimensions = ["valence", "arousal"])')
    noise = None
    if config.noise != "none":
        raters = _needed(evidence.raters, config, "raters' SD beside it (columns <axis>_sd)")
        noise = raters.error if config.noise == "error" else raters.sd
    return dimension_loss(
        vad, evidence.target_vad, kind=config.kind, sd=evidence.vad_sd, noise=noise, damping=config.damping
    )


def _distribution(evidence: Evidence, config: LossConfig) -> Tensor:
    logits = _needed(evidence.logits, config, "an emotion head (model.emotions = true)")
    raters = _needed(evidence.raters, config, "votes beside it (columns votes_<label>)")
    if raters.votes.shape[1] == 0:  # of tables without votes
        return logits.float().sum() * 0
    return distribution_loss(logits, raters.votes, prior=config.vote_prior)


def _rotation(evidence: Evidence, config: LossConfig) -> Tensor:
    what = "a head for angles (model.rotations) that was given turned copies"
    logits = _needed(evidence.rotation, config, what)
    return rotation_loss(logits, _needed(evidence.turns, config, what))


def _detection(evidence: Evidence, config: LossConfig) -> Tensor:
    scores = _needed(evidence.scores, config, 'scores of its own (model.neck = "wscnet")')
    return _cross_entropy(replace(evidence, logits=scores), config)


LOSSES: dict[str, Callable[[Evidence, LossConfig], Tensor]] = {
    "cross_entropy": _cross_entropy,
    "contrastive_center": _contrastive_center,
    "qi_su": _qi_su,
    "dimensions": _dimensions,
    "rotation": _rotation,
    "detection": _detection,
    "distribution": _distribution,
}


def _needed(part: Part | None, config: LossConfig, what: str) -> Part:
    if part is None:
        raise RecipeError(f"losses: {config.name} needs a model with {what}, and this one has none")
    return part


def _check(terms: Sequence[LossConfig], class_counts: Sequence[int] | None) -> None:
    names = [term.name for term in terms]
    if not terms:
        raise RecipeError(f"losses: expected at least one term of: {', '.join(LOSSES)}")
    if len(set(names)) != len(names):
        raise RecipeError(f"losses: each term may stand once, found {', '.join(names)}")
    for term in terms:
        if term.name not in LOSSES:
            raise RecipeError("losses: " + unknown("term", term.name, LOSSES))
        if not term.weight >= 0:
            raise RecipeError(f"losses: the weight of {term.name} must be 0 or more, not {term.weight}")
        if term.class_weights != "none" and class_counts is None:
            raise RecipeError(
                f"losses: {term.name} with {term.class_weights} class weights needs the class counts"
            )
        if term.logit_adjustment and class_counts is None:
            raise RecipeError(f"losses: {term.name} with logit_adjustment needs the class counts")
