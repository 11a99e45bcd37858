"""What this room exports, and from where; `__init__.py` reads it."""

from .answer import Answer as Answer
from .check import check_predictions as check_predictions
from .metadata import Metadata as Metadata
from .predictions import Predictions as Predictions
from .predictions import read_predictions as read_predictions
from .predictions import write_predictions as write_predictions
from .predictor import Predictor as Predictor
from .predictor import load as load
from .shares import merge as merge
from .stream import write_answers as write_answers
