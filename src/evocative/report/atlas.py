"""The page of an atlas: the mosaic, how the search went, the surest pictures with formula and numbers.

write_atlas_page("atlas/emotions-0")       # mosaic.png, curves.png and index.html beside atlas.json
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.explore.atlas_folder import Atlas, read_atlas
from evocative.explore.atlas_mosaic import elite_pictures, label_colors, plot_atlas
from evocative.metrics.quality_diversity import quality_diversity
from evocative.plots.progress import plot_search
from evocative.plots.style import save
from evocative.plots.thumbnails import Picture, thumbnail
from evocative.report.html import style

FILE: Final = "index.html"
LARGE: Final = 224
"""Pixels of the side of a picture that is shown by itself."""
KINDS: Final[Mapping[str, str]] = {
    "emotions": "A row an emotion, a column a band of its probability: each picture competed in every row.",
    "plane": "Predicted valence from left to right, predicted arousal from below to above.",
    "probabilities": "Each picture stands for a region of all probabilities; here by its strongest emotion, "
    "the surest first.",
    "cube": "A plane of predicted valence and arousal for each range of predicted dominance.",
}
"""How the mosaic of each kind is read."""
_FORMULA: Final = 160  # letters of a formula that are shown at once


@dataclass(frozen=True)
class Card:
    """One elite as the page shows it."""

    title: str
    said: str
    """The strongest emotions and the dimensions."""
    found: str
    formula: str
    rest: str
    """Of a long formula, what is shown when asked for."""
    data: str
    """PNG in base64; empty where there is none."""


@dataclass(frozen=True)
class Row:
    """An emotion in the page's table."""

    name: str
    color: str
    best: float
    cells: int
    """In which it is the row's emotion, or the strongest one."""
    total: int | None
    """Of its cells; None where cells belong to no emotion."""
    evaluation: int
    """Which found the best."""


@dataclass(frozen=True)
class Section:
    """Pictures that are shown together."""

    name: str
    color: str
    cards: list[Card]


def write_atlas_page(atlas: Atlas | str | Path, *, per_label: int = 6) -> Path:
    """Write mosaic.png, curves.png and the page into an atlas's folder; return the page's path.

    Args:
        atlas: An atlas that was read, or its folder.
        per_label: Pictures that are shown large of each emotion.

    Raises:
        DataError: There is no atlas, or a file cannot be written.
    """
    atlas = atlas if isinstance(atlas, Atlas) else read_atlas(atlas)
    pictures = elite_pictures(atlas)
    figures = plot_atlas(atlas, pictures)
    if len(atlas.curve):
        figures["curves"] = plot_search(**_curves(atlas))
    images = {name: _base64(save(figure, atlas.folder / f"{name}.png")) for name, figure in figures.items()}
    page = _environment().get_template("atlas.html.j2").render(
        atlas=atlas, images=images, read=KINDS[atlas.kind], quality=_quality(atlas), share=_share(atlas),
        rows=_rows(atlas), sections=_sections(atlas, pictures, per_label), style=Markup(style()),  # noqa: S704
        run=_run(atlas),
    )  # fmt: skip
    path = atlas.folder / FILE
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return path


def best_rows(atlas: Atlas, label: str, count: int) -> list[int]:
    """Return the elites that the model is surest are of an emotion, each genome once, the surest first.

    Where cells belong to emotions, those of this one; else those whose strongest emotion it is.
    """
    elites, place = atlas.elites, atlas.model.labels.index(label)
    if "cell_emotion" in elites:
        own = (elites["cell_emotion"] == label).to_numpy(dtype=bool)
    else:
        own = atlas.probabilities.argmax(axis=1) == place
    kept = elites[own].sort_values(f"p_{label}", ascending=False, kind="stable")
    return [int(row) for row in kept.drop_duplicates("genome").index[:count]]


def far_rows(atlas: Atlas) -> dict[str, int]:
    """Return the elites that lie farthest out: the most pleasant, the least aroused … and the middle one."""
    places = atlas.elites[list(AXES)].to_numpy(dtype=np.float64)
    found: dict[str, int] = {}
    for column, axis in enumerate(AXES):
        if np.isfinite(places[:, column]).any():
            found[f"highest {axis}"] = int(np.nanargmax(places[:, column]))
            found[f"lowest {axis}"] = int(np.nanargmin(places[:, column]))
    known = places[:, np.isfinite(places).any(axis=0)]
    if found:
        found["nearest to the middle"] = int(np.argmin((np.nan_to_num(known, nan=2.0) ** 2).sum(axis=1)))
    return found


def _sections(atlas: Atlas, pictures: Sequence[Picture | None], per_label: int) -> list[Section]:
    colors = label_colors(atlas.model.labels)
    sections = []
    for label in atlas.model.labels if len(atlas.elites) else ():
        rows = best_rows(atlas, label, per_label)
        if rows:
            cards = [
                _card(atlas, pictures, row, f"{atlas.elites[f'p_{label}'].iloc[row]:.1%}") for row in rows
            ]
            sections.append(Section(label, colors[label], cards))
    far = far_rows(atlas) if len(atlas.elites) else {}
    if far:
        cards = [_card(atlas, pictures, row, name) for name, row in far.items()]
        sections.append(Section("Farthest out, as predicted", "", cards))
    return sections


def _card(atlas: Atlas, pictures: Sequence[Picture | None], row: int, title: str) -> Card:
    elite = {str(name): value for name, value in atlas.elites.iloc[row].items()}
    formula = "" if elite["formula"] is None else str(elite["formula"])
    found = f"cell {_cell(atlas, int(elite['cell']))}; evaluation {elite['evaluation']:,}"
    return Card(
        title, _said(atlas, elite), found, formula[:_FORMULA], formula[_FORMULA:], _png(pictures[row])
    )


def _cell(atlas: Atlas, cell: int) -> str:
    """Name a cell: "awe, band 0.9 to 1"; by its number where the archive has no axes."""
    places = np.unravel_index(cell, atlas.shape)
    told = zip(atlas.dims, places, strict=False)
    parts = [axis.told(int(at)) if axis.labels else f"{axis.name} {axis.told(int(at))}" for axis, at in told]
    return (", ".join(parts) or f"{cell:,}").replace("-", "\N{MINUS SIGN}")


def _said(atlas: Atlas, elite: Mapping[str, Any]) -> str:
    strongest = sorted(atlas.model.labels, key=lambda label: -elite[f"p_{label}"])[:3]
    parts = [f"{label} {elite[f'p_{label}']:.2f}" for label in strongest]
    parts += [f"{axis} {elite[axis]:+.2f}" for axis in AXES if isfinite(elite[axis])]
    return ", ".join(parts).replace("-", "\N{MINUS SIGN}")


def _rows(atlas: Atlas) -> list[Row]:
    """Return what is told of each emotion, in the model's order."""
    colors, rows = label_colors(atlas.model.labels), []
    chances = atlas.probabilities
    for place, label in enumerate(atlas.model.labels if len(atlas.elites) else ()):
        best = int(chances[:, place].argmax())
        own, total = chances.argmax(axis=1) == place, None
        if "cell_emotion" in atlas.elites:
            own, total = (atlas.elites["cell_emotion"] == label).to_numpy(dtype=bool), atlas.shape[1]
        evaluation = int(atlas.elites["evaluation"].iloc[best])
        rows.append(Row(label, colors[label], float(chances[best, place]), int(own.sum()), total, evaluation))
    return rows


def _quality(atlas: Atlas) -> Any:
    fitness = atlas.elites["fitness"].to_numpy(dtype=np.float64)
    return quality_diversity(fitness, cells=atlas.num_cells, offset=_offset(fitness))


def _offset(fitness: NDArray[np.float64]) -> float:
    return min(0.0, float(fitness.min())) if fitness.size else 0.0


def _share(atlas: Atlas) -> float | None:
    """Return the share of the search's time that the model's answers took."""
    seconds, scoring = (atlas.figures.get(name) for name in ("seconds", "seconds_scoring"))
    known = isinstance(seconds, int | float) and isinstance(scoring, int | float) and seconds > 0
    return float(scoring) / float(seconds) if known else None  # type: ignore[arg-type]


def _curves(atlas: Atlas) -> dict[str, Any]:
    steps = atlas.curve["evaluations"]
    return {
        "coverage": {atlas.name: [(steps, atlas.curve["coverage"])]},
        "qd_score": {atlas.name: [(steps, atlas.curve["qd_score"])]},
        "profiles": {atlas.name: [(atlas.elites["fitness"].to_numpy(), atlas.num_cells)]},
    }


def _run(atlas: Atlas) -> dict[str, str]:
    told = {
        "model": atlas.model.name,
        "weights": atlas.model.weights,
        "taxonomy": atlas.model.taxonomy or "",
        "predicts": ", ".join((*atlas.model.labels, *atlas.model.dimensions)),
        **{name: str(value) for name, value in atlas.settings.items()},
        **{f"{axis.name}": f"{len(axis)} cells" for axis in atlas.dims},
    }
    return {name: value for name, value in told.items() if value}


def _png(picture: Picture | None) -> str:
    if picture is None:
        return ""
    stream = BytesIO()
    Image.fromarray(thumbnail(picture, pixels=LARGE)).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evocative.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["count"] = lambda value: f"{value:,.0f}"
    environment.filters["percent"] = lambda value: f"{value:.1%}"
    return environment
