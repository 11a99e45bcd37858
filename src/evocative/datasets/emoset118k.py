"""EmoSet-118K: 118,102 images with Mikels' eight emotions and six attributes (Yang et al. 2023).

The layout and the attributes' names are those of the owners' repository (README, `EmoSet.py`, `info.json`).
Their README shows entries of four parts; copies with three, without the image's id, are in use as well (two
public preprocessing scripts read them so), and both are read, with image and annotation in either order. The
images are handed out by the owners only.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pandas as pd

from evocative.data.table import Table
from evocative.datasets.card import (
    IMAGES,
    DatasetCard,
    LeftOut,
    Option,
    Reading,
    existing_folder,
    with_images,
)
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import taxonomy

EXPECTED: Final = {
    "amusement": 19_445,
    "awe": 15_037,
    "contentment": 16_337,
    "excitement": 19_828,
    "anger": 10_660,
    "disgust": 10_666,
    "fear": 13_453,
    "sadness": 12_676,
    IMAGES: 118_102,
}
"""Motiejauskas 2026, table 3.4."""
LISTS: Final = {"train": "train.json", "validation": "val.json", "test": "test.json"}
ANSWERS: Final = ("yes", "no")
WORDS: Final = ("scene", "facial_expression", "human_action")
SHARES: Final = ("brightness", "colorfulness")
OBJECTS: Final = "object"
"""The one attribute with several values; they are joined by `; `."""


def load(root: Path, *, attributes: str = "yes") -> Reading:
    """Read a copy of EmoSet-118K with the owners' split.

    The attributes are further columns: `scene`, `facial_expression`, `human_action` and `object` hold words
    (an image without one has a missing value), `brightness` and `colorfulness` numbers in [0, 1].

    Args:
        root: The folder with `train.json`, `val.json`, `test.json`, `annotation/` and `image/`.
        attributes: `yes` reads the annotations, 118,102 small files; with `no` there are only labels and
            splits.

    Raises:
        DataError: There is no list of a split, a list is no JSON list, `info.json` names other emotions, or
            not one image is there.
    """
    if attributes not in ANSWERS:
        raise DataError(unknown("value of attributes", attributes, ANSWERS))
    existing_folder(root, "emoset118k")
    rows, left_out = [], _check_info(root / "info.json")
    for split, name in LISTS.items():
        if not (root / name).is_file():
            left_out.append(LeftOut(name, f"the list of the {split} split is missing"))
            continue
        found, bad = _rows(root / name, split)
        rows += found
        left_out += bad
    if not any((root / name).is_file() for name in LISTS.values()):
        raise DataError(f"{root}: expected the lists {', '.join(LISTS.values())}, found none of them")
    if not rows:
        first = f"; {left_out[-1].path}: {left_out[-1].reason}" if left_out else ""
        raise DataError(f"{root}: the lists hold no image of one of the eight emotions{first}")
    columns = ["path", "label", "split", "image_id", "annotation"]
    frame, missing = with_images(pd.DataFrame(rows, columns=columns, dtype="string"), root, "emoset118k")
    if attributes == "yes":
        frame, damaged = _with_attributes(frame, root)
        left_out += damaged
    frame = frame.drop(columns="annotation")
    table = Table(frame, taxonomy=taxonomy("mikels8"), root=root, name="emoset118k")
    return Reading(table, (*left_out, *missing))


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: is not sound JSON ({error}); copy it again") from error


def _check_info(file: Path) -> list[LeftOut]:
    """Refuse a copy whose own list of emotions is another one; the file itself is not needed."""
    if not file.is_file():
        return []
    info = _json(file)
    named, expected = _emotions(info), taxonomy("mikels8")
    if isinstance(info, dict) and not named:
        return [LeftOut(file.name, "it names no emotions; those of the lists are taken")]
    if {expected.find(name) for name in named} != set(range(len(expected))):
        found = ", ".join(named) or "none"
        raise DataError(f"{file}: expected the emotions {', '.join(expected.names)}, found {found}")
    return []


def _emotions(info: Any) -> list[str]:
    """Return the emotions that an `info.json` names.

    The owners' loader asks for `info["emotion"]["label2idx"]`; older files have `label2idx` on top, of the
    emotions or by attribute, or the emotions themselves.
    """
    for key in ("emotion", "label2idx", "emotion", "idx2label"):
        info = info[key] if isinstance(info, dict) and key in info else info
    if isinstance(info, dict):
        by_name = all(isinstance(place, int) for place in info.values())
        info = list(info) if by_name else list(info.values())
    return info if isinstance(info, list) and all(isinstance(name, str) for name in info) else []


def _rows(file: Path, split: str) -> tuple[list[tuple[str, ...]], list[LeftOut]]:
    """Return (image, emotion, split, id, annotation) of each entry, and the entries that are none."""
    entries = _json(file)
    if not isinstance(entries, list):
        raise DataError(f"{file}: expected a list of [emotion, id, image, annotation], found no list")
    rows, bad = list[tuple[str, ...]](), list[LeftOut]()
    for number, entry in enumerate(entries, start=1):
        row = _row(entry, split)
        if row is None:
            reason = f"expected [emotion, id, image, annotation], found {repr(entry)[:80]}"
            bad.append(LeftOut(f"{file.name}, entry {number}", reason))
        else:
            rows.append(row)
    return rows, bad


def _row(entry: Any, split: str) -> tuple[str, ...] | None:
    """Read an entry; image and annotation are told apart by their endings, whichever comes first."""
    if not (isinstance(entry, list) and len(entry) in (3, 4)):
        return None
    emotion, *identity = entry[:-2]
    files = [name.replace("\\", "/") for name in entry[-2:] if isinstance(name, str)]
    annotations = [name for name in files if name.lower().endswith(".json")]
    images = [name for name in files if not name.lower().endswith(".json")]
    mikels = taxonomy("mikels8")
    known = emotion in mikels and all(isinstance(one, str | int) for one in identity)
    if not known or len(images) != 1 or len(annotations) != 1:
        return None
    name = str(identity[0]) if identity else PurePosixPath(images[0]).stem
    row = (images[0], mikels.resolve(emotion), split, name, annotations[0])
    return row if all(map(_is_text, row)) else None


def _is_text(value: object) -> bool:
    """Whether a value of JSON is a text that a file can hold: JSON may spell half a character."""
    return (
        isinstance(value, str)
        and "\0" not in value
        and not any("\ud800" <= char <= "\udfff" for char in value)
    )


def _with_attributes(frame: pd.DataFrame, root: Path) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Add a column for each attribute; a damaged annotation leaves its row without them, and is told."""
    cells: list[dict[str, Any]] = []
    damaged = []
    for path in frame["annotation"]:
        try:
            cells.append(_attributes(_json(root / path)))
        except DataError as error:
            reason = str(error).removeprefix(f"{root / path}: ")
            damaged.append(LeftOut(path, f"its image has no attributes: {reason}"))
            cells.append({})
    found = pd.DataFrame(cells, index=frame.index, columns=[*WORDS, OBJECTS, *SHARES])
    texts = {name: found[name].astype("string") for name in (*WORDS, OBJECTS)}
    numbers = {name: pd.to_numeric(found[name], errors="coerce").astype("float64") for name in SHARES}
    return frame.assign(**texts, **numbers), damaged


def _attributes(annotation: Any) -> dict[str, Any]:
    if not isinstance(annotation, dict):
        raise DataError("the annotation is no JSON object")
    cells: dict[str, Any] = {name: annotation[name] for name in WORDS if _is_text(annotation.get(name))}
    for name in SHARES:
        value = annotation.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            cells[name] = float(value)
    objects = annotation.get(OBJECTS)
    words = list(filter(_is_text, objects if isinstance(objects, list) else [objects]))
    if any(words):
        cells[OBJECTS] = "; ".join(words)
    return cells


EMOSET118K = DatasetCard(
    name="emoset118k",
    title="EmoSet-118K: 118,102 images, one of Mikels' eight emotions and six attributes each",
    paper="Yang, Huang, Ding, Lischinski, Cohen-Or & Huang 2023, EmoSet: a large-scale visual emotion "
    "dataset with rich attributes, ICCV",
    licence="images: academic research, ask the owners; their code is MIT (not checked at the source)",
    obtain="Follow the owners' project page to the archive EmoSet-118K (images, annotations and lists).",
    layout="train.json, val.json, test.json, info.json, annotation/<emotion>/*.json, image/<emotion>/*.jpg",
    load=load,
    taxonomy="mikels8",
    expected=EXPECTED,
    options={
        "attributes": Option("read the annotations (118,102 small files)", choices=ANSWERS, default="yes")
    },
    traps=(
        "The owners' split has 94,481 training, 5,905 validation and 17,716 test images: keep it.",
        "An image lacks the attributes that do not apply to it: most have no facial_expression.",
        "The dissertation calls contentment one of the two most frequent emotions; by its own table 3.4 they "
        "are excitement and amusement.",
        "Its baseline is printed twice with other values (tables 5.7 and 5.10), and the counts of table 5.13 "
        "sum to 17,129 instead of 17,716.",
        "Labels began as search words and were checked by ten people: 7 of 10 had to agree.",
        "Entries come with and without the image's id (four or three parts), and with image and annotation "
        "in either order; info.json has label2idx under emotion, or on top.",
    ),
)
