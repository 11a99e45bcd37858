"""Flickr_LDL: 11,150 images with eleven votes each for Mikels' eight emotions (Yang, Sun & Sun 2017).

The numbers of images and of votes, here and in `twitter_ldl`, are those that are told of the two data sets;
they were not checked at the source.

The owners hand out `flickrldl_config.mat` and databases of Caffe (their README lists them), and neither is
public. In circulation are text lists for each part and the images in `images/`: of three public loaders, one
reads `train_ground_truth.txt` with the header `images-name Amusement Awe …`, one `train.txt` with a header,
one a CSV file named like the matrix, with a column `image`. The order of the eight rows of the owners' matrix
`vote` is not written in it, as far as can be seen, and public scripts disagree on it. So columns are taken
**by name only**, and the matrix itself is refused.
"""

from pathlib import Path
from typing import Final

import pandas as pd

from evocative.data.delimited import parse_csv
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Reading, existing_folder, with_images
from evocative.datasets.votes import majority
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

LISTS: Final = {
    "train_ground_truth.txt": "train",
    "train.txt": "train",
    "test_ground_truth.txt": "test",
    "test.txt": "test",
    "ground_truth.txt": None,
}
"""Names of the lists, and the split that they hold."""


def load(root: Path) -> Reading:
    """Read a copy of Flickr_LDL.

    Raises:
        DataError: There is no list of votes, a list lacks an emotion, or none of its images is there.
    """
    return load_votes(root, "flickr_ldl")


def load_votes(root: Path, name: str) -> Reading:
    """Read lists of votes with a header, and the images beside them or in `images/`.

    Votes are counts; some copies hold shares, which are kept as they are. The label is the emotion with most
    votes, missing where two share the maximum. A split is given where the lists have it.

    Args:
        root: The folder of the lists: `train_ground_truth.txt` and `test_ground_truth.txt`, `train.txt` and
            `test.txt`, or `<flickr|twitter>ldl_config.csv`.
        name: The data set's name in the catalogue, `flickr_ldl` or `twitter_ldl`.

    Raises:
        DataError: There is no list of votes, a list lacks an emotion, or none of its images is there.
    """
    config = name.replace("_", "") + "_config"
    files = {**LISTS, f"{config}.csv": None}
    present = [file for file in files if (existing_folder(root, name) / file).is_file()]
    if not present:
        hint = (
            f" {config}.mat alone does not say which row is which emotion: write a table with the columns "
            f"image, amusement, awe, … as {config}.csv, by the read-me that came with it."
        )
        found = hint if (root / f"{config}.mat").is_file() else ""
        raise DataError(f"{root}: expected a list of votes ({', '.join(files)}), found none.{found}")
    parts, left_out = [], list[LeftOut]()
    for file in present:
        part, bad = _votes(root / file)
        parts.append(part.assign(split=files[file]).astype({"split": "string"}))
        left_out += bad
    frame = pd.concat(parts, ignore_index=True)
    frame["path"] = [_image(root, image) for image in frame["path"]]
    frame, leaks = _once(frame)
    if frame["split"].isna().all():
        frame = frame.drop(columns="split")
    frame, missing = with_images(frame, root, name)
    left_out += leaks
    return Reading(Table(frame, taxonomy=taxonomy("mikels8"), root=root, name=name), (*left_out, *missing))


def _once(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Keep one row an image, and take images that are tested out of training."""
    tested = set(frame["path"][(frame["split"] == "test").fillna(value=False)])
    leaking = frame["path"].isin(tested) & (frame["split"] == "train").fillna(value=False)
    leaks = [LeftOut(path, "the same image is tested") for path in frame["path"][leaking].unique()]
    return frame[~leaking].drop_duplicates(subset="path").reset_index(drop=True), leaks


def _votes(file: Path) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Return image, label and votes of each row of a list, and the rows that hold none."""
    rows = _rows(file)
    mikels = taxonomy("mikels8")
    columns = {mikels.find(str(column)): column for column in rows.columns[1:]}
    lacking = [name for place, name in enumerate(mikels.names) if place not in columns]
    if lacking:
        raise DataError(
            f"{file}: the header must name the image and the eight emotions; it lacks {', '.join(lacking)}, "
            f"found {', '.join(map(str, rows.columns))}. The order of columns is not guessed."
        )
    counts = pd.DataFrame(
        {
            name: pd.to_numeric(rows[columns[place]], errors="coerce")
            for place, name in enumerate(mikels.names)
        }
    )
    images = rows.iloc[:, 0].str.strip()
    sound = images.notna() & (counts >= 0).all(axis="columns") & (counts.sum(axis="columns") > 0)
    bad = [
        LeftOut(f"{file.name}, row {row + 1}", "it lacks the image's name or its votes")
        for row in rows.index[~sound]
    ]
    frame = pd.DataFrame({"path": images, "label": majority(counts, mikels.names)}).join(
        counts.add_prefix("votes_")
    )
    return frame[sound].reset_index(drop=True), bad


def _rows(file: Path) -> pd.DataFrame:
    """Read cells between commas, tabs or blanks, whichever the header uses."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    header = text.partition("\n")[0]
    separator = next((mark for mark in (",", "\t") if mark in header), " ")
    if separator == " ":
        text = "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    return parse_csv(text, name=str(file), separator=separator)


def _image(root: Path, image: str) -> str:
    name = image.replace("\\", "/").removeprefix("./")
    return f"images/{name}" if not (root / name).is_file() and not name.startswith("images/") else name


TRAPS: Final = (
    "The numbers of images and votes were not checked at the source.",
    "The owners' matrix does not name its rows, and public scripts read them in different orders: check a "
    "few images by eye after converting it.",
    "Votes are few: with eleven (Flickr) or eight (Twitter) of them ties are common, and such images have "
    "votes and no label.",
    "Papers measure distances between distributions (Chebyshev, Clark, Canberra, KL, cosine, intersection) "
    "beside accuracy.",
    "The owners' databases are called split1 and are about four to one; other papers draw their own splits.",
)
PAPER: Final = (
    "Yang, Sun & Sun 2017, Learning visual sentiment distributions via augmented conditional probability "
    "neural network, AAAI"
)
LAYOUT: Final = (
    "train_ground_truth.txt, test_ground_truth.txt (a header with the emotions' names), images/<number>.jpg"
)

FLICKR_LDL = DatasetCard(
    name="flickr_ldl",
    title="Flickr_LDL: 11,150 images, eleven votes each for Mikels' eight emotions",
    paper=PAPER,
    licence="not checked at the source: research use, do not redistribute",
    obtain="Ask the authors for images and votes.",
    layout=LAYOUT,
    load=load,
    taxonomy="mikels8",
    expected={IMAGES: 11_150},
    traps=TRAPS,
)
