"""An atlas on disk: pictures that fill the cells of an archive, and how they were found.

atlas.json         format_version, settings, model, figures, dims
elites.parquet     one row an occupied cell
curve.parquet      coverage and QD score on the way
centroids.parquet  only of an atlas without dims (CVT): one row a cell, columns p_<label>
pictures/*.png     of the elites that are shown

cells = Axis("emotion", labels=("awe", "fear")), Axis("band", edges=(0.0, 0.5, 1.0))
atlas = Atlas(settings={"kind": "emotions"}, model=model, dims=cells, elites=elites, curve=curve)
write_atlas(atlas, "run")
read_atlas("run").coverage
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evocative.data.atomic import replacing
from evocative.data.storage import read_rows, write_rows
from evocative.errors import DataError, reading
from evocative.explore.atlas_cells import CURVE_COLUMNS, Axis, elite_columns
from evocative.explore.atlas_check import check_atlas
from evocative.plain import plain
from evocative.recipe.ranges import STRICT
from evocative.recipe.validation import validated

FORMAT_VERSION: Final = 1
FILE: Final = "atlas.json"
ELITES: Final = "elites.parquet"
CURVE: Final = "curve.parquet"
CENTROIDS: Final = "centroids.parquet"
_ADVICE: Final = "Copy the atlas's folder again, or make it anew by evocative atlas"


@dataclass(frozen=True)
class JudgedBy:
    """The model that an atlas is of."""

    __pydantic_config__ = STRICT

    name: str
    weights: str = ""
    """`sha256:…`"""
    taxonomy: str | None = None
    labels: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    """Which of valence, arousal and dominance it predicts."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """An archive of pictures.

    Raises:
        DataError: A column is missing, a cell is not there or stands twice, a number is out of range; all
            mistakes are named at once.
    """

    settings: Mapping[str, Any]
    """All that the run depended on: kind, genome, emitter, fitness, evaluations, batch, seed, size …"""
    model: JudgedBy
    elites: pd.DataFrame
    """One row an occupied cell, by cell: see `elite_columns`."""
    curve: pd.DataFrame
    """evaluations, coverage, qd_score, best, seconds, seconds_scoring: rising in evaluations."""
    dims: tuple[Axis, ...] = ()
    """The archive's axes; () where cells are the regions of `centroids`."""
    centroids: NDArray[np.float64] | None = None
    """(C, K) probabilities; None where the archive has axes."""
    figures: Mapping[str, float | int | str | None] = field(default_factory=dict)
    """coverage, qd_score, evaluations, seconds, seconds_scoring …"""
    folder: Path = field(default_factory=Path)
    """What `picture` in elites is relative to."""
    name: str = "atlas"

    def __post_init__(self) -> None:
        elites = self.elites.sort_values("cell", kind="stable") if "cell" in self.elites else self.elites
        object.__setattr__(self, "elites", elites.reset_index(drop=True))
        object.__setattr__(self, "curve", self.curve.reset_index(drop=True))
        check_atlas(self)

    @property
    def kind(self) -> str:
        """What its cells stand for, one of `KINDS`."""
        return str(self.settings["kind"])

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis; (C,) of a CVT."""
        return tuple(map(len, self.dims)) if self.centroids is None else (len(self.centroids),)

    @property
    def num_cells(self) -> int:
        """All cells, occupied or not."""
        return prod(self.shape)

    @property
    def coverage(self) -> float:
        """The share of cells that are occupied."""
        return len(self.elites) / self.num_cells

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(N, K) of the elites, in the order of the model's labels."""
        return self.elites[[f"p_{label}" for label in self.model.labels]].to_numpy(dtype=np.float64)

    def picture(self, row: int) -> Path | None:
        """Return the file of an elite's picture; None where none was saved."""
        name = self.elites["picture"].iloc[row]
        return None if pd.isna(name) or not name else self.folder / str(name)


def write_atlas(atlas: Atlas, folder: str | Path) -> Path:
    """Write an atlas's rows and figures, each file whole or not at all, atlas.json last; return the folder.

    Pictures are not written here: they lie in the folder already, or will.

    Raises:
        DataError: A file cannot be written.
    """
    folder = Path(folder)
    columns = elite_columns(atlas.dims, atlas.model.labels)
    further = [name for name in atlas.elites.columns if name not in columns]
    write_rows(atlas.elites.astype(columns)[[*columns, *further]], {}, folder / ELITES)
    write_rows(atlas.curve.astype(CURVE_COLUMNS), {}, folder / CURVE)
    if atlas.centroids is not None:
        names = [f"p_{label}" for label in atlas.model.labels]
        write_rows(pd.DataFrame(atlas.centroids, columns=names), {}, folder / CENTROIDS)
    values = {
        "format_version": FORMAT_VERSION,
        "settings": dict(atlas.settings),
        "model": asdict(atlas.model),
        "figures": plain(atlas.figures),
        "dims": [asdict(axis) for axis in atlas.dims],
    }
    with replacing(folder / FILE) as unfinished:
        unfinished.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def read_atlas(folder: str | Path) -> Atlas:
    """Read an atlas and check every column.

    Raises:
        DataError: There is none, it is of a later version, or something in it is not what it should be.
    """
    folder = Path(folder)
    about = _about(folder / FILE)
    elites, curve = (_rows(folder / name) for name in (ELITES, CURVE))
    with reading(folder / CENTROIDS, DataError, _ADVICE):
        centroids = None if about.dims else read_rows(folder / CENTROIDS)[0].to_numpy(dtype=np.float64)
    with reading(folder, DataError, _ADVICE):  # columns of other types than they should be
        return Atlas(
            about.settings, about.model, elites, curve, dims=about.dims, centroids=centroids,
            figures=about.figures, folder=folder, name=folder.name or str(folder),
        )  # fmt: skip


@dataclass(frozen=True)
class _About:
    """What atlas.json holds."""

    __pydantic_config__ = STRICT

    format_version: int
    settings: dict[str, Any]
    model: JudgedBy
    dims: tuple[Axis, ...]
    figures: dict[str, float | int | str | None] = field(default_factory=dict)


def _about(path: Path) -> _About:
    """Read atlas.json.

    Raises:
        DataError: There is none, or it is damaged; all mistakes are named.
    """
    about, mistakes = validated(_About, _read_json(path), root=FILE)
    if about is None:
        lines = [f"  {mistake}" for mistake in mistakes]
        raise DataError(
            "\n".join([f"{path}: parts are damaged, {len(lines)} thing(s) to mend. {_ADVICE}", *lines])
        )
    return about


def _rows(path: Path) -> pd.DataFrame:
    with reading(path, DataError, _ADVICE):
        return read_rows(path)[0]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            f"{path.parent}: is no atlas, it has no {FILE}; `evocative atlas --output` writes one"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    version = values.get("format_version") if isinstance(values, dict) else None
    if type(version) is not int or version != FORMAT_VERSION:
        raise DataError(
            f"{path}: expected format_version {FORMAT_VERSION}, found {version!r}; "
            "was it written by a later evocative?"
        )
    return dict(values)
