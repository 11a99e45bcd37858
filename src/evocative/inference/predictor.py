"""Predictor: any number of images in, an answer for each out, in order and in bounded memory.

    predictor = load()                          # the embedded model; or a folder, or "hf-hub:org/name"
    answer = predictor.predict("photo.jpg")
    answers = predictor.predict(["a.jpg", "b.jpg"])   # predictor(…) does the same
    for answer in predictor.stream(paths): ...  # .error instead of an exception

Threads decode ahead while the network computes: Pillow leaves Python's lock while it works. Nothing but the
last digits depends on which images happen to share a batch.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast, overload

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

import evocative
from evocative.data.columns import AXES
from evocative.data.image import Source, decode
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize
from evocative.errors import DataError, ModelError
from evocative.explain.emotion_map import EmotionMap
from evocative.explain.methods import emotion_maps, map_function, resolve_method
from evocative.explain.placement import over_picture
from evocative.explain.targets import Score, target_names
from evocative.inference.answer import Answer
from evocative.inference.check import foreign_labels, refuse
from evocative.inference.metadata import Metadata
from evocative.inference.network import Network, Numbers, fingerprint
from evocative.inference.precision import resolve_device, resolve_precision
from evocative.inference.predictions import Predictions, from_answers
from evocative.inference.several import several
from evocative.models.create import EmotionModel
from evocative.models.ensemble import EmotionEnsemble
from evocative.models.place import locate
from evocative.models.store import load_model
from evocative.preprocessing import Preprocessing

_log = logging.getLogger(__name__)
Decoded = UInt8[Tensor, "3 S S"] | str
"""An image as the network wants it, or why there is none."""


class Predictor:
    """A model with all that it needs to answer: preprocessing, device, precision, and threads that decode.

    The model that it is made of stays as it is: the predictor works on a copy.

    Attributes:
        metadata: Model, taxonomy, preprocessing and precision, as they are written beside predictions.
        taxonomy: What its probabilities stand for; None without an emotion head.
        dimensions: Which of valence, arousal and dominance it predicts.
        device: Where it computes.
        batch_size: Images at once.
        workers: Threads that decode.

    Example:
        >>> predictor = load()  # doctest: +SKIP
        >>> predictor.predict("photo.jpg").top(2)  # doctest: +SKIP
        [('contentment', 0.61), ('awe', 0.22)]
    """

    def __init__(
        self,
        model: EmotionModel | EmotionEnsemble,
        preprocessing: Preprocessing | None = None,
        *,
        device: str = "auto",
        precision: str = "auto",
        batch_size: int = 32,
        workers: int | None = None,
        flip: bool = False,
        name: str | None = None,
    ) -> None:
        """Prepare a model for answering.

        Args:
            model: Trained, with its taxonomy.
            preprocessing: Of the training; by default the model's own record.
            device: `auto` (CUDA, Apple's MPS, CPU: the first there is), `cpu`, `cuda`, `cuda:1` … or `mps`.
            precision: `auto` (bf16 where the device has hardware for it, else fp32), `fp32`, `bf16`, `fp16`.
            batch_size: Images at once; at least 1.
            workers: Threads that decode; by default one a CPU core, at most 8.
            flip: Average each answer with that of the mirror image: a little better, twice the work.
            name: Of the model, for the predictions' metadata.

        Raises:
            ModelError: The device is not there, the precision cannot be had, or a number is out of range.
        """
        workers = min(8, os.cpu_count() or 1) if workers is None else workers
        if batch_size < 1 or workers < 1:
            raise ModelError(f"batch_size and workers must be at least 1, not {batch_size} and {workers}")
        self.device = resolve_device(device)
        self.batch_size, self.workers, self.flip = batch_size, workers, flip
        self.preprocessing = preprocessing or model.preprocessing
        self.taxonomy = model.taxonomy
        self.dimensions = tuple(axis for axis in AXES if axis in model.config.dimensions)
        numbers = resolve_precision(precision, self.device)
        self.metadata = Metadata(
            taxonomy=model.taxonomy,
            model=name,
            weights=fingerprint(model),
            preprocessing=self.preprocessing,
            precision=numbers,
            flip=flip,
            embedding_size=model.num_short,
            dimension_sd=model.config.dimension_sd,
            version=evocative.__version__,
        )
        self._transform = evaluation_transform(self.preprocessing)
        self._at_least = decode_size(self.preprocessing)
        self._network = Network(model, self.preprocessing, device=self.device, precision=numbers, flip=flip)

    def __repr__(self) -> str:
        known = None if self.taxonomy is None else self.taxonomy.name
        labels = 0 if self.taxonomy is None else len(self.taxonomy)
        return (
            f"Predictor(model={self.metadata.model!r}, taxonomy={known!r}, labels={labels}, "
            f"dimensions={self.dimensions}, device={str(self.device)!r}, "
            f"precision={self.metadata.precision!r}, flip={self.flip})"
        )

    @overload
    def predict(self, source: Source) -> Answer: ...  # type: ignore[overload-overlap]  # a str is iterable

    @overload
    def predict(self, source: Iterable[Source]) -> list[Answer]: ...

    def predict(self, source: Source | Iterable[Source]) -> Answer | list[Answer]:
        """Answer for one image, or for each of several; `predictor(source)` does the same.

        Args:
            source: A path; the bytes of a file; a file opened in binary mode; a Pillow image; or an array
                (H, W), (H, W, 3) or (H, W, 4) of uint8, uint16 or floats in [0, 1]. Several are a list, a
                tuple, a generator or a Series of these, or an array (N, H, W, 3).

        Returns:
            An answer; or a list of them in the images' order, where one that cannot be answered for has an
            `error`. For more images than memory holds there is `stream`.

        Raises:
            DataError: The one image cannot be decoded; the message says why.
            ModelError: The network's output is no number.
        """
        images = several(source)
        if images is None:
            return self._predicted(cast(Source, source))
        answers = zip(images, self.stream(images), strict=True)
        return [self._with_maps(answer, image) for image, answer in answers]

    __call__ = predict

    def _predicted(self, source: Source) -> Answer:
        """Answer for one image, or say by an error why not."""
        pixels = self._pixels(source)
        answer = self._answers([_path(source)], [pixels])[0]
        if answer.error is not None:
            raise ModelError(answer.error)
        return self._with_maps(answer, source)

    def _with_maps(self, answer: Answer, source: Source) -> Answer:
        """Let an answer look at its image once more, where that can be read twice."""
        if answer.error is not None or hasattr(source, "read"):
            return answer
        return replace(answer, look=partial(self.maps, source))

    @property
    def network(self) -> EmotionModel:
        """The copy that answers: in evaluation mode, folded, on the device, its weights without gradients."""
        return self._network.model

    def maps(
        self,
        source: Source,
        *,
        targets: Sequence[str] | None = None,
        method: str = "auto",
        layer: str | None = None,
        score: Score = "logit",
    ) -> tuple[EmotionMap, ...]:
        """Return where in an image emotions rest, a map a target; each covers the whole image.

        Of an ensemble the first member, which is a network of its own, is asked.

        Args:
            source: What `predict` takes.
            targets: Labels, dimensions, or `-valence`: what makes it low; by default all emotions.
            method: One of `evocative.explain.named.METHODS`; `auto`: the model's own map where it draws
                one, else Grad-CAM.
            layer: A module of the backbone's network; by default the last whose output has places.
            score: Of an emotion: `logit`, or `log_odds` against all others.

        Raises:
            DataError: The image cannot be decoded.
            ModelError: There is no such target, method or layer.
        """
        image = decode(source, at_least=self._at_least)
        inputs = normalize(self._transform(image)[None].to(self.device), self.preprocessing)
        model = self.network
        function = map_function(model, method, layer=layer, targets=targets, score=score)
        names, chosen = target_names(model, targets), resolve_method(model, method)
        (found,) = emotion_maps(function(inputs), names, method=chosen)
        return tuple(over_picture(one, image.size, self.preprocessing) for one in found)

    def stream(self, sources: Iterable[Source]) -> Generator[Answer, None, None]:
        """Answer for any number of images, in their order.

        At most `batch_size` + max(`batch_size`, `workers`) sources are taken ahead of the answers, so that
        memory stays the same however many there are. An image that cannot be decoded gets an answer with an
        error.

        Args:
            sources: What `predict` takes, from anything that can be iterated over; taken as they are needed.

        Yields:
            One answer a source.

        Raises:
            ModelError: The device's memory does not hold a batch.
        """
        ahead = self.batch_size + max(self.batch_size, self.workers)
        waiting: deque[tuple[str | None, Future[Decoded]]] = deque()
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="decode")
        try:
            for source in sources:
                waiting.append((_path(source), pool.submit(self._decoded, source)))
                if len(waiting) == ahead:
                    yield from self._next(waiting)
            while waiting:
                yield from self._next(waiting)
        finally:
            pool.shutdown(cancel_futures=True)

    def predict_table(
        self, table: Table, *, watch: Callable[[Iterator[Answer]], Iterable[Answer]] | None = None
    ) -> Predictions:
        """Answer for every image of a table, and keep its labels, splits, groups and targets beside.

        Args:
            table: Rows whose paths are files.
            watch: Passes the answers on as they come, to show progress.

        Raises:
            DataError: The table's labels are not of the model's taxonomy.
        """
        if self.taxonomy is not None and "label" in table.frame:
            refuse(table.name, foreign_labels(table.frame["label"], self.taxonomy.names))
        answers = self.stream(table.paths)
        names = [str(path) for path in table.frame["path"]]
        found = from_answers(watch(answers) if watch else answers, metadata=self.metadata, paths=names)
        return found.join(table)

    def _pixels(self, source: Source) -> UInt8[Tensor, "3 S S"]:
        """Decode and resize one image, large JPEGs at a fraction of their size."""
        return self._transform(decode(source, at_least=self._at_least))

    def _decoded(self, source: Source) -> Decoded:
        """Do the same in a thread, where nothing that an image does may end the whole run."""
        try:
            return self._pixels(source)
        except DataError as error:
            return str(error)
        except Exception as error:  # libraries fail in ways that nobody foresaw
            return f"{_path(source) or 'image'}: {type(error).__name__}: {error}; please report this file"

    def _next(self, waiting: deque[tuple[str | None, Future[Decoded]]]) -> list[Answer]:
        """Answer for the first batch of those that are waiting."""
        batch = [waiting.popleft() for _ in range(min(self.batch_size, len(waiting)))]
        return self._answers([path for path, _ in batch], [future.result() for _, future in batch])

    def _answers(self, paths: Sequence[str | None], decoded: Sequence[Decoded]) -> list[Answer]:
        """Answer for a batch, failed images included."""
        images = [pixels for pixels in decoded if isinstance(pixels, Tensor)]
        numbers = self._network.compute(torch.stack(images)) if images else None
        answers, row = [], 0
        for path, pixels in zip(paths, decoded, strict=True):
            if numbers is None or isinstance(pixels, str):
                answers.append(Answer(path=path, error=str(pixels)))
            else:
                answer = self._answer(path, numbers, row)
                answers.append(answer if path is None else replace(answer, look=partial(self.maps, path)))
                row += 1
        return answers

    def _answer(self, path: str | None, numbers: Numbers, row: int) -> Answer:
        """Give one row's numbers their names; what is no number becomes an error that says where."""
        parts: dict[str, Any] = {"embedding": numbers.embedding[row].copy()}
        if numbers.probabilities is not None:
            parts["probabilities"] = numbers.probabilities[row]
        if numbers.vad is not None:
            parts |= {axis: float(numbers.vad[row, AXES.index(axis)]) for axis in self.dimensions}
        broken = [name for name, values in parts.items() if not np.isfinite(values).all()]
        if broken:
            reason = "the model's output is not finite; its weights are damaged, or the precision is too low"
            return Answer(path=path, error=f"{path or 'image'}: {reason} ({', '.join(broken)})")
        probabilities = parts.pop("probabilities", None)
        answer = Answer(path=path, dimension_sd=self._spread(numbers, row), **parts)
        if self.taxonomy is None or probabilities is None:
            return answer
        named = dict(zip(self.taxonomy.names, probabilities.tolist(), strict=True))
        best = max(named, key=named.__getitem__)
        return replace(
            answer,
            emotion=best,
            probability=named[best],
            probabilities=named,
            sentiment=self.taxonomy.sentiment(best),
        )

    def _spread(self, numbers: Numbers, row: int) -> dict[str, float] | None:
        """Return how sure the model is of each dimension that it predicts."""
        if numbers.vad_sd is None:
            return None
        return {axis: float(numbers.vad_sd[row, AXES.index(axis)]) for axis in self.dimensions}


def load(
    source: str | Path | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    batch_size: int = 32,
    workers: int | None = None,
    flip: bool = False,
) -> Predictor:
    """Load a model and make it ready to answer; the settings are those of `Predictor`.

    Args:
        source: A model's folder, or `hf-hub:org/name`; by default the embedded model, which needs no network.
        device: Where to compute.
        precision: In which numbers.
        batch_size: Images at once.
        workers: Threads that decode.
        flip: Average each answer with that of the mirror image.

    Raises:
        ModelError: There is no such model, or it cannot be used so.
    """
    loaded = load_model(locate(None) if source is None else source)
    predictor = Predictor(
        loaded.model,
        loaded.preprocessing,
        device=device,
        precision=precision,
        batch_size=batch_size,
        workers=workers,
        flip=flip,
        name=model_name(source),
    )
    _log.info("loaded %r: %d threads decode, %d images at once", predictor, predictor.workers, batch_size)
    return predictor


def model_name(source: str | Path | None) -> str:
    """Return what tables and pages call a model: never the place of its folder on this machine.

    A training writes its model as RUN/model, which is called RUN.

    Example:
        >>> model_name("runs/fi8-0/model"), model_name(None), model_name("hf-hub:org/name")
        ('fi8-0', 'embedded', 'hf-hub:org/name')
    """
    if source is None or str(source).startswith("hf-hub:"):
        return "embedded" if source is None else str(source)
    folder = Path(source).absolute()
    return folder.parent.name if folder.name == "model" and folder.parent.name else folder.name


def _path(source: Source) -> str | None:
    return os.fspath(source) if isinstance(source, str | os.PathLike) else None
