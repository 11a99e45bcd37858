"""A file is written whole or not at all."""

from pathlib import Path

import pytest

from evocative.data.atomic import replacing
from evocative.errors import DataError


def test_the_new_file_takes_the_old_one_s_place_and_folders_are_made(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b.txt"
    for text in ("old", "new"):
        with replacing(file) as unfinished:
            unfinished.write_text(text)
    assert file.read_text() == "new"
    assert list(file.parent.iterdir()) == [file]


def test_after_an_exception_the_old_file_stays_alone(tmp_path: Path) -> None:
    file = tmp_path / "b.txt"
    file.write_text("old")

    def fail() -> None:
        with replacing(file) as unfinished:
            unfinished.write_text("half")
            raise ValueError("interrupted")

    with pytest.raises(ValueError, match="interrupted"):
        fail()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataError, match=r"file/b.txt: cannot be written"),
        replacing(tmp_path / "file" / "b.txt"),
    ):
        pass
