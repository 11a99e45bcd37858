"""What an atlas must hold; every mistake is named at once."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evocative.data.columns import AXES, listing
from evocative.errors import DataError, unknown
from evocative.explore.atlas_cells import CURVE_COLUMNS, KINDS, cell_columns, elite_columns

if TYPE_CHECKING:
    from evocative.explore.atlas_folder import Atlas


def check_atlas(atlas: "Atlas") -> None:
    """Look for mistakes in an atlas.

    Raises:
        DataError: There are some; the message names each.
    """
    problems = list(_of_settings(atlas))
    columns = list(_of_columns(atlas))
    if not (problems or columns):
        columns = [*_of_cells(atlas), *_of_values(atlas), *_of_curve(atlas)]
    if problems or columns:
        raise DataError(f"{atlas.name}: is no sound atlas:" + listing([*problems, *columns]))


def _of_settings(atlas: "Atlas") -> Iterator[str]:
    if atlas.settings.get("kind") not in KINDS:
        yield "settings: " + unknown("kind", str(atlas.settings.get("kind")), KINDS)
    names = [axis.name for axis in atlas.dims]
    if len(set(names)) < len(names):
        yield f"dims: each name once, found {names}"
    if bool(atlas.dims) == (atlas.centroids is not None):
        yield "expected either dims (axes with edges or labels) or centroids"
    if atlas.centroids is not None and atlas.centroids.shape[1:] != (len(atlas.model.labels),):
        yield (
            f"centroids: expected a column for each of {len(atlas.model.labels)} labels, "
            f"found shape {atlas.centroids.shape}"
        )


def _of_columns(atlas: "Atlas") -> Iterator[str]:
    wanted = {
        "elites": (elite_columns(atlas.dims, atlas.model.labels), atlas.elites),
        "curve": (CURVE_COLUMNS, atlas.curve),
    }
    for what, (columns, frame) in wanted.items():
        for name, kind in columns.items():
            if name not in frame.columns:
                yield f"{what}: there is no column {name}"
            elif kind != "string" and len(frame) and not pd.api.types.is_numeric_dtype(frame[name]):
                yield f"{what}: column {name} must hold numbers, found {frame[name].dtype}"


def _of_cells(atlas: "Atlas") -> Iterator[str]:
    cells = atlas.elites["cell"]
    if cells.duplicated().any():
        yield f"elites: a cell holds one elite, found cell {cells[cells.duplicated()].iloc[0]} more than once"
    outside = cells[(cells < 0) | (cells >= atlas.num_cells) | (cells % 1 != 0)]
    if len(outside):
        yield f"elites: cells are 0 to {atlas.num_cells - 1}, found {outside.iloc[0]}"
        return
    for name, places in cell_columns(atlas.dims, cells).items():
        differs = np.flatnonzero(atlas.elites[name].to_numpy(dtype=object) != places)
        if differs.size:
            row = int(differs[0])
            found: Any = atlas.elites[name].iloc[row]
            yield f"elites: cell {cells.iloc[row]} has {name} {places[row]}, found {found}"


def _of_values(atlas: "Atlas") -> Iterator[str]:
    elites = atlas.elites
    if not np.isfinite(elites["fitness"].to_numpy(dtype=np.float64)).all():
        yield "elites: fitness must be finite in every row"
    chances = atlas.probabilities
    if not ((chances >= -1e-6) & (chances <= 1 + 1e-6)).all():
        yield "elites: probabilities must lie in [0, 1], each of them"
    places = elites[list(AXES)].to_numpy(dtype=np.float64)
    if (np.abs(places) > 1 + 1e-6).any():
        yield "elites: valence, arousal and dominance must lie in [-1, 1]"
    if elites["genome"].isna().any():
        yield "elites: every row must have its genome"
    for name in elites["picture"].dropna():
        path = PurePosixPath(str(name))
        if path.is_absolute() or ".." in path.parts:
            yield f"elites: pictures lie in the atlas's folder, found {name}"


def _of_curve(atlas: "Atlas") -> Iterator[str]:
    curve = atlas.curve
    if not curve["evaluations"].is_monotonic_increasing or curve["evaluations"].duplicated().any():
        yield "curve: evaluations must rise from row to row"
    shares = curve["coverage"]
    if ((shares < 0) | (shares > 1) | shares.isna()).any():
        yield "curve: coverage must be a share, in [0, 1]"
