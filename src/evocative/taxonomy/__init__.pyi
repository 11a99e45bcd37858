"""What this room exports, and from where; `__init__.py` reads it."""

from .circumplex import EmotionPlaces as EmotionPlaces
from .dimensions import SCALES as SCALES
from .dimensions import SPACES as SPACES
from .dimensions import Scale as Scale
from .dimensions import Space as Space
from .dimensions import scale as scale
from .emotion_words import label_places as label_places
from .labels import TAXONOMIES as TAXONOMIES
from .labels import Label as Label
from .labels import Sentiment as Sentiment
from .labels import Taxonomy as Taxonomy
from .labels import guess as guess
from .labels import taxonomy as taxonomy
from .lexicon import Lexicon as Lexicon
from .lexicon import category as category
from .lexicon import read_lexicon as read_lexicon
from .mapping import Mapping as Mapping
from .text import TextRating as TextRating
from .text import TextReader as TextReader
from .wheel import WHEEL as WHEEL
from .wheel import wheel_distance as wheel_distance
