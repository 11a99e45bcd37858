"""Texts of a table become dimensions and labels; a person's verdicts come back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("simplemma")

from evocative.curate.check_list import apply_check_list, write_check_list
from evocative.curate.label_text import Doubts, label_comments, label_text
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table, check_table, read_table, write_table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.lexicon import Lexicon

EKMAN = taxonomy("ekman6")
WORDS = {
    "anger": (-0.6, 0.3, 0.0),
    "disgust": (-0.5, 0.0, 0.0),
    "fear": (-0.5, 0.3, -0.4),
    "happiness": (0.9, 0.4, 0.5),
    "sadness": (-0.7, -0.5, -0.3),
    "surprise": (0.6, 0.4, 0.0),
    "chair": (0.0, -0.5, 0.1),
}


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(tuple(WORDS), np.array(list(WORDS.values())), np.full((len(WORDS), 3), 0.2))


@pytest.fixture
def table() -> Table:
    return Table(
        pd.DataFrame(
            {
                "path": ["a.jpg", "b.jpg", "c.jpg", "d.jpg"],
                "title": [
                    "Happiness and surprise, surprise",
                    "Untitled",
                    "Fear of happiness, disgust",
                    pd.NA,
                ],
                "tags": ["", "sadness", "not a chair", pd.NA],
                "comments": ["fear!\nxyz\nanger and fear", "happiness", pd.NA, "…"],
                "split": "train",
            }
        ),
        name="walks",
    )


def test_dimensions_and_labels_by_hand(table: Table, lexicon: Lexicon) -> None:
    found = label_text(table, lexicon, ["title", "tags"], labels=EKMAN)
    check_table(found, files=False)
    frame = found.frame
    assert list(frame["valence"]) == pytest.approx([0.7, -0.7, -0.1 / 4, np.nan], nan_ok=True)
    assert list(frame["dominance"]) == pytest.approx([0.5 / 3, -0.3, 0.2 / 4, np.nan], nan_ok=True)
    assert frame["valence_sd"][0] == pytest.approx(np.hypot(0.2, np.std([0.9, 0.6, 0.6])))
    assert list(frame["words"]) == [4, 2, 7, 0]
    assert list(frame["known_words"]) == [3, 1, 4, 0]
    assert frame["found_words"][2] == "fear; happiness; disgust; chair"
    assert list(frame["label"].fillna("none")) == ["surprise", "sadness", "none", "none"]
    assert list(frame["uncertain"]) == [False, True, True, True]
    assert frame["doubts"][1] == "fewer than 2 known words"
    assert frame["doubts"][2] == "a negation; pleasant and unpleasant words; neither pleasant nor unpleasant"
    assert frame["doubts"][3] == "no known word"
    assert found.taxonomy == EKMAN


def test_bounds_of_doubt(table: Table, lexicon: Lexicon) -> None:
    found = label_text(table, lexicon, ["title"], doubts=Doubts(known=1, share=0.9, mixed=0.1, neutral=0))
    assert list(found.frame["doubts"].fillna("")) == [
        "most words are unknown; pleasant and unpleasant words",
        "no known word",
        "most words are unknown; pleasant and unpleasant words",
        "no known word",
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("happiness at last", "happiness"),
        ("not happiness at all", "none"),
        ("happiness? never", "happiness"),  # two sentences, and the first stands for itself
        ("happiness it is not", "none"),
        ("No rain. Happiness", "happiness"),
        ("happiness isn’t here", "none"),
        ("hardly any happiness", "none"),
        ("Happiness No. 5", "happiness"),
        ("happiness and sadness", "none"),
        ("surprise, surprise, surprise, disgust", "surprise"),  # .5 of 2.3 is the weaker side's
        ("surprise, fear", "none"),
        ("chair", "none"),
        ("happiness sadness anger chair chair", "none"),
    ],
)
def test_no_label_without_clear_evidence(lexicon: Lexicon, text: str, label: str) -> None:
    one = Table(pd.DataFrame({"path": ["a.jpg"], "title": [text], "comments": [text]}))
    assert label_text(one, lexicon, ["title"], labels=EKMAN).frame["label"].fillna("none")[0] == label
    felt = label_comments(one, lexicon, "comments", labels=EKMAN).frame["comments_label"]
    assert felt.fillna("none")[0] == label


@pytest.mark.parametrize(
    ("comments", "label"),
    [
        (["happiness", "sadness"], "none"),
        (["surprise", "disgust"], "none"),  # apart by a standard deviation of .55
        (["surprise", "surprise", "fear"], "none"),  # by .52; .5 of 1.7 is against it
        (["happiness", "not happiness"], "happiness"),
        (["not happiness", "never sadness"], "none"),
        (["chair", "chair"], "none"),
        (["sadness", "sadness", "chair"], "sadness"),
        (["happiness and sadness", "fear"], "fear"),
    ],
)
def test_comments_that_contradict_each_other_give_no_label(
    lexicon: Lexicon, comments: list[str], label: str
) -> None:
    one = Table(pd.DataFrame({"path": ["a.jpg"], "comments": ["\n".join(comments)]}))
    frame = label_comments(one, lexicon, "comments", labels=EKMAN).frame
    assert frame["comments_label"].fillna("none")[0] == label
    assert frame["comments_n"][0] == len(comments)


def test_neutral_is_a_label_of_neutral_texts() -> None:
    caer = taxonomy("caer7")
    words = WORDS | {"neutral": (0.05, -0.4, 0.1)}
    norms = Lexicon(tuple(words), np.array(list(words.values())))
    table = Table(pd.DataFrame({"path": ["a.jpg", "b.jpg"], "title": ["chair", "anger; chair; happiness"]}))
    assert list(label_text(table, norms, ["title"], labels=caer).frame["label"].fillna("none")) == [
        "neutral",
        "none",
    ]


def test_comments_stay_apart(table: Table, lexicon: Lexicon) -> None:
    frame = label_comments(table, lexicon, "comments", labels=EKMAN).frame
    assert list(frame["comments_n"]) == [2, 1, 0, 0]
    assert frame["comments_valence"][0] == pytest.approx(-0.525)
    assert frame["comments_valence_sd"][0] == pytest.approx(np.std([-0.5, -0.55], ddof=1))
    assert frame["comments_valence"][1] == 0.9
    assert frame["comments_valence_sd"].isna().tolist() == [False, True, True, True]
    assert list(frame["comments_label"].fillna("none")) == ["fear", "happiness", "none", "none"]
    assert "valence" not in frame.columns
    both = label_comments(label_text(table, lexicon, ["title"]), lexicon, "comments")
    assert both.frame["valence"][0] == pytest.approx(0.7)


def test_a_table_comes_back_from_a_file(table: Table, lexicon: Lexicon, tmp_path: Path) -> None:
    found = label_text(table, lexicon, ["title", "tags"], labels=EKMAN)
    write_table(found, tmp_path / "t.csv")
    again = read_table(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(
        again.frame.drop(columns="tags"), found.frame.drop(columns="tags"), check_dtype=False
    )


def test_the_check_list_and_its_verdicts(table: Table, lexicon: Lexicon, tmp_path: Path) -> None:
    found = label_text(table, lexicon, ["title", "tags"], labels=EKMAN)
    file = tmp_path / "look.csv"
    assert write_check_list(found, ["title", "tags"], file) == 3
    rows, _ = read_rows(file)
    assert list(rows["path"]) == ["c.jpg", "d.jpg", "b.jpg", "a.jpg"]  # 3 doubts, one, one, none
    assert rows["verdict"].isna().all()
    rows["verdict"] = ["no", "", "Yes ", ""]
    write_rows(rows, {}, file)
    checked = apply_check_list(found, file).frame
    assert list(checked["valence"].isna()) == [False, False, True, True]
    assert list(checked["label"].isna()) == [False, False, True, True]
    assert list(checked["uncertain"]) == [False, False, False, True]
    assert list(checked["words"]) == list(found.frame["words"])


def test_what_a_person_wrote_is_neither_lost_nor_asked_again(
    table: Table, lexicon: Lexicon, tmp_path: Path
) -> None:
    found, file = label_text(table, lexicon, ["title", "tags"]), tmp_path / "look.csv"
    write_rows(pd.DataFrame({"path": ["c.jpg", "b.jpg"], "verdict": ["no", "yes"]}), {}, file)
    with pytest.raises(DataError, match=r"look\.csv: holds 2 verdicts already; name another file"):
        write_check_list(found, ["title"], file)
    left = apply_check_list(found, file)
    assert write_check_list(left, ["title"], tmp_path / "rest.csv") == 1
    assert read_rows(tmp_path / "rest.csv")[0]["path"].iloc[0] == "d.jpg"
    with pytest.raises(DataError, match="walks: unknown column 'uncertain'"):
        apply_check_list(table, file)


def test_a_refused_text_takes_no_label_that_it_did_not_give(
    table: Table, lexicon: Lexicon, tmp_path: Path
) -> None:
    own = Table(table.frame.assign(label="fear"), taxonomy=EKMAN, name="own")
    found, file = label_text(own, lexicon, ["title"]), tmp_path / "look.csv"
    write_rows(pd.DataFrame({"path": ["a.jpg"], "verdict": ["no"]}), {}, file)
    checked = apply_check_list(found, file, label=False).frame
    assert list(checked["label"]) == ["fear"] * 4
    assert np.isnan(checked["valence"][0])


def test_a_prefix_keeps_what_a_table_has(table: Table, lexicon: Lexicon) -> None:
    rated = table.assign(valence=0.1)
    with pytest.raises(DataError, match="a column 'valence' already; choose another prefix"):
        label_text(rated, lexicon, ["title"])
    found = label_text(rated, lexicon, ["title"], prefix="text_", labels=EKMAN)
    assert list(found.frame["valence"]) == [0.1] * 4
    assert found.frame["text_valence"][0] == pytest.approx(0.7)
    assert found.frame["text_label"][0] == "surprise"
    assert found.taxonomy is None


def test_titles_of_art_say_what_raters_of_titles_say(shared_data: Path) -> None:
    """Real titles: where raters of the title alone agree on a sentiment, the words' valence finds it."""
    from sklearn.metrics import roc_auc_score

    from evocative.datasets.wikiart_emotions import annotations
    from evocative.taxonomy.lexicon import read_lexicon

    works = annotations(shared_data / "wikiart-emotions" / "WikiArt-Emotions-All.tsv", view="title")
    norms = read_lexicon(shared_data / "warriner" / "Ratings_Warriner_et_al.csv")
    table = Table(works.assign(path=works["id"]).drop(columns="label"), name="wikiart")
    frame = label_text(table, norms, ["title"]).frame
    assert len(frame) == 4_105
    assert 0.70 < (frame["known_words"] > 0).mean() < 0.77
    sure = frame["valence"].notna() & frame["sentiment"].isin(["positive", "negative"])
    positive = (frame.loc[sure, "sentiment"] == "positive").to_numpy(dtype=bool)
    assert roc_auc_score(positive, frame.loc[sure, "valence"]) > 0.9


def test_what_is_wrong_is_said(table: Table, lexicon: Lexicon, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unknown column 'titel'; did you mean 'title'"):
        label_text(table, lexicon, ["titel"])
    with pytest.raises(DataError, match="name one column with text"):
        label_text(table, lexicon, [])
    other = Table(table.frame.assign(x=1), taxonomy=taxonomy("mikels8"))
    with pytest.raises(DataError, match="of another taxonomy than ekman6"):
        label_text(other, lexicon, ["title"], labels=EKMAN)
    with pytest.raises(DataError, match="a separator of one character or more"):
        label_comments(table, lexicon, "comments", separator="")
    with pytest.raises(DataError, match="unknown column 'valence'"):
        write_check_list(table, ["title"], tmp_path / "look.csv")
    found = label_text(table, lexicon, ["title"])
    for rows, message in (
        ({"path": ["a.jpg"], "verdict": ["maybe"]}, "found the verdict 'maybe'"),
        ({"path": ["z.jpg"], "verdict": ["no"]}, "found 'z.jpg'"),
        ({"path": ["a.jpg"], "verdict": [""]}, "found none"),
        ({"path": ["a.jpg"]}, "unknown column 'verdict'"),
    ):
        write_rows(pd.DataFrame(rows), {}, tmp_path / "bad.csv")
        with pytest.raises(DataError, match=message):
            apply_check_list(found, tmp_path / "bad.csv")
