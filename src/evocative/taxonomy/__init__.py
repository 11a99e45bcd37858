"""What emotions are: names, sentiments, colours, dimensions, and how one account of them maps to another.

    labels.py      Label, Taxonomy, the published taxonomies, and which of them a set of names is
    trees.py       the published hierarchies as plain words
    colors.py      colours that stay apart under colour vision deficiency
    wheel.py       Mikels' wheel: the order of the eight emotions, and how far apart two of them are
    dimensions.py  scales (1 to 7, 1 to 9, …) and the spaces VA, VAD and ATW
    circumplex.py  labels among the dimensions, both ways
    emotion_words.py  published places of emotion words
    mapping.py     from one taxonomy's labels to another's
    lexicon.py     word norms: valence, arousal and dominance of words; the label nearest to such a point
    text.py        a text's valence, arousal and dominance by its words

The published accounts and their sources stand in docs/taxonomy.md. The function `mapping` is taken from its
module, since here the name is the module's own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.taxonomy.circumplex import EmotionPlaces as EmotionPlaces
    from evocative.taxonomy.dimensions import SCALES as SCALES
    from evocative.taxonomy.dimensions import SPACES as SPACES
    from evocative.taxonomy.dimensions import Scale as Scale
    from evocative.taxonomy.dimensions import Space as Space
    from evocative.taxonomy.dimensions import scale as scale
    from evocative.taxonomy.emotion_words import label_places as label_places
    from evocative.taxonomy.labels import TAXONOMIES as TAXONOMIES
    from evocative.taxonomy.labels import Label as Label
    from evocative.taxonomy.labels import Sentiment as Sentiment
    from evocative.taxonomy.labels import Taxonomy as Taxonomy
    from evocative.taxonomy.labels import guess as guess
    from evocative.taxonomy.labels import taxonomy as taxonomy
    from evocative.taxonomy.lexicon import Lexicon as Lexicon
    from evocative.taxonomy.lexicon import category as category
    from evocative.taxonomy.lexicon import read_lexicon as read_lexicon
    from evocative.taxonomy.mapping import Mapping as Mapping
    from evocative.taxonomy.text import TextRating as TextRating
    from evocative.taxonomy.text import TextReader as TextReader
    from evocative.taxonomy.wheel import WHEEL as WHEEL
    from evocative.taxonomy.wheel import wheel_distance as wheel_distance

_EXPORTS = {
    "EmotionPlaces": "circumplex",
    "Label": "labels",
    "Lexicon": "lexicon",
    "Mapping": "mapping",
    "SCALES": "dimensions",
    "SPACES": "dimensions",
    "Scale": "dimensions",
    "Sentiment": "labels",
    "Space": "dimensions",
    "TAXONOMIES": "labels",
    "Taxonomy": "labels",
    "TextRating": "text",
    "TextReader": "text",
    "WHEEL": "wheel",
    "category": "lexicon",
    "guess": "labels",
    "label_places": "emotion_words",
    "read_lexicon": "lexicon",
    "scale": "dimensions",
    "taxonomy": "labels",
    "wheel_distance": "wheel",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
