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

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
