"""From a row to a tensor: tables of labelled images, and what turns their files into batches.

table.py       Table, and reading, writing, checking and joining tables                        (no torch)
columns.py     the columns that a table may have, and their types                              (no torch)
check.py       every mistake of a table, at once                                               (no torch)
storage.py     rows and their metadata in CSV and Parquet                                      (no torch)
splits.py      train, validation and test; folds; stratified, whole groups together            (no torch)
content.py     a file named by its content                                                      (no torch)
content_store.py  what was found out about each image, kept by its content           (no torch)
atomic.py      files that are either written whole or not at all                               (no torch)
image.py       decode anything safely                                                          (no torch)
formats.py     what an untrusted image file is, and opening it quietly                        (no torch)
pixels.py      pixels of any mode to 8-bit RGB                                                 (no torch)
tiff.py        the directories that TIFF files and EXIF blocks are made of                    (no torch)
transforms.py  images to tensors of one size, for training and for evaluation
dataset.py     samples, batches, and loaders that give the same images whatever the workers
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.data.dataset import Batch as Batch
    from evocative.data.dataset import EpochSampler as EpochSampler
    from evocative.data.dataset import Failure as Failure
    from evocative.data.dataset import ImageDataset as ImageDataset
    from evocative.data.dataset import Sample as Sample
    from evocative.data.dataset import collate as collate
    from evocative.data.dataset import loader as loader
    from evocative.data.image import decode as decode
    from evocative.data.image import find_images as find_images
    from evocative.data.splits import folds as folds
    from evocative.data.splits import read_folds as read_folds
    from evocative.data.splits import split as split
    from evocative.data.splits import write_folds as write_folds
    from evocative.data.table import Table as Table
    from evocative.data.table import check_table as check_table
    from evocative.data.table import concatenate as concatenate
    from evocative.data.table import read_table as read_table
    from evocative.data.table import write_table as write_table
    from evocative.data.transforms import evaluation_transform as evaluation_transform
    from evocative.data.transforms import normalize as normalize
    from evocative.data.transforms import training_transform as training_transform

_EXPORTS = {
    "Batch": "dataset",
    "EpochSampler": "dataset",
    "Failure": "dataset",
    "ImageDataset": "dataset",
    "Sample": "dataset",
    "Table": "table",
    "check_table": "table",
    "collate": "dataset",
    "concatenate": "table",
    "decode": "image",
    "evaluation_transform": "transforms",
    "find_images": "image",
    "folds": "splits",
    "loader": "dataset",
    "normalize": "transforms",
    "read_folds": "splits",
    "read_table": "table",
    "split": "splits",
    "training_transform": "transforms",
    "write_folds": "splits",
    "write_table": "table",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
