"""What a command is given stays as it is, whatever it is told to write."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pandas as pd
import pytest
import typer

from evocative import cli
from evocative.cli import app
from evocative.cli.inputs import OUTPUTS, outputs_of
from evocative.data.csv_file import BOM
from evocative.inference.predictions import read_predictions

Run = Callable[..., "Ended"]  # type: ignore[name-defined]  # noqa: F821 (of conftest)

GIVEN = frozenset(
    {
        "checked",
        "columns",
        "data",
        "data_root",
        "features",
        "file",
        "findings",
        "folders",
        "folds",
        "generator",
    }
    | {
        "images",
        "lexicon",
        "only",
        "photograph",
        "predictions",
        "real",
        "reference",
        "root",
        "source",
        "table",
    }
    | {"tables", "training", "weights_root"}
)
"""Arguments that name what is read."""


def verbs(group: typer.Typer) -> Iterator[Callable[..., object]]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield command.callback
    for further in group.registered_groups:
        assert further.typer_instance is not None
        yield from verbs(further.typer_instance)


def test_every_verb_is_protected_and_every_path_is_read_or_written() -> None:
    found = list(verbs(app))
    assert len(found) > 25
    for verb in found:
        paths = {name for name, kind in get_type_hints(verb).items() if "Path" in str(kind)}
        assert paths - outputs_of(verb) <= GIVEN, f"{verb.__name__}: name it in OUTPUTS, or in this test"
    assert not OUTPUTS & GIVEN
    for file in Path(str(cli.__file__)).parent.glob("*.py"):
        registered = re.findall(r"app\.command\([^)]*\)\((.*)\)$", file.read_text("utf-8"), re.MULTILINE)
        assert set(registered) <= {"heard(protected(verb))"}, file


def test_a_photograph_is_never_replaced(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    photo, folder = pictures[0], pictures[0].parent
    before = photo.read_bytes()
    os.link(photo, tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to(photo)
    for output in (
        photo,
        tmp_path / "hard.csv",
        tmp_path / "soft.csv",
        folder / ".." / folder.name / photo.name,
    ):
        for given in (photo, folder):
            ended = run("predict", given, "-o", output, "--format", "csv", "--model", tiny_model)
            assert ended.status == 2
            assert "an input of this call" in ended.stderr
            assert photo.read_bytes() == before


def test_pictures_of_a_table_and_of_stdin_stay(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    before = pictures[0].read_bytes()
    named = str(pictures[0]).encode()
    ended = run("predict", "-", "-o", pictures[0], "--format", "csv", "--model", tiny_model, stdin=named)
    assert (ended.status, pictures[0].read_bytes()) == (2, before)
    assert "an input of this call" in ended.stderr
    table = tmp_path / "table.csv"
    pd.DataFrame({"path": [str(pictures[0])]}).to_csv(table, index=False)
    (tmp_path / "found.csv").symlink_to(pictures[0])
    ended = run("curate", "corrupt", table, "-o", tmp_path / "found.csv")
    assert (ended.status, pictures[0].read_bytes()) == (2, before)


@pytest.mark.parametrize("verb", [["curate", "corrupt"], ["curate", "balance"], ["curate", "split"]])
def test_a_table_is_not_replaced_by_what_is_found_in_it(
    run: Run, pictures: list[Path], tmp_path: Path, verb: list[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("path,label\n" + "".join(f"{path},awe\n" for path in pictures), encoding="utf-8")
    before = table.read_bytes()
    ended = run(*verb, table, "-o", tmp_path / "." / "table.csv")
    assert (ended.status, table.read_bytes()) == (2, before)
    assert "an input of this call" in ended.stderr


def test_a_list_on_stdin_stays_and_a_closed_stdin_is_told(pictures: list[Path], tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text(f"{pictures[0]}\n")
    call = [sys.executable, "-m", "evocative", "predict", "-", "-o", str(names)]
    with names.open("rb") as stdin:
        ended = subprocess.run(call, check=False, stdin=stdin, capture_output=True, text=True)
    assert (ended.returncode, "is an input of this call" in ended.stderr) == (2, True)
    assert names.read_text() == f"{pictures[0]}\n"
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *call[:-2]], check=False, capture_output=True, text=True
    )
    assert (closed.returncode, "stdin is closed" in closed.stderr) == (2, True)


def test_two_outputs_are_two_files(run: Run, pictures: list[Path], tmp_path: Path) -> None:
    folder, found = pictures[0].parent, tmp_path / "found.csv"
    ended = run("curate", "corrupt", folder, "-o", found, "--cleaned", tmp_path / "." / "found.csv")
    assert (ended.status, found.exists()) == (2, False)
    assert "--cleaned and --output both name it" in ended.stderr


def test_a_model_is_not_replaced_by_answers_nor_by_an_ensemble_of_it(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    for name in ("config.json", "model.safetensors", "README.md"):
        file = Path(tiny_model) / name
        before = file.read_bytes()
        ended = run("predict", pictures[0], "-o", file, "--format", "json", "--model", tiny_model)
        assert (ended.status, file.read_bytes()) == (2, before)
    ended = run("ensemble", tiny_model, tiny_model, "-o", tiny_model)
    assert ended.status == 2
    assert "an input of this call" in ended.stderr
    for output in (Path(tiny_model) / "answers.csv", pictures[0].parent / "answers.parquet"):
        for _ in range(2):  # an older output in the same folder is no input
            assert run("predict", pictures[0].parent, "-o", output, "--model", tiny_model).status == 0
        output.unlink()


def test_devices_are_written_to_as_they_are(run: Run, tiny_model: str, pictures: list[Path]) -> None:
    for format in ("csv", "json", "parquet"):
        ended = run("predict", pictures[0], "-o", "/dev/full", "--format", format, "--model", tiny_model)
        assert ended.status == 2
        assert "No space left on device" in ended.stderr
        ended = run("predict", pictures[0], "-o", "/dev/null", "--format", format, "--model", tiny_model)
        assert ended.status == 0
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_names_that_a_spreadsheet_would_run_come_back_and_the_closing_line_counts(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    monkeypatch.chdir(folder)
    names = sorted(["=cmd|' calc'!A1.png", "-1+1.png", "a\rb.png", "'=x.png", "e\r\n,f.png", "@x.png"])
    for name in names:
        os.link(pictures[0], folder / name)
    for name in ("a.txt", "b.txt", ".c", "Thumbs.db"):
        (folder / name).touch()
    (folder / "x").symlink_to("x")
    output = tmp_path / "answers.csv"
    ended = run("predict", ".", "-o", output, "--model", tiny_model)
    assert ended.status == 1
    assert ended.stderr.splitlines()[-2:] == [
        f"{output}: 7 images; 4 files passed over: 2 .txt, 1 hidden, 1 system file",
        "1 of 7 images could not be answered for; their rows say why",
    ]
    found = read_predictions(output)
    assert sorted(found.paths) == sorted([*names, "x"])
    assert "broken link to x" in str(found.frame["error"][found.paths.index("x")])
    text = output.read_bytes()
    for start in (b"\n=", b"\n@", b"\n-", b'\n"=', b"\r=", b"\n\r"):
        assert start not in text
    assert run("--excel", "predict", "a\rb.png", "-o", output, "--model", tiny_model).status == 0
    assert output.read_bytes().startswith(BOM.encode())
    assert read_predictions(output).paths == ["a\rb.png"]
    shown = run("predict", "./", "--format", "csv", "--model", tiny_model)
    assert "4 files passed over: 2 .txt, 1 hidden, 1 system file\n" in shown.stderr
