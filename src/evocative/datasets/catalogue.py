"""The data sets that this package reads, by name."""

from typing import Final

from evocative.datasets.card import DatasetCard
from evocative.datasets.csv import CSV
from evocative.datasets.emotion6 import EMOTION6
from evocative.datasets.emotion6_sadness import EMOTION6_SADNESS
from evocative.datasets.fi8 import FI8
from evocative.datasets.folder import FOLDER
from evocative.datasets.oasis import OASIS
from evocative.datasets.unbiasedemo import UNBIASEDEMO
from evocative.datasets.webemo import WEBEMO
from evocative.datasets.webemo_sadness import WEBEMO_SADNESS
from evocative.errors import DataError, unknown

DATASETS: Final[dict[str, DatasetCard]] = {
    "fi8": FI8,
    "webemo": WEBEMO,
    "webemo_sadness": WEBEMO_SADNESS,
    "unbiasedemo": UNBIASEDEMO,
    "emotion6_sadness": EMOTION6_SADNESS,
    "emotion6": EMOTION6,
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
