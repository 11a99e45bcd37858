"""Representations in each other's terms."""

from collections.abc import Callable

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.evaluate.rated import rated
from evocative.evaluate.representations import compare_representations, render_representations
from evocative.evaluate.rows import Draws
from evocative.inference.predictions import Predictions
from evocative.metrics.dimensional import ccc, pearson_r
from evocative.taxonomy.circumplex import EmotionPlaces
from evocative.taxonomy.labels import taxonomy

Make = Callable[..., Predictions]
EKMAN = taxonomy("ekman6")
FEW = Draws(10)


@pytest.fixture
def places() -> EmotionPlaces:
    rng = np.random.default_rng(0)
    means = rng.uniform(-0.9, 0.9, (6, 3))
    return EmotionPlaces("drawn", EKMAN.names, means, ("valence", "arousal", "dominance"), source="a draw")


def test_each_answer_in_the_others_terms(make: Make, places: EmotionPlaces) -> None:
    file = make(150, labels=EKMAN)
    found = compare_representations({"m": rated([file])}, places, draws=FEW)
    assert [one.representation for one in found.scored] == ["label", "distribution", "VA", "joint"]
    assert found.truth == {"dimensions": "rated", "labels": "given"}
    assert found.axes == ("valence", "arousal")
    label, distribution, va, joint = found.scored
    assert file.probabilities is not None
    best = file.probabilities.argmax(axis=1)
    target = file.targets[:, 0].astype(float)
    assert label.dimensions["valence"]["r"].value == pytest.approx(pearson_r(target, places.means[best, 0]))
    expected = file.probabilities.astype(float) @ places.means[:, 1]
    assert distribution.dimensions["arousal"]["ccc"].value == pytest.approx(
        ccc(file.targets[:, 1].astype(float), expected / file.probabilities.sum(axis=1)), abs=1e-6
    )
    assert label.labels["accuracy"].value == pytest.approx((best == file.labels).mean())
    gaps = ((file.dimensions[:, None, :2] - places.means[None, :, :2]) ** 2).sum(axis=2)
    assert va.labels["accuracy"].value == pytest.approx((gaps.argmin(axis=1) == file.labels).mean())
    assert va.differences["accuracy"].value == pytest.approx(
        va.labels["accuracy"].value - label.labels["accuracy"].value
    )
    assert not label.differences
    assert joint.labels["accuracy"].n == 150
    assert "| m | joint |" in render_representations(found)


def test_true_places_make_labels_and_dimensions_the_same(make: Make, places: EmotionPlaces) -> None:
    """A model that is right about both: all terms are full marks, whichever truth is derived."""
    rng = np.random.default_rng(1)
    labels = rng.integers(6, size=90)
    columns = {f"p_{name}": (labels == k).astype(float) for k, name in enumerate(EKMAN.names)}
    columns |= {axis: places.means[labels, a] for a, axis in enumerate(places.axes)}
    names = [EKMAN.names[k] for k in labels]
    no = {"target_valence": None, "target_arousal": None}
    by_label = make(90, labels=EKMAN, label=names, **no, **columns)
    targets = {f"target_{axis}": places.means[labels, a] for a, axis in enumerate(places.axes)}
    by_dimension = make(90, labels=EKMAN, label=None, **(columns | targets))
    for file, told in ((by_label, "places of the true labels"), (by_dimension, "rated")):
        found = compare_representations({"m": rated([file])}, places, draws=FEW)
        assert [one.representation for one in found.scored] == ["label", "distribution", "VAD", "joint"]
        assert found.truth["dimensions"] == told
        assert found.truth["labels"] == (
            "nearest to the rated valence and arousal and dominance" if told == "rated" else "given"
        )
        for one in found.scored:
            assert one.labels["accuracy"].value == 1
            for axis in places.axes:
                assert one.dimensions[axis]["ccc"].value == pytest.approx(1)
                assert one.dimensions[axis]["fitted_mae"].value == pytest.approx(0, abs=1e-6)


def test_a_fit_undoes_another_scale_but_sees_no_own_group(make: Make, places: EmotionPlaces) -> None:
    truth = np.random.default_rng(2).uniform(-1, 1, 60)
    file = make(
        60,
        labels=EKMAN,
        target_valence=truth,
        valence=0.2 * truth + 0.5,
        group=[f"{k // 2}" for k in range(60)],
    )
    va = compare_representations({"m": rated([file])}, places, draws=FEW).scored[2]
    assert va.dimensions["valence"]["ccc"].value < 0.5
    assert va.dimensions["valence"]["fitted_ccc"].value == pytest.approx(1, abs=1e-5)
    noise = make(60, labels=EKMAN, valence=np.random.default_rng(3).uniform(-1, 1, 60))
    assert (
        compare_representations({"m": rated([noise])}, places, draws=FEW)
        .scored[2]
        .dimensions["valence"]["fitted_ccc"]
        .value
        < 0.2
    )


def test_models_are_scored_on_common_images_in_any_order(make: Make, places: EmotionPlaces) -> None:
    whole = make(80, labels=EKMAN)
    shuffled = whole.select(np.random.default_rng(4).permutation(80)[:70])
    found = compare_representations({"a": rated([whole]), "b": rated([shuffled])}, places, draws=FEW)
    assert found.n == 70
    a, b = found.scored[:4], found.scored[4:]
    for one, other in zip(a, b, strict=True):
        assert one.labels == other.labels
        assert one.dimensions == other.dimensions


def test_mistakes_are_told(make: Make, places: EmotionPlaces) -> None:
    with pytest.raises(DataError, match="expected the labels"):
        compare_representations({"m": rated([make(20)])}, places)
    with pytest.raises(DataError, match="found none"):
        compare_representations({}, places)
    other = make(20, labels=EKMAN, path=[f"{k}.png" for k in range(20)])
    with pytest.raises(DataError, match="no image in common"):
        compare_representations({"a": rated([make(20, labels=EKMAN)]), "b": rated([other])}, places)
