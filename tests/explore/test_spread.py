"""Diversity of ways at equal n, distances of genomes, nearest real images: by hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import Table
from evocative.explore.genome import distance, make_species
from evocative.explore.looked import Looked, Way
from evocative.explore.spread import distances, genome_spreads, neighbours, spreads
from evocative.metrics.diversity import diversity


def looked(way: str, embedding: np.ndarray, asked: list[int], errors: dict[int, str] | None = None) -> Looked:
    n = len(embedding)
    values = embedding.astype(np.float32)
    values[list(errors or {})] = np.nan
    nothing = np.full((n, 3), np.nan, dtype=np.float32)
    return Looked(
        way, "a", "a", ("awe", "fear"), np.array(asked), nothing,
        {"plain": np.full((n, 2), 0.5, dtype=np.float32)}, {"plain": nothing}, values,
        tuple((errors or {}).get(row) for row in range(n)),
    )  # fmt: skip


def test_all_ways_are_measured_at_the_smallest_ones_number() -> None:
    points = np.random.default_rng(0).normal(size=(20, 5))
    many = looked("many", points, [0] * 12 + [1] * 8)
    few = looked("few", points[:7], [0] * 4 + [1] * 3, errors={6: "broken"})
    lone = looked("lone", points[:1], [0])
    one, other, none = spreads([many, few, lone])
    assert none.whole is none.equal is None
    assert none.within == {}
    assert (one.equal.n, one.equal.available, other.equal.n) == (6, 20, 6)  # type: ignore[union-attr]
    assert other.equal == other.whole == diversity(points[:6].astype(np.float32))
    assert {name: each.n for name, each in one.within.items()} == {"awe": 4, "fear": 2}
    assert {name: each.n for name, each in other.within.items()} == {"awe": 4, "fear": 2}
    assert other.within_mean == pytest.approx(
        (other.within["awe"].vendi / 4 + other.within["fear"].vendi / 2) / 2
    )


def test_genomes_are_compared_pair_by_pair_within_a_kind() -> None:
    import json

    generator = np.random.default_rng(0)
    cppns = make_species("cppn").random(4, generator)
    trees = make_species("expression").random(3, generator)
    texts = [json.dumps(one.to_dict()) for one in [*cppns, *trees]]
    frame = pd.DataFrame({"path": [f"{row}.png" for row in range(8)], "genome": [*texts, None]})
    found = genome_spreads([Way("atlas", "a", Table(frame)), Way("gan", "a", Table(frame[["path"]]))])
    assert [(one.way, one.kind, one.n) for one in found] == [("atlas", "cppn", 4), ("atlas", "expression", 3)]
    assert found[0].distance == pytest.approx(np.mean([distance(a, b) for a, b in combinations(cppns, 2)]))
    matrix = distances(cppns)
    assert np.array_equal(matrix, matrix.T)
    assert not matrix.diagonal().any()


def test_copies_of_real_images_are_found() -> None:
    real_points = np.random.default_rng(1).normal(size=(30, 6))
    shown_points = np.random.default_rng(2).normal(size=(30, 6))
    copies = np.concatenate([shown_points[:9], np.zeros((1, 6))])
    made = looked("gan", copies, [0] * 10, errors={9: "broken"})
    real = looked("real", real_points, [0] * 30)
    names = [f"m{row}" for row in range(10)], [f"r{row}" for row in range(30)]
    found = neighbours(made, real, names, looked("training", shown_points, [0] * 30))
    assert found is not None
    assert (found.n, found.real, found.copied) == (9, 30, 1.0)
    assert found.nearest[0].distance == min(each.distance for each in found.nearest)
    held = neighbours(looked("gan", real_points[:5], [0] * 5), real, names)
    assert held is not None
    assert held.copied is None
    assert held.near == 1
    assert held.median == pytest.approx(0, abs=1e-6)
    assert {(each.picture, each.real) for each in held.nearest} == {(f"m{k}", f"r{k}") for k in range(5)}
    assert neighbours(made, looked("real", real_points[:1], [0]), names) is None
