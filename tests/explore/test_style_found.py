"""Style of made pictures beside real ones: hand-worked cases."""

import numpy as np
import pytest

from evocative.explain.style_names import LINEAR
from evocative.explore.style_found import Styled, style_found

NAMES = ("awe", "fear", "anger")


def styled(
    columns: dict[int, list[float]], asked: list[int], valence: list[float], way: str = "real"
) -> Styled:
    style = np.zeros((len(asked), len(LINEAR)))
    for place, values in columns.items():
        style[:, place] = values
    vad = np.full((len(asked), 3), np.nan, dtype=np.float32)
    vad[:, 0] = valence
    return Styled(way, "a", style, np.array(asked), vad)


ASKED = [0, 0, 1, 1, 2, 2]
VALENCE = [0.9, 0.7, -0.5, -0.3, 0.1, 0.0]


def test_gap_and_contrasts_by_hand() -> None:
    real = styled({0: [1, 3, 5, 7, 3, 5], 1: [1, 1, 0, 0, 0, 0]}, ASKED, VALENCE)
    made = styled({0: [11, 13, 15, 17, 13, 15], 1: [0, 0, 1, 1, 1, 1]}, ASKED, VALENCE, "gan")
    found = style_found(made, real, NAMES)
    sd = np.std([1, 3, 5, 7, 3, 5])
    assert found.emotions == NAMES
    assert found.counts == ((2, 2),) * 3
    np.testing.assert_allclose(found.gap[:, 0], 10 / sd)
    np.testing.assert_allclose(found.real[:, 0], np.array([-2, 2, 0]) / sd)
    np.testing.assert_allclose(found.made[:, 0], np.array([-2, 2, 0]) / sd)
    assert found.agreement[LINEAR[0]] == pytest.approx(1)
    assert found.agreement[LINEAR[1]] == pytest.approx(-1)
    assert np.isnan(found.agreement[LINEAR[2]])  # the same in all images
    assert found.most_alike(1)[0][0] == LINEAR[0]
    assert [name for name, _ in found.most_alike(9)] == list(LINEAR[:2])
    made_cells, real_cells = found.made[:, :2].ravel(), found.real[:, :2].ravel()
    assert found.overall == pytest.approx(np.corrcoef(made_cells, real_cells)[0, 1])
    gone, back, _ = found.dimensions["valence"]
    assert gone[LINEAR[0]] == pytest.approx(back[LINEAR[0]])
    assert set(found.dimensions) == {"valence"}
    assert found.to_dict()["counts"] == [[2, 2]] * 3


def test_bad_rows_and_emotions_of_one_side_are_left_out() -> None:
    real = styled({0: [1, 3, 5, 7, 3, 5]}, ASKED, VALENCE)
    broken = styled({0: [1, 3, 5, 7, 3, np.nan]}, ASKED, VALENCE, "gan")
    found = style_found(broken, real, NAMES)
    assert found.emotions == ("awe", "fear")
    np.testing.assert_allclose(found.gap[:, 0], 0)
    nothing = style_found(styled({0: [1, 2]}, [-1, -1], [0, 0]), real, NAMES)
    assert nothing.emotions == ()
    assert np.isnan(nothing.overall)
    assert nothing.dimensions == {}
