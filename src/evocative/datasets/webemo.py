"""WEBEmo: stock photographs found by 25 emotion words in three levels (Panda et al. 2018).

What was seen of the owners' files: the read-me and `category.txt` (in public copies of the archive), the form
of `train25.txt` and `test25.txt`, and the whole test list (a public spreadsheet of its 53,489 rows). The
images are not published, only their addresses, so a copy lies as its downloader chose; `load` takes the ways
that public downloaders use. In the test list 2,140 of the 51,212 pictures stand under two or more labels, and
734 of them both within and without the owners' sadness; the training list is not in public reach.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import pandas as pd

from evocative.data.columns import SPLIT_ALIASES, SPLITS
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Option, Reading, existing_folder
from evocative.datasets.folder import image_rows
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.mapping import mapping

Level = Literal["2", "7", "8", "25"]
Split = Literal["owners", "none"]

LISTS: Final = {"train": "train25.txt", "test": "test25.txt"}
TABLE_3_3: Final = {
    "happiness": 50_194,
    "surprise": 25_094,
    "satisfaction": 35_607,
    "excitement": 26_954,
    "anger": 25_227,
    "disgust": 17_314,
    "fear": 14_620,
    "sadness": 25_847,
    IMAGES: 220_854,
}
"""Motiejauskas 2026, table 3.3, of what could be downloaded. Its classes sum to 220,857."""

EIGHT: Final = {
    "happiness": "affection cheerfulness gratitude lust",
    "surprise": "surprise",
    "satisfaction": "contentment pride relief",
    "excitement": "enthrallment optimism zest",
    "anger": "envy exasperation irritability rage",
    "disgust": "disgust",
    "fear": "horror nervousness",
    "sadness": "confusion disappointment neglect sadness shame suffering sympathy",
}
"""Our reading of table 3.3's eight labels: nothing is published about where the 25 belong."""

_Listed = tuple[str, int, str]
"""A line of a list: the image's file name, its label's number, its split."""
_FINE: Final = taxonomy("webemo25")
_OF_SPLIT: Final = {**{name: name for name in SPLITS}, **SPLIT_ALIASES, "train25": "train", "test25": "test"}


def load(root: Path, *, level: Level = "25", split: Split = "owners") -> Reading:
    """Read a copy: the owners' lists and the images, or folders that bear labels and splits.

    With `train25.txt` or `test25.txt` at the root, labels and split come from them and each image is looked
    up by the file name of its address, anywhere below the root, with or without its label's number in front
    (`5_220_F_1.jpg`). One file stands for one row; an image that was saved once although it is listed under
    several labels keeps the label of its folder, else the first. Without lists, the innermost folder that is
    an emotion or its number (0 to 24) is the label, and train, validation or test above it the split.

    Rows of one picture share a `group`.

    Args:
        root: The copy's folder.
        split: `owners` keeps their split; a picture that is tested loses its rows in training, since it must
            not stand on both sides. `none` keeps all rows and no split, to be split anew.
        level: How many labels; all levels stand in the columns `webemo2`, `webemo7`, `webemo8`, `webemo25`.

    Returns:
        Rows with `path`, `label`, `split`, `group` and the four levels.

    Raises:
        DataError: There is no folder, no list that can be read, or no image with a label.
    """
    images, left_out = image_rows(existing_folder(root, "webemo"))
    listed = {split: root / name for split, name in LISTS.items() if (root / name).is_file()}
    if listed:
        frame, more = _by_lists(listed, images["path"])
        more += [
            LeftOut(name, "the list is missing, and with it these labels")
            for split, name in LISTS.items()
            if split not in listed
        ]
    else:
        frame, more = _by_folders(images["path"])
    if frame.empty:
        raise DataError(
            f"{root}: none of the {len(images)} images has a label of WEBEmo; expected {LISTS['train']} and "
            f"{LISTS['test']} beside images named as in their addresses, or folders such as train/5/ or "
            "train/disgust/"
        )
    frame, leaks = _grouped(frame.drop(columns="split", errors="ignore") if split == "none" else frame)
    table = Table(_levels(frame, level), taxonomy=taxonomy(f"webemo{level}"), root=root, name="webemo")
    return Reading(table, left_out + tuple(more) + tuple(leaks))


def _by_lists(files: dict[str, Path], paths: Iterable[str]) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Find each listed image: first those that lie under their label, then those that lie anywhere."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_name[PurePosixPath(path).name].append(path)
    waiting: list[_Listed] = []
    left_out: list[LeftOut] = []
    for split, file in files.items():
        listed, bad = _read_list(file)
        waiting += [(name, number, split) for name, number in listed]
        left_out += bad
    rows: list[tuple[str, int, str | None]] = []
    taken: set[str] = set()
    for under_label in (True, False):
        missed = []
        for item in waiting:
            found = _places(by_name, item, under_label=under_label)
            free = next((path for path in found if path not in taken), None)
            if free is None:
                missed.append(item)
            else:
                taken.add(free)
                rows.append((free, *item[1:]))
        waiting = missed
    for name, number, split in waiting:
        reason = "under another label already" if by_name.get(name) else "missing"
        left_out.append(LeftOut(name, f"the image is {reason} ({_FINE.names[number]}, {split})"))
    return _frame(rows), left_out


def _places(by_name: dict[str, list[str]], item: _Listed, *, under_label: bool) -> list[str]:
    """Return where a listed image may lie, the most likely place first."""
    name, number, split = item
    places = by_name.get(name, [])
    if under_label:
        places = [path for path in places if _lies_under(path, number)]
        places = by_name.get(f"{number}_{name}", []) + places
    return sorted(places, key=lambda path: _split_of(path) != split)


def _read_list(file: Path) -> tuple[list[tuple[str, int]], list[LeftOut]]:
    """Read lines of an image's address, a blank and the number of its label."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as text ({error}); expected WEBEmo's list") from error
    rows, left_out = [], []
    for number, line in enumerate(lines, start=1):
        address, _, label = line.strip().rpartition(" ")
        name = address.strip().rsplit("/", 1)[-1]
        if name and label.isdecimal() and int(label) < len(_FINE):
            rows.append((name, int(label)))
        elif line.strip():
            left_out.append(LeftOut(f"{file.name}, line {number}", f"no address and number: {line[:60]!r}"))
    if not rows:
        raise DataError(
            f"{file}: no line holds an address and a label from 0 to {len(_FINE) - 1}; expected lines such "
            "as  https://…/220_F_1.jpg 5"
        )
    return rows, left_out


def _by_folders(paths: Iterable[str]) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Read labels and splits off the folders."""
    rows: list[tuple[str, int, str | None]] = []
    strangers: dict[str, int] = defaultdict(int)
    for path in paths:
        number = _label_of(path)
        if number is None:
            strangers[PurePosixPath(path).parent.as_posix()] += 1
        else:
            rows.append((path, number, _split_of(path)))
    return _frame(rows), [
        LeftOut(f"{folder}/", f"no label of WEBEmo; images in it: {count}")
        for folder, count in sorted(strangers.items())
    ]


def _frame(rows: list[tuple[str, int, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["path", "number", "split"])
    frame["webemo25"] = pd.Series([_FINE.names[number] for number in frame["number"]], dtype="string")
    frame["split"] = frame["split"].astype("string")
    frame = frame.drop(columns="number").sort_values("path", ignore_index=True)
    return frame if frame["split"].notna().any() else frame.drop(columns="split")


def _number(word: str) -> int | None:
    """Return the number of the label that a folder's name means, as a word or as the number itself."""
    if word.isdecimal():
        return int(word) if int(word) < len(_FINE) else None
    return _FINE.find(word)


def _label_of(path: str) -> int | None:
    *folders, name = path.split("/")
    found = [number for number in map(_number, folders) if number is not None]
    if found:
        return found[-1]
    prefix = re.match(r"(\d{1,2})_", name)
    return _number(prefix[1]) if prefix else None


def _lies_under(path: str, number: int) -> bool:
    return any(_number(folder) == number for folder in path.split("/")[:-1])


def _split_of(path: str) -> str | None:
    return next((_OF_SPLIT[part.lower()] for part in path.split("/") if part.lower() in _OF_SPLIT), None)


def _grouped(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Give the rows of one picture a group, and take pictures that are tested out of training."""
    pictures = frame["path"].map(lambda path: re.sub(r"^\d{1,2}_", "", PurePosixPath(path).stem))
    leaks: list[LeftOut] = []
    if "split" in frame.columns:
        held_out = set(pictures[frame["split"].isin(["validation", "test"])])
        leaking = pictures.isin(held_out) & (frame["split"] == "train").fillna(value=False)
        leaks = [LeftOut(path, "the same picture is tested") for path in frame["path"][leaking]]
        frame, pictures = frame[~leaking], pictures[~leaking]
    group = pictures.where(pictures.duplicated(keep=False)).astype("string")
    return frame.assign(group=group).reset_index(drop=True), leaks


def _levels(frame: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Add the coarser levels, and take one for the label."""
    eight: dict[str, str | None] = {fine: label for label, words in EIGHT.items() for fine in words.split()}
    tables = [
        ("webemo2", mapping("webemo25", "webemo2").table),
        ("webemo7", mapping("webemo25", "webemo7").table),
        ("webemo8", eight),
    ]
    columns = [name for name, _ in tables]
    for name, table in tables:
        frame[name] = frame["webemo25"].map(dict(table)).astype("string")
    first = ["path", *(name for name in ("split", "group") if name in frame.columns), *columns, "webemo25"]
    return frame[first].assign(label=frame[f"webemo{level}"])


WEBEMO = DatasetCard(
    name="webemo",
    title="WEBEmo: 267,441 stock photographs found by emotion words, 25 labels in three levels",
    paper="Panda, Zhang, Li, Lee, Lu & Roy-Chowdhury 2018, Contemplating visual emotions: understanding and "
    "overcoming dataset bias, ECCV",
    licence="stock photographs of their uploaders; the owners ask you to check what you intend to do",
    obtain="The owners' project page has the lists of addresses; download the images yourself (the "
    "dissertation reached 220,854 of them).",
    layout="train25.txt, test25.txt (an address and a number a line), images anywhere below, as "
    "train/<number>/<file>; or <split>/<label>/<file> without lists",
    load=load,
    taxonomy="webemo25",
    expected={IMAGES: 267_441},
    variants={"webemo8": TABLE_3_3},
    options={
        "level": Option("how many labels", choices=("2", "7", "8", "25"), default="25"),
        "split": Option(
            "the owners' training and test parts, or none and all rows, to be split anew",
            choices=("owners", "none"),
            default="owners",
        ),
    },
    traps=(
        "The labels are search words: weak labels, not judgements of people.",
        "Expected: 213,952 training and 53,489 test rows. A row is a picture under a label; in the test list "
        "2,140 of 51,212 pictures stand under several. They share a group; tested ones are not trained on.",
        "A public downloader saves by the last digit of the label (15 in folder 5): keep the lists at the "
        "root, they say the labels.",
        "The paper and the read-me speak of six middle labels, category.txt has seven, and public loaders "
        "put confusion under sadness.",
        "Table 3.3 of the dissertation has eight labels that the owners' files do not; how the 25 fall into "
        "them is not published, level=8 is our reading. No reading that keeps the owners' signs gives its "
        "counts: it has 62 % positive images, the owners' test list 46 %, and 25,094 of surprise, about "
        "twice what the owners list.",
        "The table's classes sum to 220,857, its printed totals to 220,854.",
        "Many photographs hold text: see webemo_sadness.",
    ),
)
