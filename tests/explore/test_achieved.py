"""Aim, fresh views and transfer, against hand-worked cases."""

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.explore.achieved import ALL_VIEWS, Draws, achieved, agreement, robust
from evocative.explore.looked import Looked

FEW = Draws(n_resamples=50)
NAN = float("nan")


def looked(**changes: object) -> Looked:
    """Five pictures: two asked for awe, one for fear, one for nothing, one could not be read."""
    plain = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.5, 0.5], [NAN, NAN]], dtype=np.float32)
    jpeg = np.array([[0.2, 0.8], [0.7, 0.3], [0.4, 0.6], [0.5, 0.5], [NAN, NAN]], dtype=np.float32)
    vad = np.array([[0.5, NAN, NAN], [0.1, NAN, NAN], [-0.3, NAN, NAN], [0, NAN, NAN], [NAN] * 3])
    values = {
        "way": "gan", "made_for": "a", "judge": "a", "names": ("awe", "fear"),
        "asked": np.array([0, 0, 1, -1, 1]),
        "targets": np.array([[0.4, NAN, NAN], [0.2, NAN, NAN], [-0.2, NAN, NAN], *[[NAN] * 3] * 2], "f4"),
        "probabilities": {"plain": plain, "jpeg": jpeg},
        "vad": {"plain": vad.astype(np.float32), "jpeg": (vad + 0.25).astype(np.float32)},
        "embedding": np.ones((5, 3), dtype=np.float32),
        "errors": (None, None, None, None, "broken"),
    }  # fmt: skip
    return Looked(**(values | changes))  # type: ignore[arg-type]


def test_aim_by_hand() -> None:
    found = achieved(looked(), FEW)
    assert (found.n, found.failed, found.chance) == (3, 1, 0.5)
    assert found.accuracy.value == pytest.approx(2 / 3)
    assert found.balanced.value == pytest.approx((1 / 2 + 1) / 2)
    assert found.probability.value == pytest.approx((0.9 + 0.4 + 0.7) / 3)
    assert [(one.label, one.n, one.accuracy) for one in found.classes] == [("awe", 2, 0.5), ("fear", 1, 1.0)]
    assert found.classes[0].probability == pytest.approx(0.65)
    assert found.confusion == ((1, 1), (0, 1))
    (valence,) = found.dimensions
    assert (valence.axis, valence.n) == ("valence", 3)
    assert valence.mae.value == pytest.approx(0.1, abs=1e-6)
    asked, said = np.array([0.4, 0.2, -0.2]), np.array([0.5, 0.1, -0.3])
    assert valence.pearson_r.value == pytest.approx(np.corrcoef(asked, said)[0, 1], abs=1e-6)
    wanted = 2 * np.cov(asked, said, bias=True)[0, 1] / (
        asked.var() + said.var() + (asked.mean() - said.mean()) ** 2
    )  # fmt: skip
    assert valence.ccc.value == pytest.approx(wanted, abs=1e-6)


def test_fresh_views_by_hand() -> None:
    plain, jpeg, every = robust(looked(), FEW)
    assert (plain.view, jpeg.view, every.view) == ("plain", "jpeg", ALL_VIEWS)
    assert plain.accuracy.value == pytest.approx(2 / 3)
    assert plain.kept.value == 1
    assert jpeg.accuracy.value == pytest.approx(2 / 3)  # the second and the third
    assert (jpeg.kept.value, jpeg.kept.n) == (0.5, 2)  # the third of the first and the third
    assert every.accuracy.value == pytest.approx(1 / 3)
    assert every.probability.value == pytest.approx((0.2 + 0.4 + 0.6) / 3)
    assert plain.moved == {"valence": 0.0}
    assert jpeg.moved["valence"] == pytest.approx(0.25, abs=1e-6)
    assert every.moved["valence"] == pytest.approx(0.25, abs=1e-6)


def test_agreement_counts_what_convinced_the_first() -> None:
    first = looked()
    other = np.array([[0.2, 0.8], [1, 0], [0.1, 0.9], [1, 0], [NAN, NAN]], dtype=np.float32)
    second = looked(judge="b", probabilities={"plain": other})
    found = agreement(first, second, FEW)
    assert (found.first, found.second, found.n) == ("a", "b", 2)  # rows 0 and 2 convince a
    assert found.share.value == 0.5
    assert found.probability.value == pytest.approx((0.2 + 0.9) / 2)
    with pytest.raises(DataError, match="same pictures"):
        agreement(first, looked(way="atlas"))


def test_nothing_asked_gives_no_figures() -> None:
    nothing = looked(asked=np.full(5, -1), targets=np.full((5, 3), np.nan, dtype=np.float32))
    found = achieved(nothing, FEW)
    assert found.n == 0
    assert np.isnan(found.accuracy.value)
    assert not any((found.classes, found.dimensions, found.confusion))
    assert all(np.isnan(one.accuracy.value) for one in robust(nothing, FEW))
    headless = looked(
        names=(), asked=np.full(5, -1),
        probabilities={"plain": np.zeros((5, 0), np.float32), "jpeg": np.zeros((5, 0), np.float32)},
    )  # fmt: skip
    assert len(achieved(headless, FEW).dimensions) == 1
