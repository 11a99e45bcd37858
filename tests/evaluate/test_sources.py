"""What a command line names: runs, folders of runs, files, printed figures, and which are repeats."""

import json
from pathlib import Path

import pytest

from evocative.errors import DataError
from evocative.evaluate.figures import lower_is_better, words
from evocative.evaluate.sources import groups_of, merged, read_printed, read_source, told_apart
from evocative.metrics.significance import Sample


def run(folder: Path, *, lr: float, seed: int = 0, fold: int | None = None, name: str = "r") -> Path:
    folder.mkdir(parents=True)
    (folder / "predictions.parquet").write_bytes(b"")
    recipe = {"name": name, "seed": seed, "data": {"fold": fold}, "optimizer": {"lr": lr}}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("81.806±0.177:5", ("value", Sample(81.806, 0.177, 5))),
        ("accuracy=81.8 +- .2:10", ("accuracy", Sample(81.8, 0.2, 10))),
        ("f1[awe]=−1+/-0:3", ("f1[awe]", Sample(-1.0, 0.0, 3))),
        ("accuracy=80±2%:5", ("accuracy", Sample(0.8, 0.02, 5))),
        ("accuracy=80%±2%:5", ("accuracy", Sample(0.8, 0.02, 5))),
        ("accuracy=80%±2:5", ("accuracy", Sample(0.8, 0.02, 5))),
        ("81.806±0.177", None),
        ("runs/a=1", None),
        ("center-0", None),
    ],
)
def test_printed_figures(text: str, expected: object) -> None:
    assert read_printed(text) == expected


def test_repeats_go_by_their_recipe(tmp_path: Path) -> None:
    for seed in (0, 1):
        for fold in (0, 1):
            run(tmp_path / "slow" / f"{fold}-{seed}", lr=0.1, seed=seed, fold=fold)
    run(tmp_path / "fast", lr=0.2)
    slow, fast = groups_of([str(tmp_path / "slow"), str(tmp_path / "fast")])
    assert [[member.fold for member in folds] for folds in slow.repeats] == [[0, 1], [0, 1]]
    assert [folds[0].seed for folds in slow.repeats] == [0, 1]
    assert (slow.name, fast.name) == ("slow", "fast")  # recipes of one name go by their folders
    with pytest.raises(DataError, match=r"optimizer\.lr"):
        merged([slow, fast])
    assert merged([slow]) is slow


def names(*sides: list[Path]) -> list[str]:
    """What a comparison calls its sides; each is one `--against` or one list of runs."""
    found = [group for side in sides for group in groups_of(map(str, side))]
    return [group.name for group in told_apart(found)]


def test_sides_of_one_name_are_told_apart_by_what_differs(tmp_path: Path) -> None:
    plain = [run(tmp_path / f"plain-{seed}", lr=0.1, seed=seed) for seed in (0, 1)]
    weak = [run(tmp_path / f"weak-{seed}", lr=0.2, seed=seed) for seed in (0, 1)]
    later = [run(tmp_path / "later" / f"{seed}", lr=0.1, seed=seed) for seed in (2, 3)]
    again = [run(tmp_path / "again" / f"{seed}", lr=0.1, seed=seed) for seed in (0, 1)]
    assert names(plain, weak) == ["r (optimizer.lr = 0.1)", "r (optimizer.lr = 0.2)"]
    assert names(plain, later) == ["r (seeds 0 1)", "r (seeds 2 3)"]
    assert names(plain, again) == ["r (plain-0, plain-1)", "r (0, 1)"]
    assert names(plain, weak, again) == [
        "r (plain-0, plain-1)", "r (weak-0, weak-1)", "r (0, 1)"
    ]  # fmt: skip
    assert names([*plain, *weak], later) == ["r (optimizer.lr = 0.1)", "r (optimizer.lr = 0.2)", "r"]
    assert names(plain, plain) == ["r (1)", "r (2)"]


def test_names_of_ones_own_may_stand_on_both_sides(tmp_path: Path) -> None:
    slow, fast = run(tmp_path / "a", lr=0.1, name="slow"), run(tmp_path / "b", lr=0.1, name="fast")
    sides = [groups_of([f"mine={path}"]) for path in (slow, fast)]
    assert [one.name for one in told_apart([side[0] for side in sides])] == ["mine (slow)", "mine (fast)"]
    printed = groups_of(["accuracy=1±1:2"])[0]
    assert len({one.name for one in told_apart([printed, printed, sides[0][0]])}) == 3
    for place in ("x", "y"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.parquet").write_bytes(b"")
    files = [[tmp_path / place / "a.parquet"] for place in ("x", "y")]
    assert names(*files) == ["a (x/a.parquet)", "a (y/a.parquet)"]


def test_folds_tell_sides_apart_and_many_settings_are_cut(tmp_path: Path) -> None:
    folds = [[run(tmp_path / f"f{fold}", lr=0.1, fold=fold)] for fold in (0, 1)]
    assert names(*folds) == ["r (seed 0, fold 0)", "r (seed 0, fold 1)"]
    sides = []
    for value in (1, 2):
        folder = run(tmp_path / f"m{value}", lr=value)
        many = {f"x{place}": value for place in range(4)}
        (folder / "recipe.json").write_text(json.dumps({"name": "r", "seed": 0, "loss": many}))
        sides.append([folder])
    assert names(*sides)[0] == "r (loss.x0 = 1, loss.x1 = 1, loss.x2 = 1, and 1 more)"


def test_a_name_of_ones_own_makes_a_group(tmp_path: Path) -> None:
    paths = [run(tmp_path / name, lr=lr) for name, lr in (("a", 0.1), ("b", 0.2))]
    (group,) = groups_of([f"mine={path}" for path in paths])
    assert (group.name, len(group.repeats)) == ("mine", 2)


def test_names_and_paths_may_hold_equals_signs(tmp_path: Path) -> None:
    folder = run(tmp_path / "lr=0.1", lr=0.1)
    for text, name in ((f"λ = 5={folder}", "λ = 5"), (f"a={folder}", "a"), (str(folder), None)):
        (member,) = read_source(text)
        assert (member.name, member.folder) == (name, folder)


def test_files_are_repeats_and_printed_figures_one_side(tmp_path: Path) -> None:
    files = [tmp_path / "a.parquet", tmp_path / "b.csv"]
    for file in files:
        file.write_bytes(b"")
    found = groups_of([*map(str, files), "accuracy=1±1:2", "ari=0±1:2"])
    assert [(group.name, len(group.members)) for group in found] == [("files", 2), ("printed", 0)]
    assert set(found[1].printed or ()) == {"accuracy", "ari"}
    with pytest.raises(DataError, match="twice"):
        groups_of(["accuracy=1±1:2", "accuracy=1±2:2"])


def test_a_fold_and_seed_stands_once(tmp_path: Path) -> None:
    paths = [run(tmp_path / name, lr=0.1, fold=0) for name in "ab"]
    (group,) = groups_of(map(str, paths))
    with pytest.raises(DataError, match="stands twice"):
        _ = group.repeats


@pytest.mark.parametrize(
    ("name", "told"), [("gone", "no such run"), ("empty", "no run"), ("a.txt", "end in")]
)
def test_refusals(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DataError, match=told):
        read_source(str(tmp_path / name))


def test_a_broken_recipe_is_told(tmp_path: Path) -> None:
    folder = run(tmp_path / "a", lr=0.1)
    (folder / "recipe.json").write_text("{")
    with pytest.raises(DataError, match=r"recipe\.json"):
        read_source(str(folder))


def test_words() -> None:
    assert [words(name) for name in ("macro_f1", "valence_r", "precision[awe]", "mine")] == [
        "macro F1", "valence r", "precision of awe", "mine"
    ]  # fmt: skip
    assert all(lower_is_better(name) for name in ("asr", "cross_sentiment@0.3", "arousal_mae"))
    assert not any(lower_is_better(name) for name in ("accuracy", "nmi", "f1[awe]"))
