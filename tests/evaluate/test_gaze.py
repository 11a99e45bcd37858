"""Maps held against gaze: baselines, people, intervals, files, and images that fail."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image

from evocative.datasets.gaze import GazeData, GazeImage
from evocative.errors import DataError
from evocative.evaluate.fixation_maps import fixation_density
from evocative.evaluate.gaze import _Everybody, evaluate_gaze
from evocative.evaluate.gaze_report import (
    CENTER,
    ELSEWHERE,
    ITTI_KOCH,
    RESIDUAL,
    GazeSettings,
    table,
    write_gaze,
)
from evocative.evaluate.observers import HALVES, ONE_OUT

HEIGHT, WIDTH, SIGMA = 48, 64, 4.0
QUICK = GazeSettings(emd=False, bootstrap=50, splits=2)


@pytest.fixture
def data(tmp_path: Path) -> GazeData:
    """Return six pictures, four viewers each, who look at one thing away from the middle."""
    rng = np.random.default_rng(0)
    images = []
    for n in range(6):
        path = tmp_path / f"{n}.png"
        spot = rng.integers([6, 6], [HEIGHT - 6, WIDTH - 6])
        picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8) + rng.integers(
            9, size=(HEIGHT, WIDTH, 1), dtype=np.uint8
        )
        picture[spot[0] - 3 : spot[0] + 3, spot[1] - 3 : spot[1] + 3] = 250
        Image.fromarray(picture).save(path)
        viewers = tuple(
            np.clip(rng.normal(spot, 4, (7, 2)), 0, [HEIGHT - 1, WIDTH - 1]).astype(np.int64)
            for _ in range(4)
        )
        images.append(GazeImage(path, HEIGHT, WIDTH, viewers))
    return GazeData("spots", tuple(images), SIGMA, "made up")


def oracle(image: GazeImage) -> ArrayLike:
    return fixation_density(image.fixations(), image.height, image.width, sigma=SIGMA)


def test_the_fixations_themselves_win_and_the_rest_stand_beside(data: GazeData) -> None:
    report = evaluate_gaze(data, {"oracle": oracle}, QUICK)
    by = {each.name: each for each in report.maps}
    assert list(by) == ["oracle", CENTER, ELSEWHERE, RESIDUAL, ITTI_KOCH, HALVES, ONE_OUT]
    assert (report.images, report.fixations, report.viewers, report.sigma) == (6, 168, 4, SIGMA)
    figures = {name: each.figures for name, each in by.items()}
    assert figures["oracle"]["cc"].value == pytest.approx(1)
    assert figures["oracle"]["kl"].value == pytest.approx(0, abs=1e-6)
    for name in (CENTER, ELSEWHERE, RESIDUAL):
        assert figures["oracle"]["auc"].value > figures[name]["auc"].value
        assert figures["oracle"]["cc"].value > figures[name]["cc"].value
    for name in (HALVES, ONE_OUT):
        assert figures[name]["auc"].value > figures[CENTER]["auc"].value
    assert np.isnan(figures["oracle"]["emd"].value)
    assert np.isnan(figures[ONE_OUT]["cc"].value)
    assert figures["oracle"]["nss"].low < figures["oracle"]["nss"].value < figures["oracle"]["nss"].high


def test_differences_from_the_centre_are_paired(data: GazeData) -> None:
    report = evaluate_gaze(data, {"oracle": oracle}, QUICK)
    by = {each.name: each for each in report.maps}
    assert not by[CENTER].over_center
    for name, each in by.items():
        for figure in ("auc", "nss") if name != CENTER else ():
            expected = each.figures[figure].value - by[CENTER].figures[figure].value
            assert each.over_center[figure].value == pytest.approx(expected)
            assert each.over_center[figure].n == 6


def test_one_bad_image_and_one_bad_map_end_nothing(data: GazeData) -> None:
    data.images[1].path.write_bytes(b"no picture")

    def picky(image: GazeImage) -> ArrayLike:
        if image.name == "4":
            raise DataError("this one I cannot do")
        return np.random.default_rng(0).random((3, 4))

    report = evaluate_gaze(data, {"picky": picky}, QUICK)
    by = {each.name: each for each in report.maps}
    assert by["picky"].figures["nss"].n == 5
    assert by[RESIDUAL].figures["nss"].n == 5
    assert by[CENTER].figures["nss"].n == 6
    assert by["picky"].over_center["nss"].n == 5
    reasons = [each.reason for each in report.left_out]
    assert any(reason.startswith(RESIDUAL) for reason in reasons)
    assert "picky: this one I cannot do" in reasons


def test_baselines_are_of_all_images_however_few_are_measured(data: GazeData) -> None:
    quick = replace(QUICK, bootstrap=1, splits=1)
    whole, few = (evaluate_gaze(data, {}, replace(quick, limit=limit)) for limit in (None, 2))
    assert (few.images, few.fixations) == (2, 56)
    expected = [row for row in whole.rows if row["image"] in ("0.png", "1.png")]
    assert {row["map"] for row in few.rows} == {CENTER, ELSEWHERE, RESIDUAL, ITTI_KOCH, HALVES, ONE_OUT}
    assert [dict(row) for row in few.rows] == [pytest.approx(dict(row), nan_ok=True) for row in expected]


def test_fixations_beside_an_image_leave_out_that_image_alone(data: GazeData) -> None:
    bad = replace(data.images[2], viewers=(np.array([[HEIGHT, 0]]),))
    images = (data.images[0], data.images[1], bad)
    report = evaluate_gaze(replace(data, images=images), {}, replace(QUICK, bootstrap=1, ceiling=False))
    assert [Path(each.path).name for each in report.left_out] == ["2.png"]
    assert "must lie on the map" in report.left_out[0].reason
    assert report.images == 2


def test_a_map_below_zero_keeps_its_order_and_is_told_of(data: GazeData) -> None:
    few = replace(QUICK, bootstrap=1, ceiling=False)
    makers = {"oracle": oracle, "moved": lambda image: np.asarray(oracle(image)) - 1}
    report = evaluate_gaze(replace(data, images=data.images[:2]), makers, few)
    by = {each.name: each.figures for each in report.maps}
    for name in ("auc", "auc_judd", "nss", "cc", "sim"):
        assert by["moved"][name].value == pytest.approx(by["oracle"][name].value, abs=1e-5)
    assert by["moved"]["kl"].n == 0
    assert len(report.left_out) == 2
    assert "moved: has values below 0 (-1): no KL and no EMD" in report.left_out[0].reason


def test_a_density_alone_gives_no_fixation_figures(data: GazeData, tmp_path: Path) -> None:
    images = []
    for image in data.images:
        file = tmp_path / f"{image.name}_map.png"
        values = np.asarray(oracle(image))
        Image.fromarray((255 * values / values.max()).astype(np.uint8)).save(file)
        images.append(GazeImage(image.path, HEIGHT, WIDTH, (), file))
    report = evaluate_gaze(GazeData("maps", tuple(images), SIGMA, "made up"), {}, QUICK)
    assert [each.name for each in report.maps] == [CENTER, RESIDUAL, ITTI_KOCH]
    assert np.isfinite(report.maps[0].figures["cc"].value)
    assert np.isnan(report.maps[0].figures["nss"].value)


def test_what_is_written_can_be_read(data: GazeData, tmp_path: Path) -> None:
    report = evaluate_gaze(data, {"oracle": oracle}, QUICK)
    write_gaze(report, tmp_path / "out")
    plain = json.loads((tmp_path / "out" / "report.json").read_text())
    assert plain["maps"][0]["name"] == "oracle"
    assert plain["maps"][0]["figures"]["nss"]["n"] == 6
    assert plain["maps"][0]["figures"]["emd"]["value"] is None
    lines = (tmp_path / "out" / "images.csv").read_text().splitlines()
    assert lines[0].startswith("image,map,auc,auc_judd")
    assert len(lines) == 1 + 6 * 7
    assert "| oracle |" in table(report)
    assert "emd" not in table(report)


def test_the_same_seed_gives_the_same_report(data: GazeData) -> None:
    first, second = (evaluate_gaze(data, {"oracle": oracle}, QUICK) for _ in range(2))
    names = ("map", "auc", "auc_borji", "auc_shuffled", "nss")
    assert [[row[n] for n in names] for row in first.rows] == [[row[n] for n in names] for row in second.rows]


def test_what_does_not_fit(data: GazeData) -> None:
    with pytest.raises(DataError, match="baseline"):
        evaluate_gaze(data, {CENTER: oracle}, QUICK)
    with pytest.raises(DataError, match="no images"):
        evaluate_gaze(GazeData("none", (), 1.0, ""), {}, QUICK)


def test_fixations_of_others_are_counted_once_not_once_an_image(
    data: GazeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 10,000 images, asking for all others' fixations at each would be done 10⁸ times."""
    asked: list[str] = []
    plain = GazeImage.fixations

    def counted(image: GazeImage) -> Any:
        asked.append(image.name)
        return plain(image)

    monkeypatch.setattr(GazeImage, "fixations", counted)
    evaluate_gaze(data, {}, replace(QUICK, ceiling=False, shuffled_images=1))
    assert len(asked) == 6 * len(data.images)  # checked, itself twice, one other, all, the report's


def test_others_are_all_but_oneself_at_ones_own_size() -> None:
    images = [GazeImage(Path(f"{n}.png"), 10 * n, 20, (np.array([[n, n]]),)) for n in (1, 2, 4)]
    everybody = _Everybody([*images, GazeImage(Path("nobody.png"), 8, 8)])
    assert np.argwhere(everybody.but(0)).tolist() == [[1, 2], [1, 4]]
    assert np.argwhere(everybody.but(3)).tolist() == [[0, 1], [1, 0], [1, 1]]
    assert everybody.some_but(0, 9, seed=0).tolist() == [[1, 2], [1, 4]]
    drawn = {tuple(map(tuple, everybody.some_but(0, 1, seed=seed).tolist())) for seed in range(20)}
    assert drawn == {((1, 2),), ((1, 4),), ()}
    report = evaluate_gaze(GazeData("d", (images[0],), 2.0, ""), {}, QUICK)
    assert ELSEWHERE not in {each.name for each in report.maps}
