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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
