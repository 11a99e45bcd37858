"""From the folders of several models to the folder of one ensemble."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evocative.errors import ModelError, unknown
from evocative.models.ensemble import EmotionEnsemble, make_ensemble
from evocative.models.packing import PRECISIONS, Precision, pack, unpack
from evocative.models.store import Loaded, load_model, save_model
from evocative.models.training_images import joined, read_training_images

Source = str | os.PathLike[str]


def write_ensemble(
    sources: Sequence[Source], folder: Source, *, shares: Sequence[float] | None = None,
    dimension_shares: Sequence[float] | None = None, precision: Precision = "float32",
    licence: str | None = None, card: str | None = None,
) -> EmotionEnsemble:  # fmt: skip
    """Join models' folders and write the ensemble as a folder of the same kind.

    Weights are rounded to what is stored before they are compared, so that stages which one folder holds in
    half precision and another in float32 are still found equal. Measured figures are not carried over: they
    are of other answers. Licences are, each once.

    Args:
        sources: Models' folders, or `hf-hub:org/name`.
        folder: As in `save_model`.
        shares: As in `make_ensemble`.
        dimension_shares: As in `make_ensemble`.
        precision: As in `save_model`.
        licence: By default those of the members.
        card: As in `save_model`.

    Returns:
        The ensemble that was written, with its weights as they are stored.

    Raises:
        ModelError: A folder holds no model or an ensemble, the members' preprocessing or labels differ,
            shares do not fit, or the folder cannot be written.
    """
    if precision not in PRECISIONS:
        raise ModelError(unknown("precision", precision, PRECISIONS))
    loaded = [load_model(source) for source in sources]
    models = [each.single(f"member {number}") for number, each in enumerate(loaded, start=1)]
    _check_preprocessing(loaded, sources)
    for model, each in zip(models, loaded, strict=True):
        model.load_state_dict(unpack(pack(model.state_dict(), precision)))
        model.config = replace(model.config, weights=_weights(each))  # where they came from
    ensemble = make_ensemble(models, shares=shares, dimension_shares=dimension_shares)
    licences = dict.fromkeys(str(each.config.get("licence") or "not stated") for each in loaded)
    save_model(
        ensemble, folder, preprocessing=loaded[0].preprocessing, measured={}, card=card, precision=precision,
        licence=licence or "; ".join(licences), provenance=_provenance(loaded, sources),
        training_images=joined(read_training_images(source) for source in sources),
    )  # fmt: skip
    return ensemble


def _weights(loaded: Loaded) -> str | tuple[str, ...] | None:
    weights = loaded.config["model"].get("weights")
    return tuple(weights) if isinstance(weights, list) else weights


def _check_preprocessing(loaded: Sequence[Loaded], sources: Sequence[Source]) -> None:
    first = loaded[0].preprocessing.to_dict() if loaded else {}
    for each, source in zip(loaded[1:], sources[1:], strict=True):
        other = each.preprocessing.to_dict()
        differing = [
            f"{name} {first[name]} and {other[name]}" for name in first if first[name] != other[name]
        ]
        if differing:
            raise ModelError(
                f"{sources[0]} and {source} want their images prepared differently ({', '.join(differing)}), "
                "and an ensemble prepares an image once. Train them with one [preprocessing]"
            )


def _provenance(loaded: Sequence[Loaded], sources: Sequence[Source]) -> dict[str, Any]:
    """Keep what each member was trained on, and the folder's name that it came by."""
    return {
        "ensemble": [
            {"name": str(source) if str(source).startswith("hf-hub:") else Path(source).absolute().name}
            | dict(each.config.get("provenance") or {})
            for each, source in zip(loaded, sources, strict=True)
        ]
    }
