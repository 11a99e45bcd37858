"""Rows that a model has learnt are counted, told, and left out on request."""

import numpy as np
import pandas as pd
import pytest

from evocative.errors import DataError
from evocative.evaluate.alignment import Aligned
from evocative.evaluate.report import Report, TrainedOn
from evocative.evaluate.suite import evaluate
from evocative.evaluate.trained_on import trained_on, without_learnt
from evocative.inference.predictions import Predictions
from evocative.report.html import render


def predictions(known: list[bool | None] | None, errors: int = 0) -> Predictions:
    n = 6 if known is None else len(known)
    frame = pd.DataFrame(
        {
            "path": [f"{number}.png" for number in range(n)],
            "error": [None] * (n - errors) + ["cut off"] * errors,
            "valence": [*np.linspace(-0.5, 0.5, n - errors), *[np.nan] * errors],
            "target_valence": np.linspace(-0.4, 0.6, n),
        }
    )
    return Predictions(frame if known is None else frame.assign(trained_on=pd.array(known, dtype="boolean")))


def test_rows_with_an_answer_are_counted() -> None:
    assert trained_on(predictions(None)) is None
    assert trained_on(predictions([True, False, None, True, False, True], errors=1)) == TrainedOn(2, 5, 1)


def test_the_report_keeps_it() -> None:
    report = evaluate(predictions([True, False, None, False]), bootstrap=0)
    assert report.trained_on == TrainedOn(images=1, rows=4, unknown=1)
    assert report.to_dict()["trained_on"] == {"images": 1, "rows": 4, "unknown": 1, "left_out": 0}
    assert Report.from_dict(report.to_dict()).trained_on == report.trained_on
    old = {name: value for name, value in report.to_dict().items() if name != "trained_on"}
    assert Report.from_dict(old).trained_on is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (TrainedOn(4, 4), "trained on all 4 images: the figures say nothing of new pictures"),
        (TrainedOn(1, 4), "trained on 1 of 4 images: the figures are better than of new pictures; --unseen"),
        (TrainedOn(1, 4, unknown=2), "of 2 it is not known"),
        (TrainedOn(0, 4, unknown=1), "trained on none of 3 images; of 1 it is not known"),
        (TrainedOn(0, 3, left_out=1), "1 images that the model was trained on were left out"),
    ],
)
def test_it_is_told_with_what_it_means(found: TrainedOn, expected: str) -> None:
    assert expected in str(found)
    assert "Copies that were resized or saved anew are not recognised." in str(found)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ([True] * 4, "trained on all 4 images: the figures say nothing of new pictures"),
        ([True, False, False, False], "trained on 1 of 4 images"),
        ([False] * 4, "0 of these 4 images, 0 not known"),
        (None, "not known which of these images"),
    ],
)
def test_the_page_tells_it(known: list[bool | None] | None, told: str) -> None:
    assert told in render(evaluate(predictions(known), bootstrap=0), {})


def test_without_learnt_rows_the_others_are_measured_with_their_raters() -> None:
    some = predictions([True, False, None, True, False, False])
    raters = np.arange(36, dtype=np.float64).reshape(6, 3, 2)
    rest = without_learnt(Aligned(some, data="mine", raters=raters))
    assert rest.predictions.paths == ["1.png", "2.png", "4.png", "5.png"]
    assert rest.raters is not None
    np.testing.assert_array_equal(rest.raters, raters[[1, 2, 4, 5]])
    alone = evaluate(rest, bootstrap=0).dimensions[0].mae.value
    expected = np.abs(np.linspace(-0.5, 0.5, 6) - np.linspace(-0.4, 0.6, 6))[[1, 2, 4, 5]].mean()
    assert alone == pytest.approx(expected, abs=1e-6)


def test_nothing_to_leave_out_or_nothing_left_is_refused() -> None:
    with pytest.raises(DataError, match="keeps no record"):
        without_learnt(Aligned(predictions(None)))
    with pytest.raises(DataError, match="trained on all 2 images"):
        without_learnt(Aligned(predictions([True, True])))
