"""Whose features the verbs of `evocative curate` look at: `--model`, or `--backbone` with its weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.models.backbone import Backbone
    from evocative.preprocessing import Preprocessing

BackboneName = Annotated[
    str | None,
    typer.Option("--backbone", help="Or a network of timm, as tf_efficientnet_b0, with --weights."),
]
Weights = Annotated[str | None, typer.Option(help="Of --backbone: a file, hf-hub:… or timm.")]
Pool = Annotated[str, typer.Option(help="Of --backbone: head, or last_map.")]


def open_network(
    model: str, backbone: str | None, *, weights: str | None, pool: str
) -> "tuple[Backbone, Preprocessing | None, dict[str, Any]]":
    """Return a network, how it sees images (None: its own record) and what is known of its training.

    Args:
        model: A folder, `hf-hub:org/name` or `embedded`; not looked at if there is a `backbone`.
        backbone: A network of timm.
        weights: Of the backbone.
        pool: Of the backbone.

    Raises:
        DataError: The backbone has no weights, or `pool` is another word.
        ModelError: There is no such model.
    """
    from evocative.models.hub import is_hub
    from evocative.models.place import locate

    if backbone is not None:
        if weights is None or pool not in ("head", "last_map"):
            raise DataError(
                f"--backbone {backbone} needs --weights (a file, hf-hub:org/name or timm) and a --pool that "
                f"is head or last_map, not {weights} and {pool}"
            )
        if weights != "timm" and not is_hub(weights):
            beforehand.input_path(Path(weights))
        from evocative.models.backbone import Backbone

        network = Backbone(backbone, weights=weights, pool="last_map" if pool == "last_map" else "head")
        return network, None, {}
    from evocative.models.store import load_model

    loaded = load_model(locate(None) if model == beforehand.EMBEDDED else model)
    return loaded.model.backbone, loaded.preprocessing, loaded.config
