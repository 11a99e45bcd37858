"""An archive as rows of a table, and its elites as pictures."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.explore.archives import Archive
from evocative.explore.atlas_cells import cell_columns
from evocative.explore.judge import quantized
from evocative.explore.made import FOLDER, picture_file, read_made, write_made

if TYPE_CHECKING:
    from evocative.explore.atlas import Run

_AT_ONCE = 32
_UNASKED = "cell-"


def elite_rows(archive: Archive, labels: tuple[str, ...]) -> pd.DataFrame:
    """Return the elites, one row an occupied cell, by cell: the columns of elites.parquet but `picture`."""
    found = archive.cells.data()
    order = np.argsort(found["index"])
    elites: dict[str, NDArray[Any]] = {name: values[order] for name, values in found.items()}
    cells = elites["index"].astype(np.int64)
    return pd.DataFrame(
        {
            "cell": cells,
            **cell_columns(archive.dims, cells),
            "fitness": elites["objective"],
            **{f"p_{label}": elites["probabilities"][:, row] for row, label in enumerate(labels)},
            **{axis: elites["vad"][:, row] for row, axis in enumerate(AXES)},
            "genome": [json.dumps(genome.to_dict()) for genome in elites["genome"]],
            "formula": [genome.formula() for genome in elites["genome"]],
            "evaluation": elites["evaluation"],
            "parent": elites["parent"],
            "picture": pd.NA,
        }
    )


def write_pictures(run: "Run", elites: pd.DataFrame, folder: Path) -> list[str]:
    """Draw the elites as files and write the table of those that have a target; return each one's file.

    Targets are those of the cells: the emotion (an elite of a low band whose strongest emotion is another one
    was not made for its cell's: it has no row), the bin's centre, the strongest emotion of the region's
    centroid.
    """
    genomes = np.empty(len(elites), dtype=object)
    genomes[:] = list(run.archive.cells.data("genome")[np.argsort(run.archive.cells.data("index"))])
    targets = _targets(run.archive, elites, run.jury.labels)
    asked = targets.notna().any(axis=1).to_numpy()
    names = np.empty(len(elites), dtype=object)
    rows = elites[asked].drop(columns=list(AXES)).assign(**targets[asked])  # what was said is no target
    names[asked] = _made(run, rows, list(genomes[asked]), folder)
    for row in np.flatnonzero(~asked):
        pixels = quantized(run.species.render([genomes[row]], run.settings.size))[0].permute(1, 2, 0).numpy()
        names[row] = f"{FOLDER}/{_UNASKED}{picture_file(int(elites['cell'].iloc[row]), pixels)}"
        with replacing(folder / names[row]) as unfinished:
            Image.fromarray(pixels).save(unfinished, format="PNG")
    for path in set((folder / FOLDER).glob(f"{_UNASKED}*.png")) - {folder / name for name in names}:
        path.unlink()  # of elites that were there when this atlas was written before
    return [str(name) for name in names]


def _made(run: "Run", rows: pd.DataFrame, genomes: list[Any], folder: Path) -> list[str]:
    import torch

    judge, settings = run.jury.first, run.settings
    parts = [
        quantized(run.species.render(genomes[at : at + _AT_ONCE], settings.size))
        for at in range(0, len(genomes), _AT_ONCE)
    ]
    if not parts:
        return []
    frame = pd.DataFrame({name: rows[name] for name in ("label", *AXES, "genome", "cell") if name in rows})
    frame = frame.dropna(axis="columns", how="all").assign(
        found=rows["fitness"], source=f"atlas-{settings.genome}", model=judge.name, seed=settings.seed
    )
    path = write_made(folder, torch.cat(parts), frame, taxonomy=judge.taxonomy, name=folder.name)
    return [str(name) for name in read_made(path, taxonomy=judge.taxonomy).frame["path"]]


def _targets(archive: Archive, elites: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
    """Return label, or valence, arousal and dominance, of what each elite was made for; missing without."""
    if archive.centroids is not None:
        strongest = archive.centroids[elites["cell"]].argmax(1)
        return pd.DataFrame({"label": np.array(labels, dtype=object)[strongest]}, index=elites.index)
    axes = {axis.name: axis for axis in archive.dims}
    if "emotion" in axes:
        chances = elites[[f"p_{label}" for label in labels]].to_numpy()
        strongest = np.array(labels, dtype=object)[chances.argmax(1)]
        asked = elites["cell_emotion"].where(elites["cell_emotion"].to_numpy() == strongest)
        return pd.DataFrame({"label": asked})
    middles = {name: (np.array(axis.edges[:-1]) + axis.edges[1:]) / 2 for name, axis in axes.items()}
    targets = {name: middle[elites[f"cell_{name}"]] for name, middle in middles.items()}
    return pd.DataFrame(targets, index=elites.index)
