"""Judge: a frozen model that looks at pictures which nobody took.

    judge = load_judge()                        # the embedded model; or a folder, or "hf-hub:org/name"
    judge.score(pictures).probabilities         # uint8 (B, 3, H, W): as numpy arrays, without gradients
    judge.answer(pictures).logits               # floats in [0, 1]: as tensors, with gradients to the pictures

`score` is given whole grey levels, so that it says of a picture what `evocative predict` says of the file
that it is saved to (to rounding, at the size of the network's input; other sizes are resized here by torch
and there by Pillow, whose filters differ by about one grey level).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from evocative.data.columns import AXES
from evocative.inference.network import Network, Numbers, fingerprint
from evocative.inference.precision import resolve_device, resolve_precision
from evocative.inference.predictor import model_name
from evocative.models.create import EmotionModel, Output
from evocative.models.ensemble import EmotionEnsemble
from evocative.models.place import locate
from evocative.models.store import load_model
from evocative.preprocessing import Preprocessing


class Judge:
    """A frozen model for pictures that are tensors already.

    Attributes:
        name: What tables and pages call it.
        weights: `sha256:…`, the digest of its weights.
        taxonomy: What its probabilities stand for; None without an emotion head.
        dimensions: Which of valence, arousal and dominance it predicts, in this order.
        size: Height and width of its input in pixels: pictures of this size are looked at as they are.
        device: Where it computes.
    """

    def __init__(
        self,
        model: EmotionModel | EmotionEnsemble,
        preprocessing: Preprocessing | None = None,
        *,
        device: str = "auto",
        precision: str = "auto",
        batch_size: int = 32,
        name: str = "model",
    ) -> None:
        """Copy a model to a device; it stays as it is.

        Args:
            model: Trained.
            preprocessing: Of its training; by default the model's own record.
            device: `auto`, `cpu`, `cuda`, `cuda:1` … or `mps`.
            precision: `auto` (bf16 where the device has hardware for it, else fp32), `fp32`, `bf16`, `fp16`.
            batch_size: Pictures at once in `score`.
            name: What tables and pages call it.

        Raises:
            ModelError: The device is not there, or the precision cannot be had.
        """
        self.device = resolve_device(device)
        self.preprocessing = preprocessing or model.preprocessing
        self.precision = resolve_precision(precision, self.device)
        self.name, self.weights, self.batch_size = name, fingerprint(model), batch_size
        self.taxonomy = model.taxonomy
        self.dimensions = tuple(axis for axis in AXES if axis in model.config.dimensions)
        self.size = self.preprocessing.size
        self._network = Network(model, self.preprocessing, device=self.device, precision=self.precision)

    def score(self, pictures: UInt8[Tensor, "B 3 H W"]) -> Numbers:
        """Return what the model says, without gradients, in batches of `batch_size`.

        Returns:
            Probabilities (B, K), dimensions (B, 3) with NaN for those that are not predicted, embedding
            (B, D): numpy arrays of float32, None where the model has no such head.

        Raises:
            ModelError: The device's memory does not hold a batch.
        """
        parts = [
            self._network.compute(self._fit(part, self.size))
            for part in torch.split(pictures, self.batch_size)
        ]
        return _joined(parts)

    def answer(self, pictures: Float[Tensor, "B 3 H W"], *, size: int | None = None) -> Output:
        """Return what the model says as tensors through which gradients flow to the pictures.

        Args:
            pictures: Red, green, blue in [0, 1], on any device; all at once, however many.
            size: Height and width to look at them with; by default the network's own.
        """
        inputs = self._fit(pictures.to(self.device), size or self.size)
        mean, sd = (
            torch.tensor(values, device=self.device).view(3, 1, 1)
            for values in (self.preprocessing.mean, self.preprocessing.sd)
        )
        inputs = ((inputs - mean) / sd).contiguous(memory_format=torch.channels_last)
        return self._network.respond(inputs)

    def _fit(self, pictures: Tensor, size: int) -> Tensor:
        """Resize to the network's input, anti-aliased; pictures of its size stay as they are."""
        if pictures.shape[-2:] == (size, size):
            return pictures
        how = self.preprocessing.interpolation
        return interpolate(pictures, (size, size), mode=how, antialias=True, align_corners=False)


def load_judge(
    source: str | Path | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    batch_size: int = 32,
) -> Judge:
    """Load a model as a judge.

    Args:
        source: A model's folder, or `hf-hub:org/name`; by default the embedded model.
        device: Where to compute.
        precision: In which numbers.
        batch_size: Pictures at once in `score`.

    Raises:
        ModelError: There is no such model, or it cannot be used so.
    """
    loaded = load_model(locate(None) if source is None else source)
    return Judge(
        loaded.model,
        loaded.preprocessing,
        device=device,
        precision=precision,
        batch_size=batch_size,
        name=model_name(source),
    )


def quantized(pictures: Float[Tensor, "B 3 H W"]) -> UInt8[Tensor, "B 3 H W"]:
    """Return pictures with values in [0, 1] as they are saved: in 256 levels; what is outside is cut off."""
    return pictures.detach().clamp(0, 1).mul(255).round().to(torch.uint8)


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return Numbers(
        _stack(each.probabilities for each in parts),
        _stack(each.vad for each in parts),
        np.concatenate([each.embedding for each in parts]),
        _stack(each.vad_sd for each in parts),
    )


def _stack(parts: Iterable[Float32[np.ndarray, "B N"] | None]) -> Float32[np.ndarray, "B N"] | None:
    found = [part for part in parts if part is not None]
    return np.concatenate(found) if found else None
