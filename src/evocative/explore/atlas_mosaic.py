"""The mosaic of an atlas: its pictures in its cells, as its kind asks for.

    figures = plot_atlas(read_atlas("run"))       # {"mosaic": …}; of regions of probabilities also "map"
    save(figures["mosaic"], "mosaic.png")         # evocative.plots.style

Pictures come from their files; where none was saved, the genome is drawn anew at the size of a cell.
"""

import json
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evocative.data.image import decode
from evocative.errors import DataError, EvocativeError
from evocative.explore.atlas_cells import Axis
from evocative.explore.atlas_folder import Atlas
from evocative.explore.genome import make_species, read_genome
from evocative.explore.judge import quantized
from evocative.plots.mosaic import Pictures, plot_cube_mosaic, plot_mosaic, plot_plane_mosaic
from evocative.plots.mosaic_map import plot_emotion_map, plot_strips
from evocative.plots.style import new_figure, styled
from evocative.taxonomy.colors import COLORS, spare_colors

PIXELS: Final = 96
"""Of a picture's side in a mosaic."""
_SIDE: Final = 5.6  # inches, of a plane or a map
Seen = Sequence[NDArray[np.uint8] | None]


@styled
def plot_atlas(atlas: Atlas, pictures: Seen | None = None) -> dict[str, Figure]:
    """Draw an atlas.

    Args:
        atlas: Of any kind.
        pictures: One an elite, in their order; by default `elite_pictures(atlas)`.

    Returns:
        `mosaic`, and for regions of probabilities `map`, pictures between the emotions.
    """
    return _PLOTS[atlas.kind](atlas, elite_pictures(atlas) if pictures is None else pictures)


def elite_pictures(
    atlas: Atlas, rows: Sequence[int] | None = None, *, pixels: int = PIXELS
) -> list[NDArray[np.uint8] | None]:
    """Return elites' pictures as arrays (h, w, 3); None where one can be neither read nor drawn.

    Args:
        atlas: Whose.
        rows: Of its elites; all by default.
        pixels: Height and width of those that are drawn anew; files are decoded as they are.
    """
    found = []
    for row in range(len(atlas.elites)) if rows is None else rows:
        picture = _from_file(atlas, row)
        found.append(_from_genome(atlas, row, pixels) if picture is None else picture)
    return found


def label_colors(labels: Sequence[str]) -> dict[str, str]:
    """Return a colour a label: its own, or a spare one."""
    own = {label: COLORS[label] for label in labels if label in COLORS}
    spare = iter(spare_colors(list(own.values()), len(labels)))
    return {label: own[label] if label in own else next(spare) for label in labels}


def _from_file(atlas: Atlas, row: int) -> NDArray[np.uint8] | None:
    path = atlas.picture(row)
    if path is None:
        return None
    try:
        return np.asarray(decode(path))
    except DataError:
        return None


def _from_genome(atlas: Atlas, row: int, pixels: int) -> NDArray[np.uint8] | None:
    try:
        genome = read_genome(json.loads(str(atlas.elites["genome"].iloc[row])))
        drawn = make_species(genome.kind).render([genome], pixels)
    except (EvocativeError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return np.ascontiguousarray(quantized(drawn)[0].permute(1, 2, 0).numpy())


def _cells(atlas: Atlas, pictures: Seen) -> list[tuple[tuple[int, ...], NDArray[np.uint8] | None]]:
    places = np.unravel_index(atlas.elites["cell"].to_numpy(dtype=np.int64), atlas.shape)
    return list(zip(zip(*(place.tolist() for place in places), strict=True), pictures, strict=True))


def _emotions(atlas: Atlas, pictures: Seen) -> dict[str, Figure]:
    emotions, bands = atlas.dims
    colors = label_colors(emotions.labels)
    shown: Pictures = {(cell[0], cell[1]): picture for cell, picture in _cells(atlas, pictures)}
    figure = plot_mosaic(
        shown, (len(emotions), len(bands)), rows=emotions.labels, columns=_bands(bands),
        colors=[colors[label] for label in emotions.labels], xlabel="probability of the emotion, %",
    )  # fmt: skip
    return {"mosaic": figure}


def _bands(axis: Axis) -> list[str]:
    return [
        f"{100 * low:.3g}–{100 * high:.3g}" for low, high in zip(axis.edges, axis.edges[1:], strict=False)
    ]


def _plane(atlas: Atlas, pictures: Seen) -> dict[str, Figure]:
    valence, arousal = atlas.dims
    shown: Pictures = {(cell[0], cell[1]): picture for cell, picture in _cells(atlas, pictures)}
    figure = new_figure(_SIDE, _SIDE * len(arousal) / len(valence))
    plot_plane_mosaic(shown, valence.edges, arousal.edges, axes=figure.add_subplot())
    return {"mosaic": figure}


def _cube(atlas: Atlas, pictures: Seen) -> dict[str, Figure]:
    valence, arousal, dominance = atlas.dims
    slices: dict[str, dict[tuple[int, int], NDArray[np.uint8] | None]] = {
        f"dominance {dominance.told(place)}": {} for place in range(len(dominance))
    }
    names = list(slices)
    for cell, picture in _cells(atlas, pictures):
        slices[names[cell[2]]][cell[0], cell[1]] = picture
    return {"mosaic": plot_cube_mosaic(slices, valence.edges, arousal.edges)}


def _probabilities(atlas: Atlas, pictures: Seen) -> dict[str, Figure]:
    labels, chances = atlas.model.labels, atlas.probabilities
    strips: dict[str, list[tuple[float, NDArray[np.uint8] | None]]] = {label: [] for label in labels}
    for row, place in enumerate(chances.argmax(axis=1) if len(chances) else ()):
        strips[labels[place]].append((float(chances[row, place]), pictures[row]))
    colors = label_colors(labels)
    figure = new_figure(_SIDE, _SIDE)
    plot_emotion_map(chances, pictures, labels, colors=colors, axes=figure.add_subplot())
    longest = max(map(len, strips.values()), default=0)
    columns = min(max(longest, 12), 24)
    return {"mosaic": plot_strips(strips, colors=colors, columns=columns), "map": figure}


_PLOTS: Final[dict[str, Callable[[Atlas, Seen], dict[str, Figure]]]] = {
    "emotions": _emotions, "plane": _plane, "probabilities": _probabilities, "cube": _cube,
}  # fmt: skip
