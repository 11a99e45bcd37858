"""Archives against MAP-Elites in a dictionary, given the same offspring."""

from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("ribs")

from tests.judges import MakeJudge

from evocative.explore.archives import Archive, centroids, open_archive
from evocative.explore.atlas_settings import AtlasSettings, resolved
from evocative.explore.fitness import Jury, Verdict
from evocative.explore.judge import Judge

BATCH = 20


def offspring(generator: np.random.Generator) -> Verdict:
    """Verdicts of which some are sure, some are not, and two are equal."""
    chances = generator.dirichlet([0.3] * 8, BATCH).astype(np.float32)
    chances[1] = chances[0]
    vad = generator.uniform(-1.0, 1.0, (BATCH, 3)).astype(np.float32)
    vad[1] = vad[0]
    agreed = torch.from_numpy(chances)
    return Verdict(agreed, torch.from_numpy(vad), agreed, agreed.amax(1))


def naive_cells(kind: str, said: Verdict, row: int, centres: Any) -> list[tuple[Any, float]]:
    """Return the cells that a picture competes for, and with what."""
    chances, vad = said.probabilities[row].double().numpy(), said.vad[row].double().numpy()
    if kind == "emotions":
        return [((k, min(int((p + 1e-6) * 5), 4)), float(p)) for k, p in enumerate(chances)]
    if kind == "probabilities":
        distances = [float(np.sum((chances - centre) ** 2)) for centre in centres]
        return [(int(np.argmin(distances)), float(chances.max()))]
    axes = 2 if kind == "plane" else 3
    place = tuple(min(int((value + 1 + 2e-6) / 2 * 5), 4) for value in vad[:axes])
    return [(place, float(chances.max()))]


def opened(kind: str, judge: Judge) -> Archive:
    settings = resolved(AtlasSettings(kind=kind, bins=5), judge)
    return open_archive(settings, Jury([judge]), length=1, seed=np.random.SeedSequence(0))


def fields(first: int) -> dict[str, Any]:
    genomes = np.empty(BATCH, dtype=object)
    genomes[:] = [f"genome {first + row}" for row in range(BATCH)]
    return {"genome": genomes, "evaluation": np.arange(BATCH) + first, "parent": np.full(BATCH, -1)}


@pytest.mark.parametrize("kind", ["emotions", "plane", "probabilities", "cube"])
def test_keeps_what_a_dictionary_keeps(kind: str, make_judge: MakeJudge) -> None:
    archive = opened(kind, make_judge(("valence", "arousal", "dominance")))
    generator, kept = np.random.default_rng(4), dict[Any, tuple[float, int]]()
    for batch in range(12):
        said = offspring(generator)
        told = archive.add(np.zeros((BATCH, 1)), said, fields(batch * BATCH))
        before = dict(kept)
        for row in range(BATCH):
            outcomes = []
            for cell, fitness in naive_cells(kind, said, row, archive.centroids):
                old = before.get(cell, (0.0, -1))[0]
                status = 2 if cell not in before else int(fitness > old)
                outcomes.append((status, fitness - old))
                if cell not in kept or fitness > kept[cell][0]:
                    kept[cell] = fitness, batch * BATCH + row
            assert (told["status"][row], pytest.approx(told["value"][row])) == max(outcomes)
    found = archive.cells.data()
    shape = tuple(len(axis) for axis in archive.dims)
    assert len(found["index"]) == len(kept)
    for index, fitness, evaluation, genome in zip(
        found["index"], found["objective"], found["evaluation"], found["genome"], strict=True
    ):
        cell = tuple(map(int, np.unravel_index(index, shape))) if shape else int(index)
        assert kept[cell][0] == pytest.approx(fitness)
        assert kept[cell][1] == evaluation
        assert genome == f"genome {evaluation}"
    total = (
        40
        if kind == "emotions"
        else len(archive.centroids)
        if archive.centroids is not None
        else 5 ** len(shape)
    )
    assert archive.coverage == pytest.approx(len(kept) / total)
    assert archive.qd_score == pytest.approx(sum(fitness for fitness, _ in kept.values()))
    assert archive.best == pytest.approx(max(fitness for fitness, _ in kept.values()))


def test_centroids_lie_on_the_simplex_and_reach_its_corners() -> None:
    found = centroids(64, 8)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-6)
    assert found.min() >= 0
    assert set(found[found.max(1) > 0.8].argmax(1)) == set(range(8))
    assert found.max(1).min() < 0.3
    np.testing.assert_array_equal(found, centroids(64, 8))


def test_edges_are_those_that_cells_have(make_judge: MakeJudge) -> None:
    archive = opened("plane", make_judge())
    assert [axis.name for axis in archive.dims] == ["valence", "arousal"]
    assert archive.dims[0].edges == (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0)
    emotions = opened("emotions", make_judge())
    assert emotions.dims[0].labels[0] == "amusement"
    assert emotions.dims[1].edges == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
