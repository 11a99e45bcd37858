"""`evocative curate duplicates --model`: images whose features agree, to be reviewed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from evocative.curate.duplicates import find_duplicates
from evocative.curate.findings import read_findings
from evocative.datasets.folder import load
from evocative.inference.features import describe_store, extract
from evocative.models.store import load_model

Run = Callable[..., Any]


def test_features_of_a_model_are_compared(
    run: Run, pictures: list[Path], tiny_model: str, tmp_path: Path
) -> None:
    for path in pictures[:3]:  # other pixels, which --exact does not find
        Image.open(path).save(path.with_name(path.stem + "_again.jpg"), quality=80)
    folder, cache, output = tmp_path / "in", tmp_path / "cache", tmp_path / "f.csv"
    words = ["curate", "duplicates", folder, "-o", output, "--model", tiny_model, "--precision", "fp32"]
    ended = run(*words, "--exact", "--cosine", 0.8, "--cache", cache, "--features", tmp_path / "features")
    assert ended.status == 0, ended.stderr
    loaded, table = load_model(tiny_model), load(folder).table
    features = extract(
        loaded.model.backbone, table, preprocessing=loaded.preprocessing, maps=(), precision="fp32"
    )
    expected = find_duplicates(table, features=features.pooled[0], near=False, cosine=0.8).frame
    found = read_findings(output)
    assert len(expected) > 0
    assert found.frame[["path", "action", "evidence"]].equals(expected[["path", "action", "evidence"]])
    assert found.settings["cosine"] == 0.8
    assert [each["images"] for each in describe_store(tmp_path / "features")] == [len(pictures) + 3]
    assert "much like" in " ".join(found.frame["evidence"])
    assert "drop" not in set(found.frame["action"])


def test_what_needs_a_network_is_refused_without(run: Run, pictures: list[Path], tmp_path: Path) -> None:
    words = ["curate", "duplicates", tmp_path / "in", "-o", tmp_path / "f.csv"]
    for more in (("--features", tmp_path / "features"), ("--weights", "timm")):
        ended = run(*words, *more)
        assert (ended.status, "give --model or --backbone" in ended.stderr) == (2, True)
    ended = run(*words, "--backbone", "test_efficientnet")
    assert (ended.status, "needs --weights" in ended.stderr) == (2, True)
