"""A file's values, and what is wrong with it."""

from pathlib import Path

import pytest

from evocative.errors import RecipeError
from evocative.recipe.toml import read_toml


def test_values_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "β"\n[part]\nrate = 0.5\n', encoding="utf-8")
    assert read_toml(tmp_path / "a.toml") == {"name": "β", "part": {"rate": 0.5}}


@pytest.mark.parametrize("content", [b"name =", b"name = \xff"])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(RecipeError, match=r"a\.toml: not a TOML file: "):
        read_toml(tmp_path / "a.toml")
    with pytest.raises(RecipeError, match=r"^--backbone x: not a TOML file: "):
        read_toml(tmp_path / "a.toml", where="--backbone x")


def test_a_file_that_cannot_be_read_is_answered_with_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"cannot be read \(Is a directory\); give a study's TOML file"):
        read_toml(tmp_path, wanted="a study's TOML file")
