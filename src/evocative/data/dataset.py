"""Samples, batches, and loaders that give the same images whatever the number of workers.

What a sample looks like depends on (seed, epoch, index) alone, and which samples an epoch visits on
(seed, epoch) alone. Nothing here has a state that a resumed run would have to restore, and neither torch's
nor numpy's global random numbers are used up.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from evocative.data.image import decode
from evocative.data.table import Table
from evocative.errors import DataError

Transform = Callable[[Image.Image], Tensor]
"""From a decoded RGB image to a uint8 tensor (3, S, S); random ones draw from torch's global generator."""
Key = tuple[int, int]
"""(epoch, index of the table's row)."""


@dataclass(frozen=True)
class Sample:
    """One image and its targets."""

    image: UInt8[Tensor, "3 H W"]
    label: int
    """Place in the taxonomy, -1 = no label."""
    vad: Float32[Tensor, "3"]
    """Valence, arousal, dominance in [-1, 1], NaN = missing."""
    index: int
    """The table's row."""


@dataclass(frozen=True)
class Failure:
    """A row whose image could not be read; it takes no part in the batch."""

    index: int
    """The table's row."""
    reason: str
    """What to tell the user, path included."""


class ImageDataset(Dataset[Sample | Failure]):
    """The images of a table, decoded, transformed, and with their targets.

    Args:
        table: Whose rows; checked beforehand by `check_table`.
        transform: From an RGB image to a uint8 tensor (3, S, S).
        seed: Of the transform's random numbers.
        at_least: Let JPEGs be decoded at a fraction of their size as long as the shorter side keeps this many
            pixels: several times faster on photographs, and slightly smoother than decoding in full.
        draws: A number for each row, by which its random draws are seeded in place of the row's own.

    Raises:
        DataError: A label is not in the table's taxonomy.
    """

    def __init__(
        self, table: Table, transform: Transform, *, seed: int = 0, at_least: int | None = None,
        draws: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        self.paths = [str(path) for path in table.paths]
        self.labels = table.labels
        self.vad = torch.from_numpy(table.dimensions.copy())
        self.transform = transform
        self.seed = seed
        self.at_least = at_least
        self.draws = draws

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, key: int | Key) -> Sample | Failure:
        """Return the sample of (epoch, index), or of an index in epoch 0, or why there is none."""
        epoch, index = key if isinstance(key, tuple) else (0, key)
        try:
            image = decode(self.paths[index], at_least=self.at_least)
        except DataError as error:
            return Failure(index, str(error))
        # Only the CPU's generator: torch.manual_seed would also reset the GPU's, and with it dropout
        with torch.random.fork_rng(devices=()):
            number = index if self.draws is None else self.draws[index]
            torch.default_generator.manual_seed(_seed(self.seed, epoch, number))
            pixels = self.transform(image)
        return Sample(pixels, label=int(self.labels[index]), vad=self.vad[index], index=index)


def _seed(*numbers: int) -> int:
    """Mix numbers into one seed; neighbours get unrelated ones (numpy guarantees the mixing to stay)."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


@dataclass(frozen=True)
class Batch:
    """Samples stacked, and the rows that failed. A batch may be without images."""

    images: UInt8[Tensor, "B 3 H W"]
    labels: Int64[Tensor, " B"]
    vad: Float32[Tensor, "B 3"]
    indices: Int64[Tensor, " B"]
    failures: list[Failure]

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, *, non_blocking: bool = True) -> "Batch":
        """Return the batch on a device; the copy overlaps with work there if the batch was pinned."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> "Batch":
        """Return the batch in page-locked memory (`DataLoader(pin_memory=True)` calls this)."""
        return self._each(lambda tensor: tensor.pin_memory())

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        return replace(
            self,
            images=change(self.images),
            labels=change(self.labels),
            vad=change(self.vad),
            indices=change(self.indices),
        )


def collate(items: Sequence[Sample | Failure]) -> Batch:
    """Stack what `ImageDataset` gave; failures are set aside.

    Example:
        >>> row = Sample(torch.zeros(3, 8, 8, dtype=torch.uint8), 2, torch.zeros(3), index=0)
        >>> batch = collate([row, Failure(1, "b.jpg: is empty")])
        >>> len(batch), batch.labels.tolist(), batch.failures[0].index
        (1, [2], 1)
    """
    samples = [item for item in items if isinstance(item, Sample)]
    if samples:
        images = torch.stack([sample.image for sample in samples])
        vad = torch.stack([sample.vad for sample in samples])
    else:
        images, vad = torch.empty(0, 3, 0, 0, dtype=torch.uint8), torch.empty(0, 3)
    return Batch(
        images=images,
        labels=torch.tensor([sample.label for sample in samples], dtype=torch.int64),
        vad=vad,
        indices=torch.tensor([sample.index for sample in samples], dtype=torch.int64),
        failures=[item for item in items if isinstance(item, Failure)],
    )


class EpochSampler(Sampler[Key]):
    """The rows that one process visits in one epoch, as (epoch, index); a function of its arguments alone.

    Row r of the epoch's order goes to process r mod `world_size`. Unlike torch's DistributedSampler it never
    repeats rows to make the shares equal.

    Args:
        n: Number of rows.
        epoch: From 0.
        seed: Of the order.
        shuffle: Visit the rows in a random order.
        rank: This process, from 0.
        world_size: Number of processes.
        weights: (n,) draw n rows with replacement, each in proportion to its weight; needs `shuffle`.
        even: Drop the last rows of the order where they do not go round, so that all processes take the same
            number of steps, as training needs. None: as `shuffle` says, so that evaluation misses no row.

    Raises:
        DataError: A number is out of range, or the weights are not n numbers of at least 0.
    """

    def __init__(
        self,
        n: int,
        *,
        epoch: int,
        seed: int,
        shuffle: bool = True,
        rank: int = 0,
        world_size: int = 1,
        weights: Sequence[float] | NDArray[Any] | None = None,
        even: bool | None = None,
    ) -> None:
        if min(n, epoch, seed) < 0 or not 0 <= rank < world_size:
            raise DataError(
                "an epoch's order needs n, epoch and seed of at least 0 and a rank below the world size; "
                f"got n={n}, epoch={epoch}, seed={seed}, rank={rank}, world_size={world_size}"
            )
        self.weights = None if weights is None else _checked_weights(weights, n, shuffle)
        self.n, self.epoch, self.seed, self.shuffle = n, epoch, seed, shuffle
        self.rank, self.world_size = rank, world_size
        self.even = shuffle if even is None else even

    def order(self) -> Int64[np.ndarray, " n"]:
        """Return the rows that all processes together visit."""
        if not self.shuffle:
            return np.arange(self.n, dtype=np.int64)
        # numpy guarantees these uniform numbers to stay; permutations and choices may change with its version
        source = np.random.SeedSequence((self.seed, self.epoch))
        uniform = np.random.Generator(np.random.PCG64(source)).random
        if self.weights is None:
            return np.argsort(uniform(self.n), kind="stable").astype(np.int64)
        reach = np.cumsum(self.weights)
        drawn = np.searchsorted(reach, uniform(self.n) * reach[-1], side="right")
        last = int(np.flatnonzero(self.weights)[-1])
        return np.asarray(np.minimum(drawn, last), dtype=np.int64)

    def __iter__(self) -> Iterator[Key]:
        last = self.n - self.n % self.world_size if self.even else self.n
        for index in self.order()[self.rank : last : self.world_size].tolist():
            yield self.epoch, index

    def __len__(self) -> int:
        spare = 0 if self.even else int(self.rank < self.n % self.world_size)
        return self.n // self.world_size + spare


def _checked_weights(weights: Sequence[float] | NDArray[Any], n: int, shuffle: bool) -> NDArray[Any]:
    checked = np.asarray(weights, dtype=np.float64)
    if checked.shape != (n,) or not np.isfinite(checked).all() or (checked < 0).any() or not checked.any():
        raise DataError(f"weights must be {n} numbers from 0 up, one a row, not all 0; got {checked.shape}")
    if not shuffle:
        raise DataError("weights draw rows at random: use shuffle=True with them")
    return checked


class _Skipped(Sampler[Key]):
    """A sampler without its first keys."""

    def __init__(self, sampler: Sampler[Key], first: int) -> None:
        self.sampler, self.first = sampler, first

    def __iter__(self) -> Iterator[Key]:
        for place, key in enumerate(self.sampler):
            if place >= self.first:
                yield key

    def __len__(self) -> int:
        return max(0, len(self.sampler) - self.first)  # type: ignore[arg-type]


def loader(
    dataset: Dataset[Sample | Failure],
    sampler: EpochSampler,
    *,
    batch_size: int,
    workers: int,
    drop_last: bool = False,
    skip_batches: int = 0,
    pin_memory: bool = False,
) -> DataLoader[Sample | Failure]:
    """Return batches of a dataset in a sampler's order, the same ones for any number of workers.

    Args:
        dataset: What to read.
        sampler: Which rows, in which order.
        batch_size: Rows a batch; failed ones count.
        workers: Processes that read ahead; 0 reads in this one.
        drop_last: Leave out a last batch that is not full.
        skip_batches: Begin after this many batches, without reading them (to resume inside an epoch).
        pin_memory: Put batches into page-locked memory, for a GPU.

    Raises:
        DataError: A number is out of range.
    """
    if batch_size < 1 or workers < 0 or skip_batches < 0:
        raise DataError(
            "a loader needs a batch size of at least 1, and workers and skipped batches of at least 0; "
            f"got batch_size={batch_size}, workers={workers}, skip_batches={skip_batches}"
        )
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=_Skipped(sampler, skip_batches * batch_size) if skip_batches else sampler,
        num_workers=workers,
        collate_fn=collate,
        drop_last=drop_last,
        pin_memory=pin_memory,
        generator=torch.Generator(),  # else each pass would draw from the global one
    )
