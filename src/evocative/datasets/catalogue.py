"""The data sets that this package reads, by name."""

from typing import Final

from evocative.datasets.card import DatasetCard
from evocative.datasets.csv import CSV
from evocative.datasets.fi8 import FI8
from evocative.datasets.folder import FOLDER
from evocative.datasets.oasis import OASIS
from evocative.errors import DataError, unknown

DATASETS: Final[dict[str, DatasetCard]] = {
    "fi8": FI8,
    "oasis": OASIS,
    "folder": FOLDER,
    "csv": CSV,
}


def dataset(name: str) -> DatasetCard:
    """Return a data set's card.

    Raises:
        DataError: There is none of that name.

    Example:
        >>> dataset("fi8").taxonomy
        'mikels8'
    """
    if name not in DATASETS:
        raise DataError(unknown("data set", name, DATASETS))
    return DATASETS[name]
