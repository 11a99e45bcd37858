"""UnBiasedEmo: the same objects in pictures of six emotions (Panda et al. 2018, the owners of WEBEmo).

The owners' archive holds `images/<emotion>/<object>/<image>`: so read three public programs that unpack it
(a loader that keeps the objects as a column, one that walks the folders, one that lists the images). The
archive itself was not seen, and 3,045, as its size is told, was not checked at the source.

Motiejauskas & Dzemyda 2024 (table 5) test sadness against others on 820 of the images, 467 and 353. Which
ones is not published: `labels="sadness"` gives both classes of all images, `size="printed"` a seeded draw.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from evocative.data.columns import SPLIT_ALIASES, SPLITS
from evocative.data.table import Table
from evocative.datasets.card import DRAWN, IMAGES, DatasetCard, LeftOut, Option, Reading, existing_folder
from evocative.datasets.folder import image_rows
from evocative.datasets.sadness import draw, sadness_labels
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Labels = Literal["six", "sadness"]
Size = Literal["all", "printed"]

PRINTED: Final = {"others": 467, "sadness": 353}
"""The images of table 5 of Motiejauskas & Dzemyda 2024, by class."""

SADNESS_OPTIONS: Final = {
    "size": Option(
        "sadness against others only: all images, or a draw of as many as the papers test on",
        choices=("all", "printed"),
        default="all",
    ),
    "seed": Option("of the draw", default="0", kind=int),
}


def load(root: Path, *, labels: Labels = "six", size: Size = "all", seed: int = 0) -> Reading:
    """Read a copy: `images/<emotion>/<object>/<image>`, or the same without `images`.

    Args:
        root: The folder that holds `images`, or the emotions' folders themselves.
        labels: The owners' six, or sadness against others.
        size: With `sadness`, all images, or as many of each class as the papers test on.
        seed: Of that draw.

    Returns:
        Rows with `path`, `label`, `emotion` (one of the six) and `object`.

    Raises:
        DataError: There is no folder, or not one of the six emotions in it, or `printed` with six labels.
    """
    reading = six_emotions(root, name="unbiasedemo", columns=("object",))
    return as_asked(reading, PRINTED, labels=labels, size=size, seed=seed)


def six_emotions(root: Path, *, name: str, columns: tuple[str, ...]) -> Reading:
    """Read folders that bear the six emotions, with further folders inside.

    Args:
        root: The folder that holds `images`, or the emotions' folders; splits may lie above these.
        name: What the table and errors call the data set.
        columns: What the folders below an emotion are, from the outer to the inner.

    Raises:
        DataError: There is no folder, or not one of the six emotions in it.
    """
    six = taxonomy("parrott6")
    images, left_out = image_rows(existing_folder(root, name))
    rows, strangers = [], dict[str, int]()
    for path in images["path"]:
        folders = path.split("/")[:-1]
        folders = folders[1:] if folders[:1] == ["images"] else folders
        split = _split(folders[0]) if folders else None
        inner = folders if split is None else folders[1:]
        if not inner or inner[0] not in six:
            stranger = "/".join(path.split("/")[:-1]) or "."
            strangers[stranger] = strangers.get(stranger, 0) + 1
            continue
        below = [*inner[1 : len(columns) + 1], *[None] * len(columns)][: len(columns)]
        rows.append((path, six.resolve(inner[0]), split, *below))
    if not rows:
        raise DataError(
            f"{root}: there is no image in a folder of {name}'s emotions; expected {', '.join(six.names)}, "
            "below the folder images or right here"
        )
    frame = pd.DataFrame(rows, columns=["path", "label", "split", *columns]).astype("string")
    frame = frame.drop(columns="split") if frame["split"].isna().all() else frame
    missing = [emotion for emotion in six.names if emotion not in set(frame["label"])]
    told = [
        LeftOut(f"{folder}/", f"no emotion of {name}; images in it: {n}") for folder, n in strangers.items()
    ]
    told += [LeftOut(f"{emotion}/", "there is no image") for emotion in missing]
    return Reading(Table(frame, taxonomy=six, root=root, name=name), left_out + tuple(told))


def as_asked(
    reading: Reading, printed: Mapping[str, int], *, labels: Labels, size: Size, seed: int
) -> Reading:
    """Keep the six emotions, or turn them into sadness against others, all or as many as are printed.

    Raises:
        DataError: As many as printed are asked for with six labels, for which nothing is printed.
    """
    if labels == "six":
        if size == "printed":
            raise DataError(
                "size=printed needs labels=sadness: the papers print no numbers of the six emotions"
            )
        return reading
    table = sadness_labels(reading.table.assign(emotion=reading.table.frame["label"]))
    if size == "printed":
        table = replace(draw(table, printed, seed=seed), name=table.name + DRAWN)
    return Reading(table, reading.left_out)


def _split(folder: str) -> str | None:
    split = SPLIT_ALIASES.get(folder.lower(), folder.lower())
    return split if split in SPLITS else None


UNBIASEDEMO = DatasetCard(
    name="unbiasedemo",
    title="UnBiasedEmo: 3,045 images of the same objects in six emotions",
    paper="Panda, Zhang, Li, Lee, Lu & Roy-Chowdhury 2018, Contemplating visual emotions: understanding and "
    "overcoming dataset bias, ECCV",
    licence="not checked at the source: pictures of Google and Flickr, research use, do not redistribute",
    obtain="An archive at the owners' project page, with a second archive, images, inside.",
    layout="images/<emotion>/<object>/<image>",
    load=load,
    taxonomy="parrott6",
    expected={IMAGES: 3_045},
    drawn={**PRINTED, IMAGES: 820},
    options={
        "labels": Option(
            "the owners' six, or sadness against others", choices=("six", "sadness"), default="six"
        ),
        **SADNESS_OPTIONS,
    },
    traps=(
        "No split is published; it was made for testing models that were trained elsewhere.",
        "The papers test sadness on 353 against 467 others: 820 images, and do not say which. labels=sadness "
        "takes all; size=printed draws as many. Precision depends on the share of sadness: compare recall.",
        "The six are Parrott's: there is love and no disgust.",
        "The number of images, 3,045, was not checked at the source; numbers by emotion are not known here.",
    ),
)
