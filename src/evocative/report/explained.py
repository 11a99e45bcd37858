"""The page of what answers rest on: maps, curves, textures and style of some pictures; one file.

found = (explained(predictor, path) for path in paths)      # evaluate.explained
write_explained_page(found, "page.html", about={"model": "embedded"})
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from evocative.data.atomic import replacing
from evocative.errors import DataError
from evocative.evaluate.deletion import Curve
from evocative.evaluate.explained import Explained
from evocative.explain.gram_pairs import GramGradient
from evocative.explain.style_names import FEATURES, LINEAR
from evocative.plots.overlay import overlay
from evocative.plots.thumbnails import Picture, thumbnail
from evocative.report.html import style

LARGE: Final = 440
"""Pixels of the longer side of a picture and of the predicted emotion's map."""
SMALL: Final = 220
"""Of the other maps and of textures."""
MOST: Final = 6
"""Unusual features of style, and pairs of channels, that are shown of a picture."""
_CURVE: Final = (220, 110)  # width and height of a curve's picture


@dataclass(frozen=True)
class Panel:
    """A small picture with what is said below it."""

    name: str
    said: str
    data: str
    """JPEG in base64."""
    color: str = ""
    predicted: bool = False


@dataclass(frozen=True)
class Lines:
    """A curve by the map and one by chance, as points of an SVG polyline."""

    name: str
    own: str
    chance: str
    areas: tuple[float, float]
    """Below both: the mean probability on the way."""
    wanted: str
    """`lower` or `higher`: what a good map's area is beside the other."""


@dataclass(frozen=True)
class Shown:
    """One picture as the page holds it."""

    name: str
    path: str
    lead: str
    picture: Panel
    chosen: Panel
    maps: list[Panel]
    alike: str
    curves: list[Lines]
    textures: list[Panel]
    modules: list[tuple[str, str, str]]
    """Map, what it adds in all, and its strongest pairs."""
    style: list[tuple[str, str, str, str]]
    """Feature, value, what it says, and where it stands in the reference."""
    unusual: str


def write_explained_page(
    found: Iterable[Explained],
    path: str | Path,
    *,
    about: Mapping[str, str] | None = None,
    colors: Mapping[str, str] | None = None,
    shared: bool = False,
) -> int:
    """Write the page, whole or not at all, and return how many pictures are on it.

    Args:
        found: Of each picture; they are taken one after the other, and only their thumbnails are kept.
        path: The file, which ends in .html.
        about: What is told at the end of where this comes from.
        colors: Of the emotions.
        shared: All maps of a picture on one scale; else each is brightest at its own top.

    Raises:
        DataError: The ending is another one, there is no picture, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise DataError(f"{path}: a page ends in .html, not in {path.suffix or 'nothing'}")
    shown = [_shown(one, colors or {}, shared=shared) for one in found]
    if not shown:
        raise DataError(f"{path}: there is no picture that a page could show")
    page = _environment().get_template("explained.html.j2").render(
        shown=shown, about=dict(about or {}), shared=shared, style=Markup(style()), size=_CURVE,  # noqa: S704
    )  # fmt: skip
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return len(shown)


def _shown(one: Explained, colors: Mapping[str, str], *, shared: bool) -> Shown:
    highest = max(float(each.values.max()) for each in one.maps)
    maps = [
        Panel(
            str(each.label),
            _said(one, str(each.label), float(each.values.max()), highest),
            _jpeg(overlay(one.picture, each.values, top=highest if shared else None, pixels=SMALL)),
            colors.get(str(each.label), ""),
            str(each.label) == one.target,
        )
        for each in one.maps
    ]
    return Shown(
        name=Path(one.path).name,
        path=one.path,
        lead=_lead(one),
        picture=Panel("picture", "", _jpeg(thumbnail(one.picture, pixels=LARGE))),
        chosen=Panel(
            one.target, one.chosen.method, _jpeg(overlay(one.picture, one.chosen.values, pixels=LARGE))
        ),
        maps=maps,
        alike=_signed(one.alike, ".2f") if isfinite(one.alike) else "",
        curves=[_lines(way, one.curves[way], one.curves[f"{way} by chance"])
                for way in ("deletion", "insertion") if way in one.curves],
        textures=[Panel(f"map {name}" if " " not in name else f"maps {name}", "",
                        _jpeg(thumbnail(image, pixels=SMALL))) for name, image in one.textures.items()],
        modules=[_module(each) for each in one.modules],
        style=_style(one),
        unusual=f"{len(one.extremes)} of {len(LINEAR)}",
    )  # fmt: skip


def _said(one: Explained, label: str, top: float, highest: float) -> str:
    share = f"top {top / highest:.0%}" if top > 0 else "nothing"
    p = (one.answer.probabilities or {}).get(label)
    return share if p is None else f"p = {p:.2f}, {share}"


def _lead(one: Explained) -> str:
    parts = [f"{label} {p:.2f}" for label, p in one.answer.top(3)]
    for name in ("valence", "arousal", "dominance"):
        value = getattr(one.answer, name)
        if value is not None:
            parts.append(f"{name} {_signed(value, '.2f')}")
    return ", ".join(parts)


def _lines(name: str, own: Curve, chance: Curve) -> Lines:
    wanted = "lower" if name == "deletion" else "higher"
    return Lines(name, _points(own), _points(chance), (own.area, chance.area), wanted)


def _points(curve: Curve) -> str:
    width, height = _CURVE
    return " ".join(
        f"{share * width:.1f},{height * (1 - score):.1f}"
        for share, score in zip(curve.share, np.clip(curve.score, 0, 1), strict=True)
    )


def _module(module: GramGradient) -> tuple[str, str, str]:
    pairs = ", ".join(f"{one.first}×{one.second} {_signed(one.added, '.2g')}" for one in module.pairs(MOST))
    return str(module.map), _signed(module.added, ".2f"), pairs


def _style(one: Explained) -> list[tuple[str, str, str, str]]:
    return [
        (
            each.name,
            _signed(each.value, ".3g"),
            f"{FEATURES[each.name].says} ({FEATURES[each.name].unit})",
            f"{'above' if each.below > 0.5 else 'below'} "
            f"{max(each.below, 1 - each.below):.1%} (median {_signed(each.median, '.3g')})",
        )
        for each in one.extremes[:MOST]
    ]


def _signed(value: float, form: str) -> str:
    return format(value, form).replace("-", "\N{MINUS SIGN}")


def _jpeg(image: Picture) -> str:
    stream = BytesIO()
    Image.fromarray(np.asarray(image)).save(stream, "JPEG", quality=85)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("evocative.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
