"""Labels: what was flipped is found, from features and from predictions, and no row answers for itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from evocative.curate.confident_learning import confident_joint, suspects, suspicion
from evocative.curate.labels import find_labels, predict_out_of_fold, trained_on
from evocative.curate.out_of_fold import STRENGTHS, out_of_fold
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.inference.predictions import Predictions, read_predictions, write_predictions
from evocative.models.backbone import Backbone
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.labels import Taxonomy

NAMES = ("blue", "green", "red")
COLORS = Taxonomy.custom("colors", NAMES)
SMALL = Preprocessing(size=32)


def clouds(n: int = 90, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds of points, and which each is of."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    return (4 * np.eye(3)[labels] + random.normal(size=(n, 3))).astype(np.float32), labels


def test_a_row_is_answered_by_a_head_without_its_fold() -> None:
    x, labels = clouds()
    fold = np.arange(90) // 3 % 2
    found = out_of_fold(x, labels, fold)
    for held in (0, 1):
        inside = x[fold != held]
        mean, sd = inside.mean(0), inside.std(0) + 1e-6
        head = LogisticRegression(C=STRENGTHS[2], max_iter=300).fit(
            (inside - mean) / sd, labels[fold != held]
        )
        np.testing.assert_allclose(
            found[fold == held], head.predict_proba((x[fold == held] - mean) / sd), atol=1e-6
        )


def test_the_label_of_a_row_does_not_touch_its_own_answer() -> None:
    x, labels = clouds()
    fold = np.arange(90) // 3 % 3
    other = np.where(fold == 1, (labels + 1) % 3, labels)
    np.testing.assert_array_equal(
        out_of_fold(x, labels, fold)[fold == 1], out_of_fold(x, other, fold)[fold == 1]
    )


def test_a_label_that_the_other_folds_lack_has_no_probability() -> None:
    x, labels = clouds()
    fold = np.where(labels == 2, 0, np.arange(90) // 3 % 3)
    found = out_of_fold(x, labels, fold, n_labels=4)
    assert found.shape == (90, 4)
    assert (found[fold == 0, 2] == 0).all()
    np.testing.assert_allclose(found.sum(1), 1)
    with pytest.raises(DataError, match="2 folds"):
        out_of_fold(x, labels, np.zeros(90, dtype=np.int64))
    with pytest.raises(DataError, match="fewer than two labels"):
        out_of_fold(x, np.minimum(labels, 1), np.minimum(labels, 1))


@pytest.fixture
def backbone() -> Backbone:
    torch.manual_seed(0)
    return Backbone("test_efficientnet").eval()


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Blue, green and red images, the first of them labelled wrongly; one is broken, one without a label."""
    random = np.random.default_rng(0)
    for number in range(36):
        pixels = random.integers(0, 90, (32, 32, 3), dtype=np.uint8)
        pixels[:, :, 2 - number % 3] += 150
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    labels: list[Any] = [NAMES[number % 3] for number in range(36)]
    labels[0] = "red"
    frame = pd.DataFrame({"path": [f"{number}.png" for number in range(36)], "label": labels})
    more = pd.DataFrame({"path": ["broken.png", "none.png"], "label": ["red", None]})
    return Table(pd.concat([frame, more], ignore_index=True), taxonomy=COLORS, root=tmp_path, name="colors")


def test_a_wrong_label_is_found_by_features(table: Table, backbone: Backbone, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"preprocessing": SMALL, "precision": "fp32", "store": tmp_path / "store"}
    found = find_labels(table, backbone=backbone, folds=3, **settings)
    first = found.frame.iloc[0]
    assert (first["path"], first["label"], first["likely"]) == ("0.png", "red", "blue")
    assert first["action"] == "review"
    assert "labelled red" in first["evidence"]
    assert found.frame["score"].is_monotonic_decreasing
    assert (found.settings["rows"], found.settings["left_out"]) == (36, 2)
    watched: list[Any] = []

    def watch(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            watched.append(item)
            yield item

    again = find_labels(table, backbone=backbone, folds=3, watch=watch, **settings)
    assert len(watched) <= 1  # the broken image alone is tried again
    pd.testing.assert_frame_equal(again.frame, found.frame)


def test_written_out_of_fold_predictions_give_the_same_findings(
    table: Table, backbone: Backbone, tmp_path: Path
) -> None:
    predictions = predict_out_of_fold(table, backbone, preprocessing=SMALL, folds=3, precision="fp32")
    write_predictions(predictions, tmp_path / "p.parquet")
    found = find_labels(table, predictions=read_predictions(tmp_path / "p.parquet"))
    direct = find_labels(table, backbone=backbone, preprocessing=SMALL, folds=3, precision="fp32")
    assert len(found)
    pd.testing.assert_frame_equal(found.frame, direct.frame)


def test_equal_images_are_never_on_both_sides(table: Table, backbone: Backbone) -> None:
    """A copy with another label would answer for its twin: without the copies' tie the fold differs."""
    twin = pd.concat([table.frame.iloc[:36], table.frame.iloc[:6].assign(label="green")], ignore_index=True)
    copies = twin.assign(path=[*twin["path"][:36], *(f"copy-{path}" for path in twin["path"][:6])])
    for path in twin["path"][:6]:
        (table.root / f"copy-{path}").write_bytes((table.root / path).read_bytes())
    both = Table(copies, taxonomy=COLORS, root=table.root, name="colors")
    p = predict_out_of_fold(both, backbone, preprocessing=SMALL, folds=3, precision="fp32").probabilities
    assert p is not None
    np.testing.assert_allclose(p[:6], p[36:], rtol=1e-4)  # answered by the same head


def predicted(table: Table, **columns: Any) -> Predictions:
    x, _ = clouds(36)
    p = np.exp(3 * x) / np.exp(3 * x).sum(1, keepdims=True)
    frame = pd.DataFrame(
        {"path": table.frame["path"][:36], **{f"p_{n}": p[:, k] for k, n in enumerate(NAMES)}}
    )
    return Predictions(frame.assign(**columns), name="given")


def test_findings_are_what_confident_learning_says(table: Table) -> None:
    given = predicted(table)
    p, labels = np.asarray(given.probabilities, dtype=np.float64), table.labels[:36]
    p /= p.sum(1, keepdims=True)
    for choose in ("noise_rate", "class"):
        found = find_labels(table, predictions=given, choose=choose, score="self_confidence", action="drop")
        rows = np.flatnonzero(suspects(p, labels, choose=choose))
        assert set(found.frame["path"]) == set(table.frame["path"].iloc[rows])
        scores = dict(zip(table.frame["path"], suspicion(p, labels, score="self_confidence"), strict=False))
        assert all(scores[path] == score for path, score in found.frame[["path", "score"]].to_numpy())
        assert found.settings["noise"] == confident_joint(p, labels).noise
        assert found.dropped == set(found.frame["path"])
    assert len(find_labels(table, predictions=given, choose="class", limit=1)) == 1


def test_predictions_of_rows_that_were_learnt_are_left_out(table: Table) -> None:
    split = ["train"] * 20 + ["test"] * 16
    some = find_labels(table, predictions=predicted(table, split=split))
    assert (some.settings["rows"], some.settings["left_out"]) == (16, 22)
    marked = table.assign(split="train")  # the table's own splits say nothing of how predictions were made
    assert find_labels(marked, predictions=predicted(table)).settings["rows"] == 36
    with pytest.raises(DataError, match="the model was trained on 36 of them"):
        find_labels(table, predictions=predicted(table, split="train"))


def test_what_cannot_be_checked_is_refused(table: Table, backbone: Backbone) -> None:
    with pytest.raises(DataError, match="features of a backbone"):
        find_labels(table)
    with pytest.raises(DataError, match="no row has a label"):
        find_labels(table.select([37]), backbone=backbone)
    with pytest.raises(DataError, match="no probabilities"):
        find_labels(table, predictions=Predictions(table.frame[["path"]].assign(valence=0.1)))


def test_a_model_that_learnt_the_table_is_recognised_by_name(table: Table) -> None:
    first = {"data": {"sources": [{"dataset": "fi8", "path": "fi8"}]}}
    config = {"provenance": {"tables": ["oasis"], "first_stage": first}}
    assert trained_on(config, Table(table.frame, taxonomy=COLORS, name="fi8")) == ("fi8",)
    assert trained_on(config, Table(table.frame, taxonomy=COLORS, name="fi8+oasis")) == ("fi8", "oasis")
    assert trained_on(config, table.assign(source="oasis")) == ("oasis",)
    assert trained_on(config, table) == ()
    assert trained_on({}, table) == ()
