"""`evocative demo`: real photographs, a table, a picture."""

import importlib.machinery
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

demo = importlib.import_module("evocative.cli.demo")  # `evocative.cli.demo` is the verb


def test_it_predicts_real_photographs(run: Callable[..., Any], tiny_model: str, tmp_path: Path) -> None:
    output = tmp_path / "new"
    ended = run("demo", "--model", tiny_model, "--output", output)
    assert ended.status == 0, ended.stderr
    header, *rows = ended.stdout.splitlines()
    assert header.split()[0] == "emotion"
    for row, name in zip(rows, ("china.jpg", "flower.jpg", "grace_hopper.jpg"), strict=False):
        assert row.endswith(f"  {name}")
    assert f"The picture: {output / 'panel.png'}" in ended.stdout
    assert "evocative predict" in ended.stdout
    with Image.open(output / "panel.png") as panel:
        assert panel.width > 500
        colors = panel.convert("RGB").getcolors(1 << 24)
        assert colors is not None
        assert len(colors) > 1000, "the photographs are in the picture"


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def only_sklearn(package: str) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.find_spec(package) if package == "sklearn" else None

    monkeypatch.setattr(demo, "find_spec", only_sklearn)
    assert [path.name for path in demo.photographs()] == ["china.jpg", "flower.jpg"]


def test_without_photographs_it_says_what_to_do(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda package: None)
    ended = run("demo", "--output", tmp_path)
    assert ended.status == 2
    assert "evocative predict" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(run: Callable[..., Any], tiny_model: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("demo", "--model", tiny_model, "--output", tmp_path / "file" / "below")
    assert ended.status == 2
    assert "is a file; name another folder" in ended.stderr
