"""Any folder with a folder an emotion: `root/awe/…`, or `root/train/awe/…` with the splits on top."""

from pathlib import Path, PurePosixPath

import pandas as pd

from evocative.data.columns import SPLIT_ALIASES, SPLITS
from evocative.data.find import Search
from evocative.data.table import Table
from evocative.datasets.card import DatasetCard, LeftOut, Reading, existing_folder
from evocative.errors import DataError
from evocative.taxonomy.labels import Taxonomy, guess
from evocative.taxonomy.labels import taxonomy as find_taxonomy


def load(root: Path, *, taxonomy: str | None = None) -> Reading:
    """Read a folder of class folders; images may lie any number of folders deep.

    Images right below the root get no label. If every image lies below a folder called train, validation or
    test (or val, training, …), these are the splits and the folders below them the classes.

    Args:
        root: The folder.
        taxonomy: Name of the classes' taxonomy; None takes the published one that fits the folders' names, or
            makes one of them, in alphabetical order.

    Raises:
        DataError: There is no folder, no image in it, or a class that the named taxonomy lacks.
    """
    frame, left_out = image_rows(existing_folder(root, "folder"))
    if frame.empty:
        raise DataError(f"{root}: there is no image in it; expected a folder an emotion, with images inside")
    frame = _split_off(frame)
    classes = sorted(frame["label"].dropna().unique())
    labels = None
    if taxonomy is not None:
        labels = find_taxonomy(taxonomy)
    elif classes:
        labels = guess(classes) or Taxonomy.custom(root.resolve().name, classes)
    if labels is not None:
        for name in classes:
            labels.index(name)
    return Reading(Table(frame, taxonomy=labels, root=root, name=root.resolve().name), left_out)


def image_rows(root: Path) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """List the images below a root.

    Returns:
        Rows with the columns `path` and `label` (the topmost folder; missing for images right below the
        root), sorted by path; and the files whose names no table can hold.
    """
    rows, left_out = [], []
    search = Search()
    for path in search.images([root]):
        relative = path.relative_to(root).as_posix()
        try:
            relative.encode()
        except UnicodeEncodeError:
            left_out.append(LeftOut(ascii(relative), "the name is no valid Unicode; rename the file"))
            continue
        folder, slash, _ = relative.partition("/")
        rows.append((relative, folder if slash else None))
    left_out += [LeftOut(str(root), passed_over)] if (passed_over := search.told()) else []
    frame = pd.DataFrame(sorted(rows), columns=["path", "label"], dtype="string")
    return frame, tuple(left_out)


def _split_off(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the topmost folders for splits if all of them are called so."""
    names = {name: SPLIT_ALIASES.get(name.lower(), name.lower()) for name in frame["label"].dropna().unique()}
    if frame["label"].isna().any() or not set(names.values()) <= set(SPLITS):
        return frame
    parts = [PurePosixPath(path).parts for path in frame["path"]]
    return frame.assign(
        split=frame["label"].map(names),
        label=pd.Series([part[1] if len(part) > 2 else None for part in parts], dtype="string"),
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
        "The folders' names choose the taxonomy; where no published one fits they become one of their own.",
        "Nothing says which images belong together: give the table a column 'group' before it is split.",
    ),
)
