"""One map of one picture: what it takes, and the same map at another size."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from evocative.errors import DataError
from evocative.explain import EmotionMap


def test_a_map_is_resized_as_torch_does_it() -> None:
    values = np.random.default_rng(0).random((7, 5), dtype=np.float32)
    for size in ((21, 13), (3, 4), (7, 5), (1, 1)):
        expected = F.interpolate(
            torch.from_numpy(values)[None, None], size, mode="bilinear", align_corners=False, antialias=True
        )
        np.testing.assert_allclose(EmotionMap(values).resized(*size), expected[0, 0].numpy(), atol=1e-5)


def test_stretching_is_only_where_asked_for() -> None:
    ramp = EmotionMap(np.array([[1.0, 2.0, 5.0]], np.float32), label="awe", method="ours")
    assert ramp.resized(1, 3).tolist() == [[1, 2, 5]]
    assert ramp.resized(1, 3, stretch=True).tolist() == [[0, 0.25, 1]]
    assert not EmotionMap(np.full((2, 2), 3, np.float32)).resized(4, 4, stretch=True).any()


def test_its_values_are_its_own() -> None:
    values = np.ones((2, 2), np.float32)
    kept = EmotionMap(values)
    values[0, 0] = 9
    assert kept.values.max() == 1
    with pytest.raises(ValueError, match="read-only"):
        kept.values[0, 0] = 2


@pytest.mark.parametrize("values", [np.zeros((2, 2, 2)), np.zeros((0, 2)), [[np.nan, 1]], [[-1.0, 1]]])
def test_what_is_no_map_is_refused(values: object) -> None:
    with pytest.raises(DataError):
        EmotionMap(np.asarray(values, np.float32))
    with pytest.raises(DataError, match="1 × 1"):
        EmotionMap(np.ones((2, 2), np.float32)).resized(0, 4)
