"""`evocative prepare`: tables from the command line, with counts, splits and plain messages."""

from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from evocative.cli.prepare import prepare, shares
from evocative.data.table import check_table, read_table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of FI-8 with five images an emotion, without fear."""
    for name in set(taxonomy("mikels8").names) - {"fear"}:
        (tmp_path / "copy" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (16, 16)).save(tmp_path / "copy" / name / f"{number}.png")
    return tmp_path / "copy"


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(prepare)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_data_set_becomes_a_split_table(copy: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"table.{suffix}"
    result = run("fi8", copy, "--output", output, "--split", "60/20/20", "--seed", 3)
    table = read_table(output)
    check_table(table)
    assert table.splits == {"train": 21, "validation": 7, "test": 7}
    assert "splits: train 21, validation 7, test 7" in result.output
    assert "35 rows of mikels8" in result.output
    again = tmp_path / f"again.{suffix}"
    run("fi8", copy, "-o", again, "--split", ".6/.2/.2", "--seed", 3)
    assert read_table(again).frame.equals(table.frame)


def test_expected_found_and_missing_are_printed(copy: Path, tmp_path: Path) -> None:
    lines = run("fi8", copy, "-o", tmp_path / "t.csv").output.splitlines()
    assert [line.split() for line in lines if line.startswith(("awe", "fear", "images"))] == [
        ["awe", "3,151", "5", "3,146", "missing"],
        ["fear", "1,032", "0", "1,032", "missing"],
        ["images", "23,308", "35", "23,273", "missing"],
    ]
    assert "  fear/: there is no image" in lines
    assert "split" not in read_table(tmp_path / "t.csv").frame.columns


def test_a_foreign_csv(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("image,v,set\nawe/0.png,9,train\nawe/1.png,1,val\n")
    result = run(
        *("csv", file, "-o", tmp_path / "t.csv", "--images", copy, "--scale", "1..9"),
        *("--column", "path=image", "--column", "valence=v", "--column", "split=set"),
    )
    table = read_table(tmp_path / "t.csv")
    assert table.dimensions[:, 0].tolist() == [1, -1]
    assert table.splits == {"train": 1, "validation": 1}
    assert "expected" not in result.output
    split = run("csv", tmp_path / "t.csv", "-o", tmp_path / "u.csv", "--images", copy, "--split", "50/50/0")
    assert "own split is replaced" in split.stderr


def test_a_data_sets_own_options(tmp_path: Path) -> None:
    for number in (5, 22):
        (tmp_path / "webemo/train" / str(number)).mkdir(parents=True)
        Image.new("RGB", (16, 16)).save(tmp_path / f"webemo/train/{number}/{number}_a.png")
    result = run("webemo", tmp_path / "webemo", "-o", tmp_path / "t.csv", "--set", "level=2")
    assert [line.split() for line in result.output.splitlines() if line.startswith(("pos", "neg"))] == [
        ["positive", "–", "1"],
        ["negative", "–", "1"],
    ]


def test_the_seed_is_that_of_a_data_sets_draw_too(tmp_path: Path) -> None:
    for name in ("rage", "sadness"):
        (tmp_path / "webemo" / name).mkdir(parents=True)
        for number in range(40 if name == "rage" else 10):
            Image.new("RGB", (16, 16)).save(tmp_path / "webemo" / name / f"{name}{number}.png")
    drawn = []
    for options in (["--seed", 1], ["--set", "seed=1"], ["--seed", 2]):
        arguments = ("webemo_sadness", tmp_path / "webemo", "-o", tmp_path / "t.csv", "--set", "text=none")
        result = run(*arguments, *options)
        drawn.append(set(read_table(tmp_path / "t.csv").frame["path"]))
    assert "61,052 missing" in result.output  # 12 of rage go with 10 of sadness
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_root_may_be_left_open(copy: Path, tmp_path: Path) -> None:
    run("fi8", copy, "-o", tmp_path / "t.csv", "--no-root")
    assert str(tmp_path) not in (tmp_path / "t.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fi9", ".", "-o", "t.csv"], "unknown data set 'fi9'; did you mean 'fi8'"),
        (["fi8", "{copy}", "-o", "t.txt"], r"ends in \.csv or \.parquet, not in \.txt"),
        (["fi8", "{copy}", "-o", "t.csv", "--split", "80/20"], "add up to 100, such as 80/5/15"),
        (["fi8", "{copy}", "-o", "t.csv", "--set", "level=7"], "fi8 has no options"),
        (["webemo", "{copy}", "-o", "t.csv", "--set", "level=9"], "unknown value of level '9'"),
        (["webemo", "{copy}", "-o", "t.csv", "--set", "level"], "--set level: expected NAME=VALUE"),
        (["fi8", "{copy}", "-o", "t.csv", "--scale", "1..9"], "--scale is not for fi8"),
        (["folder", "{copy}", "-o", "t.csv", "--column", "path=x"], "--column is not for folder"),
        (["csv", "{copy}", "-o", "t.csv", "--column", "path"], "expected NAME=COLUMN"),
        (["fi8", "{copy}/absent", "-o", "t.csv"], "does not exist; expected the folder of fi8"),
        (
            ["folder", "{copy}", "-o", "t.csv", "--taxonomy", "ekman6"],
            "unknown emotion of the taxonomy 'ekman6'",
        ),
    ],
)
def test_what_cannot_be_is_refused(copy: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    arguments = [argument.format(copy=copy).replace("t.", f"{tmp_path}/t.") for argument in arguments]
    with pytest.raises(DataError, match=message):
        run(*arguments)
    assert not (tmp_path / "t.csv").exists()


def test_shares() -> None:
    assert shares("80/5/15") == {"train": 0.8, "validation": 0.05, "test": 0.15}
    assert shares(".7/0/.3") == {"train": 0.7, "test": 0.3}
    for text in ("80/5", "a/b/c", "80/5/5", "-10/10/100", "80/20/nan"):
        with pytest.raises(DataError, match="--split"):
            shares(text)


def test_own_words_and_named_taxonomies(tmp_path: Path) -> None:
    for name in ("joy", "neutral", "anger", "fear", "sadness"):
        (tmp_path / "copy" / name).mkdir(parents=True)
        Image.new("RGB", (16, 16)).save(tmp_path / "copy" / name / "a.png")
    output = tmp_path / "t.csv"
    result = run("folder", tmp_path / "copy", "-o", output)
    assert "hint: your 5 labels are kept as a taxonomy of your own; caer7 comes near" in result.stderr
    assert "5 rows of copy" in result.stdout
    table = read_table(output)
    assert table.taxonomy is not None
    assert table.taxonomy.names == ("anger", "fear", "joy", "neutral", "sadness")
    assert run("folder", tmp_path / "copy", "-o", output, "--taxonomy", "own").stderr == ""
    assert read_table(output).taxonomy == table.taxonomy
    run("csv", output, "-o", tmp_path / "u.csv", "--taxonomy", "caer7", "--images", tmp_path / "copy")
    assert read_table(tmp_path / "u.csv").taxonomy == taxonomy("caer7")
