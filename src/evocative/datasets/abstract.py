"""Abstract: 280 abstract paintings, each rated by about 14 people (Machajdik & Hanbury 2010).

`ABSTRACT_groundTruth.csv` has names and headers in single quotes, a first column without a name, and a count
of votes for each emotion; so read it several public loaders (Graviti's opendataset collection, EmotionSpaces
and others). The counts by emotion, of the 228 paintings with a single most frequent emotion, are those that
are told of it since You et al. 2016, not checked at the source.
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

RATINGS: Final = "ABSTRACT_groundTruth.csv"
EXPECTED: Final = {
    "amusement": 25,
    "awe": 15,
    "contentment": 63,
    "excitement": 36,
    "anger": 3,
    "disgust": 18,
    "fear": 36,
    "sadness": 32,
    IMAGES: 280,
}


def load(root: Path) -> Reading:
    """Read a copy of the abstract paintings: `ABSTRACT_groundTruth.csv` and the images beside it.

    Votes are counts. The label is the emotion with most votes; paintings where two share the maximum have
    none, as in the paper, and keep their votes.

    Raises:
        DataError: The ratings are missing, lack an emotion, or none of their images is there.
    """
    file = existing_folder(root, "abstract") / RATINGS
    ratings = _ratings(file)
    mikels = taxonomy("mikels8")
    names = {mikels.find(str(column)): column for column in ratings.columns[1:]}
    lacking = [name for place, name in enumerate(mikels.names) if place not in names]
    if lacking:
        raise DataError(
            f"{file}: there is no column for {', '.join(lacking)}; found {', '.join(ratings.columns)}"
        )
    counts = pd.DataFrame(
        {
            name: pd.to_numeric(ratings[names[place]], errors="coerce")
            for place, name in enumerate(mikels.names)
        }
    )
    images = ratings.iloc[:, 0].str.strip()
    sound = images.notna() & counts.notna().all(axis="columns") & (counts >= 0).all(axis="columns")
    left_out = [
        LeftOut(f"{RATINGS}, row {row + 1}", "it lacks the image's name or a number of votes")
        for row in ratings.index[~sound]
    ]
    frame = pd.DataFrame({"path": images, "label": majority(counts, mikels.names)}).join(
        counts.add_prefix("votes_")
    )
    frame, missing = with_images(frame[sound].reset_index(drop=True), root, "abstract")
    return Reading(Table(frame, taxonomy=mikels, root=root, name="abstract"), (*left_out, *missing))


def _ratings(file: Path) -> pd.DataFrame:
    """Read the published file without its single quotes."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read ({error.strerror}); expected it beside the images"
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: is not UTF-8 text (byte {error.start}); copy it again") from error
    return parse_csv(text.replace("'", ""), name=str(file)).reset_index(drop=True)


ABSTRACT = DatasetCard(
    name="abstract",
    title="Abstract: 280 abstract paintings, votes for Mikels' eight emotions by about 14 people each",
    paper="Machajdik & Hanbury 2010, Affective image classification using features inspired by psychology "
    "and art theory, ACM Multimedia, doi:10.1145/1873951.1873965",
    licence="not checked at the source: research use, do not redistribute",
    obtain="Download testImages_abstract from the authors' page on image emotion.",
    layout="ABSTRACT_groundTruth.csv, abstract_<number>.jpg",
    load=load,
    taxonomy="mikels8",
    expected=EXPECTED,
    traps=(
        "Only 228 of the 280 have a single most frequent emotion; the others have votes and no label.",
        "Three paintings are labelled anger: no class figure of it means anything.",
        "The counts by emotion were not checked at the source.",
        "Papers that take the first of tied emotions report on 280 images.",
    ),
)
