"""The quick figure equals that of the metrics' room, whatever is drawn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.evaluate.resampled import ResampledAuc
from evocative.metrics.classification import roc_auc


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 40), levels=st.integers(1, 6))
def test_auc_of_a_draw_is_the_auc_of_its_rows(seed: int, rows: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=rows)
    scores = rng.integers(levels, size=(rows, 3)).astype(np.float32)  # with ties
    drawn = rng.integers(rows, size=rows)
    expected = roc_auc(labels[drawn], scores[drawn])
    np.testing.assert_allclose(ResampledAuc(labels, scores)(drawn), expected, atol=1e-12)


def test_auc_by_hand() -> None:
    """Scores .9 .5 .5 .1 of labels 1 0 1 0: pairs won 1 (both), 1 ½ of the four: (1 + 1 + .5 + 1) / 4."""
    labels = np.array([1, 0, 1, 0])
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    area = ResampledAuc(labels, np.stack([1 - scores, scores], axis=1))
    assert area(np.arange(4)).tolist() == [0.875, 0.875]
    assert np.isnan(area(np.array([0, 2, 2, 0]))).all()
