"""Style and an SVM: what can be learned is, what is held out is not, and the file is of predictions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.style import StyleTable
from evocative.explain.style_names import FEATURES
from evocative.inference.predictions import read_predictions, write_predictions
from evocative.taxonomy.labels import taxonomy
from evocative.training.style_svm import SvmSettings, fit_svm, out_of_fold, train_and_predict

N = 120
NAMES = ("anger", "awe", "fear")


def made(noise: float = 1.0) -> tuple[StyleTable, Table]:
    """Three emotions, each with features of its own; one image is damaged."""
    generator = np.random.default_rng(0)
    labels = np.arange(N) % 3
    values = noise * generator.normal(size=(N, len(FEATURES)))
    values[:, 1:21] += 2 * generator.normal(size=(3, 20))[labels]
    values[7] = np.nan
    paths = tuple(f"{row}.jpg" for row in range(N))
    style = StyleTable(paths, values, tuple("damaged" if row == 7 else None for row in range(N)))
    frame = pd.DataFrame({"path": list(paths), "label": [NAMES[place] for place in labels]})
    return style, Table(frame, taxonomy=taxonomy("mikels8"))


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    held = np.isfinite(probabilities).all(axis=1)
    return float((probabilities[held].argmax(axis=1) == labels[held]).mean())


def test_folds_are_held_out_and_come_back_in_order(tmp_path: Path) -> None:
    style, table = made()
    fold = np.arange(N) // 3 % 5
    fold[:15] = -1  # a fixed validation part
    predictions = out_of_fold(style, table, fold)
    assert predictions.paths == [f"{row}.jpg" for row in range(15, N)]
    probabilities = predictions.probabilities
    assert probabilities is not None
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert accuracy(probabilities, predictions.labels) > 0.8
    assert probabilities[:, taxonomy("mikels8").names.index("sadness")].max() == 0  # never seen
    write_predictions(predictions, tmp_path / "style.parquet")
    again = read_predictions(tmp_path / "style.parquet")
    assert again.metadata.model == "style + SVM"
    np.testing.assert_array_equal(again.labels, predictions.labels)


def test_what_is_held_out_is_not_learned() -> None:
    style, table = made()
    shuffled = Table(
        table.frame.assign(label=np.random.default_rng(3).permutation(table.frame["label"])),
        taxonomy=table.taxonomy,
    )
    predictions = out_of_fold(style, shuffled, np.arange(N) % 5)
    probabilities = predictions.probabilities
    assert probabilities is not None
    assert accuracy(probabilities, predictions.labels) < 0.55  # one third by chance


def test_a_bad_image_has_an_error_and_no_answer() -> None:
    style, table = made()
    train = np.arange(N) % 2 == 0
    predictions = train_and_predict(style, table, train=train, rows=~train)
    assert predictions.frame["error"].notna().tolist() == [path == "7.jpg" for path in predictions.paths]
    assert predictions.probabilities is not None
    assert np.isnan(predictions.probabilities[~predictions.ok]).all()


def test_it_is_the_machine_that_it_says() -> None:
    style, table = made(noise=3.0)
    rows = style.ok
    settings = SvmSettings(c=2.0, gamma=0.02, balanced=True)
    machine = fit_svm(style.matrix[rows], table.labels[rows], settings=settings)
    scaler = StandardScaler().fit(style.matrix[rows])
    plain = SVC(C=2.0, gamma=0.02, class_weight="balanced").fit(
        scaler.transform(style.matrix[rows]), table.labels[rows]
    )
    agree = machine.predict(style.matrix[rows]) == plain.predict(scaler.transform(style.matrix[rows]))
    assert agree.mean() > 0.9  # scaled probabilities may order near ties otherwise


def test_mistakes_are_told() -> None:
    style, table = made()
    with pytest.raises(DataError, match="above 0"):
        SvmSettings(c=0)
    with pytest.raises(DataError, match="2 folds or more"):
        out_of_fold(style, table, np.zeros(N, dtype=np.int64))
    with pytest.raises(DataError, match="learns labels"):
        train_and_predict(
            style, Table(table.frame[["path"]]), train=np.ones(N, dtype=bool), rows=np.ones(N, dtype=bool)
        )
    with pytest.raises(DataError, match="two labels or more"):
        fit_svm(style.matrix[:2], table.labels[:2])


def test_what_an_image_has_none_of_is_learned_around() -> None:
    style, table = made()
    style.values[::5, 3:6] = np.nan  # greys
    style.values[:, 40] = np.nan  # nobody has any
    predictions = out_of_fold(style, table, np.arange(N) // 3 % 5)
    probabilities = predictions.probabilities
    assert probabilities is not None
    assert np.isfinite(probabilities[[row for row in range(N) if row != 7]]).all()
    assert accuracy(probabilities, predictions.labels) > 0.8
