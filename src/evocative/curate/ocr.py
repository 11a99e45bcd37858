"""Is there text in an image? Boxes of a text detector, and what a recogniser reads in them.

    detector = OcrDetector()
    for look in detector.look(paths): look.score, look.evidence      # .93, "text: 'SALE' 0.99 (2 boxes, …)"

The networks are PaddleOCR's PP-OCRv4, detection by differentiable binarization (Liao 2020) and recognition by
SVTR (Du 2022), as rapidocr-onnxruntime carries them in its wheel (Apache-2.0); nothing is fetched.

Boxes alone do not tell: at the size at which small words are found, every second photograph without any gets
one, on roof tiles, grass or a pair of eyes. What is read there does: nothing, or a single letter of which the
recogniser is not sure. So an image's strength is the number of letters and digits that were surely read,

    e = Σ c² · n        over boxes with recognition confidence c ≥ .5 and n letters or digits,

and its score e / (e + threshold), so that .5 is the threshold. The smaller size comes first: where its map is
dark everywhere, or where a word is read, no larger one is looked at. Figures: docs/results/text.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from evocative.curate.looks import Look
from evocative.data.image import decode
from evocative.errors import DataError, MissingExtra

_VERSION: Final = 1
"""Of the rules in this file; a change makes older looks strangers."""
_STEP: Final = 32
"""Pixels: the detection network takes multiples of it."""


@dataclass(frozen=True)
class OcrSettings:
    """How images are looked at."""

    sizes: tuple[int, ...] = (640, 960)
    """Longer sides in pixels, ascending, at which boxes are looked for; smaller images are enlarged."""
    gate: float = 1e-5
    """A map whose brightest place is below it ends the search; the map is in [0, 1]."""
    pixel: float = 0.2
    """From where on a place of the map belongs to a box."""
    box: float = 0.3
    """From which mean of the map on a box counts."""
    boxes: int = 12
    """How many boxes are read at most at each size, the largest and surest first."""
    sure: float = 0.5
    """From which confidence on what was read counts."""
    threshold: float = 1.2
    """The e from which on an image counts as showing text."""
    enough: float = 3.0
    """The e that ends the search."""
    keep: int = 1600
    """Longer side in pixels to which larger images are reduced before anything else."""

    def __post_init__(self) -> None:
        fits = self.sizes and min(self.sizes) >= _STEP and sorted(self.sizes) == list(self.sizes)
        if not fits or not self.threshold > 0 or self.boxes < 1 or self.keep < _STEP:
            raise DataError(
                f"text by ocr: expected sizes that ascend from {_STEP}, a threshold above 0, boxes "
                f"of 1 and keep of {_STEP} or more; found {asdict(self)}"
            )


@dataclass(frozen=True)
class Read:
    """A box and what was read in it."""

    text: str
    confidence: float
    """Of the recogniser, in [0, 1]."""
    share: float
    """Of the image's area."""


class OcrDetector:
    """Looks for text with rapidocr's networks; see the module."""

    def __init__(self, settings: OcrSettings | None = None, *, threads: int = 1) -> None:
        """Load the networks.

        Args:
            settings: By default those that docs/results/text.md measured.
            threads: That the networks compute with.

        Raises:
            MissingExtra: rapidocr-onnxruntime is not installed.
        """
        try:
            from rapidocr_onnxruntime import RapidOCR
        except ImportError as error:
            raise MissingExtra("rapidocr-onnxruntime", "curate") from error
        self.settings = settings or OcrSettings()
        self._engine: Any = RapidOCR(intra_op_num_threads=threads, inter_op_num_threads=1)
        postprocess = self._engine.text_det.postprocess_op
        postprocess.thresh, postprocess.box_thresh = self.settings.pixel, self.settings.box
        self.about = {
            "detector": "ocr",
            "rules": _VERSION,
            "rapidocr-onnxruntime": version("rapidocr-onnxruntime"),
            **asdict(self.settings),
        }

    def look(self, paths: Sequence[Path]) -> Iterator[Look]:
        """Look at images, in their order; one that cannot be read gets a look without a score."""
        for path in paths:
            try:
                yield self.look_at(decode(path))
            except DataError as error:
                yield Look(None, str(error))

    def look_at(self, image: Image.Image) -> Look:
        """Look at one RGB image."""
        reads = self.read(image)
        return Look(scaled(strength(reads, self.settings.sure), self.settings.threshold), told(reads))

    def read(self, image: Image.Image) -> list[Read]:
        """Return the boxes of all sizes that had to be looked at, with what is read in them."""
        image = image.copy()
        image.thumbnail((self.settings.keep,) * 2, Image.Resampling.LANCZOS)
        pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])  # OpenCV's order: blue, green, red
        reads: list[Read] = []
        for size in self.settings.sizes:
            brightness = self._map(image, size)
            if brightness.max() < self.settings.gate:
                break
            reads += self._read_boxes(pixels, brightness)
            if strength(reads, self.settings.sure) >= self.settings.enough:
                break
        return reads

    def _map(self, image: Image.Image, size: int) -> Float32[np.ndarray, "1 1 H W"]:
        """Return how surely each place belongs to text, from 0 to 1."""
        scale = size / max(image.size)
        width, height = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in image.size)
        resized = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))[:, :, ::-1]
        inputs = (resized.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        found: Float32[np.ndarray, "1 1 H W"] = self._engine.text_det.infer(np.ascontiguousarray(inputs))[0]
        return found

    def _read_boxes(
        self, pixels: UInt8[np.ndarray, "H W 3"], brightness: Float32[np.ndarray, "1 1 h w"]
    ) -> list[Read]:
        detector = self._engine.text_det
        height, width = pixels.shape[:2]
        corners, means = detector.postprocess_op(brightness, (height, width))
        found = []
        for four, mean in zip(corners, means, strict=True):
            box = detector.clip_det_res(detector.order_points_clockwise(four), height, width)
            sides = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[0] - box[3])
            if min(sides) > 3:  # pixels, as rapidocr has it
                found.append((float(sides[0] * sides[1]) / (width * height), float(mean), box))
        found = sorted(found, key=lambda one: -one[0] * one[1])[: self.settings.boxes]
        if not found:
            return []
        crops, *_ = self._engine.text_cls(self._engine.get_crop_img_list(pixels, [box for *_, box in found]))
        words, _ = self._engine.text_rec(crops)
        return [
            Read(str(text), float(confidence), min(1.0, share))
            for (text, confidence, *_), (share, _, _) in zip(words, found, strict=True)
        ]


def strength(reads: Sequence[Read], sure: float = 0.5) -> float:
    """Return e, how many letters and digits were surely read, each counted by its confidence squared.

    Example:
        >>> round(strength([Read("SALE", 0.9, 0.01), Read("l", 0.5, 0.2), Read("owl", 0.2, 0.3)]), 4)
        3.49
    """
    return sum(read.confidence**2 * _letters(read.text) for read in reads if read.confidence >= sure)


def scaled(strength: float, threshold: float) -> float:
    """Bring a strength from 0 up to [0, 1), the threshold to .5.

    Example:
        >>> scaled(2.0, 2.0), scaled(6.0, 2.0)
        (0.5, 0.75)
    """
    return strength / (strength + threshold)


def told(reads: Sequence[Read]) -> str:
    """Say what was read, the surest first, and how much of the image boxes cover."""
    words = sorted((read for read in reads if _letters(read.text)), key=lambda read: -strength([read], 0))[:3]
    named = ", ".join(f"{read.text!r} {read.confidence:.2f}" for read in words) or "nothing legible"
    share = min(1.0, sum(read.share for read in reads))
    return f"text: {named} ({len(reads)} boxes, {share:.1%} of the image)" if reads else "no text box"


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)
