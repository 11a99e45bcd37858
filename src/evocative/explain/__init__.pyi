"""What this room exports, and from where; `__init__.py` reads it."""

from .emotion_map import EmotionMap as EmotionMap
from .emotion_map import MapFunction as MapFunction
from .methods import emotion_maps as emotion_maps
from .methods import map_function as map_function
from .style import Style as Style
from .style import StyleTable as StyleTable
from .style import style_of as style_of
from .style import style_of_table as style_of_table
