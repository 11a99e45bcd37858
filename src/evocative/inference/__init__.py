"""From images to answers, one or ten million, and the file that keeps them.

    for answer in load().stream(paths):          # the embedded model; .error instead of an exception
        print(answer.path, answer.emotion)

    predictor.py    Predictor: decode, batch, compute, in input order and bounded memory; load(source)
    features.py     extract: what a frozen backbone says of a Table's images, found again where it is stored
    feature_store.py  arrays of images on disk, by the content of each file                        (no torch)
    network.py      a network made ready: a batch of pixels in, float32 numbers out
    precision.py    where a network computes, and in which numbers
    answer.py       Answer: what a model says of one image, or why it cannot                       (no torch)
    predictions.py  Predictions: one row an image; reading, writing, joining with a Table          (no torch)
    metadata.py     Metadata: whose predictions they are, and how they were made                   (no torch)
    check.py        every mistake of a predictions file, at once                                   (no torch)
    shares.py       the predictions of several processes as one                                    (no torch)
    stream.py       answers written as they come, as JSON lines, CSV or Parquet                    (no torch)

What a predictions file holds is told in docs/predictions.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.inference.answer import Answer as Answer
    from evocative.inference.check import check_predictions as check_predictions
    from evocative.inference.metadata import Metadata as Metadata
    from evocative.inference.predictions import Predictions as Predictions
    from evocative.inference.predictions import read_predictions as read_predictions
    from evocative.inference.predictions import write_predictions as write_predictions
    from evocative.inference.predictor import Predictor as Predictor
    from evocative.inference.predictor import load as load
    from evocative.inference.shares import merge as merge
    from evocative.inference.stream import write_answers as write_answers

_EXPORTS = {
    "Answer": "answer",
    "Metadata": "metadata",
    "Predictions": "predictions",
    "Predictor": "predictor",
    "check_predictions": "check",
    "load": "predictor",
    "merge": "shares",
    "read_predictions": "predictions",
    "write_answers": "stream",
    "write_predictions": "predictions",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
