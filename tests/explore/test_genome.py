"""What all kinds of genomes can."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from evocative.errors import DataError, RecipeError
from evocative.explore.genome import SPECIES, Species, distance, make_species, read_genome

KINDS = sorted(SPECIES)


def population(
    kind: str, seed: int = 0, count: int = 12, generations: int = 4
) -> tuple[Species[Any], list[Any], np.random.Generator]:
    species, generator = make_species(kind), np.random.default_rng(seed)
    genomes = species.random(count, generator)
    for _ in range(generations):
        genomes = species.mutated(genomes, generator)
    return species, genomes, generator


@pytest.mark.parametrize("kind", KINDS)
def test_json_gives_the_genome_back(kind: str) -> None:
    species, genomes, _ = population(kind)
    for genome in genomes:
        again = read_genome(json.loads(json.dumps(genome.to_dict())))
        assert again == genome
        assert hash(again) == hash(genome)
        assert again.formula() == genome.formula()
    assert species.kind == kind == genomes[0].kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_everything(kind: str) -> None:
    assert population(kind, seed=3)[1] == population(kind, seed=3)[1]
    assert population(kind, seed=3)[1] != population(kind, seed=4)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_numbers_from_0_to_1(kind: str) -> None:
    species, genomes, _ = population(kind, generations=8)
    pictures = species.render(genomes, 16)
    assert pictures.shape == (12, 3, 16, 16)
    assert pictures.dtype == torch.float32
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert (pictures.flatten(1).std(1) > 0.01).float().mean() > 0.5  # most are not of one colour


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_together_or_alone_is_the_same(kind: str) -> None:
    species, genomes, _ = population(kind)
    together = species.render([*genomes, *genomes], 16)
    alone = torch.cat([species.render([genome], 16) for genome in genomes])
    torch.testing.assert_close(together[:12], alone, rtol=0, atol=1e-6)
    assert torch.equal(together[:12], together[12:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_three_times_as_large_has_the_same_values_at_the_same_places(kind: str) -> None:
    species, genomes, _ = population(kind)
    small, large = species.render(genomes, 10), species.render(genomes, 30)
    torch.testing.assert_close(large[:, :, 1::3, 1::3], small, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_children_differ_from_their_parents_and_parents_stay(kind: str) -> None:
    species, genomes, generator = population(kind)
    written = [json.dumps(genome.to_dict()) for genome in genomes]
    children = species.mutated(genomes, generator)
    assert len(children) == len(genomes)
    assert all(child != parent for child, parent in zip(children, genomes, strict=True))
    assert [json.dumps(genome.to_dict()) for genome in genomes] == written


@pytest.mark.parametrize("kind", KINDS)
def test_crossing_takes_from_both(kind: str) -> None:
    species, genomes, generator = population(kind, count=30)
    first, second = genomes[:15], genomes[15:]
    children = species.crossed(first, second, generator)
    assert len(children) == 15
    assert all(torch.isfinite(species.render(children, 8)).flatten())
    nearer = [
        distance(child, a) < distance(b, a) for child, a, b in zip(children, first, second, strict=True)
    ]
    assert np.mean(nearer) > 0.6
    assert any(child != a for child, a in zip(children, first, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_distance_is_0_to_itself_and_the_same_both_ways(kind: str) -> None:
    species, genomes, generator = population(kind)
    children = species.mutated(genomes, generator)
    for one, child, other in zip(genomes, children, genomes[::-1], strict=True):
        assert distance(one, one) == 0
        assert distance(one, child) == pytest.approx(distance(child, one))
        assert distance(one, child) > 0
        assert other == one or distance(one, other) > 0
    to_children = np.mean([distance(a, b) for a, b in zip(genomes, children, strict=True)])
    assert to_children < np.mean([distance(a, b) for a, b in zip(genomes, genomes[::-1], strict=True)])


def test_what_is_no_genome_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"unknown kind of genome 'cpn'; did you mean 'cppn'"):
        make_species("cpn")
    with pytest.raises(DataError, match="unknown kind of genome"):
        read_genome({"kind": "picture"})
    one = make_species("cppn").random(1, np.random.default_rng(0))[0]
    other = make_species("expression").random(1, np.random.default_rng(0))[0]
    with pytest.raises(DataError, match="a cppn and a expression"):
        distance(one, other)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [{}, {"tree": []}, {"nodes": [[1]], "connections": 3}, {"layers": "two"}])
def test_damaged_dictionaries_are_refused(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"cannot be read so|unknown"):
        read_genome({"kind": kind, **values})
