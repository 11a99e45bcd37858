"""Any folder with a folder an emotion: `root/awe/…`, or `root/train/awe/…` with the splits on top."""

from pathlib import Path, PurePosixPath

import pandas as pd

from evocative.data.columns import SPLIT_ALIASES, SPLITS
from evocative.data.find import Search
from evocative.data.table import Table
from evocative.datasets.card import DatasetCard, LeftOut, Reading, existing_folder
from evocative.errors import DataError
from evocative.taxonomy.labels import Taxonomy
from evocative.taxonomy.recognise import OWN, taxonomy_of
from evocative.taxonomy.spelling import plain_word


def load(root: Path, *, taxonomy: str | None = None) -> Reading:
    """Read a folder of class folders; images may lie any number of folders deep.

    Images right below the root get no label. If the folders right below it are called train, validation or
    test (or val, training, …), or two of them are, these are the splits and the folders below them the
    classes. Other folders beside splits are left out and told, and so are those that systems make (`@eaDir`).

    Args:
        root: The folder.
        taxonomy: Name of the classes' taxonomy, or `own` to keep the folders' words whatever they are; None
            takes the published one that has exactly these classes, or makes one of them, alphabetically.

    Raises:
        DataError: There is no folder, no image in it, or a class that the named taxonomy lacks.
    """
    search = Search()
    frame, left_out = image_rows(existing_folder(root, "folder"), search)
    if passed_over := search.told():
        left_out = (*left_out, LeftOut(str(root), passed_over))
    if frame.empty:
        raise DataError(f"{root}: there is no image in it; expected a folder an emotion, with images inside")
    frame, beside = _split_off(frame)
    name = root.resolve().name
    labels, hints = _labels(list(frame["label"].dropna()), name, taxonomy)
    if hint := _one_level_too_high(frame, root):
        hints.append(hint)
    return Reading(Table(frame, taxonomy=labels, root=root, name=name), (*left_out, *beside), tuple(hints))


def _labels(classes: list[str], name: str, chosen: str | None) -> tuple[Taxonomy | None, list[str]]:
    """Return the classes' taxonomy, and what is to be said of it."""
    if not classes:
        return (None if chosen in (None, OWN) else taxonomy_of([], name=name, chosen=chosen).taxonomy), []
    found = taxonomy_of(classes, name=name, chosen=chosen)
    for each in sorted(set(classes)):
        found.taxonomy.index(each)
    return found.taxonomy, [found.hint] if found.hint else []


def image_rows(root: Path, search: Search | None = None) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """List the images below a root.

    Args:
        root: The folder.
        search: Counts what is passed over.

    Returns:
        Rows with the columns `path` and `label` (the topmost folder; missing for images right below the
        root), sorted by path; and the files that are left out, since no table can hold their names.
    """
    rows, left_out = [], []
    for path in (search or Search()).images([root]):
        relative = path.relative_to(root).as_posix()
        try:
            relative.encode()
        except UnicodeEncodeError:
            left_out.append(LeftOut(ascii(relative), "the name is no valid Unicode; rename the file"))
            continue
        folder, slash, _ = relative.partition("/")
        rows.append((relative, folder if slash else None))
    frame = pd.DataFrame(sorted(rows), columns=["path", "label"], dtype="string")
    return frame, tuple(left_out)


def _split_off(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Take the topmost folders for splits if all of them are called so, or two of them are."""
    tops = list(frame["label"].dropna().unique())
    names = {top: name for top in tops if (name := _split_name(top)) is not None}
    if not names or (len(names) < len(tops) and len(set(names.values())) < 2):
        return frame, []
    inside = (frame["label"].isna() | frame["label"].isin(list(names))).to_numpy(dtype=bool)
    beside = [
        LeftOut(f"{top}/", f"it is none of the splits {', '.join(sorted(names))}; images in it: {count}")
        for top, count in frame["label"][~inside].value_counts().sort_index().items()
    ]
    frame = frame[inside].reset_index(drop=True)
    parts = [PurePosixPath(path).parts for path in frame["path"]]
    classes = pd.Series([part[1] if len(part) > 2 else None for part in parts], dtype="string")
    return frame.assign(split=frame["label"].map(names), label=classes), beside


def _split_name(folder: str) -> str | None:
    name = plain_word(folder)
    name = SPLIT_ALIASES.get(name, name)
    return name if name in SPLITS else None


def _one_level_too_high(frame: pd.DataFrame, root: Path) -> str | None:
    """Return a hint where all images lie below one folder that has folders in it, as after unpacking."""
    tops = list(frame["label"].unique())
    parts = [PurePosixPath(path).parts for path in frame["path"]]
    if "split" in frame.columns or len(tops) != 1 or min(map(len, parts)) < 3:
        return None
    below = sorted({part[1] for part in parts})
    if len(below) < 2:
        return None
    folders = ", ".join(below[:5]) + (", …" if len(below) > 5 else "")
    return (
        f"all images have the one label {tops[0]!r}; is {root / tops[0]} meant, with its folders {folders}?"
    )


FOLDER = DatasetCard(
    name="folder",
    title="Any folder of images with a folder an emotion",
    paper="",
    licence="yours",
    obtain="Sort images into folders that bear the emotions' names.",
    layout="<emotion>/**, or train|validation|test/<emotion>/**",
    load=load,
    traps=(
        "The folders' names stay your own words unless they are exactly those of a published taxonomy, or "
        "you name one (--taxonomy).",
        "Nothing says which images belong together: give the table a column 'group' before it is split.",
    ),
)
