"""Correlations of style: against scipy, with what was planted, over whole groups."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.style import StyleTable
from evocative.explain.style_correlations import KINDS, correlate, pearson, spearman
from evocative.explain.style_names import FEATURES, LINEAR
from evocative.taxonomy.labels import taxonomy

N = 60


def random_style(seed: int = 0, rows: int = N) -> StyleTable:
    values = np.random.default_rng(seed).normal(size=(rows, len(FEATURES)))
    return StyleTable(tuple(f"{row}.jpg" for row in range(rows)), values, (None,) * rows)


def column(name: str) -> int:
    return list(FEATURES).index(name)


def table_of(style: StyleTable, **columns: object) -> Table:
    labels = taxonomy("mikels8") if "label" in columns else None
    return Table(pd.DataFrame({"path": list(style.paths), **columns}), taxonomy=labels)


def test_both_kinds_are_those_of_scipy() -> None:
    generator = np.random.default_rng(0)
    features = generator.integers(0, 6, (40, 3)).astype(float)  # ties
    targets = features[:, :2] + generator.normal(size=(40, 2))
    for row in range(3):
        for place in range(2):
            pair = features[:, row], targets[:, place]
            assert pearson(features, targets)[row, place] == pytest.approx(stats.pearsonr(*pair).statistic)
            assert spearman(features, targets)[row, place] == pytest.approx(stats.spearmanr(*pair).statistic)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_planted_correlation_is_the_strongest(kind: str) -> None:
    style = random_style()
    valence = np.tanh(-style.values[:, column("brightness")])
    arousal = np.full(N, np.nan)
    arousal[:20] = np.tanh(style.values[:20, column("contrast")])
    found = correlate(style, table_of(style, valence=valence, arousal=arousal), kind=kind, n_resamples=50)
    name, one = found.strongest("valence", 1)[0]
    assert name == "brightness"
    assert one.value < -0.9
    assert one.low <= one.value <= one.high < 0
    assert one.n == N
    assert found.found["arousal", "contrast"].n == 20  # rows without a rating are left out
    assert found.targets == ("valence", "arousal")
    assert len(found.frame) == 2 * len(LINEAR)
    assert found.frame["feature"].iloc[0] == "brightness"


def test_labels_are_one_against_the_others() -> None:
    style = random_style()
    redness = style.values[:, column("red_area")]
    labels = np.where(redness > np.quantile(redness, 0.7), "anger", "awe")
    found = correlate(style, table_of(style, label=labels), kind="pearson", n_resamples=20)
    expected = stats.pearsonr(redness, labels == "anger").statistic
    assert found.found["anger", "red_area"].value == pytest.approx(expected)
    assert found.found["awe", "red_area"].value == pytest.approx(-expected)
    assert found.strongest("fear") == []  # nobody is afraid: undefined
    assert found.strongest("anger", 1)[0][0] == "red_area"


def test_votes_count_by_their_share() -> None:
    style = random_style()
    share = 1 / (1 + np.exp(-style.values[:, column("warmth")]))
    votes = {f"votes_{name}": np.zeros(N) for name in taxonomy("mikels8").names}
    votes |= {"votes_awe": 100 * share, "votes_fear": 100 * (1 - share)}
    labels = np.where(share > 0.5, "awe", "fear")
    found = correlate(style, table_of(style, label=labels, **votes), n_resamples=20)
    assert found.found["awe", "warmth"].value == pytest.approx(1)


def test_groups_are_drawn_whole() -> None:
    one = random_style(rows=10)
    values = np.repeat(one.values, 12, axis=0)  # ten themes, twelve copies of each
    style = StyleTable(tuple(f"{row}.jpg" for row in range(120)), values, (None,) * 120)
    valence = np.repeat(np.random.default_rng(1).uniform(-1, 1, 10), 12)
    alone = correlate(style, table_of(style, valence=valence), n_resamples=100)
    themes = [f"theme {row // 12}" for row in range(120)]
    whole = correlate(style, table_of(style, valence=valence, group=themes), n_resamples=100)
    first, second = alone.found["valence", "hue_sin"], whole.found["valence", "hue_sin"]
    assert first.value == second.value
    assert second.n_groups == 10
    assert second.high - second.low > 2 * (first.high - first.low)


def test_bad_images_are_left_out() -> None:
    style = random_style()
    style.values[3] = np.nan
    errors = tuple("damaged" if row == 3 else None for row in range(N))
    broken = StyleTable(style.paths, style.values, errors)
    valence = np.random.default_rng(2).uniform(-1, 1, N)
    found = correlate(broken, table_of(broken, valence=valence), n_resamples=10)
    assert found.found["valence", "contrast"].n == N - 1
    assert all(np.isfinite(one.value) for one in found.found.values())


def test_mistakes_are_told() -> None:
    style = random_style()
    with pytest.raises(DataError, match="to correlate style with"):
        correlate(style, table_of(style))
    with pytest.raises(DataError, match="did you mean 'pearson'"):
        correlate(style, table_of(style), kind="person")
    with pytest.raises(DataError, match="the style of 59 images"):
        correlate(random_style(rows=59), table_of(style, valence=np.zeros(N)))
    found = correlate(style, table_of(style, valence=np.linspace(-1, 1, N)), n_resamples=5)
    with pytest.raises(DataError, match="unknown target 'joy'"):
        found.strongest("joy")


def test_two_rated_images_take_nothing_from_the_other_targets() -> None:
    style, arousal = random_style(), np.full(N, np.nan)
    arousal[:2] = 0.1, 0.2
    found = correlate(style, table_of(style, valence=np.linspace(-1, 1, N), arousal=arousal), n_resamples=5)
    assert found.targets == ("valence",)
    with pytest.raises(DataError, match="needs 3 images or more, found arousal of 2"):
        correlate(style, table_of(style, arousal=arousal), n_resamples=5)


def test_of_noise_hardly_anything_is_sure_and_what_was_planted_is() -> None:
    style = random_style(3, rows=150)
    generator = np.random.default_rng(9)
    planted = style.values[:, column("warmth")] + generator.normal(size=150)
    table = table_of(style, valence=np.tanh(planted), arousal=np.tanh(generator.normal(size=150)))
    found = correlate(style, table, n_resamples=200)
    apart = [pair for pair, one in found.found.items() if one.low > 0 or one.high < 0]
    sure = [pair for pair in found.found if found.sure(*pair)]
    assert len(apart) > 3  # about one in twenty of 128
    assert sure[0] == ("valence", "warmth")
    assert len(sure) <= 2  # and one at most by chance
    ranks = [stats.spearmanr(style.values[:, column(name)], table.dimensions[:, 0]).pvalue for name in LINEAR]
    ours = [found.p["valence", name] for name in LINEAR]
    assert np.median(np.abs(np.log(np.divide(ours, ranks)))) < 0.3
    assert list(found.q.values()) == pytest.approx(stats.false_discovery_control(list(found.p.values())))
    row = found.frame.iloc[0]
    assert (row["feature"], row["q"]) == ("warmth", pytest.approx(found.q["valence", "warmth"]))


@pytest.mark.parametrize("kind", list(KINDS))
def test_images_that_a_feature_is_not_defined_of_are_left_out_of_it_alone(kind: str) -> None:
    style = random_style()
    grey = np.arange(N) % 4 == 0
    style.values[grey, column("harmony")] = np.nan
    style.values[2:, column("gradation")] = np.nan
    valence = np.random.default_rng(5).uniform(-1, 1, N)
    found = correlate(style, table_of(style, valence=valence), kind=kind, n_resamples=20)
    expected: Any = stats.pearsonr if kind == "pearson" else stats.spearmanr
    for name, rows in (("harmony", ~grey), ("warmth", np.full(N, True))):
        one = found.found["valence", name]
        assert one.n == rows.sum()
        assert one.value == pytest.approx(expected(style.values[rows, column(name)], valence[rows]).statistic)
    assert np.isnan(found.found["valence", "gradation"].value)
    assert np.isnan(found.q["valence", "gradation"])
    assert "gradation" not in [name for name, _ in found.strongest("valence")]
