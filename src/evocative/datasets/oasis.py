"""OASIS: 900 photographs with ratings of valence and arousal (Kurdi et al. 2017), read as published."""

from pathlib import Path
from typing import Final

import pandas as pd

from evocative.data.delimited import parse_csv
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, Reading, existing_folder, with_images
from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import scale

RATINGS: Final = "OASIS.csv"
_TEXTS: Final = ("Theme", "Category", "Source")
_NUMBERS: Final = tuple(f"{axis}_{what}" for axis in ("Valence", "Arousal") for what in ("mean", "SD", "N"))


def load(root: Path) -> Reading:
    """Read a copy of OASIS: `OASIS.csv` and `images/<theme>.jpg`.

    Means and standard deviations go from their 1 to 7 to -1 to 1. `group` is the theme without its number
    ("Cat" for "Cat 14"); `category`, `source` and the numbers of raters pass through.

    Raises:
        DataError: A file, a column or every image is missing, or a rating is no number from 1 to 7.
    """
    file = existing_folder(root, "oasis") / RATINGS
    ratings = _ratings(file)
    themes = ratings["Theme"].str.strip()
    columns = {"path": [_image(root, theme) for theme in ratings["Theme"]]}
    frame = pd.DataFrame(columns, dtype="string")
    seven = scale("1..7")
    for axis in ("valence", "arousal"):
        name = axis.capitalize()
        means = _numbers(ratings, f"{name}_mean", file)
        seven.check(means, what=f"{file}: column {name}_mean")
        frame[axis] = seven.to_unit(means)
        frame[f"{axis}_sd"] = seven.sd_to_unit(_numbers(ratings, f"{name}_SD", file))
        frame[f"{axis}_n"] = _numbers(ratings, f"{name}_N", file).astype(int)
    frame["group"] = themes.str.replace(r"\s*\d+$", "", regex=True)
    frame["source"] = ratings["Source"].str.strip()
    frame["category"] = ratings["Category"].str.strip()
    frame, left_out = with_images(frame, root, "oasis")
    return Reading(Table(frame, root=root, name="oasis"), left_out)


def _ratings(file: Path) -> pd.DataFrame:
    """Read the published file: line ends are lone carriage returns, the first column has no name."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}); expected OASIS as published") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("mac-roman")  # the line ends tell where it was saved
    frame = parse_csv(text, name=str(file))
    lacking = [name for name in (*_TEXTS, *_NUMBERS) if name not in frame.columns]
    if lacking:
        raise DataError(f"{file}: " + "; ".join(unknown("column", name, frame.columns) for name in lacking))
    return frame.dropna(subset=["Theme"]).reset_index(drop=True)


def _numbers(ratings: pd.DataFrame, name: str, file: Path) -> "pd.Series[float]":
    numbers = pd.to_numeric(ratings[name], errors="coerce").astype("float64")
    bad = ratings["Theme"][numbers.isna()]
    if len(bad):
        raise DataError(
            f"{file}: column {name} must hold numbers; {len(bad)} do not, the first at {bad.iloc[0]!r}"
        )
    return numbers


def _image(root: Path, theme: str) -> str:
    """Return the image's path; one theme ends in a blank, its image's name does so in some copies only."""
    as_written = f"images/{theme}.jpg"
    return as_written if (root / as_written).is_file() else f"images/{theme.strip()}.jpg"


OASIS = DatasetCard(
    name="oasis",
    title="OASIS: 900 photographs, valence and arousal by about 100 raters each",
    paper="Kurdi, Lozano & Banaji 2017, Introducing the Open Affective Standardized Image Set (OASIS), "
    "Behavior Research Methods 49, doi:10.3758/s13428-016-0715-3",
    licence="open, with the source of each image in the column source",
    obtain="Download it from the authors' project page (ratings and images in one archive).",
    layout="OASIS.csv, images/<Theme>.jpg",
    load=load,
    dimensions=("valence", "arousal"),
    expected={IMAGES: 900},
    traps=(
        "Themes repeat (Cat 1 to Cat 14): split by group, as  prepare --split  does. Random folds leak "
        "themes and give r about .15 too much.",
        "The csv has old-Mac line ends, a first column without a name, and a theme that ends in a blank.",
        "Ratings are 1 to 7; the table has them on -1 to 1, standard deviations too.",
        "Some images show nudity or injuries.",
    ),
)
