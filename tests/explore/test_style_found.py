"""Style of made pictures beside real ones: hand-worked cases."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, pearsonr

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
    assert found.agreement[LINEAR[0]].value == pytest.approx(1)
    assert found.agreement[LINEAR[1]].value == pytest.approx(-1)
    assert np.isnan(found.agreement[LINEAR[2]].value)  # the same in all images
    assert found.left_out is None
    assert found.most_alike(1)[0][0] == LINEAR[0]
    assert [name for name, _ in found.most_alike(9)] == list(LINEAR[:2])
    made_cells, real_cells = found.made[:, :2].ravel(), found.real[:, :2].ravel()
    assert found.overall.n == 2  # features that vary
    assert found.overall.value == pytest.approx(np.corrcoef(made_cells, real_cells)[0, 1])
    gone, back, _ = found.dimensions["valence"]
    assert gone[LINEAR[0]] == pytest.approx(back[LINEAR[0]])
    assert set(found.dimensions) == {"valence"}
    assert found.to_dict()["counts"] == [[2, 2]] * 3


def test_bad_rows_and_emotions_of_one_side_are_left_out() -> None:
    real = styled({0: [1, 3, 5, 7, 3, 5]}, ASKED, VALENCE)
    broken = styled({0: [1, 3, 5, 7, 3, np.nan]}, ASKED, VALENCE, "gan")
    broken.style[5] = np.nan  # a bad row
    found = style_found(broken, real, NAMES)
    assert found.emotions == ("awe", "fear")
    np.testing.assert_allclose(found.gap[:, 0], 0)
    nothing = style_found(styled({0: [1, 2]}, [-1, -1], [0, 0]), real, NAMES)
    assert nothing.emotions == ()
    assert np.isnan(nothing.overall.value)
    assert nothing.left_out == "contrasts need 3 emotions with 2 pictures or more, made and real; found 0"
    assert nothing.dimensions == {}


def test_two_emotions_have_gaps_and_no_contrasts() -> None:
    """Of two emotions each contrast is the other's opposite: r would be 1 or -1 whatever was measured."""
    generator = np.random.default_rng(0)
    sides = [
        styled({0: list(generator.normal(size=4))}, [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]) for _ in range(2)
    ]
    found = style_found(sides[0], sides[1], NAMES)
    assert np.isfinite(found.gap[:, 0]).all()
    assert np.isnan(found.made).all()
    assert np.isnan([one.value for one in (*found.agreement.values(), found.overall)]).all()
    assert found.most_alike(5) == []
    assert found.left_out == (
        "contrasts need 3 emotions with 2 pictures or more, made and real; found 2 (awe, fear)"
    )
    assert found.to_dict()["left_out"] == found.left_out


def test_what_is_not_defined_is_left_out_of_that_feature_alone() -> None:
    real = styled({0: [1, 3, 5, 7, 3, 5], 1: [1, 1, 0, 0, 2, 3]}, ASKED, VALENCE)
    grey = styled({0: [1, 3, 5, 7, 3, np.nan], 1: [1, 1, 0, 0, 2, 3]}, ASKED, VALENCE, "gan")
    found = style_found(grey, real, NAMES)
    assert found.counts == ((2, 2),) * 3
    assert np.isnan(found.gap[2, 0])  # a mean of one picture is none
    np.testing.assert_allclose(found.gap[:2, 0], 0)
    np.testing.assert_allclose(found.gap[:, 1], 0)
    assert found.agreement[LINEAR[1]].value == pytest.approx(1)
    assert np.isfinite(found.dimensions["valence"][0][LINEAR[0]])


def test_of_many_features_that_agree_by_chance_hardly_one_is_named() -> None:
    """Eight emotions, 64 features of noise: about three have p < .05, and with q none or one is left."""
    named, seemed = 0, 0
    emotions = [f"emotion {k}" for k in range(8)]
    asked = np.repeat(np.arange(8), 2)
    for seed in range(2):
        generator = np.random.default_rng(seed)
        sides = [
            Styled(
                "way",
                "a",
                generator.normal(size=(16, len(LINEAR))),
                asked,
                np.full((16, 3), np.nan, np.float32),
            )
            for _ in range(2)
        ]
        found = style_found(sides[0], sides[1], emotions, seed=seed)
        p = [pearsonr(found.made[:, f], found.real[:, f]).pvalue for f in range(len(LINEAR))]
        assert list(found.q.values()) == pytest.approx(false_discovery_control(p))
        seemed += sum(value < 0.05 for value in p)
        named += any(value <= 0.05 for value in found.q.values())
        assert found.overall.low < 0 < found.overall.high
    assert 0 < seemed < 20
    assert named <= 1


def test_one_feature_has_fishers_interval_and_all_have_that_of_drawn_features() -> None:
    generator = np.random.default_rng(1)
    asked, plane = np.repeat(np.arange(8), 2), np.full((16, 3), np.nan, np.float32)
    shared = np.repeat(generator.normal(size=(8, len(LINEAR))), 2, axis=0)
    sides = [Styled("way", "a", shared + generator.normal(size=shared.shape), asked, plane) for _ in range(2)]
    found = style_found(sides[0], sides[1], [f"emotion {k}" for k in range(8)])
    one = found.agreement[LINEAR[0]]
    expected = pearsonr(found.real[:, 0], found.made[:, 0]).confidence_interval()
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))
    assert one.n == 8
    assert found.overall.low < found.overall.value < found.overall.high
    assert found.overall.n == len(LINEAR)
    assert found.overall.high - found.overall.low < one.high - one.low
