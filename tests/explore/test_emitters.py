"""Emitters: whom they vary, how often, and that each gets better on a problem that can be got better at."""

from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("ribs")

from tests.judges import MakeJudge

from evocative.explore.archives import Archive, open_archive
from evocative.explore.atlas_settings import AtlasSettings, resolved
from evocative.explore.emitters import Brood, Emitter, make_emitter
from evocative.explore.fitness import Jury, Verdict
from evocative.explore.weights import FixedCPPN, WeightVectors

NETWORK = FixedCPPN(layers=1, width=4)
SPECIES = WeightVectors(NETWORK)


def toy(weights: torch.Tensor) -> Verdict:
    """Fitness near 1 where weights are near 1; measures are the first two weights, squashed."""
    fitness = torch.exp(-(weights - 1).square().mean(1) / 4)
    chances = torch.stack([fitness, *[(1 - fitness) / 7] * 7], 1)
    vad = torch.cat([torch.tanh(weights[:, :2] / 3), torch.full((len(weights), 1), torch.nan)], 1)
    return Verdict(chances, vad, chances, fitness)


def opened(make_judge: MakeJudge, **settings: Any) -> tuple[Archive, Emitter, AtlasSettings]:
    judge = make_judge()
    chosen = resolved(AtlasSettings(kind="plane", genome="weights", **settings), judge)
    archive = open_archive(chosen, Jury([judge]), length=NETWORK.num_weights, seed=np.random.SeedSequence(1))
    return archive, make_emitter(archive, SPECIES, chosen, np.random.SeedSequence(2)), chosen


def fields(brood: Brood) -> dict[str, Any]:
    genomes = np.empty(len(brood.genomes), dtype=object)
    genomes[:] = brood.genomes
    return {"genome": genomes, "evaluation": np.zeros(len(genomes), dtype=int), "parent": brood.parents}


def slopes(brood: Brood) -> Any:
    weights = torch.from_numpy(brood.solutions.copy()).requires_grad_()
    said = toy(weights)
    values = [said.fitness.sum(), *said.vad[:, :2].sum(0)]
    rows = [torch.autograd.grad(value, weights, retain_graph=True)[0] for value in values]
    return torch.stack(rows, 1).numpy()


def turn(archive: Archive, emitter: Emitter) -> Brood:
    points = emitter.points()
    if points is not None:
        said = toy(torch.from_numpy(points.solutions))
        emitter.slope(points, said, archive.add(points.solutions, said, fields(points)), slopes(points))
    brood = emitter.ask()
    said = toy(torch.from_numpy(brood.solutions))
    emitter.tell(brood, said, archive.add(brood.solutions, said, fields(brood)))
    return brood


def test_mutation_begins_at_random_and_then_varies_elites(make_judge: MakeJudge) -> None:
    archive, emitter, settings = opened(make_judge, batch=16, start=32, crossing=0.0)
    for _ in range(2):
        assert (turn(archive, emitter).parents == -1).all()
    found = archive.cells.data(["index", "genome"])
    elites = dict(zip(found["index"], found["genome"], strict=True))
    brood = turn(archive, emitter)
    assert set(brood.parents) <= set(elites)
    assert len(set(brood.parents)) > 4
    for genome, parent in zip(brood.genomes, brood.parents, strict=True):
        moved = np.subtract(genome.values, elites[parent].values)
        assert 0 < np.sqrt(np.mean(moved**2)) < 3 * SPECIES.spread
    assert settings.batch == len(brood.genomes)


def test_crossing_takes_of_two_elites(make_judge: MakeJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, emitter, _ = opened(make_judge, batch=200, start=200, crossing=0.3)
    turn(archive, emitter)
    seen = []
    crossed = WeightVectors.crossed

    def counted(self: WeightVectors, first: Any, second: Any, generator: np.random.Generator) -> Any:
        seen.append(len(first))
        return crossed(self, first, second, generator)

    monkeypatch.setattr(WeightVectors, "crossed", counted)
    turn(archive, emitter)
    assert seen == [pytest.approx(60, abs=25)]


@pytest.mark.parametrize("name", ["mutation", "random", "cma-me", "gradient"])
def test_same_seed_same_genomes(name: str, make_judge: MakeJudge) -> None:
    first, second = (opened(make_judge, emitter=name, batch=16, start=16) for _ in range(2))
    for _ in range(5):
        np.testing.assert_array_equal(turn(*first[:2]).solutions, turn(*second[:2]).solutions)


def test_searching_beats_random_search(make_judge: MakeJudge) -> None:
    scores = {}
    for name in ("random", "mutation", "cma-me", "gradient"):
        archive, emitter, _ = opened(make_judge, emitter=name, batch=32, start=64, searches=2, bins=8)
        for _ in range(100):
            assert len(turn(archive, emitter).genomes) == 32
        scores[name] = archive.qd_score
    assert min(scores["mutation"], scores["cma-me"], scores["gradient"]) > 1.05 * scores["random"]
