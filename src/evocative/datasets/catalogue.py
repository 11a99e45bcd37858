"""The data sets that this package reads, by name."""

from typing import Final

from evocative.datasets.abstract import ABSTRACT
from evocative.datasets.artphoto import ARTPHOTO
from evocative.datasets.caer_s import CAER_S
from evocative.datasets.card import DatasetCard
from evocative.datasets.csv import CSV
from evocative.datasets.emoset118k import EMOSET118K
from evocative.datasets.emotion6 import EMOTION6
from evocative.datasets.emotion6_sadness import EMOTION6_SADNESS
from evocative.datasets.fi8 import FI8
from evocative.datasets.flickr_ldl import FLICKR_LDL
from evocative.datasets.folder import FOLDER
from evocative.datasets.iaps_subset import IAPS_SUBSET
from evocative.datasets.iesn import IESN
from evocative.datasets.oasis import OASIS
from evocative.datasets.twitter_ldl import TWITTER_LDL
from evocative.datasets.unbiasedemo import UNBIASEDEMO
from evocative.datasets.webemo import WEBEMO
from evocative.datasets.webemo_sadness import WEBEMO_SADNESS
from evocative.datasets.wikiart_emotions import WIKIART_EMOTIONS
from evocative.errors import DataError, unknown

DATASETS: Final[dict[str, DatasetCard]] = {
    "fi8": FI8,
    "emoset118k": EMOSET118K,
    "caer_s": CAER_S,
    "webemo": WEBEMO,
    "webemo_sadness": WEBEMO_SADNESS,
    "unbiasedemo": UNBIASEDEMO,
    "emotion6_sadness": EMOTION6_SADNESS,
    "emotion6": EMOTION6,
    "wikiart_emotions": WIKIART_EMOTIONS,
    "artphoto": ARTPHOTO,
    "abstract": ABSTRACT,
    "iaps_subset": IAPS_SUBSET,
    "flickr_ldl": FLICKR_LDL,
    "twitter_ldl": TWITTER_LDL,
    "oasis": OASIS,
    "iesn": IESN,
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
