"""Any CSV, TSV or Parquet file with a column of paths, whatever its columns and scale are called."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from evocative.data.columns import (
    AXES,
    KNOWN_COLUMNS,
    SD_COLUMNS,
    SPLIT_ALIASES,
    VOTES,
    label_words,
    typed,
)
from evocative.data.storage import read_rows
from evocative.data.table import Table, stated_taxonomy
from evocative.datasets.card import DatasetCard, Reading, with_images
from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import scale as find_scale
from evocative.taxonomy.recognise import taxonomy_of
from evocative.taxonomy.spelling import plain_word

TABLE_COLUMNS: Final = KNOWN_COLUMNS


def load(
    file: Path,
    *,
    columns: Mapping[str, str] | None = None,
    scale: str = "-1..1",
    images: Path | None = None,
    taxonomy: str | None = None,
) -> Reading:
    """Read a foreign file; rows whose image is missing are left out and named.

    Args:
        file: Ends in .csv, .tsv, .tab, .txt (cells between commas, semicolons or tabs) or .parquet.
        columns: What the file calls a table's columns: `{"path": "image", "votes_awe": "n_awe"}`. Others are
            taken by their own names, and columns that a table does not know pass through.
        scale: On which the dimensions were rated, as `1..9`.
        images: The folder that paths are relative to; None: the file's own.
        taxonomy: Name of the labels' taxonomy, or `own` to keep the file's words whatever they are; None
            takes the one that the file names, else the published one that has exactly these labels, else
            makes one of them, in alphabetical order.

    Raises:
        DataError: The file cannot be read, lacks a column that was named, or none of its images is there.

    Example:
        load(Path("ratings.csv"), columns={"path": "file", "valence": "v_mean"}, scale="1..9")
    """
    frame, metadata = read_rows(file, rename=partial(_renamed, columns=columns or {}, file=file))
    frame, problems = typed(frame)
    if problems:
        raise DataError(f"{file}: " + "\n".join(problems))
    ends = find_scale(scale)
    for name in AXES:
        if name in frame.columns:
            ends.check(frame[name], what=f"{file}: column {name}")
            frame[name] = ends.to_unit(frame[name])
    for name in SD_COLUMNS:
        if name in frame.columns:
            frame[name] = ends.sd_to_unit(frame[name])
    if "split" in frame.columns:
        frame["split"] = frame["split"].map(plain_word, na_action="ignore").replace(SPLIT_ALIASES)
    root = file.parent if images is None else images
    frame, left_out = with_images(frame, root, str(file))
    chosen = taxonomy or stated_taxonomy(file, metadata)
    words = label_words(frame)
    if not words and chosen is None:
        return Reading(Table(frame, root=root, name=file.stem), left_out)
    found = taxonomy_of(words, name=file.stem, chosen=chosen)
    table = Table(frame, taxonomy=found.taxonomy, root=root, name=file.stem)
    return Reading(table, left_out, (found.hint,) if found.hint else ())


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], file: Path) -> pd.DataFrame:
    """Give columns the names that a table has for them."""
    for target in columns:
        if target not in TABLE_COLUMNS and not target.startswith(VOTES):
            raise DataError(unknown("column of a table", target, (*TABLE_COLUMNS, f"{VOTES}<label>")))
    sources = {target: _found(frame, source, file) for target, source in columns.items()}
    own = {target: frame[source] for target, source in sources.items()}
    frame = frame.drop(columns=[*{*sources, *sources.values()}.intersection(frame.columns)]).assign(**own)
    if "path" not in map(plain_word, map(str, frame.columns)):
        raise DataError(
            f"{file}: there is no column 'path'; say which one holds the paths (--column path=NAME) of "
            + ", ".join(map(str, frame.columns[:20]))
            + (", …" if len(frame.columns) > 20 else "")
        )
    return frame


def _found(frame: pd.DataFrame, source: str, file: Path) -> str:
    """Return the file's own name of a column; blanks and case do not matter where one column is meant."""
    names = [str(name) for name in frame.columns]
    alike = [name for name in names if plain_word(name) == plain_word(source)]
    if source in names or len(alike) == 1:
        return source if source in names else alike[0]
    raise DataError(f"{file}: " + unknown("column", source, names))


CSV = DatasetCard(
    name="csv",
    title="Any CSV, TSV or Parquet file with a column of image paths",
    paper="",
    licence="yours",
    obtain="Write one row an image; name the columns by --column and the scale by --scale.",
    layout="the file itself, images below its folder or below --images",
    load=load,
    traps=(
        "Ratings must lie on the scale that is named: 1..9 for self-assessment manikins, 1..7 for OASIS.",
        "Only an empty cell is a missing one.",
        "The labels stay your own words unless they are exactly those of a published taxonomy, or you name "
        "one (--taxonomy); a misspelt one makes a class of its own, so look at the counts and hints.",
    ),
)
