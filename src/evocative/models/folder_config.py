"""What `config.json` of a model's folder must hold, and every mistake in it at once.

    contents = read_contents(folder / "config.json")          # types, ranges, unknown and missing fields
    check_weights(contents, tensors, path)                    # what the weights say of it
    check_digests(contents, path, weights)                    # that it is what was saved

The fields are described in `docs/models.md`. What `save_model` writes goes through the same checks, so that
it can be loaded.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import torch
from annotated_types import MinLen
from torch import Tensor

from evocative.errors import DataError, ModelError, unknown
from evocative.models.backbone import is_backbone, unknown_backbone
from evocative.models.digests import Digests, digests_of, file_digest
from evocative.models.ensemble_config import EnsembleConfig, check_heads, checked_shares
from evocative.models.packing import SCALE, Precision
from evocative.preprocessing import Fit, Interpolation, Mean, Preprocessing, Sd
from evocative.recipe.contradictions import model_contradictions
from evocative.recipe.ranges import STRICT, Count, Name, Side
from evocative.recipe.settings import ModelConfig
from evocative.recipe.validation import validated
from evocative.taxonomy.labels import TAXONOMIES, Sentiment, Taxonomy

FORMAT_VERSION: Final = 1
ENSEMBLE_VERSION: Final = 2
"""Of ensembles' folders, which earlier readers cannot read."""
_ALWAYS: Final = {
    "model": (
        "backbone", "weights", "backbone_args", "pool", "gram", "emotions", "dimensions", "dropout",
        "drop_path", "class_centers", "folded",
    ),
    "gram": ("maps", "fusion", "backbone_fusion", "divide_by_hw", "compress", "max_weights"),
}  # fmt: skip
"""Settings that every folder has had; one that came later has a default that means what was before it."""
_ADVICE: Final = "Copy or download the folder again; one that was edited can be saved anew by save_model"


@dataclass(frozen=True)
class Library:
    """What wrote the folder."""

    __pydantic_config__ = STRICT

    name: Literal["evocative"]
    version: Name


@dataclass(frozen=True)
class LabelForm:
    """A label as JSON has it."""

    __pydantic_config__ = STRICT

    name: Name
    sentiment: Sentiment | None
    color: str
    parent: Name | None


@dataclass(frozen=True)
class TaxonomyForm:
    """A taxonomy as JSON has it."""

    __pydantic_config__ = STRICT

    name: Name
    source: str
    labels: Annotated[tuple[LabelForm, ...], MinLen(2)]


@dataclass(frozen=True)
class PreprocessingForm:
    """`Preprocessing` without defaults: a folder that leaves something out would answer wrongly, silently."""

    __pydantic_config__ = STRICT

    size: Side
    fit: Fit
    interpolation: Interpolation
    mean: Mean
    sd: Sd


@dataclass(frozen=True)
class _Form:
    """What every folder's file holds beside the network."""

    __pydantic_config__ = STRICT

    format_version: int
    library: Library
    taxonomy: TaxonomyForm | None
    preprocessing: PreprocessingForm
    num_features: Count
    precision: Precision
    provenance: dict[str, Any]
    measured: dict[str, float | dict[str, float | None] | None]
    licence: Name


@dataclass(frozen=True)
class ModelForm(_Form):
    """The file of one network."""

    model: ModelConfig
    digests: Digests | None = None


@dataclass(frozen=True)
class EnsembleForm(_Form):
    """The file of an ensemble."""

    model: EnsembleConfig
    digests: Digests | None = None


@dataclass(frozen=True)
class Contents:
    """What the file says, checked."""

    values: dict[str, Any]
    """As they stand in the file."""
    model: ModelConfig | EnsembleConfig
    taxonomy: Taxonomy | None
    preprocessing: Preprocessing
    num_features: int
    precision: Precision
    digests: Digests | None


def read_contents(path: Path) -> Contents:
    """Read the file.

    Raises:
        ModelError: It is no JSON, not evocative's, of another version, or holds mistakes; each is named.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_each_once)
    except (ValueError, OSError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}). Copy or download it again") from error
    return checked_contents(values, path)


def checked_contents(values: Any, path: Path) -> Contents:
    """Check what the file holds, or is about to.

    Raises:
        ModelError: As `read_contents` says.
    """
    kind = _kind_of(values, path)
    form, mistakes = validated(kind, values, root="config.json")
    mistakes = [
        *mistakes,
        *_lacking(values.get("model")),
        *_not_finite(values.get("provenance"), "provenance"),
    ]
    mistakes += [] if form is None else _contradictions(form)
    if form is None or mistakes:
        raise refusal(path, mistakes)
    settings = {name: getattr(form.preprocessing, name) for name in PreprocessingForm.__dataclass_fields__}
    return Contents(
        values, form.model, None if form.taxonomy is None else Taxonomy.from_dict(values["taxonomy"]),
        Preprocessing(**settings), form.num_features, form.precision, form.digests,
    )  # fmt: skip


def refusal(path: Path, mistakes: Sequence[str]) -> ModelError:
    """Return the error that names a file and every mistake in it."""
    lines = [f"  {mistake}" for mistake in mistakes]
    return ModelError("\n".join([f"{path}: {len(lines)} thing(s) to mend. {_ADVICE}", *lines]))


def check_weights(contents: Contents, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Hold labels and precision against the weights as they are stored.

    Raises:
        ModelError: They are of another number, or of another type.
    """
    mistakes = []
    wanted = 0 if contents.taxonomy is None else len(contents.taxonomy)
    for name, each in tensors.items():
        if name.endswith("emotion_head.linear.bias") and len(each) != wanted:
            mistakes.append(
                f"taxonomy.labels: expected {len(each)}, as many as {name} has rows, found {wanted}"
            )
    floats = {name: each.dtype for name, each in tensors.items() if each.is_floating_point()}
    scales = {name for name in floats if name.endswith(SCALE)}
    wide = {name for name, dtype in floats.items() if dtype != torch.float16} - scales
    stored = "float32" if wide else "int8" if scales else "float16"
    same = contents.precision == stored or (contents.precision, stored) == ("int8", "float16")  # a tiny one
    if floats and not same:
        mistakes.append(f"precision: expected {stored!r}, as the weights are, found {contents.precision!r}")
    if mistakes:
        raise refusal(path, mistakes)


def check_digests(contents: Contents, path: Path, *, weights: Path) -> None:
    """Refuse a folder that is sound, but not what was saved; one without digests tells nothing of that.

    Raises:
        ModelError: Sections of the file, or the weights, have another digest than the file keeps.
    """
    if contents.digests is None:
        return
    found = digests_of(
        contents.model, contents.taxonomy, contents.preprocessing, weights=file_digest(weights)
    )
    changed = [name for name, kept in vars(contents.digests).items() if kept != getattr(found, name)]
    places = {"weights": weights.name}
    lines = [f"{places.get(name, name)}: is not what was saved (another digest)" for name in changed]
    if "model" in changed and (absent := list(_absent(contents.values["model"], contents.model))):
        lines.append(f"model lacks {', '.join(absent)}")
    if lines:
        raise refusal(path, [*lines, 'If the change is meant, take "digests" out of the file'])


def _absent(values: Any, settings: Any) -> Iterator[str]:
    """Name the settings that the file leaves at their defaults, by dotted keys."""
    for each in fields(settings):
        if isinstance(values, dict) and each.name not in values:
            yield each.name
        elif is_dataclass(inner := getattr(settings, each.name)):
            yield from (f"{each.name}.{name}" for name in _absent(values[each.name], inner))


def _kind_of(values: Any, path: Path) -> type[ModelForm | EnsembleForm]:
    version = values.get("format_version") if isinstance(values, dict) else None
    if type(version) is not int:
        raise ModelError(
            f"{path}: no format_version, so not a model of evocative's. Was it made by save_model?"
        )
    if version not in (FORMAT_VERSION, ENSEMBLE_VERSION):
        advice = "Update evocative" if version > ENSEMBLE_VERSION else "Train or convert the model anew"
        raise ModelError(
            f"{path}: format_version {version}, and this version reads {FORMAT_VERSION} and "
            f"{ENSEMBLE_VERSION}. {advice}"
        )
    return EnsembleForm if version == ENSEMBLE_VERSION else ModelForm


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, of which JSON's readers take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _lacking(model: object) -> Iterator[str]:
    """Name settings that are not there though every version wrote them."""
    members = model.get("members") if isinstance(model, dict) else None
    several = isinstance(members, list | tuple)
    for number, each in enumerate(members if isinstance(members, list | tuple) else [model]):
        place = f"model.members.{number}" if several else "model"
        gram = each.get("gram") if isinstance(each, dict) else None
        for where, section, values in ((place, "model", each), (f"{place}.gram", "gram", gram)):
            for name in _ALWAYS[section]:
                if isinstance(values, dict) and name not in values:
                    yield f"{where}.{name}: the field {name!r} is missing"


def _not_finite(value: object, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _not_finite(each, f"{place}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _not_finite(each, f"{place}.{number}")
    elif isinstance(value, float) and not isfinite(value):
        yield f"{place}: expected a finite number or null, found {value}"


def _contradictions(form: ModelForm | EnsembleForm) -> list[str]:
    """Say what no single field shows."""
    found = list(_of_taxonomy(form))
    if isinstance(form.model, EnsembleConfig):
        found += _of_ensemble(form.model)
        for number, member in enumerate(form.model.members):
            found += [f"model.members.{number}: {each}" for each in _of_model(member)]
    else:
        found += _of_model(form.model)
    for name, figure in form.measured.items():
        found += _of_figure(f"measured.{name}", figure)
    return found


def _of_model(model: ModelConfig) -> list[str]:
    known = is_backbone(model.backbone)
    strange = [] if known else [f"model.backbone: {unknown_backbone(model.backbone)}"]
    return [*strange, *model_contradictions(model)]


def _of_taxonomy(form: ModelForm | EnsembleForm) -> Iterator[str]:
    members = form.model.members if isinstance(form.model, EnsembleConfig) else (form.model,)
    emotions = any(member.emotions for member in members)
    if emotions == (form.taxonomy is None):
        wanted, found = ("labels", "null") if emotions else ("null", "labels")
        yield f"taxonomy: expected {wanted}, since model.emotions is {str(emotions).lower()}, found {found}"
    if form.taxonomy is None:
        return
    names = [label.name for label in form.taxonomy.labels]
    known = TAXONOMIES.get(form.taxonomy.name)
    if known is not None and list(known.names) != names:
        yield (
            f"taxonomy.labels: {known.name} has {', '.join(known.names)}, in this order, found "
            f"{', '.join(names)}; labels of one's own have a name of their own"
        )
    try:
        Taxonomy.from_dict(
            {"name": form.taxonomy.name, "labels": [vars(label) for label in form.taxonomy.labels]}
        )
    except DataError as error:
        yield f"taxonomy.labels: {error}"


def _of_ensemble(model: EnsembleConfig) -> Iterator[str]:
    """Say which shares leave an answer to nobody; how many there are, `restore` looks at."""
    if not len(model.shares) == len(model.dimension_shares) == len(model.members):
        return
    for name in ("shares", "dimension_shares"):
        try:
            checked_shares(f"model.{name}", getattr(model, name), len(model.members))
        except ModelError as error:
            yield str(error)
    try:
        check_heads(model)
    except ModelError as error:
        yield f"model.{error}"


def _of_figure(place: str, figure: float | Mapping[str, float | None] | None) -> Iterator[str]:
    """Say what is wrong with {value, low, high, n}."""
    if not isinstance(figure, Mapping):
        return
    if "value" not in figure:
        yield f"{place}: {unknown('key', next(iter(figure), ''), ['value', 'low', 'high', 'n'])}"
    low, high, n = (figure.get(name) for name in ("low", "high", "n"))
    if low is not None and high is not None and low > high:
        yield f"{place}: expected low of at most high, found {low} and {high}"
    if n is not None and (n < 0 or n % 1):
        yield f"{place}.n: expected a whole number of rows, found {n}"
