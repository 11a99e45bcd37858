"""What this room exports, and from where; `__init__.py` reads it."""

from .data.table import Table as Table
from .data.table import read_table as read_table
from .data.table import write_table as write_table
from .errors import DataError as DataError
from .errors import EvocativeError as EvocativeError
from .errors import MissingExtra as MissingExtra
from .errors import ModelError as ModelError
from .errors import RecipeError as RecipeError
from .errors import TrainingError as TrainingError
from .inference.answer import Answer as Answer
from .inference.predictions import Predictions as Predictions
from .inference.predictions import read_predictions as read_predictions
from .inference.predictions import write_predictions as write_predictions
from .inference.predictor import Predictor as Predictor
from .inference.predictor import load as load
from .taxonomy.labels import Taxonomy as Taxonomy

__version__: str
