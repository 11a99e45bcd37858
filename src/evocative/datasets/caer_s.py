"""CAER-S: 70,000 frames of television shows with Ekman's six emotions and neutral (Lee et al. 2019).

The owners' archive has `train/<Emotion>/0001.png` … `7001.png` and `test/<Emotion>/0001.png` … `2999.png`; so
say the lists of a public re-annotation (CAERS-Annotation, 68,834 of the frames by name, with face boxes). The
archive itself is not public in the sense that it could be checked here.

**The names do not say from which video a frame is.** Numbers follow the videos' order on both sides, though:
of the face boxes that occur once in the training and once in the test part of an emotion, 40 to 72 % stand in
the same tenth of the numbering (by chance 10 %; disgust, fear, neutral, sadness and surprise, computed from
the lists above). So frames of one video stand on both sides of the published split, and a tenth of the
numbering stands in for the videos in it.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from evocative.data.columns import SPLIT_ALIASES
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Option, Reading, existing_folder
from evocative.datasets.folder import image_rows
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import taxonomy

EXPECTED: Final = dict.fromkeys(taxonomy("caer7").names, 10_000) | {IMAGES: 70_000}
"""7,001 training and 2,999 test frames an emotion (Motiejauskas 2026, 3.5)."""
SPLITTINGS: Final = ("published", "grouped")
BLOCKS: Final = 10
"""Into how many stretches the numbering of an emotion is cut where names do not tell the video."""
_CLIP: Final = re.compile(r"(?P<clip>.+)[_-](?:frame_?)?\d+", re.IGNORECASE)


def load(root: Path, *, split: str = "published") -> Reading:
    """Read a copy of CAER-S.

    Args:
        root: The folder that holds `train` and `test`.
        split: `published`, or `grouped`: drop the published split, keep it in the column `published`, and
            give every frame a `group` to be split by. That is the video where the names tell it
            (`train/Anger/0012/3.png`, `train/Anger/0012_3.png`: frames taken from CAER's own clips), else a
            tenth of the emotion's numbering, both sides together, which is an approximation.

    Raises:
        DataError: There is no folder, or no image below train/<emotion> or test/<emotion>.
    """
    if split not in SPLITTINGS:
        raise DataError(unknown("split of caer_s", split, SPLITTINGS))
    rows, unnamed = image_rows(existing_folder(root, "caer_s"))
    frame, left_out = _placed(rows["path"])
    if frame.empty:
        names = ", ".join(taxonomy("caer7").names)
        raise DataError(
            f"{root}: there is no image below train/<emotion> or test/<emotion>; expected {names}"
        )
    lacking = _lacking(frame)
    if split == "grouped":
        frame = frame.assign(group=_groups(frame)).rename(columns={"split": "published"})
    table = Table(frame, taxonomy=taxonomy("caer7"), root=root, name="caer_s")
    return Reading(table, (*unnamed, *left_out, *lacking))


def _placed(paths: "pd.Series[str]") -> tuple[pd.DataFrame, list[LeftOut]]:
    """Read split and emotion off each path."""
    caer = taxonomy("caer7")
    rows, strangers = [], dict[str, int]()
    for path in paths:
        side, *rest = PurePosixPath(path).parts
        split = SPLIT_ALIASES.get(side.lower(), side.lower())
        if split in ("train", "validation", "test") and len(rest) > 1 and rest[0] in caer:
            rows.append((path, caer.resolve(rest[0]), split))
        else:
            folder = "/".join([side, *rest][: min(2, len(rest))]) or "."
            strangers[folder] = strangers.get(folder, 0) + 1
    told = [
        LeftOut(f"{name}/", f"no split and emotion of CAER-S; images in it: {n}")
        for name, n in strangers.items()
    ]
    return pd.DataFrame(rows, columns=["path", "label", "split"], dtype="string"), told


def _lacking(frame: pd.DataFrame) -> list[LeftOut]:
    there = set(zip(frame["split"], frame["label"], strict=True))
    wanted = [(side, name) for side in ("train", "test") for name in taxonomy("caer7").names]
    return [
        LeftOut(f"{side}/{name}/", "there is no image") for side, name in wanted if (side, name) not in there
    ]


def _groups(frame: pd.DataFrame) -> "pd.Series[str]":
    """Name each frame's video, or the stretch of the numbering that it lies in, or else its emotion."""
    clips = pd.Series([_clip(path) for path in frame["path"]], index=frame.index, dtype="string")
    sides = frame["split"] + "/" + frame["label"]
    numbers = pd.to_numeric(frame["path"].map(lambda path: PurePosixPath(path).stem), errors="coerce")
    last = numbers.groupby(sides).transform("max")
    block = ((numbers - 1) * BLOCKS // last).clip(0, BLOCKS - 1).astype("Int64").astype("string")
    by_order = (frame["label"] + " " + block).fillna(frame["label"])
    return (sides + "/" + clips).fillna(by_order)


def _clip(path: str) -> str | None:
    """Return the video that a path tells: a folder below the emotion, or what precedes a number; or None."""
    inside = PurePosixPath(path).parts[2:]
    if len(inside) > 1:
        return inside[0]
    match = _CLIP.fullmatch(PurePosixPath(inside[0]).stem)
    return match["clip"] if match else None


CAER_S = DatasetCard(
    name="caer_s",
    title="CAER-S: 70,000 frames of 79 television shows, Ekman's six emotions and neutral",
    paper="Lee, Kim, Kim, Park & Sohn 2019, Context-aware emotion recognition networks, ICCV",
    licence="research and education only, as the owners ask; the frames belong to the broadcasters "
    "(not checked at the source)",
    obtain="Ask for the archive CAER-S on the owners' project page.",
    layout="train/<Emotion>/<number>.png, test/<Emotion>/<number>.png",
    load=load,
    taxonomy="caer7",
    expected=EXPECTED,
    options={
        "split": Option(
            "the owners' split, or none and groups of frames to be split by (--split)",
            choices=SPLITTINGS,
            default="published",
        ),
    },
    traps=(
        "7 x 7,001 training and 7 x 2,999 test frames make 70,000; the dissertation's table 3.5 prints "
        "69,999.",
        "Frames of one video stand on both sides of the published split: accuracies of 80 to 91 % there are "
        "in part recognition of scenes. --set split=grouped gives groups instead.",
        "CAER-S does not name its videos. A group is a tenth of an emotion's numbering, train and test "
        "together, which keeps 40 to 72 % of what looks like one video together (by chance 10 %): leakage "
        "becomes less, it does not end. Frames taken from CAER's clips, with the clip in the name, are "
        "grouped exactly. 70 groups are few: run several seeds. Such figures compare with no published one.",
        "There is no validation part: the dissertation takes the last of 50 epochs, and chooses its "
        "settings on the test part.",
        "The label is what an actor expresses, not what a viewer feels.",
    ),
)
