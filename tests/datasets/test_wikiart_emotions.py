"""WikiArt Emotions: the owners' file, which image is whose, and the rule of the three sentiments."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.wikiart_emotions import (
    AGREED,
    ANNOTATIONS,
    SENTIMENTS,
    WIKIART_EMOTIONS,
    annotations,
    sentiment_of,
)
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

NAMES = taxonomy("wikiart20").names
FACTS = (
    "ID",
    "Style",
    "Category",
    "Artist",
    "Title",
    "Year",
    "Image URL",
    "Painting Info URL",
    "Artist Info URL",
)
VIEWS = ("Art (image+title)", "ImageOnly", "TitleOnly")
HEADER = [
    *FACTS,
    "Is painting",
    "Face/body",
    "Ave. art rating",
    *(f"{view}: {name}" for view in VIEWS for name in NAMES),
]


def work(identity: str, address: str, **image: float) -> str:
    """One row; the shares are of the image alone, the other views have fear at .5."""
    facts = [
        identity,
        "Modern Art",
        "Cubism",
        "Dal&#237;",
        "It&#39;s",
        "1920",
        f"https://host/{address}",
        "",
        "",
    ]
    others = ["0.500" if name == "fear" else "0" for name in NAMES]
    own = [str(image.get(name, 0)) for name in NAMES]
    return "\t".join([*facts, "yes", "none", "-0.25", *others, *own, *others])


def publish(root: Path, works: list[str]) -> Path:
    root.mkdir(exist_ok=True)
    text = "\r\n".join(["\t".join(HEADER), *works]) + "\r\n"
    (root / ANNOTATIONS).write_text(text, encoding="utf-8", newline="")
    return root


WORKS = [
    work("a1", "dali/x.jpg", happiness=0.6, love=0.4),
    work("a2", "dali/night%20sky.jpg", fear=0.4, surprise=0.8),
    work("a3", "monet/x.jpg", trust=0.4, anger=0.4),
    work("a4", "monet/own.jpg", surprise=0.5),
    work("a5", "monet/none.jpg", happiness=0.39),
    work("a6", "monet/gone.jpg", happiness=0.9),
]


def test_images_are_found_by_id_by_folder_and_by_a_name_of_their_own(plant: Plant) -> None:
    root = publish(plant(["a1.png", "dali/night sky.jpg", "deep/monet/x.jpg", "own.jpg", "none.jpg"]), WORKS)
    reading = WIKIART_EMOTIONS.load(root)
    frame = reading.table.frame
    check_table(reading.table)
    assert dict(zip(frame["id"], frame["path"], strict=True)) == {
        "a1": "a1.png",
        "a2": "dali/night sky.jpg",
        "a3": "deep/monet/x.jpg",
        "a4": "own.jpg",
        "a5": "none.jpg",
    }
    assert frame["label"].tolist() == ["happiness", "surprise", pd.NA, "surprise", pd.NA]
    assert frame["sentiment"].tolist() == ["positive", "negative", "neutral", "neutral", pd.NA]
    assert frame["group"].tolist() == ["Dalí"] * 5
    assert frame["title"].tolist() == ["It's"] * 5
    assert frame["art_rating"].tolist() == [-0.25] * 5
    assert frame["votes_happiness"].tolist() == [0.6, 0, 0, 0, 0.39]
    assert [item.path for item in reading.left_out] == ["a6.jpg"]


def test_a_name_of_two_works_is_nobodys(plant: Plant) -> None:
    reading = WIKIART_EMOTIONS.load(publish(plant(["x.jpg", "own.jpg"]), WORKS))
    assert reading.table.frame["id"].tolist() == ["a4"]


def test_three_sentiments(plant: Plant) -> None:
    root = publish(plant([f"a{n}.jpg" for n in range(1, 7)]), WORKS)
    reading = WIKIART_EMOTIONS.load(root, labels="sentiments")
    table = reading.table
    check_table(table)
    assert table.taxonomy == taxonomy("sentiment3")
    assert table.frame["label"].tolist() == ["positive", "negative", "neutral", "neutral", "positive"]
    assert table.frame["share_happiness"].tolist() == [0.6, 0, 0, 0, 0.9]
    assert [item.reason for item in reading.left_out] == [
        "works on which less than 40 % of the raters agree: 1"
    ]
    assert [count.expected for count in WIKIART_EMOTIONS.counts(table)] == [1_576, 508, 1_092, 3_176]


def test_another_view(plant: Plant) -> None:
    root = publish(plant(["a1.jpg"]), WORKS)
    frame = WIKIART_EMOTIONS.read(root, view="title").frame
    assert frame["label"].tolist() == ["fear"]
    with pytest.raises(DataError, match="unknown view of WikiArt Emotions 'both'"):
        WIKIART_EMOTIONS.read(root, view="both")
    with pytest.raises(DataError, match="unknown labels of WikiArt Emotions 'all'"):
        WIKIART_EMOTIONS.read(root, labels="all")


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"love": 0.4}, "positive"),
        ({"love": 0.4, "surprise": 0.9}, "positive"),
        ({"shame": 0.5}, "negative"),
        ({"shame": 0.4, "love": 0.9}, "neutral"),
        ({"neutral": 0.4}, "neutral"),
        ({"anticipation": 0.7, "love": 0.39}, "neutral"),
        ({"love": 0.39, "shame": 0.1}, pd.NA),
    ],
)
def test_the_rule(shares: dict[str, float], expected: object) -> None:
    row = pd.DataFrame([{name: shares.get(name, 0.0) for name in NAMES}])
    assert sentiment_of(row).tolist() == [expected]


def test_a_file_that_is_another(plant: Plant) -> None:
    root = plant(["a1.jpg"])
    with pytest.raises(DataError, match=rf"{ANNOTATIONS}: cannot be read"):
        WIKIART_EMOTIONS.load(root)
    with pytest.raises(DataError, match="must be numbers from 0 to 1; 1 works differ, first 'a9'"):
        WIKIART_EMOTIONS.load(publish(root, [work("a9", "x/y.jpg", fear=1.5)]))
    with pytest.raises(DataError, match=r"none of the 1 works has an image; name each <ID>\.jpg, as a7\.jpg"):
        WIKIART_EMOTIONS.load(publish(root, [work("a7", "x/y.jpg")]))
    (root / ANNOTATIONS).write_text("ID\tStyle\na1\tModern\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown column 'Category'"):
        WIKIART_EMOTIONS.load(root)


def test_all_works_of_the_owners_file_parse(shared_data: Path) -> None:
    file = shared_data / "wikiart-emotions" / ANNOTATIONS
    works = annotations(file)
    assert len(works) == works["id"].nunique() == WIKIART_EMOTIONS.expected["images"] == 4_105
    assert (
        works["sentiment"].value_counts().to_dict() | {"images": int(works["sentiment"].notna().sum())}
        == SENTIMENTS
    )
    assert not works.drop(columns=["label", "sentiment"]).isna().any(axis=None)
    assert int((~works["is_painting"]).sum()) == 253
    assert not works["title"].str.contains("&#", regex=False).any()


@pytest.mark.parametrize("view", ["image", "art", "title"])
def test_the_owners_second_file_is_the_first_with_the_threshold(shared_data: Path, view: str) -> None:
    folder = shared_data / "wikiart-emotions"
    votes = [f"votes_{name}" for name in NAMES]
    shares = annotations(folder / ANNOTATIONS, view=view)[votes].to_numpy()
    present = annotations(folder / "WikiArt-Emotions-Ag4.tsv", view=view)[votes].to_numpy()
    row, column = np.nonzero((shares >= AGREED) != (present == 1))
    assert len(row) == (16 if view == "title" else 0)
    assert {NAMES[place] for place in column} == ({"neutral"} if view == "title" else set())
