"""Published data sets, and people's own: a card each, and how its files become a Table.

catalogue.py         DATASETS, and finding one by its name
card.py              what a card says, what a reading gives, expected against found counts
folder.py            any folder with a folder an emotion
csv.py               any CSV, TSV or Parquet file with a column of paths
votes.py             the label that most raters chose
sadness.py           labels and draws of sadness against others
fi8.py               FI-8 (You et al. 2016): eight emotions
emoset118k.py        EmoSet-118K (Yang et al. 2023): eight emotions, six attributes
caer_s.py            CAER-S (Lee et al. 2019): seven expressions, frames of television shows
webemo.py            WEBEmo (Panda et al. 2018): 2, 7, 8 or 25 labels
webemo_sadness.py    WEBEmo sadness (Motiejauskas 2026): sadness against others, without text
unbiasedemo.py       UnBiasedEmo (Panda et al. 2018): six emotions of the same objects, or sadness
emotion6_sadness.py  Emotion-6 (Panda et al. 2018): six emotions, or sadness
emotion6.py          Emotion6 (Peng et al. 2015): seven emotions' shares, valence and arousal
wikiart_emotions.py  WikiArt Emotions (Mohammad & Kiritchenko 2018): twenty emotions, or three sentiments
artphoto.py          ArtPhoto (Machajdik & Hanbury 2010): eight emotions
abstract.py          abstract paintings (Machajdik & Hanbury 2010): votes for eight emotions
iaps_subset.py       the IAPS pictures of Mikels et al. 2005: eight emotions
flickr_ldl.py        Flickr_LDL (Yang et al. 2017): votes for eight emotions
twitter_ldl.py       Twitter_LDL (Yang et al. 2017): votes for eight emotions
iesn.py              IESN (Zhao et al. 2016): emotions, valence, arousal, dominance from words
oasis.py             OASIS (Kurdi et al. 2017): valence and arousal
gaze.py              where people looked: images, fixations by viewer, and which layout a folder has
osie.py              OSIE (Xu et al. 2014): fixations of 15 people
mit1003.py           MIT1003 (Judd et al. 2009): fixations of 15 people, pooled
gaze_folder.py       any images with fixations or fixation maps beside them
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.datasets.card import Count as Count
    from evocative.datasets.card import DatasetCard as DatasetCard
    from evocative.datasets.card import LeftOut as LeftOut
    from evocative.datasets.card import Option as Option
    from evocative.datasets.card import Reading as Reading
    from evocative.datasets.catalogue import DATASETS as DATASETS
    from evocative.datasets.catalogue import dataset as dataset
    from evocative.datasets.gaze import GazeData as GazeData
    from evocative.datasets.gaze import GazeImage as GazeImage
    from evocative.datasets.gaze import read_gaze as read_gaze

_EXPORTS = {
    "Count": "card",
    "DATASETS": "catalogue",
    "DatasetCard": "card",
    "GazeData": "gaze",
    "GazeImage": "gaze",
    "LeftOut": "card",
    "Option": "card",
    "Reading": "card",
    "dataset": "catalogue",
    "read_gaze": "gaze",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
