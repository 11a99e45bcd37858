"""A journal gives back what was recorded, and refuses what it is not of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.explore.genome import Genome, make_species
from evocative.explore.journal import Journal, digest, open_journal

IDENTITY = {"settings": {"kind": "plane", "seed": 1, "evaluations": 100}, "models": [{"weights": "sha256:a"}]}


def genomes(seed: int) -> list[Genome]:
    return list(make_species("expression").random(3, np.random.default_rng(seed)))


def never() -> dict[str, Any]:
    raise AssertionError("this was judged before")


def begun(folder: Path, steps: int) -> Journal:
    journal = open_journal(folder, IDENTITY, resume=False, every=2)
    for step in range(steps):
        said = {"fitness": np.full(3, step / 7), "clock": np.array([step, 0.5])}
        journal.step(genomes(step), said.copy)
    return journal


def test_gives_back_what_was_recorded(tmp_path: Path) -> None:
    begun(tmp_path, 5).flush()
    assert sorted(path.name for path in (tmp_path / "journal").iterdir()) == [
        "00000.npz", "00001.npz", "00002.npz", "run.json",
    ]  # fmt: skip
    again = open_journal(tmp_path, IDENTITY, resume=True, every=2)
    assert again.recorded == 5
    for step in range(5):
        assert again.replaying
        found = again.step(genomes(step), never)
        np.testing.assert_array_equal(found["fitness"], np.full(3, step / 7))
    assert not again.replaying
    again.step(genomes(5), lambda: {"fitness": np.ones(3)})
    again.flush()
    assert open_journal(tmp_path, IDENTITY, resume=True).recorded == 6


def test_what_was_not_flushed_is_all_that_is_lost(tmp_path: Path) -> None:
    begun(tmp_path, 5)  # and killed: the fifth was not written
    assert open_journal(tmp_path, IDENTITY, resume=True).recorded == 4


def test_refuses_other_genomes(tmp_path: Path) -> None:
    begun(tmp_path, 2)
    again = open_journal(tmp_path, IDENTITY, resume=True)
    again.step(genomes(0), never)
    with pytest.raises(DataError, match="other genomes"):
        again.step(genomes(7), never)


def test_names_each_setting_that_differs(tmp_path: Path) -> None:
    begun(tmp_path, 1)
    other = {
        "settings": {"kind": "plane", "seed": 2, "evaluations": 100},
        "models": [{"weights": "sha256:b"}],
    }
    with pytest.raises(DataError, match=r"models: .*sha256:b.*settings\.seed: 1 then, 2 now"):
        open_journal(tmp_path, other, resume=True)
    longer = {**IDENTITY, "settings": {"kind": "plane", "seed": 1, "evaluations": 200}}
    with pytest.raises(DataError, match=r"settings\.evaluations"):
        open_journal(tmp_path, longer, resume=True)
    open_journal(tmp_path, longer, resume=True, free=("settings.evaluations",))


def test_does_not_write_over_an_atlas(tmp_path: Path) -> None:
    begun(tmp_path, 2)
    with pytest.raises(DataError, match="--resume"):
        open_journal(tmp_path, IDENTITY, resume=False)


def test_tells_of_missing_and_damaged_parts(tmp_path: Path) -> None:
    begun(tmp_path, 6)
    part = tmp_path / "journal" / "00001.npz"
    kept = part.read_bytes()
    part.write_bytes(kept[:100])
    with pytest.raises(DataError, match=r"00001\.npz: is damaged"):
        open_journal(tmp_path, IDENTITY, resume=True)
    part.unlink()
    with pytest.raises(DataError, match=r"part 00001\.npz is missing"):
        open_journal(tmp_path, IDENTITY, resume=True)


def test_parts_are_in_order_beyond_five_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(tmp_path, 2).flush()
    place = tmp_path / "journal"
    numbers = [*range(99_999, 100_002), *range(10_000, 10_003)]
    for number in numbers:
        (place / f"{number:05d}.npz").touch()
    read: list[str] = []

    def seen(path: Path, number: int) -> list[object]:
        read.append(path.stem)
        return []

    monkeypatch.setattr("evocative.explore.journal._read", seen)
    open_journal(tmp_path, IDENTITY, resume=True)
    assert read == ["00000", *(f"{number:05d}" for number in sorted(numbers))]


def test_digests_tell_genomes_apart() -> None:
    assert digest(genomes(1)) == digest(genomes(1))
    assert len({digest(genomes(seed)) for seed in range(20)}) == 20
