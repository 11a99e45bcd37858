"""What lies between backbone and heads: one neck a paper, chosen by `model.neck`.

A neck is given the backbone's pooled vector and the maps that it asked for, and returns the embedding:

    motiejauskas2026  Gram modules on several maps (the dissertation); without maps the plain backbone
    motiejauskas2024  k Gram modules on the map of one layer
    zhang2022         Gram matrices of shallow layers as a second representation
    whitened_gram     Gram matrices of PCA-whitened maps beside the pooled vector (no paper's network)
    islamnet          an emotion map by attention, coupled with the deepest map
    wscnet            a map of labels' detectors, coupled with the deepest map
    wildcat           a map a label, whose highest and lowest places are the logits
    kim2018           object, background and hand-made features joined by dense layers

Its tensors are saved without a name of the neck's (`gram_modules.0.…`, `projection.…`), as they were before
there were several.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.islamnet import IslamnetNeck
from evocative.models.kim2018 import Kim2018Neck
from evocative.models.motiejauskas2024 import SameLayerNeck
from evocative.models.motiejauskas2026 import GramNeck
from evocative.models.whitened import WhitenedNeck
from evocative.models.wildcat import WildcatNeck
from evocative.models.wscnet import WscnetNeck
from evocative.models.zhang2022 import ShallowNeck
from evocative.recipe.settings import ModelConfig, Neck

PaperNeck = (
    GramNeck
    | SameLayerNeck
    | ShallowNeck
    | WhitenedNeck
    | IslamnetNeck
    | WscnetNeck
    | WildcatNeck
    | Kim2018Neck
)
_NECKS: dict[Neck, Callable[[ModelConfig, int, Sequence[int], int], PaperNeck]] = {
    "motiejauskas2026": lambda config, pooled, channels, _: GramNeck(
        config.gram, pooled=pooled, channels=channels
    ),
    "motiejauskas2024": lambda config, pooled, channels, _: SameLayerNeck(
        config.motiejauskas2024, pooled=pooled, channels=channels
    ),
    "zhang2022": lambda config, pooled, channels, _: ShallowNeck(
        config.zhang2022, pooled=pooled, channels=channels
    ),
    "whitened_gram": lambda config, pooled, channels, _: WhitenedNeck(
        config.whitened_gram, pooled=pooled, channels=channels
    ),
    "islamnet": lambda config, _, channels, __: IslamnetNeck(config.islamnet, channels=channels[0]),
    "wscnet": lambda config, _, channels, labels: WscnetNeck(
        config.wscnet, channels=channels[0], labels=labels
    ),
    "wildcat": lambda config, _, channels, labels: WildcatNeck(
        config.wildcat, channels=channels[0], labels=labels, dropout=config.dropout
    ),
    "kim2018": lambda config, pooled, _, __: Kim2018Neck(config.kim2018, pooled=pooled),
}


def make_neck(config: ModelConfig, *, pooled: int, channels: Sequence[int], labels: int = 0) -> PaperNeck:
    """Make the neck that a model's settings name.

    Args:
        config: `neck` and the section of its settings.
        pooled: Length of the backbone's vector.
        channels: Of each map that `maps_of` names.
        labels: Of the emotion head; 0: none.

    Returns:
        A module from (pooled, maps, grams or None) to the embedding, with its length as `num_features`.

    Raises:
        ModelError: Settings contradict each other, or do not go with these maps or labels; or a module would
            have more than `gram.max_weights`.
    """
    _check_dense(config, channels)
    return _NECKS[config.neck](config, pooled, channels, labels)


def scores_of(neck: nn.Module, maps: Sequence[Float[Tensor, "B _ _ _"]]) -> Float[Tensor, "B K"] | None:
    """Return the logits that a neck has of its own, beside the head's or in its place; None without any."""
    return neck.scores(maps) if isinstance(neck, WscnetNeck | WildcatNeck) else None


def emotion_map_of(
    neck: nn.Module, maps: Sequence[Float[Tensor, "B _ _ _"]]
) -> Float[Tensor, "B M h w"] | None:
    """Return a neck's emotion map, one for all labels (M = 1) or one each; None where it makes none."""
    return neck.emotion_map(maps) if isinstance(neck, IslamnetNeck | WscnetNeck | WildcatNeck) else None


def maps_of(config: ModelConfig) -> tuple[int | str, ...]:
    """Return the maps that the neck reads: numbers of timm's, or modules' names.

    Example:
        >>> maps_of(ModelConfig()), maps_of(ModelConfig(neck="zhang2022"))
        ((), ('act1', 'maxpool', 'layer1'))
    """
    maps: dict[Neck, tuple[int | str, ...]] = {
        "motiejauskas2026": config.gram.maps,
        "motiejauskas2024": (config.motiejauskas2024.map,),
        "zhang2022": config.zhang2022.maps,
        "whitened_gram": config.whitened_gram.maps,
        "islamnet": (config.islamnet.map,),
        "wscnet": (config.wscnet.map,),
        "wildcat": (config.wildcat.map,),
        "kim2018": (),
    }
    return maps[config.neck]


def statistics_of(config: ModelConfig) -> tuple[int | str, ...]:
    """Return the maps whose means and Gram matrices are all that is read of them.

    Of these a store keeps no map. It keeps maps and Gram matrices of `maps_of` for other necks.
    """
    neck = config.whitened_gram.maps if config.neck == "whitened_gram" else ()
    dimensions = config.dimension_maps if config.dimension_statistics == "whitened_gram" else ()
    return tuple(dict.fromkeys((*neck, *dimensions)))


def _check_dense(config: ModelConfig, channels: Sequence[int]) -> None:
    """Refuse dense layers of absurd size on whole Gram matrices, before anything is allocated."""
    widths: dict[Neck, Sequence[int]] = {
        "motiejauskas2024": channels if config.motiejauskas2024.modules else (),
        "zhang2022": config.zhang2022.widths,
    }
    for name, count, width in zip(maps_of(config), channels, widths.get(config.neck, ()), strict=False):
        if count**2 * width > config.gram.max_weights:
            raise ModelError(
                f"model.{config.neck}: a dense layer on the Gram matrix of map {name}, {count} channels, "
                f"would have {count**2 * width:,} weights, and model.gram.max_weights allows "
                f"{config.gram.max_weights:,}. Read a shallower map, or raise model.gram.max_weights"
            )


def with_means_of(config: ModelConfig, places: int) -> ModelConfig:
    """Return the settings of a model whose modules read stored maps, of so many places a side.

    Networks with an emotion map read whatever they are given, whitened matrices no map but its mean: these
    stay as they are.
    """
    if config.neck == "whitened_gram":
        return config
    section: dict[Neck, str] = {"motiejauskas2026": "gram"}
    name = section.get(config.neck, config.neck)
    if not hasattr(getattr(config, name), "means_of"):
        return config
    changes: dict[str, Any] = {name: replace(getattr(config, name), means_of=places)}
    return replace(config, **changes)


def hide_name(model: nn.Module) -> None:
    """Leave the neck's name out of a model's state dict, whose child `neck` it is."""
    model.register_state_dict_post_hook(_shorten)  # type: ignore[no-untyped-call]
    model.register_load_state_dict_pre_hook(_lengthen)  # type: ignore[no-untyped-call]


def _shorten(_model: nn.Module, state: dict[str, Tensor], prefix: str, _metadata: Any) -> None:
    for key in list(state):  # each is taken out and put back, so that they keep their order
        inside = key.removeprefix(f"{prefix}neck.")
        state[key if inside == key else prefix + inside] = state.pop(key)


def _lengthen(model: nn.Module, state: dict[str, Tensor], prefix: str, *_others: Any) -> None:
    children = {name for name, _ in model.get_submodule("neck").named_children()}
    for key in list(state):
        inside = key.removeprefix(prefix)
        if key.startswith(prefix) and inside.partition(".")[0] in children:
            state[f"{prefix}neck.{inside}"] = state.pop(key)
