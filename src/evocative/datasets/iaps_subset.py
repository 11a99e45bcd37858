"""IAPS subset: pictures of the International Affective Picture System with Mikels' eight emotions.

Mikels et al. 2005 rated negative pictures for anger, disgust, fear and sadness and positive ones for
amusement, awe, contentment and excitement. Neither pictures nor norms are public. The two files' names and
columns are those that one public preprocessing script reads (`Picture`, `AmusMean`, …); the layout with a
folder an emotion is what such scripts write. The counts by emotion are those that are told of
it since You et al. 2016, not checked at the source; they sum to 395.
"""

from pathlib import Path
from typing import Final

import pandas as pd

from evocative.data.storage import read_rows
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Reading, existing_folder, with_images
from evocative.datasets.folder import image_rows
from evocative.datasets.votes import majority
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import taxonomy

EXPECTED: Final = {
    "amusement": 37,
    "awe": 54,
    "contentment": 63,
    "excitement": 55,
    "anger": 8,
    "disgust": 74,
    "fear": 42,
    "sadness": 62,
    IMAGES: 395,
}
NORMS: Final = {
    "Mikels2005negativenorms.csv": {"anger": "Angr", "disgust": "Disg", "fear": "Fear", "sadness": "Sadn"},
    "Mikels2005positivenorms.csv": {
        "amusement": "Amus",
        "awe": "Awe",
        "contentment": "Cont",
        "excitement": "Exci",
    },
}
"""The files of norms, and how their columns `…Mean` begin."""


def load(root: Path) -> Reading:
    """Read a copy: the norms of Mikels et al. 2005 with the pictures, or a folder an emotion.

    From norms, the label is the emotion with the highest mean, missing where two share it, and the means are
    further columns `mean_<emotion>` on the norms' own scale; pictures are named by their number (`1050.jpg`,
    `2055.1.jpg`), at the root or in `images/`.

    Raises:
        DataError: There is no folder, neither norms nor an emotion's folder in it, or no picture.
    """
    existing_folder(root, "iaps_subset")
    files = [root / name for name in NORMS if (root / name).is_file()]
    if not files:
        return _folders(root)
    absent = [LeftOut(name, "the norms are missing") for name in NORMS if root / name not in files]
    frame = pd.concat([_norms(file) for file in files], ignore_index=True)
    frame["path"] = [_picture(root, number) for number in frame["path"]]
    frame, missing = with_images(frame, root, "iaps_subset")
    frame = frame.drop_duplicates(subset="path").reset_index(drop=True)
    return Reading(
        Table(frame, taxonomy=taxonomy("mikels8"), root=root, name="iaps_subset"), (*absent, *missing)
    )


def _norms(file: Path) -> pd.DataFrame:
    """Return number, label and means of the pictures of one file."""
    rows, _ = read_rows(file)
    columns = {name: f"{start}Mean" for name, start in NORMS[file.name].items()}
    for column in ("Picture", *columns.values()):
        if column not in rows.columns:
            raise DataError(f"{file}: " + unknown("column", column, map(str, rows.columns)))
    means = pd.DataFrame(
        {name: pd.to_numeric(rows[column], errors="coerce") for name, column in columns.items()}
    )
    numbers = rows["Picture"].astype("string").str.strip().str.replace(r"\.0$", "", regex=True)
    frame = pd.DataFrame({"path": numbers, "label": majority(means, list(columns))})
    return frame.join(means.add_prefix("mean_")).dropna(subset=["path"])


def _picture(root: Path, number: str) -> str:
    places = [
        f"{folder}{number}{suffix}" for folder in ("", "images/") for suffix in (".jpg", ".JPG", ".png")
    ]
    return next((place for place in places if (root / place).is_file()), places[0])


def _folders(root: Path) -> Reading:
    frame, unnamed = image_rows(root)
    mikels = taxonomy("mikels8")
    known = frame["label"].map(lambda name: isinstance(name, str) and name in mikels).astype(bool)
    if not known.any():
        raise DataError(
            f"{root}: expected {' and '.join(NORMS)} with the pictures, or a folder for each of "
            f"{', '.join(mikels.names)}; found neither"
        )
    left_out = [LeftOut(path, "it lies in no emotion's folder") for path in frame["path"][~known]]
    return Reading(Table(frame[known], taxonomy=mikels, root=root, name="iaps_subset"), (*unnamed, *left_out))


IAPS_SUBSET = DatasetCard(
    name="iaps_subset",
    title="IAPS subset: 395 pictures of the International Affective Picture System, Mikels' eight emotions",
    paper="Mikels, Fredrickson, Larkin, Lindberg, Maglio & Reuter-Lorenz 2005, Emotional category data on "
    "images from the International Affective Picture System, Behavior Research Methods 37, "
    "doi:10.3758/BF03192732",
    licence="by agreement with the owners of the IAPS: research by the applicant only, pictures never shown "
    "in print or online (not checked at the source)",
    obtain="Apply for the IAPS at its owners; the category norms come with the paper.",
    layout="Mikels2005negativenorms.csv, Mikels2005positivenorms.csv, <number>.jpg; or "
    "<emotion>/<number>.jpg",
    load=load,
    taxonomy="mikels8",
    expected=EXPECTED,
    traps=(
        "Negative and positive pictures were rated for four emotions each, so no picture can be both.",
        "Many pictures are blends: means of several emotions lie close. The label is the highest mean, the "
        "paper itself names categories by confidence intervals; counts differ by a few between papers.",
        "The counts by emotion were not checked at the source.",
        "Eight pictures of anger: no class figure of it means anything.",
        "Numbers with a decimal (2055.1) are other pictures than those without; spreadsheets drop zeros. "
        "Picture 2819 of the norms is absent from some deliveries.",
        "The pictures must not be published: none of them in reports or sample sheets that leave the house.",
    ),
)
