"""What this room exports, and from where; `__init__.py` reads it."""

from .card import Count as Count
from .card import DatasetCard as DatasetCard
from .card import LeftOut as LeftOut
from .card import Option as Option
from .card import Reading as Reading
from .catalogue import DATASETS as DATASETS
from .catalogue import dataset as dataset
from .gaze import GazeData as GazeData
from .gaze import GazeImage as GazeImage
from .gaze import read_gaze as read_gaze
