"""Losses that could not act: terms whose gradient would reach nothing that learns, or that no row speaks to.

Such a run trains as if the term were not there, and is taken for one with it. A term of weight 0 is no
mistake: it is how a term is left out to the bit.
"""

from dataclasses import fields

import numpy as np

from evocative.data.columns import AXES
from evocative.data.table import Table
from evocative.recipe import LossConfig, Recipe
from evocative.training.targets import raters_of

_CENTERS = ("contrastive_center", "qi_su")
_ON_LABELS = ("cross_entropy", "detection", *_CENTERS)
_OF = {
    "label_smoothing": ("cross_entropy", "detection"),
    "effective_beta": ("cross_entropy",),
    "margin": ("contrastive_center",),
    "inter_weight": ("contrastive_center",),
    "delta": ("qi_su",),
    "kind": ("dimensions",),
    "noise": ("dimensions",),
    "damping": ("dimensions",),
    "vote_prior": ("distribution",),
}
"""Which terms read a setting of `LossConfig`: those that a recipe's reader does not look at."""


def idle_losses(recipe: Recipe) -> list[str]:
    """Say which terms cannot act, whatever the rows are; an empty list where all can."""
    if recipe.training.epochs == 0:  # nothing is to act: heads are fitted, or weights averaged
        return []
    acting = [loss for loss in recipe.losses if loss.weight > 0]
    if not acting:
        return [
            f"losses: every weight is 0, so that {recipe.training.epochs} epochs would change nothing; give "
            "a term weight, or set training.epochs = 0"
        ]
    found = [line for loss in acting for line in _unread(loss)]
    return found + [line for loss in acting for line in _without_effect(loss, recipe)]


def idle_on_rows(recipe: Recipe, train: Table) -> list[str]:
    """Say which terms no training row speaks to; an empty list where every term has its rows."""
    found = [] if recipe.training.epochs == 0 else _without_targets(recipe, train)
    raters = raters_of(train)
    for loss in (loss for loss in recipe.losses if loss.weight > 0):
        if loss.name == "distribution" and not bool((raters.votes > 0).any()):
            found.append("losses.distribution: no training row has votes (columns votes_<label>)")
        known, columns = (
            (raters.error, "<axis>_sd and <axis>_n") if loss.noise == "error" else (raters.sd, "<axis>_sd")
        )
        if loss.noise != "none" and not bool(known.isfinite().any()):
            place = f"losses.{loss.name}.noise = {loss.noise!r}"
            found.append(f"{place}: no training row has the columns {columns}")
    return found


def _without_targets(recipe: Recipe, train: Table) -> list[str]:
    """Say which terms on labels or on dimensions have no row with such a target."""
    acting = {loss.name: loss for loss in recipe.losses if loss.weight > 0}
    found = []
    if not bool((train.labels >= 0).any()):
        for loss in (acting[name] for name in _ON_LABELS if name in acting):
            too = "" if loss.class_weights == "none" else f" and {loss.class_weights} class weights no counts"
            found.append(f"losses.{loss.name}: no training row has a label{too}; leave the term out")
    if "dimensions" in acting:
        rated = dict(zip(AXES, np.isfinite(train.dimensions).any(axis=0), strict=True))
        wanted = recipe.model.dimensions
        if not any(rated[axis] for axis in wanted):
            found.append(
                f"losses.dimensions: no training row has {' or '.join(wanted)}; add a source that has, or "
                "leave the term and model.dimensions out"
            )
    return found


def _unread(loss: LossConfig) -> list[str]:
    """Say which settings stand at a term that does not read them."""
    usual = {each.name: each.default for each in fields(LossConfig)}
    return [
        f"losses.{loss.name}.{name}: is not read by this term, but by {' and '.join(terms)}; leave it out"
        for name, terms in _OF.items()
        if loss.name not in terms and getattr(loss, name) != usual[name]
    ]


def _without_effect(loss: LossConfig, recipe: Recipe) -> list[str]:
    """Say why a term's gradient reaches nothing that an answer depends on."""
    model, optimizer = recipe.model, recipe.optimizer
    still = recipe.features.stored or optimizer.backbone_lr_scale == 0
    why = "features.stored keeps" if recipe.features.stored else "optimizer.backbone_lr_scale = 0 keeps"
    plain = model.neck == "whitened_gram" or (model.neck == "motiejauskas2026" and not model.gram.maps)
    if loss.name in _CENTERS and still and plain:
        return [
            f"losses.{loss.name}: cannot act: {why} the backbone as it is, and without Gram modules nothing "
            "below the embedding learns; name model.gram.maps, train the backbone, or leave the term out"
        ]
    if loss.name == "rotation" and still:
        return [
            f"losses.rotation: cannot act: {why} the backbone as it is, and the head of angles is read by "
            "nothing else; train the backbone, or leave the term out"
        ]
    return []
