"""WikiArt Emotions: 4,105 works of art, twenty emotions (Mohammad & Kiritchenko 2018), from the owners' file.

`WikiArt-Emotions-All.tsv` holds, for each work, the share of about ten raters who chose each emotion, on
seeing the image, the title, or both; several could be chosen. The owners count an emotion as present where 40
% chose it: their second file, `WikiArt-Emotions-Ag4.tsv`, is the first with that threshold (checked cell by
cell: it is, except for 16 cells of the titles' neutral). The file names the images' addresses; the images
have to be downloaded by those who may.

**Sentiments.** Motiejauskas 2026, 5.3.2, has 3,176 of the works "belonging to three sentiment groups" and
does not state the rule. The owners' paper groups the emotions into positive, negative, and other or mixed,
and exactly 3,176 works have at least one present emotion when only the image is shown. So the rule here:
positive if positive emotions are present and no negative one, negative the other way round, neutral (mixed)
if both are, or only others or neutral; none without a present emotion. Which emotion the owners put into
which group was not checked in full at the source: the number of works that have a sentiment does not hang on
it, the numbers of positive, negative and neutral ones do.
"""

from collections import Counter
from collections.abc import Iterable
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import pandas as pd

from evocative.data.delimited import parse_csv
from evocative.data.find import find_images
from evocative.data.table import Table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Option, Reading, existing_folder
from evocative.datasets.votes import majority
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import taxonomy

ANNOTATIONS: Final = "WikiArt-Emotions-All.tsv"
VIEWS: Final = {"image": "ImageOnly", "art": "Art (image+title)", "title": "TitleOnly"}
"""What the raters saw, and how the file's columns begin."""
LABELS: Final = ("emotions", "sentiments")
AGREED: Final = 0.4
"""Share of the raters from which the owners count an emotion as present."""
SENTIMENTS: Final = {"positive": 1_576, "negative": 508, "neutral": 1_092, IMAGES: 3_176}
"""Works of each sentiment by the rule above, for the image alone; their sum is the dissertation's."""
_FACTS: Final = {
    "id": "ID",
    "style": "Style",
    "category": "Category",
    "artist": "Artist",
    "title": "Title",
    "year": "Year",
    "address": "Image URL",
    "is_painting": "Is painting",
    "shows": "Face/body",
}
_RATING: Final = "Ave. art rating"


def load(root: Path, *, labels: str = "emotions", view: str = "image") -> Reading:
    """Read the owners' file and the images beside it, anywhere below the root.

    An image belongs to a work if its name without the suffix is the work's ID, else if its folder and name
    are the last two parts of the work's address, else if its name is that of one work's address only. `group`
    is the artist; `art_rating`, from -3 (disliked a lot) to 3, is no valence.

    Args:
        root: The folder with `WikiArt-Emotions-All.tsv`.
        labels: `emotions`: the label is the emotion with the largest share if that is at least 40 % and no
            other's, the shares are the votes, and `sentiment` is a further column. `sentiments`: the label is
            one of three sentiments, works without one are left out, and the shares are further columns
            `share_<emotion>`.
        view: What the raters saw: image, art (image and title) or title.

    Raises:
        DataError: An option has no such value, the file is missing or another one, or not one of its works
            has an image.
    """
    if labels not in LABELS:
        raise DataError(unknown("labels of WikiArt Emotions", labels, LABELS))
    works = annotations(existing_folder(root, "wikiart_emotions") / ANNOTATIONS, view=view)
    found, without = _images(works, root)
    paths = pd.Series(found, index=works.index, dtype="string")
    works = works.assign(path=paths).dropna(subset=["path"]).reset_index(drop=True)
    if works.empty:
        raise DataError(
            f"{root}: none of the {len(without)} works has an image; name each <ID>.jpg, as "
            f"{without[0].path if without else ANNOTATIONS}"
        )
    if labels == "emotions":
        table = Table(works, taxonomy=taxonomy("wikiart20"), root=root, name="wikiart_emotions")
        return Reading(table, tuple(without))
    return _with_sentiments(works, root, without)


def _with_sentiments(works: pd.DataFrame, root: Path, without: list[LeftOut]) -> Reading:
    """Label with sentiments; leave out, and count, the works that have none."""
    works = works.assign(label=works["sentiment"]).drop(columns="sentiment")
    works.columns = works.columns.str.replace(r"^votes_", "share_", regex=True)
    sure = works["label"].notna()
    unsure = [
        LeftOut(ANNOTATIONS, f"works on which less than 40 % of the raters agree: {int((~sure).sum())}")
    ] * bool((~sure).any())
    table = Table(works[sure], taxonomy=taxonomy("sentiment3"), root=root, name="wikiart_emotions")
    return Reading(table, (*without, *unsure))


def annotations(file: Path, *, view: str = "image") -> pd.DataFrame:
    """Read the owners' file, without looking for images.

    Args:
        file: `WikiArt-Emotions-All.tsv`.
        view: What the raters saw: image, art or title.

    Returns:
        One row a work: `label` of `wikiart20`, `votes_<emotion>` (shares of the raters, in [0, 1]),
        `sentiment`, `group` (the artist), `art_rating`, and what is known of the work.

    Raises:
        DataError: The file cannot be read, lacks a column, or a share is no number in [0, 1].
    """
    if view not in VIEWS:
        raise DataError(unknown("view of WikiArt Emotions", view, VIEWS))
    rows = _rows(file)
    names = taxonomy("wikiart20").names
    columns = {name: f"{VIEWS[view]}: {name}" for name in names}
    lacking = [name for name in (*_FACTS.values(), _RATING, *columns.values()) if name not in rows.columns]
    if lacking:
        raise DataError(f"{file}: " + unknown("column", lacking[0], rows.columns))
    shares = rows[list(columns.values())].apply(pd.to_numeric, errors="coerce").astype("float64")
    shares.columns = pd.Index(names)
    bad = rows["ID"][~shares.apply(lambda column: column.between(0, 1)).all(axis="columns")]
    if len(bad):
        raise DataError(
            f"{file}: shares must be numbers from 0 to 1; {len(bad)} works differ, first {bad.iloc[0]!r}"
        )
    facts = {to: rows[column].map(unescape, na_action="ignore") for to, column in _FACTS.items()}
    return pd.DataFrame(
        {
            "label": majority(shares, names, least=AGREED),
            **{f"votes_{name}": shares[name] for name in names},
            "group": facts["artist"],
            "sentiment": sentiment_of(shares),
            **facts,
            "is_painting": facts["is_painting"] == "yes",
            "art_rating": pd.to_numeric(rows[_RATING], errors="coerce"),
        }
    )


def sentiment_of(shares: pd.DataFrame) -> "pd.Series[str]":
    """Return each work's sentiment by the rule above.

    Args:
        shares: (N, 20) in [0, 1], the columns named as in `wikiart20`.

    Returns:
        positive, negative or neutral; missing where no emotion reaches 40 %.
    """
    present = shares >= AGREED
    groups = taxonomy("wikiart20")
    some = {
        kind: present[[label.name for label in groups if label.sentiment == kind]].any(axis="columns")
        for kind in ("positive", "negative")
    }
    kinds = pd.Series("neutral", index=shares.index, dtype="string")
    kinds = kinds.mask(some["positive"] & ~some["negative"], "positive")
    kinds = kinds.mask(some["negative"] & ~some["positive"], "negative")
    return kinds.where(present.any(axis="columns"))


def _rows(file: Path) -> pd.DataFrame:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read ({error.strerror}); it is the owners' file of shares"
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: is not UTF-8 text (byte {error.start}); copy it again") from error
    return parse_csv(text, name=str(file), separator="\t")


def _images(works: pd.DataFrame, root: Path) -> tuple[list[str | None], list[LeftOut]]:
    """Find each work's image; return the paths, and the works that have none."""
    files = [path.relative_to(root).as_posix() for path in find_images([root])]
    by_stem = _unique((PurePosixPath(file).stem, file) for file in files)
    by_tail = _unique(("/".join(PurePosixPath(file).parts[-2:]), file) for file in files)
    by_name = _unique((PurePosixPath(file).name, file) for file in files)
    tails = [
        PurePosixPath(unquote(urlsplit(address).path)).parts[-2:] for address in works["address"].fillna("")
    ]
    names = Counter(tail[-1] for tail in tails if tail)
    found: list[str | None] = []
    without = []
    for identity, tail in zip(works["id"], tails, strict=True):
        own = by_name.get(tail[-1]) if tail and names[tail[-1]] == 1 else None
        path = by_stem.get(identity) or by_tail.get("/".join(tail)) or own
        found.append(path)
        if path is None:
            without.append(
                LeftOut(f"{identity}.jpg", f"the image is missing (at the address: {'/'.join(tail)})")
            )
    return found, without


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the keys that stand for one file only."""
    files: dict[str, str] = {}
    twice = set()
    for key, file in pairs:
        if files.setdefault(key, file) != file:
            twice.add(key)
    return {key: file for key, file in files.items() if key not in twice}


WIKIART_EMOTIONS = DatasetCard(
    name="wikiart_emotions",
    title="WikiArt Emotions: 4,105 works of art, shares of raters for twenty emotions, or three sentiments",
    paper="Mohammad & Kiritchenko 2018, WikiArt Emotions: an annotated dataset of emotions evoked by art, "
    "LREC",
    licence="annotations: research use; the images' rights are with WikiArt and the artists' heirs "
    "(not checked at the source)",
    obtain="Download the annotations from the first author's page, and the images at the column Image URL; "
    "name them <ID>.jpg.",
    layout="WikiArt-Emotions-All.tsv, and below it <ID>.jpg, or <artist>/<file> as in the address",
    load=load,
    taxonomy="wikiart20",
    expected={IMAGES: 4_105},
    variants={"sentiment3": SENTIMENTS},
    options={
        "labels": Option(
            "twenty emotions, or the dissertation's three groups", choices=LABELS, default="emotions"
        ),
        "view": Option(
            "what the raters saw: the image, its title, or both (art)", tuple(VIEWS), default="image"
        ),
    },
    traps=(
        "The file has shares of about ten raters, not counts, and several emotions could be chosen: a row's "
        "votes sum to more than 1.",
        "The dissertation does not state how its three groups come about; our rule (--set "
        "labels=sentiments) gives its 3,176 works exactly, when all images are there.",
        "Which emotions count as positive, negative or mixed was not checked in full at the source.",
        "Its table 5.11 and figure 5.7 use no labels of these: they are the model's own predictions. The "
        "counts of the baseline at threshold .3 sum to 559, printed 552.",
        "Only 4,006 of the 4,105 addresses end in different names: keep the ID or the artist's folder.",
        "253 works are no paintings. Titles hold HTML entities, which are resolved.",
        "Ratings of the image, of the title and of both differ; a model that sees the image is measured by "
        "the first.",
        "art_rating says how well a work is liked. It is no valence.",
    ),
)
