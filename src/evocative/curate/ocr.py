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
dark everywhere, or where a word is read, no larger one is looked at; where it has boxes in which nothing is
read, only what lies around its bright places is enlarged further. Figures: docs/results/text.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw

from evocative.curate.looks import Look
from evocative.curate.windows import Window, bright_windows
from evocative.data.image import decode
from evocative.errors import DataError, MissingExtra

_VERSION: Final = 2
"""Of the rules in this file; a change makes older looks strangers."""
_GRID: Final = 512
"""Places a side on which the area under boxes is counted."""
_STEP: Final = 32
"""Pixels: the detection network takes multiples of it."""


@dataclass(frozen=True)
class OcrSettings:
    """How images are looked at."""

    sizes: tuple[int, ...] = (640, 960)
    """Longer sides in pixels, ascending, at which boxes are looked for; smaller images are enlarged."""
    gate: float = 1e-5
    """A map whose brightest place is below it ends the search; the map is in [0, 1]."""
    around: int | None = 48
    """Where a size has boxes, only surroundings of places as bright as `gate` are enlarged further, this many
    pixels of the map to each side; None: the whole image is."""
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
        counts = self.boxes >= 1 and self.keep >= _STEP and (self.around or 0) >= 0
        if not fits or not self.threshold > 0 or not counts:
            raise DataError(
                f"text by ocr: expected sizes that ascend from {_STEP}, a threshold above 0, boxes of 1, "
                f"keep of {_STEP} and around of 0 or more; found {asdict(self)}"
            )


@dataclass(frozen=True)
class Read:
    """A box and what was read in it."""

    text: str
    confidence: float
    """Of the recogniser, in [0, 1]."""
    share: float
    """Of the image's area."""
    corners: tuple[tuple[float, float], ...] = ()
    """Of the box, clockwise: shares of the image's width and height."""


class _Box(NamedTuple):
    """Share of the image's area, mean of the map, and corners (x, y), clockwise from the upper left."""

    share: float
    mean: float
    corners: Float32[np.ndarray, "4 2"]


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
        score = scaled(strength(reads, self.settings.sure), self.settings.threshold)
        return Look(score, told(reads), covered(reads, self.settings.sure))

    def read(self, image: Image.Image) -> list[Read]:
        """Return the boxes of all sizes that had to be looked at, with what is read in them."""
        image = image.copy()
        image.thumbnail((self.settings.keep,) * 2, Image.Resampling.LANCZOS)
        whole: Window = (0, 0, *image.size)
        windows, reads = [whole], list[Read]()
        for size in self.settings.sizes:
            maps = [self._map(image.crop(window), size / max(image.size)) for window in windows]
            if max(brightness.max() for brightness in maps) < self.settings.gate:
                break
            found = self._read_boxes(image, self._boxes(image, windows, maps))
            reads += found
            if strength(reads, self.settings.sure) >= self.settings.enough:
                break
            if found and self.settings.around is not None and windows == [whole]:
                windows = bright_windows(
                    maps[0][0, 0], least=self.settings.gate, margin=self.settings.around, size=image.size
                )
        return reads

    def _map(self, image: Image.Image, scale: float) -> Float32[np.ndarray, "1 1 h w"]:
        """Return how surely each place of the enlarged image belongs to text, from 0 to 1."""
        width, height = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in image.size)
        resized = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))[:, :, ::-1]
        inputs = (resized.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        found: Float32[np.ndarray, "1 1 h w"] = self._engine.text_det.infer(np.ascontiguousarray(inputs))[0]
        return found

    def _boxes(
        self, image: Image.Image, windows: Sequence[Window], maps: Sequence[Float32[np.ndarray, "1 1 _ _"]]
    ) -> list[_Box]:
        """Return the boxes on maps of an image's parts, the largest and surest first."""
        detector = self._engine.text_det
        found = []
        for (left, top, right, bottom), brightness in zip(windows, maps, strict=True):
            height, width = bottom - top, right - left
            corners, means = detector.postprocess_op(brightness, (height, width))
            for four, mean in zip(corners, means, strict=True):
                box = detector.clip_det_res(detector.order_points_clockwise(four), height, width)
                sides = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[0] - box[3])
                if min(sides) > 3:  # pixels, as rapidocr has it
                    share = float(sides[0] * sides[1]) / (image.width * image.height)
                    moved = (box + np.array((left, top))).astype(np.float32)
                    found.append(_Box(share, float(mean), moved))
        return sorted(found, key=lambda one: -one.share * one.mean)[: self.settings.boxes]

    def _read_boxes(self, image: Image.Image, boxes: Sequence[_Box]) -> list[Read]:
        if not boxes:
            return []
        pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])  # OpenCV's order: blue, green, red
        parts = self._engine.get_crop_img_list(pixels, [box.corners for box in boxes])
        crops, *_ = self._engine.text_cls(parts)
        words, _ = self._engine.text_rec(crops)
        return [
            Read(str(text), float(confidence), min(1.0, box.share), _shares(box.corners, *image.size))
            for (text, confidence, *_), box in zip(words, boxes, strict=True)
        ]


def strength(reads: Sequence[Read], sure: float = 0.5) -> float:
    """Return e, how many letters and digits were surely read, each counted by its confidence squared.

    Example:
        >>> round(strength([Read("SALE", 0.9, 0.01), Read("l", 0.5, 0.2), Read("owl", 0.2, 0.3)]), 4)
        3.49
    """
    return sum(read.confidence**2 * _letters(read.text) for read in reads if read.confidence >= sure)


def covered(reads: Sequence[Read], sure: float = 0.5) -> float:
    """Return the share of the image under boxes in which letters or digits were surely read, each place once.

    Example:
        >>> half = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
        >>> round(covered([Read("SALE", 0.9, 0.5, half), Read("SALE", 0.8, 0.5, half)]), 2)
        0.5
    """
    drawn = Image.new("1", (_GRID, _GRID))
    for read in reads:
        if read.confidence >= sure and _letters(read.text) and read.corners:
            places = [(x * _GRID - 0.5, y * _GRID - 0.5) for x, y in read.corners]
            ImageDraw.Draw(drawn).polygon(places, fill=1)
    return float(np.asarray(drawn).mean())


def _shares(box: Float32[np.ndarray, "4 2"], width: int, height: int) -> tuple[tuple[float, float], ...]:
    return tuple((float(x) / width, float(y) / height) for x, y in box)


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
