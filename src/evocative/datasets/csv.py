"""Any CSV, TSV or Parquet file with a column of paths, whatever its columns and scale are called."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from evocative.data.columns import AXES, SD_COLUMNS, SPLIT_ALIASES, TEXT_COLUMNS, VOTES, typed
from evocative.data.storage import parse_csv, read_rows
from evocative.data.table import Table
from evocative.datasets.card import DatasetCard, Reading, with_images
from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import scale as find_scale
from evocative.taxonomy.labels import Taxonomy, guess
from evocative.taxonomy.labels import taxonomy as find_taxonomy

TABLE_COLUMNS: Final = (*TEXT_COLUMNS, *AXES, *SD_COLUMNS)


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
        file: Ends in .csv (cells between commas or semicolons), .tsv, .txt (tabs) or .parquet.
        columns: What the file calls a table's columns: `{"path": "image", "votes_awe": "n_awe"}`. Others are
            taken by their own names, and columns that a table does not know pass through.
        scale: On which the dimensions were rated, as `1..9`.
        images: The folder that paths are relative to; None: the file's own.
        taxonomy: Name of the labels' taxonomy; None takes the published one that fits the labels, or makes
            one of them, in alphabetical order.

    Raises:
        DataError: The file cannot be read, lacks a column that was named, or none of its images is there.

    Example:
        load(Path("ratings.csv"), columns={"path": "file", "valence": "v_mean"}, scale="1..9")
    """
    frame, problems = typed(_renamed(_rows(file), columns or {}, file))
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
        frame["split"] = frame["split"].str.lower().replace(SPLIT_ALIASES)
    root = file.parent if images is None else images
    frame, left_out = with_images(frame, root, str(file))
    labels = _taxonomy(frame, taxonomy, file.stem)
    return Reading(Table(frame, taxonomy=labels, root=root, name=file.stem), left_out)


def _rows(file: Path) -> pd.DataFrame:
    if file.suffix.lower() in (".tsv", ".txt"):
        return _separated(file, "\t")
    frame, _ = read_rows(file)
    if len(frame.columns) == 1 and ";" in str(frame.columns[0]):
        return _separated(file, ";")
    return frame


def _separated(file: Path, separator: str) -> pd.DataFrame:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    return parse_csv(text, name=str(file), separator=separator)


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], file: Path) -> pd.DataFrame:
    """Give columns the names that a table has for them."""
    for target, source in columns.items():
        if target not in TABLE_COLUMNS and not target.startswith(VOTES):
            raise DataError(unknown("column of a table", target, (*TABLE_COLUMNS, f"{VOTES}<label>")))
        if source not in frame.columns:
            raise DataError(f"{file}: " + unknown("column", source, map(str, frame.columns)))
    own = {target: frame[source] for target, source in columns.items()}
    frame = frame.drop(columns=[*{*columns, *columns.values()}.intersection(frame.columns)]).assign(**own)
    if "path" not in frame.columns:
        raise DataError(
            f"{file}: there is no column 'path'; say which one holds the paths (--column path=NAME) of "
            + ", ".join(map(str, frame.columns[:20]))
            + (", …" if len(frame.columns) > 20 else "")
        )
    return frame


def _taxonomy(frame: pd.DataFrame, name: str | None, custom: str) -> Taxonomy | None:
    if name is not None:
        return find_taxonomy(name)
    if "label" not in frame.columns or frame["label"].isna().all():
        return None
    labels = sorted(frame["label"].dropna().unique())
    return guess(labels) or Taxonomy.custom(custom, labels)


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
        "The labels choose the taxonomy; a misspelt one makes a class of its own, so look at the counts.",
    ),
)
