import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evocative.errors import DataError
from evocative.taxonomy.dimensions import SCALES, SPACES, Scale, scale

unit = arrays(np.float64, st.integers(1, 20), elements=st.floats(-1, 1))


@pytest.mark.parametrize("name", SCALES)
def test_ends_and_middle(name: str) -> None:
    chosen = scale(name)
    assert chosen.to_unit([chosen.low, (chosen.low + chosen.high) / 2, chosen.high]).tolist() == [-1, 0, 1]
    assert chosen.from_unit(np.array([-1.0, 1.0])).tolist() == [chosen.low, chosen.high]


@given(unit, st.sampled_from(sorted(SCALES)))
def test_conversions_are_inverse(values: np.ndarray, name: str) -> None:
    chosen = scale(name)
    np.testing.assert_allclose(chosen.to_unit(chosen.from_unit(values)), values, atol=1e-12)
    np.testing.assert_allclose(
        chosen.sd_to_unit(chosen.sd_from_unit(np.abs(values))), np.abs(values), atol=1e-12
    )
    chosen.check(chosen.from_unit(values))


@given(unit, st.sampled_from(sorted(SCALES)))
def test_mean_and_sd_convert_like_the_ratings(values: np.ndarray, name: str) -> None:
    chosen = scale(name)
    ratings = chosen.from_unit(values)
    assert chosen.to_unit(float(ratings.mean())) == pytest.approx(values.mean(), abs=1e-9)
    assert chosen.sd_to_unit(float(ratings.std())) == pytest.approx(values.std(), abs=1e-9)


def test_numbers_stay_numbers_and_missing_stays_missing() -> None:
    seven = scale("1..7")
    assert type(seven.to_unit(5.5)) is float
    assert seven.to_unit(5.5) == 0.5
    assert seven.sd_to_unit(1.5) == 0.5
    assert np.isnan(seven.to_unit([np.nan, 4.0])).tolist() == [True, False]
    seven.check([np.nan, 1.0, 7.0])


def test_ratings_of_another_scale_are_noticed() -> None:
    with pytest.raises(DataError, match=r"Valence_mean: 2 of 4 lie outside the scale 1 to 7 .*8\.5"):
        scale("1..7").check([1.0, 8.5, 7.5, np.nan], what="Valence_mean")


def test_any_other_scale_by_its_ends() -> None:
    assert scale("0..100") == Scale(0.0, 100.0)
    assert scale("-3..3").to_unit(-1.5) == -0.5


@pytest.mark.parametrize("name", ["1-9", "nine", "..", "1..", "7..1", "1..inf", "nan..1", ""])
def test_what_is_no_scale_is_refused(name: str) -> None:
    with pytest.raises(DataError):
        scale(name)


def test_spaces_of_table_2_1() -> None:
    assert {name: space.names for name, space in SPACES.items()} == {
        "VA": ("valence", "arousal"),
        "VAD": ("valence", "arousal", "dominance"),
        "ATW": ("activity", "temperature", "weight"),
    }
    assert SPACES["VA"].axis("arousal").high == "excited"
    with pytest.raises(DataError, match="valence"):
        SPACES["VA"].axis("valance")
