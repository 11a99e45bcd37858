"""ArtPhoto: 806 artistic photographs with Mikels' eight emotions (Machajdik & Hanbury 2010).

The emotion is the first part of the file's name (`sad_0012.jpg`), all files in one folder: so read two public
loaders (Graviti's opendataset collection, EmotionSpaces). The counts by emotion are those
that are told of it since You et al. 2016, not checked at the source; they sum to 806.
"""

from pathlib import Path, PurePosixPath
from typing import Final

from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Reading, existing_folder
from evocative.datasets.folder import image_rows
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

EXPECTED: Final = {
    "amusement": 101,
    "awe": 102,
    "contentment": 70,
    "excitement": 105,
    "anger": 77,
    "disgust": 70,
    "fear": 115,
    "sadness": 166,
    IMAGES: 806,
}


def load(root: Path) -> Reading:
    """Read a copy of ArtPhoto: `<emotion>_<anything>.jpg`, at any depth.

    Raises:
        DataError: There is no folder, or no file in it begins with one of the eight emotions.
    """
    frame, unnamed = image_rows(existing_folder(root, "artphoto"))
    mikels = taxonomy("mikels8")
    words = frame["path"].map(lambda path: PurePosixPath(path).stem.partition("_")[0].lower())
    known = words.map(lambda word: word in mikels).astype(bool)
    if not known.any():
        raise DataError(
            f"{root}: no image is named <emotion>_<number>, as in sad_0001.jpg; "
            f"expected {', '.join(mikels.names)} (sad for sadness)"
        )
    left_out = [
        LeftOut(path, "its name begins with no emotion of ArtPhoto") for path in frame["path"][~known]
    ]
    rows = frame[known].assign(label=words[known].map(mikels.resolve))
    return Reading(Table(rows, taxonomy=mikels, root=root, name="artphoto"), (*unnamed, *left_out))


ARTPHOTO = DatasetCard(
    name="artphoto",
    title="ArtPhoto: 806 artistic photographs, one of Mikels' eight emotions each",
    paper="Machajdik & Hanbury 2010, Affective image classification using features inspired by psychology "
    "and art theory, ACM Multimedia, doi:10.1145/1873951.1873965",
    licence="not checked at the source: research use, do not redistribute",
    obtain="Download testImages_artphoto from the authors' page on image emotion.",
    layout="<emotion>_<number>.jpg",
    load=load,
    taxonomy="mikels8",
    expected=EXPECTED,
    traps=(
        "The label is the emotion that the artist's own title and words named, not what raters felt.",
        "Files say sad where the others say sadness.",
        "The counts by emotion were not checked at the source.",
        "No split is published; papers use five- or tenfold cross-validation or test on all of it.",
    ),
)
