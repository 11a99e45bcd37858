"""`evocative atlas-compare` and `atlas-page`: tables on stdout, curves and pages as files, clear mistakes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evocative.explore.atlas_folder import Atlas


@pytest.fixture
def folders(fake_atlas: Callable[..., Atlas], tmp_path: Path) -> list[Path]:
    """Two seeds of two emitters."""
    return [
        fake_atlas(tmp_path / f"{emitter}-{seed}", "plane", seed=seed, emitter=emitter).folder
        for emitter in ("random", "cma-me")
        for seed in (0, 1)
    ]


def test_arms_are_compared(run: Callable[..., Any], folders: list[Path], tmp_path: Path) -> None:
    files = [tmp_path / "curves.png", tmp_path / "table.md"]
    ended = run("atlas-compare", *folders, "--format", "json", "--at", 200, "-o", files[0], "-o", files[1])
    assert ended.status == 0, ended.stderr
    values = json.loads(ended.stdout)
    assert (values["evaluations"], values["cells"], values["against"]) == (200, 16, "random")
    assert values["arms"]["cma-me"]["coverage"]["n"] == 2
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert files[1].read_text(encoding="utf-8").startswith("After 200 evaluations")


def test_arms_can_be_named(run: Callable[..., Any], folders: list[Path]) -> None:
    ended = run("atlas-compare", *(f"arm {n}={folder}" for n, folder in enumerate(folders)))
    assert ended.status == 0, ended.stderr
    assert "arm 3" in ended.stdout
    assert run("atlas-compare", folders[0], f"named={folders[1]}").status == 2


def test_mistakes_are_told(run: Callable[..., Any], folders: list[Path], tmp_path: Path) -> None:
    ended = run("atlas-compare", tmp_path)
    assert (ended.status, "is no atlas" in ended.stderr) == (2, True)
    ended = run("atlas-compare", folders[0], folders[0])
    assert (ended.status, "one run twice" in ended.stderr) == (2, True)
    ended = run("atlas-compare", folders[0], "-o", tmp_path / "table.xls")
    assert (ended.status, "ends in" in ended.stderr) == (2, True)


def test_pages_are_written(run: Callable[..., Any], folders: list[Path]) -> None:
    ended = run("atlas-page", folders[0], folders[2], "--per-label", 1)
    assert ended.status == 0, ended.stderr
    assert ended.stdout.splitlines() == [f"wrote {folders[place] / 'index.html'}" for place in (0, 2)]
