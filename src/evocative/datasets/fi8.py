"""FI-8: photographs from Flickr and Instagram with Mikels' eight emotions (You et al. 2016)."""

from pathlib import Path
from typing import Final

from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Reading, existing_folder
from evocative.datasets.folder import image_rows
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

EXPECTED: Final = {
    "amusement": 4_942,
    "awe": 3_151,
    "contentment": 5_374,
    "excitement": 2_963,
    "anger": 1_266,
    "disgust": 1_658,
    "fear": 1_032,
    "sadness": 2_922,
    IMAGES: 23_308,
}
"""Motiejauskas 2026, table 3.4, with amusement as its total needs it."""


def load(root: Path) -> Reading:
    """Read a copy of FI-8: a folder an emotion, its name in any case.

    Raises:
        DataError: There is no folder, or not one of the eight emotions in it.
    """
    frame, left_out = image_rows(existing_folder(root, "fi8"))
    mikels = taxonomy("mikels8")
    known = (
        frame["label"].map(lambda name: name in mikels, na_action="ignore").fillna(value=False).astype(bool)
    )
    if not known.any():
        raise DataError(
            f"{root}: there is no image in a folder of FI-8's emotions; expected {', '.join(mikels.names)}"
        )
    others = frame["label"][~known].fillna(".").value_counts().sort_index()
    table = Table(frame[known], taxonomy=mikels, root=root, name="fi8")
    present = set(table.frame["label"])
    return Reading(
        table,
        left_out
        + tuple(
            LeftOut(f"{name}/", f"no emotion of FI-8; images in it: {count}")
            for name, count in others.items()
        )
        + tuple(LeftOut(f"{name}/", "there is no image") for name in mikels.names if name not in present),
    )


FI8 = DatasetCard(
    name="fi8",
    title="FI-8: 23,308 photographs of Flickr and Instagram, one of Mikels' eight emotions each",
    paper="You, Luo, Jin & Yang 2016, Building a large scale dataset for image emotion recognition: the fine "
    "print and the benchmark, AAAI",
    licence="none stated: research use, do not redistribute",
    obtain="Ask the authors; copies hold what could still be downloaded.",
    layout="<emotion>/*.jpg",
    load=load,
    taxonomy="mikels8",
    expected=EXPECTED,
    traps=(
        "Table 3.4 of the dissertation sums to 23,290: amusement is printed as 4,924, where 4,942 gives the "
        "23,308 that are named everywhere else.",
        "Many copies hold 'this photo is no longer available' tiles (about 6 %) under every label.",
        "No split is published; 80/5/15 gives the dissertation's 3,407 test images within a hundred.",
        "Classes are uneven: contentment 23 %, fear 4 %. Report macro F1 beside accuracy.",
        "Near-duplicates occur: group them before you split.",
    ),
)
