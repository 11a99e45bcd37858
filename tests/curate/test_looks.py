"""What a detector said is kept by content, and an interruption costs one image at most."""

import json
from pathlib import Path

import pytest

from evocative.curate.looks import Look, LookStore
from evocative.data.content import content_digest
from evocative.errors import DataError

ABOUT = {"detector": "test", "size": 3}


def test_looks_come_back_from_the_folder(tmp_path: Path) -> None:
    store = LookStore(tmp_path, "text", ABOUT)
    store.add("aa", Look(0.25, "a 'word' – é"))
    store.add("bb", Look(None, "no image"))
    again = LookStore(tmp_path, "text", ABOUT)
    assert again.known == {"aa": Look(0.25, "a 'word' – é"), "bb": Look(None, "no image")}


def test_other_settings_are_strangers(tmp_path: Path) -> None:
    LookStore(tmp_path, "text", ABOUT).add("aa", Look(0.25))
    assert LookStore(tmp_path, "text", ABOUT | {"size": 4}).known == {}
    assert LookStore(tmp_path, "other", ABOUT).known == {}


def test_nothing_is_kept_without_a_folder() -> None:
    store = LookStore(None, "text", ABOUT)
    store.add("aa", Look(0.5))
    assert (store.file, store.known) == (None, {"aa": Look(0.5)})


def test_a_line_that_was_cut_off_costs_its_image_only(tmp_path: Path) -> None:
    store = LookStore(tmp_path, "text", ABOUT)
    for name in ("aa", "bb"):
        store.add(name, Look(0.5, name))
    assert store.file is not None
    whole = store.file.read_bytes()
    store.file.write_bytes(whole[:-9])
    again = LookStore(tmp_path, "text", ABOUT)
    assert set(again.known) == {"aa"}
    again.add("cc", Look(0.75))  # on a line of its own
    assert set(LookStore(tmp_path, "text", ABOUT).known) == {"aa", "cc"}


@pytest.mark.parametrize("row", [{"sha256": "aa", "score": 2.0, "evidence": ""}, {"score": 0.5}, [], "\x00"])
def test_lines_that_are_none_are_passed_over(tmp_path: Path, row: object) -> None:
    store = LookStore(tmp_path, "text", ABOUT)
    store.add("bb", Look(0.5))
    assert store.file is not None
    with store.file.open("a") as stream:
        stream.write(json.dumps(row) + "\n")
    assert set(LookStore(tmp_path, "text", ABOUT).known) == {"bb"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = LookStore(tmp_path / "other", "text", ABOUT)
    store.file = tmp_path / "file" / "inside.jsonl"
    with pytest.raises(DataError, match=r"inside\.jsonl: cannot be written .* what was finished is kept"):
        store.add("aa", Look(0.5))


def test_content_is_the_files_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    assert content_digest(tmp_path / "one") == content_digest(tmp_path / "two")
    assert content_digest(tmp_path / "none") is None
    assert content_digest(tmp_path) is None
