"""Goals: read from words, and losses that are their formulas."""

import math

import numpy as np
import pytest
import torch

from evocative.data.columns import AXES
from evocative.errors import DataError, ModelError
from evocative.explore.judge import Judge
from evocative.generate.goals import Goal, default_goals, losses, parse_goal
from evocative.models.create import Output, create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


def make_judge(emotions: bool = True, dimensions: tuple[str, ...] = ("valence", "arousal")) -> Judge:
    torch.manual_seed(0)
    config = ModelConfig(
        backbone="test_efficientnet",
        weights=None,
        emotions=emotions,
        dimensions=dimensions,  # type: ignore[arg-type]
    )
    model = create_model(config, taxonomy("mikels8") if emotions else None).eval()
    return Judge(model, Preprocessing(size=32), precision="fp32")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return make_judge()


def said(logits: list[list[float]], vad: list[list[float]]) -> Output:
    count = len(logits)
    return Output(torch.zeros(count, 2), torch.tensor(logits), torch.tensor(vad), torch.zeros(count, 0))


def test_reads_what_is_asked_for(judge: Judge) -> None:
    assert parse_goal("awe", judge) == Goal("awe", emotion="awe")
    assert parse_goal("arousal", judge).ends == (("arousal", 1),)
    assert parse_goal("-arousal", judge).ends == (("arousal", -1),)
    place = parse_goal("valence=0.5, arousal=-0.25", judge)
    assert place.place == (("valence", 0.5), ("arousal", -0.25))
    both = parse_goal("awe,-valence", judge)
    assert (both.emotion, both.ends) == ("awe", (("valence", -1),))


def test_names_the_columns_of_a_table(judge: Judge) -> None:
    found = parse_goal("fear,arousal,valence=-0.5", judge).targets()
    assert found.pop("label") == "fear"
    np.testing.assert_equal(list(found.values()), [-0.5, 1.0, math.nan])
    assert list(found) == list(AXES)


@pytest.mark.parametrize("wrong", ["aww", "dominance", "-awe", "", "awe=0.5", "awe,"])
def test_refuses_what_the_model_does_not_say(judge: Judge, wrong: str) -> None:
    with pytest.raises(ModelError, match="unknown label or dimension"):
        parse_goal(wrong, judge)


@pytest.mark.parametrize(
    "wrong",
    [
        "awe,fear",
        "valence,-valence",
        "valence,valence=0.1",
        "valence=1",
        "valence=x",
        "valence=",
        "-valence=0.3",
    ],
)
def test_refuses_contradictions_and_values_out_of_range(judge: Judge, wrong: str) -> None:
    with pytest.raises(DataError, match="expected"):
        parse_goal(wrong, judge)


def test_several_judges_must_all_be_able_to_say_it(judge: Judge) -> None:
    other = make_judge(dimensions=("arousal", "dominance"))
    assert parse_goal("arousal", judge, other).ends == (("arousal", 1),)
    for wrong in ("valence", "dominance"):
        with pytest.raises(ModelError, match="unknown label or dimension"):
            parse_goal(wrong, judge, other)


def test_asks_for_all_by_default(judge: Judge) -> None:
    assert [goal.emotion for goal in default_goals(judge)] == list(taxonomy("mikels8").names)
    only = make_judge(emotions=False, dimensions=("valence",))
    assert [goal.ends for goal in default_goals(only)] == [(("valence", 1),), (("valence", -1),)]


def test_losses_are_their_formulas(judge: Judge) -> None:
    logits = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
    vad = [[0.3, -0.2, math.nan], [0.9, 0.1, math.nan], [-0.4, 0.6, math.nan], [0.0, 0.5, math.nan]]
    goals = [
        parse_goal(text, judge) for text in ("awe", "-arousal", "valence=0.1,arousal=0.2", "awe,valence")
    ]
    found = losses(goals, said(logits.tolist(), vad), judge).numpy()
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    odds = np.log(chances[:, 1] / (1 - chances[:, 1]))
    wanted = [-odds[0], math.atanh(0.1), 0.5**2 + 0.4**2, -odds[3] - math.atanh(0.0)]
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    plain = losses(goals[:1], said(logits[:1].tolist(), vad[:1]), judge, score="logit")
    assert float(plain) == pytest.approx(-logits[0, 1], rel=1e-6)


def test_an_end_does_not_saturate(judge: Judge) -> None:
    before = torch.tensor([[0.0, 5.0, 0.0]], requires_grad=True)
    answer = Output(torch.zeros(1, 2), None, before.tanh(), torch.zeros(1, 0))
    (slope,) = torch.autograd.grad(losses([parse_goal("arousal", judge)], answer, judge).sum(), before)
    assert float(slope[0, 1]) == pytest.approx(-1.0, rel=1e-2)
