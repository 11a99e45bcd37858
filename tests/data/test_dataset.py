"""Samples depend on (seed, epoch, index) alone, batches are the same for any number of workers."""

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import Tensor

from evocative.data.dataset import Batch, EpochSampler, Failure, ImageDataset, Sample, collate, loader
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

BROKEN = 4


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Eleven small images of one grey value each; the fifth is broken."""
    root = tmp_path_factory.mktemp("images")
    for number in range(11):
        Image.new("RGB", (24, 16), (20 * number,) * 3).save(root / f"{number}.png")
    (root / f"{BROKEN}.png").write_bytes(b"no picture")
    frame = pd.DataFrame(
        {
            "path": [f"{number}.png" for number in range(11)],
            "label": ["awe", "fear", None] * 3 + ["awe", "awe"],
            "valence": np.linspace(-1, 1, 11),
            "arousal": [None, *[0.5] * 10],
        }
    )
    return Table(frame, taxonomy=taxonomy("mikels8"), root=root)


def noisy(image: Image.Image) -> Tensor:
    """Add random numbers of torch's global generator to a picture's grey value."""
    grey = image.resize((8, 8)).getpixel((0, 0))
    assert isinstance(grey, tuple)
    return torch.randint(0, 50, (3, 8, 8)).add_(int(grey[0])).to(torch.uint8)


def batches(dataset: ImageDataset, *, workers: int = 0, epoch: int = 0, skip: int = 0) -> list[Batch]:
    sampler = EpochSampler(len(dataset), epoch=epoch, seed=7)
    return list(loader(dataset, sampler, batch_size=3, workers=workers, skip_batches=skip))


def assert_same(ours: list[Batch], theirs: list[Batch]) -> None:
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for name in ("images", "labels", "vad", "indices"):
            torch.testing.assert_close(
                getattr(one, name), getattr(other, name), equal_nan=True, rtol=0, atol=0
            )
        assert one.failures == other.failures


def test_a_sample_is_its_row(table: Table) -> None:
    sample = ImageDataset(table, noisy)[1]
    assert isinstance(sample, Sample)
    assert (sample.label, sample.index) == (6, 1)
    torch.testing.assert_close(sample.vad, torch.tensor([-0.8, 0.5, torch.nan]), equal_nan=True)
    assert 20 <= sample.image.min() <= sample.image.max() < 70
    unlabelled = ImageDataset(table, noisy)[2]
    assert isinstance(unlabelled, Sample)
    assert unlabelled.label == -1


def test_a_broken_image_is_a_failure_not_an_exception(table: Table) -> None:
    failure = ImageDataset(table, noisy)[BROKEN]
    assert isinstance(failure, Failure)
    assert failure.index == BROKEN
    assert f"{BROKEN}.png" in failure.reason


def test_a_sample_depends_on_seed_epoch_and_index_alone(table: Table) -> None:
    def image(seed: int, epoch: int, index: int) -> Tensor:
        sample = ImageDataset(table, noisy, seed=seed)[epoch, index]
        assert isinstance(sample, Sample)
        return sample.image.to(torch.int64) - 20 * index

    first = image(0, 0, 1)
    torch.manual_seed(99)
    assert torch.equal(image(0, 0, 1), first)
    assert not torch.equal(image(1, 0, 1), first)
    assert not torch.equal(image(0, 1, 1), first)
    assert not torch.equal(image(0, 0, 2), first)


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_are_the_same_for_any_number_of_workers(table: Table, workers: int) -> None:
    dataset = ImageDataset(table, noisy, seed=5)
    assert_same(batches(dataset, workers=workers, epoch=2), batches(dataset, epoch=2))


def test_resuming_inside_an_epoch_gives_the_rest_without_reading_the_start(table: Table) -> None:
    seen: list[int] = []

    class Watched(ImageDataset):
        def __getitem__(self, key: int | tuple[int, int]) -> Sample | Failure:
            assert not isinstance(key, int)
            seen.append(key[1])
            return super().__getitem__(key)

    dataset = Watched(table, noisy)
    whole = batches(dataset)
    seen.clear()
    rest = batches(dataset, skip=2)
    assert_same(rest, whole[2:])
    assert len(seen) == 5
    assert not batches(dataset, skip=4)


def test_no_global_random_numbers_are_used_up(table: Table) -> None:
    torch.manual_seed(3)
    expected = torch.rand(5)
    torch.manual_seed(3)
    dataset = ImageDataset(table, noisy)
    batches(dataset)
    batches(dataset, workers=1)
    assert torch.equal(torch.rand(5), expected)


def test_batches_hold_every_row_once(table: Table) -> None:
    every = batches(ImageDataset(table, noisy))
    indices = torch.cat([batch.indices for batch in every]).tolist()
    failures = [failure.index for batch in every for failure in batch.failures]
    assert sorted(indices + failures) == list(range(11))
    assert failures == [BROKEN]
    assert [len(batch) + len(batch.failures) for batch in every] == [3, 3, 3, 2]


def test_a_batch_of_failures_alone_is_empty() -> None:
    batch = collate([Failure(3, "x"), Failure(1, "y")])
    assert (len(batch), batch.labels.shape, batch.vad.shape) == (0, (0,), (0, 3))
    assert [failure.index for failure in batch.failures] == [3, 1]
    assert batch.to("cpu").failures == batch.failures


def test_a_batch_moves_as_a_whole() -> None:
    sample = Sample(torch.ones(3, 8, 8, dtype=torch.uint8), 1, torch.zeros(3), index=4)
    moved = collate([sample, sample]).to("meta")
    assert {getattr(moved, name).device.type for name in ("images", "labels", "vad", "indices")} == {"meta"}


def keys(**settings: Any) -> list[tuple[int, int]]:
    return list(EpochSampler(**{"n": 10, "epoch": 0, "seed": 0, **settings}))


def test_an_epoch_s_order_is_a_function_of_its_arguments() -> None:
    torch.manual_seed(1)
    first = keys(n=100)
    torch.manual_seed(2)
    assert keys(n=100) == first
    assert sorted(index for _, index in first) == list(range(100))
    assert [index for _, index in keys(n=100, epoch=1)] != [index for _, index in first]
    assert keys(n=100, seed=1) != first
    assert keys(epoch=3, shuffle=False) == [(3, index) for index in range(10)]
    assert [index for _, index in keys(n=6)] == [3, 2, 1, 0, 4, 5]  # recorded: it never changes


@pytest.mark.parametrize("n", [0, 1, 7, 12])
@pytest.mark.parametrize("world_size", [1, 2, 5])
def test_processes_share_an_epoch(n: int, world_size: int) -> None:
    def shares(**settings: Any) -> list[list[int]]:
        every = range(world_size)
        samplers = [
            EpochSampler(n, epoch=0, seed=0, rank=rank, world_size=world_size, **settings) for rank in every
        ]
        assert [len(list(sampler)) for sampler in samplers] == [len(sampler) for sampler in samplers]
        return [[index for _, index in sampler] for sampler in samplers]

    evaluation = shares(shuffle=False)
    assert sorted(chain(*evaluation)) == list(range(n))  # no row twice, none missing
    training = shares()
    assert {len(share) for share in training} == {n // world_size}
    rows = list(chain(*training))
    assert len(set(rows)) == len(rows)
    assert sorted(chain(*shares(even=False))) == list(range(n))


def test_weights_draw_rows_in_proportion() -> None:
    weights = np.array([0, 1, 3, 0])
    drawn = [index for _, index in EpochSampler(4, epoch=0, seed=0, weights=weights)]
    assert len(drawn) == 4
    many = np.concatenate(
        [EpochSampler(4, epoch=epoch, seed=0, weights=weights).order() for epoch in range(1000)]
    )
    counts = np.bincount(many, minlength=4)
    assert counts[[0, 3]].tolist() == [0, 0]
    assert abs(counts[2] / 4000 - 0.75) < 0.02


def test_impossible_settings_are_refused(table: Table) -> None:
    for settings in (
        {"n": -1},
        {"rank": 2, "world_size": 2},
        {"epoch": -1},
        {"weights": [1.0]},
        {"weights": [0.0] * 10},
    ):
        with pytest.raises(DataError, match=r"epoch's order|weights must be"):
            keys(**settings)
    with pytest.raises(DataError, match="shuffle=True"):
        keys(weights=[1.0] * 10, shuffle=False)
    dataset = ImageDataset(table, noisy)
    with pytest.raises(DataError, match="batch_size=0"):
        loader(dataset, EpochSampler(11, epoch=0, seed=0), batch_size=0, workers=0)


def test_real_photographs(shared_data: Path) -> None:
    root = shared_data / "fi8-original-size"
    paths = sorted(path.relative_to(root).as_posix() for path in root.glob("*/*.jpg"))[::8]
    frame = pd.DataFrame({"path": paths, "label": [path.split("/")[0] for path in paths]})
    table = Table(frame, taxonomy=taxonomy("mikels8"), root=root)
    every = list(
        loader(
            ImageDataset(table, noisy, at_least=64),
            EpochSampler(len(table), epoch=0, seed=0),
            batch_size=8,
            workers=0,
        )
    )
    assert not every[0].failures
    assert every[0].labels.tolist() == table.labels[every[0].indices.numpy()].tolist()
