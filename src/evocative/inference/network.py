"""A trained network made ready to answer: a batch of pixels in, float32 numbers out."""

import copy
import hashlib
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from evocative.data.transforms import normalize
from evocative.errors import ModelError
from evocative.inference.named import Precision
from evocative.inference.precision import DTYPES
from evocative.models.create import EmotionModel, Output
from evocative.models.ensemble import EmotionEnsemble
from evocative.preprocessing import Preprocessing


class Numbers(NamedTuple):
    """What a network says of a batch."""

    probabilities: Float32[np.ndarray, "B K"] | None
    """A softmax in float32, whatever the network computes in; None without an emotion head."""
    vad: Float32[np.ndarray, "B 3"] | None
    """Valence, arousal, dominance in [-1, 1], NaN for those that are not predicted; None without a head."""
    embedding: Float32[np.ndarray, "B D"]
    vad_sd: Float32[np.ndarray, "B 3"] | None = None
    """How sure the model is of each, an SD; None where it does not say."""

    def mean(self, other: "Numbers") -> "Numbers":
        """Average with what the network says of the mirror images."""
        return Numbers(
            _mean(self.probabilities, other.probabilities),
            _mean(self.vad, other.vad),
            (self.embedding + other.embedding) / 2,
            _mean(self.vad_sd, other.vad_sd),
        )


class Network:
    """A copy of a model, fixed and made fast: batch norms folded, channels last, reduced precision."""

    def __init__(
        self,
        model: EmotionModel | EmotionEnsemble,
        preprocessing: Preprocessing,
        *,
        device: torch.device,
        precision: Precision,
        flip: bool = False,
    ) -> None:
        """Copy a model to a device.

        Args:
            model: It stays as it is.
            preprocessing: Mean and standard deviation of its input.
            device: Where to compute.
            precision: In which numbers.
            flip: Average with what it says of the mirror images.
        """
        self.preprocessing, self.device, self.flip = preprocessing, device, flip
        self.dtype = DTYPES[precision]
        self._model = copy.deepcopy(model).eval().requires_grad_(requires_grad=False)
        if not model.config.folded:
            self._model.fold(partly=True)  # in evaluation, batch norms that must stay cost time only
        self._model.to(device=device).to(memory_format=torch.channels_last)

    @property
    def model(self) -> EmotionModel:
        """The copy: in evaluation mode, folded, its weights without gradients; of an ensemble the first."""
        return self._model.first if isinstance(self._model, EmotionEnsemble) else self._model

    def compute(self, images: UInt8[Tensor, "B 3 S S"]) -> Numbers:
        """Run the network.

        Raises:
            ModelError: The device's memory does not hold the batch.
        """
        try:
            with torch.inference_mode():
                inputs = normalize(images.to(self.device), self.preprocessing)
                inputs = inputs.contiguous(memory_format=torch.channels_last)
                numbers = self._run(inputs)
                return numbers.mean(self._run(inputs.flip(3))) if self.flip else numbers
        except torch.OutOfMemoryError as error:
            raise ModelError(
                f"the memory of {self.device} does not hold a batch of {len(images)} images; make the batch "
                "size smaller"
            ) from error

    def respond(self, inputs: Float32[Tensor, "B 3 S S"]) -> Output:
        """Return what the network says of normalised inputs, as tensors through which gradients flow.

        The embedding is computed in the chosen precision, the heads, which cost nothing, in float32.
        """
        reduced = self.dtype is not torch.float32
        with torch.autocast(self.device.type, dtype=self.dtype if reduced else None, enabled=reduced):
            reading = self._model.read(inputs)
        return self._model.answer(reading.float())  # type: ignore[arg-type]  # each model reads its own answers

    def _run(self, inputs: Float32[Tensor, "B 3 S S"]) -> Numbers:
        said = self.respond(inputs)
        return Numbers(
            None if said.logits is None else said.logits.softmax(1).cpu().numpy(),
            None if said.vad is None else said.vad.cpu().numpy(),
            self.model.short(said.embedding).cpu().numpy(),
            None if said.vad_sd is None else said.vad_sd.cpu().numpy(),
        )


def fingerprint(model: EmotionModel | EmotionEnsemble) -> str:
    """Return `sha256:` and a digest of all weights, the same in whatever file or folder they are."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return f"sha256:{digest.hexdigest()}"


def _mean(
    one: Float32[np.ndarray, "B N"] | None, other: Float32[np.ndarray, "B N"] | None
) -> Float32[np.ndarray, "B N"] | None:
    return None if one is None or other is None else (one + other) / 2
