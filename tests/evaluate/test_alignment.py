"""Predictions meet tables of the same, of other and of no labels."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate.alignment import align, has_targets, plan, translate
from evocative.inference.check import check_predictions
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.taxonomy.labels import Taxonomy, taxonomy
from evocative.taxonomy.mapping import mapping

MIKELS, EKMAN = taxonomy("mikels8"), taxonomy("ekman6")


def table(labels: Any, of: Taxonomy | None = MIKELS, **columns: Any) -> Table:
    frame = pd.DataFrame({"path": [f"{row:04}.jpg" for row in range(len(labels))], "label": labels} | columns)
    return Table(frame, of, name="table")


def test_labels_targets_and_groups_come_from_the_table(make: Any) -> None:
    bare = make(3, label=None, target_valence=None, target_arousal=None)
    found = align(bare, table(["awe", None, "fear"], valence=[0.1, 0.2, None], group=["x", "x", "y"]))
    assert found.predictions.labels.tolist() == [1, -1, 6]
    np.testing.assert_allclose(found.predictions.targets[:, 0], [0.1, 0.2, np.nan], rtol=1e-6)
    assert found.predictions.frame["group"].tolist() == ["x", "x", "y"]
    assert (found.data, found.split, found.mapping, found.left_out) == ("table", None, None, 0)


def test_a_split_is_taken_and_the_rest_left(make: Any) -> None:
    rows = table(["awe"] * 4, split=["train", "test", "test", "train"])
    found = align(make(5), rows, split="test")
    assert found.predictions.paths == ["0001.jpg", "0002.jpg"]
    assert (
        found.left_out == 1
    )  # 0004.jpg is not in the table; 0000.jpg and 0003.jpg are, and were not asked for
    with pytest.raises(DataError, match="validation"):
        align(make(5), rows, split="validation")


def test_an_image_without_a_prediction_is_refused(make: Any) -> None:
    with pytest.raises(DataError, match=r"1 images of table have no prediction:\n    0002\.jpg"):
        align(make(2), table(["awe"] * 3))


def test_nothing_in_common(make: Any) -> None:
    strangers = Table(pd.DataFrame({"path": ["x.jpg"]}), name="other")
    with pytest.raises(DataError, match=r"none of its 2 images is in other: .*'x\.jpg', found '0000\.jpg'"):
        align(make(2), strangers)


def test_two_predictions_of_an_image(make: Any) -> None:
    with pytest.raises(DataError, match="1 images have more than one prediction"):
        align(make(2, path=["0000.jpg", "0000.jpg"]), table(["awe"]))


def test_two_predictions_of_an_image_under_two_names(make: Any, tmp_path: Any) -> None:
    rows = Table(pd.DataFrame({"path": ["0000.jpg"], "label": ["awe"]}), MIKELS, tmp_path, "table")
    with pytest.raises(DataError, match="1 images have more than one prediction"):
        align(make(2, path=["0000.jpg", str(tmp_path / "0000.jpg")]), rows)


def test_whether_there_is_anything_to_hold_answers_against(make: Any) -> None:
    rated = table([None, None], valence=[0.1, None])
    for taxonomy_, dimensions, rows, expected in (
        (MIKELS, (), table(["awe", None]), True),
        (MIKELS, (), rated, False),
        (None, ("valence",), rated, True),
        (None, ("arousal",), rated, False),
        (None, ("valence",), table(["awe", "awe"]), False),
        (MIKELS, (), table(["surprise", None], EKMAN), False),
        (MIKELS, (), table(["surprise", "fear"], EKMAN), True),
    ):
        assert has_targets(plan(taxonomy_, rows, mapped=True), dimensions, rows) is expected


def test_a_part_of_the_labels_and_other_spellings(make: Any) -> None:
    mine = Taxonomy.custom("mine", ["AWE", "sad"])
    found = align(make(2), table(["AWE", "sad"], mine))
    assert [MIKELS.names[k] for k in found.predictions.labels] == ["awe", "sadness"]
    assert found.mapping is None


def test_other_labels_are_refused_with_what_can_be_done(make: Any) -> None:
    with pytest.raises(DataError, match=r"mikels8 .*'happiness'.*mikels8 → ekman6 .*--map"):
        align(make(2), table(["happiness", "fear"], EKMAN))
    cats = Taxonomy.custom("cats", ["tabby", "angr"])
    with pytest.raises(DataError, match=r"'angr' \(did you mean 'anger'\?\).*No published mapping"):
        plan(MIKELS, table(["tabby", "angr"], cats), mapped=True)


def test_probabilities_are_mapped_where_that_is_asked_for(make: Any) -> None:
    predictions = make(3)
    found = align(predictions, table(["happiness", "fear", "surprise"], EKMAN), mapped=True)
    assert found.predictions.names == EKMAN.names
    assert found.predictions.labels.tolist() == [
        EKMAN.index(name) for name in ("happiness", "fear", "surprise")
    ]
    expected = mapping(MIKELS, EKMAN).apply(predictions.probabilities, renormalize=True)
    assert found.predictions.probabilities is not None
    np.testing.assert_allclose(found.predictions.probabilities, expected, atol=1e-6)
    assert found.mapping is not None
    assert found.mapping.startswith("predictions: mikels8 → ekman6")
    assert "no counterpart: awe" in found.mapping
    check_predictions(found.predictions)


def test_labels_are_mapped_where_the_model_has_less(make: Any) -> None:
    """From sentiments nothing leads to Mikels' eight, but the other way there is."""
    found = align(make(2, labels=taxonomy("sentiment2")), table(["awe", "fear"]), mapped=True)
    assert found.predictions.names == ("positive", "negative")
    assert found.predictions.labels.tolist() == [0, 1]
    assert found.mapping is not None
    assert found.mapping.startswith("labels: mikels8 → sentiment2")


def test_a_prediction_that_leads_nowhere_is_no_knowledge() -> None:
    sure = {f"p_{name}": [float(name == "awe")] for name in MIKELS.names}
    only_awe = Predictions(pd.DataFrame({"path": ["a"]} | sure), metadata=Metadata(taxonomy=MIKELS))
    found = translate(only_awe, mapping(MIKELS, EKMAN))
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities, np.full((1, 6), 1 / 6), rtol=1e-6)


def test_a_model_without_labels_takes_any_table(make: Any) -> None:
    found = align(make(2, labels=None), table(["awe", "fear"], valence=[0.5, 0.1]))
    assert found.predictions.labels.tolist() == [-1, -1]
    assert np.isfinite(found.predictions.targets[:, 0]).all()
