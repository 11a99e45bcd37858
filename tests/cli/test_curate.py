"""`evocative curate`: from a folder to findings, and from findings to tables."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from evocative.cli.curate import app
from evocative.curate.findings import Finding, collect, read_findings, write_findings
from evocative.data.table import check_table, read_table, write_table
from evocative.datasets.folder import load
from evocative.errors import DataError


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Two labels, 12 and 6 images of noise, and one file that is cut off."""
    random = np.random.default_rng(0)
    for name, images in (("awe", 12), ("fear", 6)):
        (tmp_path / "pile" / name).mkdir(parents=True)
        for number in range(images):
            pixels = random.integers(0, 256, (70, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pile" / name / f"{number}.png")
    broken = tmp_path / "pile" / "fear" / "5.png"
    broken.write_bytes(broken.read_bytes()[:500])
    return tmp_path / "pile"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_folder_becomes_findings_and_a_cleaned_table(pile: Path, tmp_path: Path) -> None:
    before = sorted(pile.rglob("*"))
    result = run("corrupt", pile, "-o", tmp_path / "f.csv", "--cleaned", tmp_path / "kept.csv", "--cache",
                 tmp_path / "cache")  # fmt: skip
    assert "1 of 18 images have a finding" in result.output
    assert "17 of 18 rows" in result.output
    assert read_findings(tmp_path / "f.csv").dropped == {"fear/5.png"}
    kept = read_table(tmp_path / "kept.csv")
    check_table(kept)
    assert len(kept) == 17
    assert sorted(pile.rglob("*")) == before
    run("clean", pile, "-f", tmp_path / "f.csv", "-o", tmp_path / "again.csv")
    assert read_table(tmp_path / "again.csv").frame.equals(kept.frame)


def test_a_file_of_another_ending_is_refused_before_any_work(pile: Path, tmp_path: Path) -> None:
    for output in (("-o", tmp_path / "f.txt"), ("-o", tmp_path / "f.csv", "--cleaned", tmp_path / "t.xlsx")):
        with pytest.raises(DataError, match=r"ends in \.csv or \.parquet"):
            run("corrupt", pile, *output, "--cache", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_balance_and_split(pile: Path, tmp_path: Path) -> None:
    run("balance", pile, "-o", tmp_path / "b.csv")
    balanced = read_table(tmp_path / "b.csv")
    assert balanced.frame["label"].value_counts().to_dict() == {"awe": 6, "fear": 6}
    run("balance", pile, "-o", tmp_path / "w.csv", "--weight", "--share", "awe=0.5", "--share", "fear=0.5")
    weights = read_table(tmp_path / "w.csv").frame.groupby("label")["weight"].first()
    assert weights.to_dict() == {"awe": 0.75, "fear": 1.5}
    result = run("split", pile, "-o", tmp_path / "s.csv", "--shares", "50/0/50", "--seed", 1)
    assert read_table(tmp_path / "s.csv").splits == {"train": 9, "test": 9}
    assert "train 9, test 9" in result.output
    run("split", pile, "-o", tmp_path / "folds.csv", "--folds", 3)
    assert "path,fold" in (tmp_path / "folds.csv").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="LABEL=SHARE"):
        run("balance", pile, "-o", tmp_path / "w.csv", "--share", "awe")


def test_a_leaking_split_is_reported_and_a_new_one_is_sound(pile: Path, tmp_path: Path) -> None:
    table = load(pile).table
    table = table.assign(split=["train"] * 9 + ["test"] * 9)
    write_table(table, tmp_path / "t.csv")
    copies = [
        Finding(path, "exact_duplicate", 1.0, "equal", cluster="d-1") for path in table.frame["path"][[0, 17]]
    ]
    write_findings(collect(copies, table=table, kind="duplicates"), tmp_path / "d.csv")
    result = run("leaks", tmp_path / "t.csv", "-f", tmp_path / "d.csv", "-o", tmp_path / "l.csv")
    assert result.exit_code == 1
    assert "train | test: 1 cluster" in result.output
    assert set(read_findings(tmp_path / "l.csv").frame["path"]) == set(table.frame["path"][[0, 17]])
    run(
        "split", tmp_path / "t.csv", "-f", tmp_path / "d.csv", "-o", tmp_path / "s.csv", "--shares", "50/0/50"
    )
    sound = run("leaks", tmp_path / "s.csv", "-f", tmp_path / "d.csv", "-o", tmp_path / "l2.csv")
    assert sound.exit_code == 0


def test_groups_across_a_split_are_let_in_and_other_mistakes_are_not(pile: Path, tmp_path: Path) -> None:
    table = load(pile).table.assign(split=["train"] * 9 + ["test"] * 9, group="video 1")
    write_table(table, tmp_path / "t.csv")
    result = run("leaks", tmp_path / "t.csv", "-o", tmp_path / "l.csv")
    assert result.exit_code == 1
    write_table(table.assign(split="trainn"), tmp_path / "t.csv")
    with pytest.raises(DataError, match="trainn"):
        run("leaks", tmp_path / "t.csv", "-o", tmp_path / "l.csv")
    with pytest.raises(DataError, match="no such file or folder"):
        run("leaks", tmp_path / "nothing.csv", "-o", tmp_path / "l.csv")
