"""The fitted heads against scikit-learn on the same features."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict

from evocative.models.create import create_model
from evocative.recipe import ModelConfig, WhitenedGramConfig
from evocative.taxonomy.labels import TAXONOMIES
from evocative.training.head_start import BOUND, SECOND_ORDER_PENALTIES, Features, head_start


@pytest.fixture
def features() -> Features:
    random = np.random.default_rng(0)
    embedding = random.normal(2.0, 3.0, (240, 8)).astype(np.float32)
    labels = (embedding[:, 0] > 2).astype(np.int64) * 3 + (embedding[:, 1] > 2).astype(np.int64)
    vad = np.full((240, 3), np.nan, dtype=np.float32)
    vad[:200, 0] = np.tanh(0.1 * embedding[:200, 2] - 0.2)
    labels[-20:] = -1
    return Features(embedding, labels, vad, np.arange(240) // 2)


def test_heads_reproduce_scikit_learn(features: Features) -> None:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",))
    model = create_model(config, TAXONOMIES["mikels8"])
    width = model.num_features
    wide = np.zeros((240, width), dtype=np.float32)
    wide[:, :8] = features.embedding
    features = Features(wide, features.labels, features.vad, features.groups)
    notes = head_start(model, features)
    assert model.emotion_head is not None
    assert model.dimension_head is not None
    with torch.no_grad():
        logits = model.emotion_head.eval()(torch.from_numpy(wide)).numpy()
        vad = model.dimension_head.eval()(torch.from_numpy(wide)).numpy()
    known = features.labels >= 0
    standard = (wide - wide.mean(0)) / (wide.std(0) + 1e-6)
    reference = LogisticRegression(C=notes["logistic_c"], max_iter=300)
    reference.fit(standard[known], features.labels[known])
    assert (reference.predict(standard) == logits.argmax(1)).all()
    rated = np.isfinite(features.vad[:, 0])
    target = np.arctanh(np.clip(features.vad[rated, 0], -BOUND, BOUND))
    ridge = Ridge(notes["ridge_valence"]).fit(standard[rated], target)
    np.testing.assert_allclose(vad[:, 0], np.tanh(ridge.predict(standard)), atol=1e-3)


def test_a_given_penalty_is_taken_and_none_is_chosen(features: Features) -> None:
    torch.manual_seed(0)
    model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), TAXONOMIES["mikels8"])
    wide = np.zeros((240, model.num_features), dtype=np.float32)
    wide[:, :8] = features.embedding
    features = Features(wide, features.labels, features.vad, features.groups)
    notes = head_start(model, features, inverse_penalty=1.5)
    assert notes == {"logistic_c": 1.5 / model.num_features}
    known = features.labels >= 0
    standard = ((wide - wide.mean(0)) / (wide.std(0) + 1e-6))[known]
    reference = LogisticRegression(C=1.5 / model.num_features).fit(standard, features.labels[known])
    assert model.emotion_head is not None
    with torch.no_grad():
        logits = model.emotion_head.eval()(torch.from_numpy(wide[known]))
    shown = torch.softmax(logits[:, reference.classes_], 1).numpy()
    np.testing.assert_allclose(shown, reference.predict_proba(standard), atol=1e-3)


@pytest.mark.parametrize(("place", "share"), [("embedding", 0.0), ("moments", 0.5)])
def test_a_dimension_takes_moments_that_tell_it_and_leaves_others(
    features: Features, place: str, share: float
) -> None:
    config = ModelConfig(
        backbone="test_efficientnet", weights=None, dimensions=("valence",), dimension_maps=(0,)
    )
    model = create_model(config, TAXONOMIES["mikels8"])
    random = np.random.default_rng(1)
    embedding = random.normal(1.0, 2.0, (240, model.num_features)).astype(np.float32)
    moments = random.normal(-3.0, 5.0, (240, model.num_moments)).astype(np.float32)
    told = {"embedding": embedding, "moments": moments}[place][:, :2].sum(1)
    vad = np.full((240, 3), np.nan, dtype=np.float32)
    vad[:, 0] = np.tanh(told / told.std() / 3)
    notes = head_start(model, Features(embedding, features.labels, vad, features.groups, moments))
    assert notes["moments_valence"] == share
    standard, beside = ((each - each.mean(0)) / (each.std(0) + 1e-6) for each in (embedding, moments))
    kernel = (1 - share) * standard @ standard.T
    kernel += share * beside @ beside.T * standard.shape[1] / beside.shape[1]
    target = np.arctanh(np.clip(vad[:, 0], -BOUND, BOUND))
    dual = np.linalg.solve(kernel + notes["ridge_valence"] * np.eye(240), target - target.mean())
    assert model.dimension_head is not None
    with torch.no_grad():
        said = model.dimension_head.eval()(torch.from_numpy(np.concatenate([embedding, moments], axis=1)))
    np.testing.assert_allclose(said[:, 0], np.tanh(kernel @ dual + target.mean()), atol=2e-3)


@pytest.mark.parametrize("told", [("gram",), ("gram", "moments"), ()])
def test_whitened_gram_matrices_are_a_band_of_their_own(features: Features, told: tuple[str, ...]) -> None:
    config = ModelConfig(
        backbone="test_efficientnet", weights=None, neck="whitened_gram", dimensions=("arousal",),
        whitened_gram=WhitenedGramConfig(maps=(1,), channels=4), dimension_maps=(0,),
    )  # fmt: skip
    model = create_model(config, TAXONOMIES["mikels8"])
    random = np.random.default_rng(2)
    embedding = random.normal(1.0, 2.0, (240, model.num_features)).astype(np.float32)
    moments = random.normal(-3.0, 5.0, (240, model.num_moments)).astype(np.float32)
    bands = {"embedding": embedding[:, :-10], "gram": embedding[:, -10:], "moments": moments}
    target = sum(bands[name][:, 0] / bands[name].std() for name in (told or ("embedding",)))
    vad = np.full((240, 3), np.nan, dtype=np.float32)
    vad[:, 1] = np.tanh(np.asarray(target) / 4)
    notes = head_start(model, Features(embedding, features.labels, vad, features.groups, moments))
    shares = {name: 1 / (1 + len(told)) if name in ("embedding", *told) else 0.0 for name in bands}
    assert {name: notes[f"{name}_arousal"] for name in ("gram", "moments")} == {
        name: shares[name] for name in ("gram", "moments")
    }
    width, kernel = bands["embedding"].shape[1], np.zeros((240, 240))
    for name, band in bands.items():
        standard = (band - band.mean(0)) / (band.std(0) + 1e-6)
        kernel += shares[name] * standard @ standard.T * width / band.shape[1]
    aim = np.arctanh(np.clip(vad[:, 1], -BOUND, BOUND))
    dual = np.linalg.solve(kernel + notes["ridge_arousal"] * np.eye(240), aim - aim.mean())
    assert model.dimension_head is not None
    with torch.no_grad():
        said = model.dimension_head.eval()(torch.from_numpy(np.concatenate([embedding, moments], axis=1)))
    np.testing.assert_allclose(said[:, 1], np.tanh(kernel @ dual + aim.mean()), atol=2e-3)
    strengths = [each / model.num_features for each in SECOND_ORDER_PENALTIES]
    assert notes["logistic_c"] in strengths


def test_labels_that_no_row_has_are_never_predicted(features: Features) -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None)
    model = create_model(config, TAXONOMIES["mikels8"])
    wide = np.zeros((240, model.num_features), dtype=np.float32)
    wide[:, :8] = features.embedding
    head_start(model, Features(wide, features.labels, features.vad, features.groups))
    assert model.emotion_head is not None
    with torch.no_grad():
        predicted = model.emotion_head.eval()(torch.from_numpy(wide)).argmax(1)
    assert set(predicted.tolist()) <= set(features.labels.tolist())


def test_too_few_rows_leave_the_heads_flat() -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("arousal",))
    model = create_model(config, TAXONOMIES["mikels8"])
    one = np.ones((1, model.num_features), dtype=np.float32)
    notes = head_start(
        model, Features(one, np.array([2]), np.full((1, 3), np.nan, dtype=np.float32), np.array([0]))
    )
    assert notes == {}
    assert model.emotion_head is not None
    assert not model.emotion_head.linear.weight.any()


def test_the_sd_is_that_of_errors_on_rows_not_fitted(features: Features) -> None:
    """Against scikit-learn's own cross-validation over whole groups."""
    torch.manual_seed(0)
    config = ModelConfig(
        backbone="test_efficientnet", weights=None, dimensions=("valence",), emotions=False, dimension_sd=True
    )
    model = create_model(config)
    wide = np.zeros((240, model.num_features), dtype=np.float32)
    wide[:, :8] = features.embedding
    noisy = features.vad + np.random.default_rng(1).normal(0, 0.1, features.vad.shape).astype(np.float32)
    notes = head_start(model, Features(wide, features.labels, noisy, features.groups))
    rated = np.isfinite(noisy[:, 0])
    target = np.clip(noisy[rated, 0], -BOUND, BOUND)
    standard = ((wide - wide.mean(0)) / (wide.std(0) + 1e-6))[rated]
    held = cross_val_predict(
        Ridge(notes["ridge_valence"]), standard, np.arctanh(target), groups=features.groups[rated],
        cv=GroupKFold(5),
    )  # fmt: skip
    error = float(np.sqrt(np.mean((np.tanh(held) - target) ** 2)))
    assert notes["sd_valence"] == pytest.approx(error, rel=1e-3)
    assert model.dimension_head is not None
    said = model.dimension_head.spread(torch.from_numpy(wide))
    assert said is not None
    torch.testing.assert_close(said[:, 0], torch.full((240,), notes["sd_valence"]))
