"""What `config.json` keeps of itself and of the weights beside it, so that a change is told.

A wrong interpolation or two labels in each other's place are sound by themselves, and silently give wrong
answers. Each section that answers depend on has a digest of what it means: settings at their defaults are
left out, so that one which a later version adds changes no digest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from evocative.preprocessing import Preprocessing
from evocative.recipe.ranges import STRICT
from evocative.taxonomy.labels import Taxonomy

_TOLD: Final = ("weights",)
"""Settings of a network that only tell where it comes from."""
SHA256: Final = r"^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, StringConstraints(pattern=SHA256)]


@dataclass(frozen=True)
class Digests:
    """Of each section that answers depend on, and of the file of weights."""

    __pydantic_config__ = STRICT

    model: Digest
    taxonomy: Digest
    preprocessing: Digest
    weights: Digest


def digests_of(
    model: object, taxonomy: Taxonomy | None, preprocessing: Preprocessing, *, weights: str
) -> Digests:
    """Return the digests of what a folder holds.

    Args:
        model: Its settings: `ModelConfig` or `EnsembleConfig`.
        taxonomy: Its labels.
        preprocessing: What becomes of an image.
        weights: The digest of the file of weights (`file_digest`).
    """
    labels = None if taxonomy is None else taxonomy.to_dict()
    return Digests(_digest(meant(model)), _digest(labels), _digest(preprocessing.to_dict()), weights)


def file_digest(path: Path) -> str:
    """Return the digest of a file's content."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def meant(settings: Any) -> Any:
    """Return plain values of settings, but for those that are at their defaults or change no answer.

    Example:
        >>> from evocative.recipe.settings import GramConfig
        >>> meant(GramConfig(maps=(1, 2), fusion="add"))
        {'maps': [1, 2]}
    """
    if is_dataclass(settings):
        values = [(each.name, getattr(settings, each.name), _usual(each)) for each in fields(settings)]
        return {name: meant(value) for name, value, usual in values if value != usual and name not in _TOLD}
    if isinstance(settings, Mapping):
        return {str(key): meant(value) for key, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [meant(each) for each in settings]
    return settings


def _usual(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _digest(value: Any) -> str:
    """Return the digest of plain values; 1.0 and 1 are one number, as other writers of JSON have them."""
    text = json.dumps(_numbers(value), sort_keys=True, ensure_ascii=True, allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
