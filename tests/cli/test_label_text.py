"""`evocative label-text`, from a table to a table and a check list and back."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("simplemma")

from evocative.cli import app
from evocative.data.table import read_table

NORMS = "word,valence,arousal,dominance\ncalm,8,2,7\ngrief,2,5,3\nsunny,8,6,6\n"
TABLE = "path,title,comments\na.jpg,Calm sunny day,grief|calm\nb.jpg,Grief,\nc.jpg,Untitled,calm\n"


def run(*words: object) -> str:
    result = CliRunner().invoke(app, ["label-text", *map(str, words)])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "norms.csv").write_text(NORMS)
    (tmp_path / "walks.csv").write_text(TABLE)
    return tmp_path


def test_from_words_to_a_checked_table(files: Path) -> None:
    out, look = files / "rated.csv", files / "look.csv"
    common = [files / "walks.csv", "--lexicon", files / "norms.csv", "--columns", "title", "-o", out]
    told = run(*common, "--comments", "comments", "--separator", "|", "--check-list", look)
    assert "2 of 3 texts have a known word; 3 of 5 words are known (60%)" in told
    assert "3 comments with a known word, of 2 images" in told
    assert "2 uncertain rows first, 1 others" in told
    frame = read_table(out).frame
    assert list(frame["valence"].dropna()) == [0.75, -0.75]
    assert list(frame["comments_n"]) == [2, 0, 1]
    assert frame["comments_valence"][0] == 0
    look.write_text("path,verdict\nb.jpg,no\na.jpg,yes\n")
    run(*common, "--checked", look)
    assert list(read_table(out).frame["valence"].dropna()) == [0.75]


def test_only_some_words_count(files: Path) -> None:
    (files / "words.txt").write_text("sunny\n")
    out = files / "rated.csv"
    told = run(
        files / "walks.csv", "--lexicon", files / "norms.csv", "--columns", "title",
        "--only", files / "words.txt", "-o", out, "--prefix", "text_",
    )  # fmt: skip
    assert "1 words with norms" in told
    assert list(read_table(out).frame["text_arousal"].dropna()) == [0.25]
