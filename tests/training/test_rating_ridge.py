"""The regression of ratings against scikit-learn, and against generalised least squares written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from evocative.errors import RecipeError
from evocative.models.create import create_model
from evocative.recipe import ModelConfig, load
from evocative.taxonomy.labels import TAXONOMIES
from evocative.training.head_start import BOUND, Features, head_start
from evocative.training.rating_ridge import STRENGTHS, Split, rating_ridge


@pytest.fixture
def rows() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    bands = {"first": random.normal(3, 2, (90, 7)), "second": random.normal(-1, 5, (90, 20))}
    groups = np.arange(90) // 6
    targets = bands["first"][:, 0] / 4 + 0.3 * random.normal(size=90)
    return bands, targets, groups


def folds(groups: np.ndarray) -> list[Split]:
    return list(GroupKFold(5).split(groups, groups=groups))


def test_one_band_without_themes_is_ridge_regression(
    rows: tuple[dict[str, np.ndarray], np.ndarray, np.ndarray],
) -> None:
    bands, targets, groups = rows
    fitted = rating_ridge({"first": bands["first"]}, targets, groups, folds=folds(groups))
    x = (bands["first"] - bands["first"].mean(0)) / bands["first"].std(0)
    held = {
        strength: np.concatenate(
            [Ridge(strength).fit(x[a], targets[a]).predict(x[b]) - targets[b] for a, b in folds(groups)]
        )
        for strength in STRENGTHS
    }
    assert fitted.strength == min(held, key=lambda strength: float((held[strength] ** 2).sum()))
    reference = Ridge(fitted.strength).fit(x, targets).predict(x)
    said = bands["first"] @ fitted.weights["first"] + fitted.intercept
    np.testing.assert_allclose(said, reference, atol=1e-4)
    assert float(((fitted.held_out - targets) ** 2).sum()) == pytest.approx(
        float((held[fitted.strength] ** 2).sum()), rel=1e-4
    )


def test_bands_and_themes_are_those_of_generalised_least_squares(
    rows: tuple[dict[str, np.ndarray], np.ndarray, np.ndarray],
) -> None:
    """(X'Ω⁻¹X + αI)w = X'Ω⁻¹(y − b), with Ω = I + τZZ' and the intercept beside the weights, unpenalised."""
    bands, targets, groups = rows
    shared = np.random.default_rng(1).normal(size=15)[groups]
    targets = targets + bands["second"][:, 0] / 10 + shared
    fitted = rating_ridge(bands, targets, groups, folds=folds(groups), group_effects=(0.7,))
    assert fitted.group_effect == 0.7
    scale = {name: np.sqrt(share * 7 / bands[name].shape[1]) for name, share in fitted.shares.items()}
    x = np.concatenate(
        [(band - band.mean(0)) / band.std(0) * scale[name] for name, band in bands.items()]
        + [np.ones((90, 1))], axis=1,
    )  # fmt: skip
    weigh = np.linalg.inv(np.eye(90) + 0.7 * (groups[:, None] == groups))
    penalty = fitted.strength * np.diag([1.0] * 27 + [0.0])
    solved = np.linalg.solve(x.T @ weigh @ x + penalty, x.T @ weigh @ targets)
    said = sum(bands[name] @ fitted.weights[name] for name in bands) + fitted.intercept
    np.testing.assert_allclose(said, x @ solved, atol=1e-4)


def test_bands_that_tell_nothing_are_left(
    rows: tuple[dict[str, np.ndarray], np.ndarray, np.ndarray],
) -> None:
    bands, targets, groups = rows
    fitted = rating_ridge(bands, targets, groups, folds=folds(groups))
    assert fitted.shares == {"first": 1.0, "second": 0.0}
    assert not fitted.weights["second"].any()


def test_a_rating_shared_by_a_theme_is_left_to_the_theme() -> None:
    random = np.random.default_rng(3)
    groups = np.arange(200) // 10
    x = random.normal(size=(200, 30)) + random.normal(size=(20, 30))[groups]
    targets = 0.2 * x[:, 0] + random.normal(size=20)[groups] + 0.2 * random.normal(size=200)
    chosen = rating_ridge({"x": x}, targets, groups, folds=folds(groups), group_effects=(0.0, 0.3))
    assert chosen.group_effect == 0.3


def test_emotions_directions_end_in_the_same_layer() -> None:
    """Valence follows a logit: the band is taken, and the layer says what the regression says."""
    random = np.random.default_rng(2)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",))
    torch.manual_seed(0)
    model = create_model(config, TAXONOMIES["mikels8"])
    x = random.normal(1, 2, (160, model.num_features)).astype(np.float32)
    labels = np.full(160, -1)
    assert model.emotion_head is not None
    assert model.dimension_head is not None
    with torch.no_grad():
        logits = model.emotion_head.linear(torch.from_numpy(x)).numpy().astype(np.float64)
    logits -= logits.mean(1, keepdims=True)
    vad = np.full((160, 3), np.nan, dtype=np.float32)
    vad[:, 0] = np.tanh(logits[:, 1] / logits[:, 1].std() / 2)
    groups = np.arange(160) // 4
    before = {name: value.clone() for name, value in model.emotion_head.state_dict().items()}
    notes = head_start(model, Features(x, labels, vad, groups), emotions_band=True)
    assert notes["emotions_valence"] == 0.5
    for name, value in model.emotion_head.state_dict().items():
        assert torch.equal(value, before[name])
    y = np.arctanh(np.clip(vad[:, 0].astype(np.float64), -BOUND, BOUND))
    reference = rating_ridge({"embedding": x, "emotions": logits}, y, groups, folds=folds(groups))
    expected = x @ reference.weights["embedding"] + logits @ reference.weights["emotions"]
    with torch.no_grad():
        said = model.dimension_head.eval()(torch.from_numpy(x))[:, 0]
    np.testing.assert_allclose(said, np.tanh(expected + reference.intercept), atol=2e-3)


def test_a_recipe_without_emotions_has_no_directions_of_them() -> None:
    recipe = load("oasis-va")
    with pytest.raises(RecipeError, match="head_emotions_band needs"):
        load("oasis-va", ["training.head_emotions_band=true"])
    assert not replace(recipe).training.head_group_effect
