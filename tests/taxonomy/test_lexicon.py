"""Word norms: every row of the published file, its odd words, scales and the nearest label."""

import csv
import doctest
from pathlib import Path

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.taxonomy import lexicon as module
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.lexicon import WORDS, Lexicon, category, label_points, read_lexicon

HEADER = "Word,V.Mean.Sum,V.SD.Sum,V.Rat.Sum,A.Mean.Sum,A.SD.Sum,A.Rat.Sum,D.Mean.Sum,D.SD.Sum,D.Rat.Sum"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "norms.csv"
    file.write_text("\n".join([header, *rows, ""]))
    return file


@pytest.fixture(scope="module")
def warriner(shared_data: Path) -> Lexicon:
    return read_lexicon(shared_data / "warriner" / "Ratings_Warriner_et_al.csv")


def test_every_published_row_is_read(warriner: Lexicon, shared_data: Path) -> None:
    with (shared_data / "warriner" / "Ratings_Warriner_et_al.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    header, rows = rows[0], rows[1:]
    assert len(rows) == len(warriner) == WORDS
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        norm = warriner[cells["Word"]]
        assert norm.word == cells["Word"]
        for axis, vad, sd, raters in zip("VAD", norm.vad, norm.sd, norm.raters, strict=True):
            assert vad * 4 + 5 == pytest.approx(float(cells[f"{axis}.Mean.Sum"]))
            assert sd * 4 == pytest.approx(float(cells[f"{axis}.SD.Sum"]))
            assert raters == float(cells[f"{axis}.Rat.Sum"])


@pytest.mark.parametrize(
    ("word", "signs"),
    [
        ("joy", (1, 1)),
        ("delight", (1, 0)),
        ("excitement", (1, 1)),
        ("happiness", (1, 1)),
        ("triumph", (1, 1)),
        ("calm", (1, -1)),
        ("serenity", (1, -1)),
        ("peaceful", (1, -1)),
        ("grief", (-1, 0)),
        ("terror", (-1, 1)),
        ("panic", (-1, 1)),
        ("rage", (-1, 1)),
        ("anger", (-1, 1)),
        ("sadness", (-1, -1)),
        ("boredom", (-1, -1)),
        ("disgust", (-1, 0)),
    ],
)
def test_the_signs_of_emotion_words(warriner: Lexicon, word: str, signs: tuple[int, int]) -> None:
    """0 stands for the middle: the arousal of grief is 4.95, of disgust 5, of delight 5.02."""
    for value, sign in zip(warriner[word].vad[:2], signs, strict=True):
        assert np.sign(value) == sign if sign else abs(value) < 0.02


def test_null_is_a_word_and_capitals_matter_only_where_they_must(warriner: Lexicon) -> None:
    assert warriner["null"].vad == pytest.approx(((4.32 - 5) / 4, (3.05 - 5) / 4, (4.48 - 5) / 4))
    assert warriner["True"].word == "TRUE"
    assert warriner["Joy"].word == "joy"
    assert warriner["AIDS"].vad[0] < warriner["Aids"].vad[0]
    assert warriner["aids"].word == "aids"
    assert warriner.longest == 3
    assert "Secretary of State" in warriner


def test_other_scales_and_plain_columns(tmp_path: Path) -> None:
    norms = read_lexicon(write(tmp_path, "awe,1,2,3,0,1,9,5,0,8"), ratings="0..10")
    assert norms["awe"].vad == pytest.approx((-0.8, -1, 0))
    assert norms["awe"].sd == pytest.approx((0.4, 0.2, 0))
    assert norms["awe"].raters == pytest.approx((3, 9, 8))
    plain = read_lexicon(
        write(tmp_path, "awe,0,1,0.5", header="word,valence,arousal,dominance"), ratings="0..1"
    )
    assert plain["awe"].vad == pytest.approx((-1, 1, 0))
    assert np.isnan([*plain["awe"].sd, *plain["awe"].raters]).all()


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (["awe,1,1,1,1,1,1,x,1,1"], HEADER, "row 1: column D.Mean.Sum must hold a number, found 'x'"),
        (["awe,1,1,1,nan,1,1,1,1,1"], HEADER, "row 1: column A.Mean.Sum must hold a number, found 'nan'"),
        (["awe,1,inf,1,1,1,1,1,1,1"], HEADER, "must hold a number, found 'inf'"),
        (["awe,10,1,1,1,1,1,1,1,1"], HEADER, "outside the scale 1 to 9"),
        (["awe,1,1,1,1,1,1,1,1,1"] * 2, HEADER, "each word once; found \\['awe'\\]"),
        ([], HEADER, "no words"),
        (["awe,1"], "term,valence", "expected a column 'Word'"),
        (["awe,1"], "word,valence", "unknown column 'arousal'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, rows: list[str], header: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_lexicon(write(tmp_path, *rows, header=header))
    with pytest.raises(DataError, match="cannot be read"):
        read_lexicon(tmp_path / "absent.csv")


def test_only_some_words(tmp_path: Path) -> None:
    norms = read_lexicon(write(tmp_path, "awe,1,1,1,1,1,1,1,1,1", "joy,9,1,1,1,1,1,1,1,1"))
    assert norms.only(["Joy", "grief"]).words == ("joy",)
    assert norms.only(["joy"])["joy"] == norms["joy"]
    with pytest.raises(DataError, match="not one of the words"):
        norms.only(["grief"])
    with pytest.raises(DataError, match="unknown word of norms 'aw'; did you mean 'awe'"):
        _ = norms["aw"]


def test_the_nearest_label(warriner: Lexicon) -> None:
    mikels = taxonomy("mikels8")
    points = label_points(warriner, mikels)
    assert category(points, warriner, labels=mikels) == list(mikels.names)
    rng = np.random.default_rng(0)
    drawn = rng.uniform(-1, 1, (50, 3))
    naive = [min(mikels.names, key=lambda name: np.linalg.norm(warriner[name].vad - row)) for row in drawn]
    assert category(drawn, warriner, labels=mikels) == naive
    assert category([np.nan, 0, 0], warriner, labels=mikels) is None
    with pytest.raises(DataError, match="has no norms of sadness"):
        category(drawn, warriner.only(set(mikels.names) - {"sadness"}), labels=mikels)


def test_the_printed_examples_are_not_all_nearest(warriner: Lexicon) -> None:
    """Figure 1 of Zhao et al. 2016 (AAAI): ours agrees on excitement and one fear, not on the others."""
    printed = np.array(
        [(7.950, 6.950, 7.210), (2.625, 5.805, 3.625), (7.121, 4.479, 6.635), (4.1956, 4.4989, 4.8378)]
    )
    found = category((printed - 5) / 4, warriner, labels=taxonomy("mikels8"))
    assert found == ["excitement", "fear", "amusement", "disgust"]


def test_examples() -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
