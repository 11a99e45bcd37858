"""Going on from a model that was trained before: its backbone, and of its other parts what fits."""

from evocative.errors import RecipeError
from evocative.models.create import EmotionModel

_TIED_TO_LABELS = ("emotion_head.", "class_centers")


def go_on_from(model: EmotionModel, earlier: EmotionModel) -> list[str]:
    """Copy an earlier model's weights into a new one, in place.

    The backbone must be the same. Gram modules, heads and centres are taken over where they have the same
    shape, and what belongs to the labels only where the labels are the same; other parts start anew. Where
    the earlier model's batch norms are folded, the new one's are folded first.

    Returns:
        The names of what starts anew.

    Raises:
        RecipeError: The backbones differ.
    """
    if earlier.config.folded and not model.config.folded:
        model.fold(partly=True)
    theirs, ours = earlier.state_dict(), model.state_dict()
    same_labels = earlier.taxonomy == model.taxonomy
    fitting = {
        name: tensor
        for name, tensor in theirs.items()
        if name in ours
        and ours[name].shape == tensor.shape
        and (same_labels or not name.startswith(_TIED_TO_LABELS))
    }
    lacking = [name for name in ours if name.startswith("backbone.") and name not in fitting]
    if lacking or earlier.backbone.made_of != model.backbone.made_of:
        raise RecipeError(
            f"model.weights: the model to go on from has the backbone {_shown(earlier)}, the recipe "
            f"{_shown(model)}. Give both the same backbone, pool and backbone_args"
        )
    model.load_state_dict(fitting, strict=False)
    return [name for name in ours if name not in fitting]


def _shown(model: EmotionModel) -> str:
    return ", ".join(f"{name} {value}" for name, value in model.backbone.made_of.items())
