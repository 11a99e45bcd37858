"""People against people, by hand: who agrees scores, who looks elsewhere does not."""

from pathlib import Path

import numpy as np
import pytest

from evocative.datasets.gaze import GazeImage
from evocative.evaluate.fixation_maps import fixation_density
from evocative.evaluate.observers import halves, one_out
from evocative.metrics.saliency import nss
from evocative.metrics.saliency_auc import auc_judd


def image(*viewers: list[tuple[int, int]]) -> GazeImage:
    arrays = tuple(np.array(each, np.int64).reshape(-1, 2) for each in viewers)
    return GazeImage(Path("x.png"), 30, 40, arrays)


def test_each_viewer_is_held_against_all_others() -> None:
    looked = [[(5, 5), (6, 8)], [(5, 6)], [(20, 30), (5, 7)]]
    found = one_out(image(*looked), [(1, 1), (9, 30)], sigma=3)
    assert found is not None
    expected: dict[str, list[float]] = {"auc": [], "nss": []}
    for place, one in enumerate(looked):
        rest = [spot for other, each in enumerate(looked) if other != place for spot in each]
        density = fixation_density(rest, 30, 40, sigma=3)
        expected["auc"].append(auc_judd(density, one, ties="half"))
        expected["nss"].append(nss(density, one))
    assert found["auc"] == pytest.approx(np.mean(expected["auc"]), abs=1e-9)
    assert found["nss"] == pytest.approx(np.mean(expected["nss"]), abs=1e-9)


def test_halves_that_look_alike_agree_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    alike = [[tuple(p) for p in rng.integers([5, 5], [12, 12], (6, 2)).tolist()] for _ in range(6)]
    apart = [[tuple(p) for p in rng.integers([0, 0], [30, 40], (6, 2)).tolist()] for _ in range(6)]
    one, other = (halves(image(*each), [(1, 1)], sigma=3, with_emd=False) for each in (alike, apart))
    assert one is not None
    assert other is not None
    assert one["cc"] > 0.8 > other["cc"]
    assert one["kl"] < other["kl"]
    assert np.isnan(one["emd"])


def test_one_viewer_has_nobody_to_agree_with() -> None:
    assert one_out(image([(1, 1)], []), [(1, 1)], sigma=3) is None
    assert halves(image([(1, 1)]), [(1, 1)], sigma=3) is None
    assert halves(image([(1, 1)], [(2, 2)]), [(1, 1)], sigma=3, n_splits=0) is None
