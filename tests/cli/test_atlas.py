"""The verb makes an atlas with its page, goes on where it was, and says what cannot be done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ribs")

from evocative.explore.atlas_folder import read_atlas

FEW = ("--batch", 8, "--start", 8, "--bins", 4, "--size", 16)


def test_makes_an_atlas_with_its_page(run: Callable[..., Any], tiny_model: str, tmp_path: Path) -> None:
    ended = run("atlas", tiny_model, "--kind", "plane", "--evaluations", 24, *FEW, "-o", tmp_path / "a")
    assert ended.status == 0, ended.stderr
    atlas = read_atlas(tmp_path / "a")
    assert f"{len(atlas.elites)} of 16 cells" in ended.stdout
    assert "24 evaluations" in ended.stdout
    assert atlas.settings["genome"] == "cppn"
    assert {"index.html", "mosaic.png", "curves.png", "pictures.csv"} <= {
        p.name for p in (tmp_path / "a").iterdir()
    }
    words = ("atlas", tiny_model, "--kind", "plane", "--evaluations", 32, *FEW, "-o", tmp_path / "a")
    refused = run(*words)
    assert refused.status == 2
    assert "--resume" in refused.stderr
    again = run(*words, "--resume")
    assert again.status == 0
    assert again.stderr == ""
    assert read_atlas(tmp_path / "a").figures["evaluations"] == 32


def test_strategies_move_weights(run: Callable[..., Any], tiny_model: str, tmp_path: Path) -> None:
    words = ("--emitter", "cma-me", "--searches", 2, "--evaluations", 16, *FEW, "-o", tmp_path / "a")
    ended = run("atlas", tiny_model, *words)
    assert ended.status == 0
    assert "--start makes no difference: emitter cma-me does not look at it" in ended.stderr
    assert "--searches" not in ended.stderr
    assert read_atlas(tmp_path / "a").settings["genome"] == "weights"
    refused = run("atlas", tiny_model, "--genome", "cppn", *words, "-o", tmp_path / "b")
    assert refused.status == 2
    assert "expected genome weights" in refused.stderr


def test_a_cube_needs_dominance(run: Callable[..., Any], tiny_model: str, tmp_path: Path) -> None:
    refused = run("atlas", tiny_model, "--kind", "cube", "-o", tmp_path / "a")
    assert refused.status == 2
    assert "does not predict dominance, it has emotions, valence, arousal" in refused.stderr
    assert not (tmp_path / "a").exists()
