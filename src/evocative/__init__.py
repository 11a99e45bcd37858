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

Importing this costs nothing heavy: each name is loaded when it is first used. What goes on is told to the
loggers `evocative.*` of the standard `logging`, which are silent unless they are set up (docs/command.md).
"""

import logging as _logging

import lazy_loader

__version__ = "0.1.0"

_logging.getLogger(__name__).addHandler(_logging.NullHandler())

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
