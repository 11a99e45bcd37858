"""The model card: the README of a model folder, which a hub shows as its page."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evocative.recipe.settings import GramConfig

_LICENCES = (
    "apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0", "openrail", "unknown",
)  # fmt: skip
"""Names that hubs know; any other licence is `other`, with its own words beside it."""

_ABOUT = """\
A network of evocative for visual emotion recognition: which emotions
a picture is likely to evoke in people who look at it. It does not read the feelings of a person in the
picture or behind the camera, and it is no basis for decisions about anybody."""

_USE = """\
```python
import evocative

predictor = evocative.load("path/to/this/folder")  # or "hf-hub:org/name"
answer = predictor.predict("photo.jpg")
```"""


def model_card(config: Mapping[str, Any], *, title: str, text: str | None = None) -> str:
    """Write the card of a model: YAML front matter, then Markdown.

    Args:
        config: What the folder's `config.json` holds.
        title: The heading.
        text: Markdown about training data, terms, and what the model is not fit for; a general paragraph
            where it is not given. The front matter and the tables come by themselves.
    """
    parts = [
        _front_matter(config),
        f"# {title}",
        text.strip() if text else _ABOUT,
        "## Use",
        _USE,
        "## What it is",
        _architecture(config),
        "## Figures",
        _figures(config.get("measured") or {}),
        "## Licence",
        str(config.get("licence") or "not stated"),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(config: Mapping[str, Any]) -> str:
    licence = str(config.get("licence") or "unknown")
    known = licence.lower() in _LICENCES
    taxonomy = config.get("taxonomy")
    tags = ["evocative", "visual-emotion-recognition", "affective-computing"]
    tags += [taxonomy["name"]] if taxonomy else []
    tags += ["valence-arousal"] if any(model["dimensions"] for model in _members(config)) else []
    entries: dict[str, Any] = {"license": licence.lower() if known else "other"}
    if not known:
        entries["license_name"] = re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-")[:60]
    entries |= {"library_name": "evocative", "pipeline_tag": "image-classification", "tags": tags}
    if measured := config.get("measured"):
        entries["metrics"] = list(measured)
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items()]
    return "\n".join(["---", *lines, "---"])  # JSON's strings and lists are YAML's, too


def _members(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the settings of the model, or of each member of an ensemble."""
    model = config["model"]
    return list(model.get("members", [model]))


def _architecture(config: Mapping[str, Any]) -> str:
    preprocessing, taxonomy = config["preprocessing"], config.get("taxonomy")
    members = _members(config)
    rows = _network(members[0]) if len(members) == 1 else _ensemble(config["model"])
    known = {name: None for model in members for name in model["dimensions"]}
    rows |= {
        "embedding": f"{config['num_features']} numbers",
        "emotions": ", ".join(label["name"] for label in taxonomy["labels"]) if taxonomy else "none",
        "taxonomy": taxonomy["name"] if taxonomy else "none",
        "dimensions": ", ".join(known) or "none",
        "input": f"{preprocessing['size']} × {preprocessing['size']} pixels ({preprocessing['fit']})",
        "stored as": config["precision"],
    }
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows.items())]
    )


def _network(model: Mapping[str, Any]) -> dict[str, str]:
    neck = model.get("neck", "motiejauskas2026")
    gram = ", ".join(str(index) for index in model["gram"]["maps"])
    own = model.get(neck)
    return {
        "backbone": model["backbone"],
        "pretrained weights": model["weights"] or "none",
        "network": f"{neck} ({_shown(own)})" if own else neck,
        "Gram modules on maps": f"{gram}{_form(model['gram'])}" if gram else "none",
    }


def _ensemble(ensemble: Mapping[str, Any]) -> dict[str, str]:
    """Describe each member: its share, its network, and what an earlier member runs for it."""
    rows = {"ensemble": "weighted mean of the members' log-probabilities; the embedding is the first one's"}
    shares = zip(ensemble["members"], ensemble["shares"], ensemble["dimension_shares"], strict=True)
    for number, (model, share, of_dimensions) in enumerate(shares, start=1):
        parts = [f"{name} {value}" for name, value in _network(model).items()]
        own = list(ensemble["shared"][number - 1])
        parts += [f"shares its first {len(own)} steps with an earlier member, up to {own[-1]}"] if own else []
        dimensions = f" (of dimensions {of_dimensions:.4g})" if of_dimensions != share else ""
        rows[f"member {number}, share {share:.4g}{dimensions}"] = "; ".join(parts)
    return rows


def _shown(section: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in section.items() if value is not None)


def _form(gram: Mapping[str, Any]) -> str:
    """Say in which settings Gram modules differ from the published ones."""
    published = asdict(GramConfig())
    names = [name for name in published if name not in ("maps", "max_weights")]
    changed = [
        f"{name} = {gram[name]}" for name in names if gram.get(name, published[name]) != published[name]
    ]
    return f" ({', '.join(changed)})" if changed else ""


def _figures(measured: Mapping[str, Any]) -> str:
    if not measured:
        return "Not measured."
    rows = [f"| {name} | {' | '.join(_figure(value))} |" for name, value in measured.items()]
    return "\n".join(["| figure | value | interval | n |", "|---|---|---|---|", *rows])


def _figure(value: Any) -> tuple[str, str, str]:
    """Return value, interval and n of a plain number or of {value, low, high, n}."""
    if not isinstance(value, Mapping):
        return _number(value), "", ""
    interval = ""
    if value.get("low") is not None and value.get("high") is not None:
        interval = f"{_number(value['low'])} to {_number(value['high'])}"
    return _number(value.get("value")), interval, str(value.get("n", ""))


def _number(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.4g}"
    return "undefined" if value is None else _cell(value)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
