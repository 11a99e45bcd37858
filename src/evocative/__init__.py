"""evocative: which emotions a picture evokes, how sure that is, and what a model has learnt.

    import evocative
    predictor = evocative.load()                   # the embedded model; or a folder, or "hf-hub:org/name"
    answer = predictor.predict("photo.jpg")        # .emotion .probability .probabilities .valence .arousal
    for answer in predictor.stream(paths): ...     # any number, in order, bounded memory; .error if it failed

    load, Predictor, Answer                        answer for images
    Predictions, read_predictions, write_predictions
    Table, read_table, write_table                 labelled images
    Taxonomy                                       what emotions are
    EvocativeError, DataError, RecipeError, ModelError, TrainingError, MissingExtra

Importing this costs nothing heavy: each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.data.table import Table as Table
    from evocative.data.table import read_table as read_table
    from evocative.data.table import write_table as write_table
    from evocative.errors import DataError as DataError
    from evocative.errors import EvocativeError as EvocativeError
    from evocative.errors import MissingExtra as MissingExtra
    from evocative.errors import ModelError as ModelError
    from evocative.errors import RecipeError as RecipeError
    from evocative.errors import TrainingError as TrainingError
    from evocative.inference.answer import Answer as Answer
    from evocative.inference.predictions import Predictions as Predictions
    from evocative.inference.predictions import read_predictions as read_predictions
    from evocative.inference.predictions import write_predictions as write_predictions
    from evocative.inference.predictor import Predictor as Predictor
    from evocative.inference.predictor import load as load
    from evocative.taxonomy.labels import Taxonomy as Taxonomy

__version__ = "0.1.0"

_EXPORTS = {
    "Answer": "inference.answer",
    "DataError": "errors",
    "EvocativeError": "errors",
    "MissingExtra": "errors",
    "ModelError": "errors",
    "Predictions": "inference.predictions",
    "Predictor": "inference.predictor",
    "RecipeError": "errors",
    "Table": "data.table",
    "Taxonomy": "taxonomy.labels",
    "TrainingError": "errors",
    "load": "inference.predictor",
    "read_predictions": "inference.predictions",
    "read_table": "data.table",
    "write_predictions": "inference.predictions",
    "write_table": "data.table",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
