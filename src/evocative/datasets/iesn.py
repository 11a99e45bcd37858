"""IESN (Image-Emotion-Social-Net): Flickr images rated by uploaders' and viewers' words (Zhao et al. 2016).

The papers say over a million images, rated by the words of title, tags and description (the emotion that the
uploader meant) and, apart from that, by each viewer's comment (the emotion that was felt): one of Mikels'
eight emotions, a sentiment, and valence, arousal and dominance by the norms of Warriner et al. 2013. Cybulski
2019 has 1.4 million. The owners send images and labels to those who ask; **no public copy and no loader of
one was found, so the form of their files was not checked.** Columns are therefore taken by name from two
lists that anyone can write from what the owners send:

    images.csv     image, valence, arousal, dominance, and any of: emotion, user, title, tags, description
    comments.csv   image, valence, arousal, dominance, and any of: emotion, user, comment      (optional)

with the figures on 1 to 9 as printed in figure 1 of Zhao et al. 2016 (User-centric affective computing of
image emotion perceptions, AAAI). Either list may be .tsv as well.
"""

from pathlib import Path
from typing import Final, Literal

import pandas as pd

from evocative.data.columns import AXES, VOTES
from evocative.data.delimited import parse_csv
from evocative.data.table import Table
from evocative.datasets.card import DatasetCard, LeftOut, Option, Reading, existing_folder, with_images
from evocative.datasets.votes import majority
from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import scale
from evocative.taxonomy.labels import taxonomy

Take = Literal["expected", "felt"]

IMAGE: Final = "image"
_NINE: Final = scale("1..9")


def load(root: Path, *, take: Take = "expected") -> Reading:
    """Read a copy of IESN.

    Args:
        root: The folder of `images.csv`, of `comments.csv` and of the images.
        take: Whose emotion the rows have. `expected`: the uploader's. `felt`: the viewers', as the mean of
            their comments, with the standard deviation between them (n - 1) and votes for the emotions.

    Returns:
        Rows with `path`, `label` (of Mikels' eight), `valence`, `arousal`, `dominance`, `group` (the
        uploader), `title`, `tags` and `description` as far as they are given. Where there are comments, their
        means stand in `comments_valence` and so on with `comments_n` beside the uploader's, or, with `felt`,
        take their place and the uploader's stand in `expected_valence` and so on.

    Raises:
        DataError: A list or a column is missing, comments are asked for and there are none, or none of the
            images is there.
    """
    images = _rows(_list(existing_folder(root, "iesn"), "images"))
    sound, left_out = _sound(images, "images")
    sound = sound.drop_duplicates(subset=IMAGE).reset_index(drop=True)
    frame = sound.rename(columns={IMAGE: "path", "user": "group", "emotion": "label"})
    file = _list(root, "comments", needed=take == "felt")
    if file is not None:
        comments, strange = _sound(_rows(file), "comments")
        left_out += strange
        felt = _felt(comments).reindex(frame["path"]).set_axis(frame.index, axis="index")
        frame = _beside(frame, felt, take)
    frame["path"] = [_path(root, image) for image in frame["path"]]
    frame, missing = with_images(frame, root, "iesn")
    known = taxonomy("mikels8")
    return Reading(Table(frame, taxonomy=known, root=root, name="iesn"), (*left_out, *missing))


def _list(root: Path, name: str, *, needed: bool = True) -> Path | None:
    """Return the list of that name, .csv or .tsv; None where there is none and none is needed."""
    files = [root / f"{name}.csv", root / f"{name}.tsv"]
    found = next((file for file in files if file.is_file()), None)
    if found is None and needed:
        raise DataError(
            f"{files[0]}: cannot be found; write it from the owners' files with the columns image, valence, "
            "arousal, dominance (1 to 9), and emotion, user, title, tags, description where they are known"
        )
    return found


def _rows(file: Path | None) -> pd.DataFrame:
    assert file is not None  # noqa: S101 (asked for as needed)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    rows = parse_csv(text, name=str(file), separator="\t" if file.suffix == ".tsv" else ",")
    rows = rows.rename(columns=lambda name: str(name).strip().lower())
    lacking = [name for name in (IMAGE, *AXES) if name not in rows.columns]
    if lacking:
        raise DataError(f"{file}: " + unknown("column", lacking[0], rows.columns))
    return rows


def _sound(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Return the rows that can be used, on -1 to 1 and with Mikels' names, and what is wrong with others."""
    mikels = taxonomy("mikels8")
    numbers = rows[list(AXES)].apply(pd.to_numeric, errors="coerce").astype("float64")
    fit = numbers.apply(lambda column: column.between(1, 9)).all(axis="columns")
    wrong = {
        "it names no image": rows[IMAGE].isna(),
        "valence, arousal or dominance is no number from 1 to 9": ~fit,
    }
    if "emotion" in rows.columns:
        said = rows["emotion"]
        names = {word: mikels.resolve(word) for word in said.dropna().unique() if word in mikels}
        wrong["its emotion is none of Mikels' eight"] = ~(said.isna() | said.isin(list(names)))
        found = pd.Series([names.get(word) if isinstance(word, str) else None for word in said], rows.index)
        rows = rows.assign(emotion=found.astype("string"))  # also where all cells are empty
    bad = pd.Series(data=False, index=rows.index)
    left_out = []
    for reason, found in wrong.items():
        left_out += [LeftOut(f"{name}, row {row + 1}", reason) for row in rows.index[found & ~bad]]
        bad |= found
    rows = rows.assign(**{axis: _NINE.to_unit(numbers[axis]) for axis in AXES})
    return rows[~bad], left_out


def _felt(comments: pd.DataFrame) -> pd.DataFrame:
    """Return, by image, the comments' mean, standard deviation, number and votes."""
    by_image = comments.groupby(IMAGE)
    axes = list(AXES)
    felt = by_image[axes].mean().join(by_image[axes].std().add_suffix("_sd"))
    felt["n"] = by_image.size()
    if "emotion" in comments.columns:
        names = taxonomy("mikels8").names
        votes = pd.crosstab(comments[IMAGE], comments["emotion"]).reindex(columns=list(names), fill_value=0)
        votes = votes.reindex(felt.index, fill_value=0)
        felt["label"] = majority(votes, names).astype("string")
        felt = felt.join(votes.add_prefix(VOTES))
    return felt


def _beside(frame: pd.DataFrame, felt: pd.DataFrame, take: Take) -> pd.DataFrame:
    """Join what was felt to what was meant; one of them gets the names that a table knows."""
    if take == "expected":
        return frame.join(felt.add_prefix("comments_"))
    meant = [name for name in (*AXES, "label") if name in frame.columns]
    frame = frame.rename(columns={name: f"expected_{name}" for name in meant})
    return frame.join(felt.rename(columns={"n": "comments_n"}))


def _path(root: Path, image: str) -> str:
    """Return the image's path: as it is named, below `images/`, or with .jpg."""
    tries = [image, f"images/{image}", f"{image}.jpg", f"images/{image}.jpg"]
    return next((path for path in tries if (root / path).is_file()), f"images/{image}")


IESN = DatasetCard(
    name="iesn",
    title="IESN: over a million images of Flickr, emotion, valence, arousal and dominance from words",
    paper="Zhao, Yao, Gao, Ji, Xie, Jiang & Chua 2016, Predicting personalized emotion perceptions of social "
    "images, ACM Multimedia",
    licence="research only, by the owners' page; the images belong to their owners on Flickr",
    obtain="Write to the first author, whose page says what to tell of yourself.",
    layout="images.csv, comments.csv (ours: the owners' form was not checked), images/<image>",
    load=load,
    taxonomy="mikels8",
    dimensions=("valence", "arousal", "dominance"),
    options={
        "take": Option(
            "expected: what the uploader's words say; felt: what the viewers' comments say",
            choices=("expected", "felt"),
            default="expected",
        )
    },
    traps=(
        "The form of the owners' files was not checked: nobody's public loader was found. Columns are taken "
        "by name from lists that you write.",
        "Nobody rated these images: the figures are means of words' norms, and a person's look at them. "
        "Expect noise, and measure on rated images (oasis, emotion6).",
        "Only words of emotion seem to count in the printed examples (see docs/lexicon.md).",
        "Over a million images (the 2016 papers); Cybulski 2019 says 1.4 million, which may count "
        "labels. No count is checked.",
        "Many images have one uploader: group is the uploader, so that a split keeps them together.",
    ),
)
"""The card; counts are left open, since the publications differ."""
