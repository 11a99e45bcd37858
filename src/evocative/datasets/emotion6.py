"""Emotion6: 1,980 photographs with the shares of seven emotions, valence and arousal (Peng et al. 2015).

The owners' read-me (in a public copy) gives the files: `images/<keyword>/<n>.jpg`, 330 a keyword, and
`ground_truth.txt`, separated by tabs, with the columns [image_filename], [valence], [arousal] and
[prob. anger] … [prob. neutral]; its second line is `disgust/1.jpg 2.5 3.8 0.133333 0.7 0 0.0666667 0.1 0 0`.
A public loader reads it by these names. Valence and arousal are
read as ratings from 1 to 9: the read-me does not say so, and the paper was not at hand, so the scale was not
checked at the source.
"""

from pathlib import Path
from typing import Final, Literal

import pandas as pd

from evocative.data.columns import VOTES
from evocative.data.delimited import parse_csv
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
from evocative.taxonomy.dimensions import scale
from evocative.taxonomy.labels import taxonomy

Labels = Literal["keyword", "majority"]

GROUND_TRUTH: Final = "ground_truth.txt"
KEYWORDS: Final = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
_EMOTIONS: Final = (*KEYWORDS, "neutral")
_FILE: Final = "[image_filename]"
_AXES: Final = ("valence", "arousal")
_SUM: Final = 0.01
"""How far the shares of a row may be from 1: they are printed with six digits."""


def load(root: Path, *, labels: Labels = "keyword") -> Reading:
    """Read a copy of Emotion6.

    `votes_<emotion>` are the shares of the raters' votes, which sum to 1. Ratings go from 1 to 9 to -1 to 1.

    Args:
        root: The folder that holds `ground_truth.txt` and `images`.
        labels: `keyword`, the folder: what the picture was searched by, of six. `majority`, the emotion with
            the largest share, of seven with neutral; a row with a tie has no label.

    Returns:
        Rows with `path`, `label`, `valence`, `arousal`, `votes_…` and `keyword`. With six labels the share
        of neutral stands in the column `neutral`, and the votes sum to what it leaves.

    Raises:
        DataError: A file, a column or every image is missing.
    """
    file = existing_folder(root, "emotion6") / GROUND_TRUTH
    rows = _rows(file)
    shares = rows[[f"[prob. {name}]" for name in _EMOTIONS]].set_axis(list(_EMOTIONS), axis="columns")
    numbers = rows[[f"[{axis}]" for axis in _AXES]].set_axis(list(_AXES), axis="columns").join(shares)
    numbers = numbers.apply(pd.to_numeric, errors="coerce").astype("float64")
    keywords = rows[_FILE].str.split("/").str[0]
    sound, left_out = _sound(rows[_FILE], keywords, numbers)
    numbers, keywords = numbers[sound], keywords[sound]
    nine = scale("1..9")
    frame = pd.DataFrame({"path": "images/" + rows[_FILE][sound], "keyword": keywords})
    for axis in _AXES:
        frame[axis] = nine.to_unit(numbers[axis])
    seven = labels == "majority"
    frame["label"] = _majority(numbers[list(_EMOTIONS)]) if seven else keywords
    for name in _EMOTIONS:
        frame[f"{VOTES}{name}" if seven or name != "neutral" else name] = numbers[name]
    frame, missing = with_images(frame.reset_index(drop=True), root, "emotion6")
    known = taxonomy("caer7" if seven else "ekman6")
    return Reading(Table(frame, taxonomy=known, root=root, name="emotion6"), (*left_out, *missing))


def _rows(file: Path) -> pd.DataFrame:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read ({error}); expected Emotion6 as published") from error
    rows = parse_csv(text, name=str(file), separator="\t").rename(columns=lambda name: str(name).strip())
    wanted = (_FILE, *(f"[{axis}]" for axis in _AXES), *(f"[prob. {name}]" for name in _EMOTIONS))
    lacking = [name for name in wanted if name not in rows.columns]
    if lacking:
        raise DataError(f"{file}: " + "; ".join(unknown("column", name, rows.columns) for name in lacking))
    rows = rows[list(wanted)].dropna(subset=[_FILE]).reset_index(drop=True)
    return rows.assign(**{_FILE: rows[_FILE].astype("string").str.strip()})


def _sound(
    files: "pd.Series[str]", keywords: "pd.Series[str]", numbers: pd.DataFrame
) -> tuple["pd.Series[bool]", list[LeftOut]]:
    """Say which rows can be used, and what is wrong with the others."""
    shares = numbers[list(_EMOTIONS)]
    wrong = {
        "its folder is none of the six keywords": ~keywords.isin(KEYWORDS),
        "it stands in the file twice": files.duplicated(),
        "valence or arousal is no number from 1 to 9": ~numbers[list(_AXES)]
        .apply(lambda column: column.between(1, 9))
        .all(axis="columns"),
        "its shares are no numbers from 0 that sum to 1": (shares.sum(axis="columns") - 1).abs().gt(_SUM)
        | shares.isna().any(axis="columns")
        | shares.lt(0).any(axis="columns"),
    }
    sound = pd.Series(data=True, index=files.index)
    left_out = []
    for reason, bad in wrong.items():
        found = sound & bad.fillna(value=True).astype(bool)
        left_out += [LeftOut(str(path), reason) for path in files[found]]
        sound &= ~found
    return sound, left_out


def _majority(shares: pd.DataFrame) -> "pd.Series[str]":
    """Return the emotion with the largest share; none where two have it."""
    tops = shares.ge(shares.max(axis="columns") - 1e-5, axis="index")
    return shares.idxmax(axis="columns").astype("string").mask(tops.sum(axis="columns") > 1)


EMOTION6 = DatasetCard(
    name="emotion6",
    title="Emotion6: 1,980 photographs, shares of seven emotions, valence and arousal",
    paper="Peng, Sadovnik, Gallagher & Chen 2015, A mixed bag of emotions: model, predict, and transfer "
    "emotion distributions, CVPR",
    licence="academic research only; the images belong to their owners on Flickr",
    obtain="Ask the authors, or their group's download page; copies circulate.",
    layout="ground_truth.txt, images/<keyword>/<n>.jpg",
    load=load,
    taxonomy="ekman6",
    dimensions=("valence", "arousal"),
    expected={**dict.fromkeys(taxonomy("ekman6").names, 330), IMAGES: 1_980},
    variants={"caer7": {IMAGES: 1_980}},
    options={
        "labels": Option(
            "keyword: the six folders; majority: the largest share, of seven with neutral",
            choices=("keyword", "majority"),
            default="keyword",
        )
    },
    traps=(
        "It is not Emotion-6 of WEBEmo's owners (emotion6_sadness).",
        "The folder is the word that the picture was searched by, not what people felt: the largest share is "
        "often another emotion, or neutral. Public loaders use either; say which.",
        "Ratings are read as 1 to 9 (not checked at the source); the table has them on -1 to 1. No standard "
        "deviations are published.",
        "No split is published. EmotionROI has the same images under a split of its own: never train on one "
        "and test on the other.",
        "votes_… are shares that sum to 1, not counts.",
    ),
)
