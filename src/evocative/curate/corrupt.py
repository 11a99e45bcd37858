"""Images that are none: unreadable files, pictures of one colour, placeholder tiles, absurd sizes and shapes.

    found = find_corrupt(table, store="curation/")
    write_findings(found, "corrupt.csv")

| kind | what | suggested |
|---|---|---|
| unreadable | `data/image.py` refuses it: missing, cut off, damaged inside, no image, below 8 pixels | drop |
| single_colour | nearly all pixels have one colour | drop if all have, else review: it may be the moon |
| placeholder | many files are nearly one picture of few colours ("no longer available") | drop if grey |
| extreme_size | very few or very many pixels | review |
| extreme_proportions | much longer than wide, or wider than high | review |
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from os import cpu_count
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from evocative.curate.findings import Action, Finding, Findings, collect
from evocative.curate.placeholders import GRID, Measured, find_placeholders
from evocative.data.content_store import ContentStore, look_once
from evocative.data.formats import open_image
from evocative.data.image import decode
from evocative.data.table import Table
from evocative.errors import DataError

VERSION: Final = 2
"""Of what is measured; a change makes older measures strangers."""
_NEAR: Final = 8
"""Levels of 255 within which a channel counts as one colour: noise of JPEG at low quality."""
_ALL: Final = 0.9999
"""Share of the pixels near one colour from which there is nothing else to see."""
_BINS: Final = 8
"""Levels a channel that colours are counted with."""
_FEW: Final = 4
"""How many colours are few: a background, a drawing, and what lies between them."""
_LOOKED: Final = 128
"""Pixels a side at which colours are counted."""


@dataclass(frozen=True)
class CorruptSettings:
    """Where an image stops being one."""

    min_side: int = 64
    """Pixels; a shorter side below it is extreme."""
    max_megapixels: float = 60.0
    """Millions of pixels above which a size is extreme."""
    max_aspect: float = 4.0
    """Longer side by shorter side above which proportions are extreme."""
    one_colour: float = 0.99
    """Share of the pixels near one level, in each channel, from which a picture has a single colour."""
    plain: float = 0.85
    """Share of the pixels that the four commonest colours have, from which a picture has few colours."""
    copies: int = 5
    """Files that must nearly be one picture of few colours to be a placeholder."""
    tolerance: float = 3.0
    """Mean difference, of 255, up to which two pictures (as 8 × 8 colours) are nearly one."""

    def __post_init__(self) -> None:
        shares = 0 < self.one_colour <= 1 and 0 < self.plain <= 1
        limits = self.min_side >= 1 and self.max_megapixels > 0 and self.max_aspect >= 1
        if not (shares and limits and self.copies >= 2 and self.tolerance >= 0):
            raise DataError(
                f"settings of corrupt: expected shares in (0, 1], positive limits, proportions from 1 and at "
                f"least 2 copies, found {asdict(self)}"
            )


def find_corrupt(
    table: Table,
    *,
    settings: CorruptSettings | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Findings:
    """Look for images that nobody can judge.

    Args:
        table: Whose images.
        settings: Where an image stops being one.
        store: Folder for what is measured of each image, by its content; None keeps nothing.
        workers: Threads that decode; None takes one a core, up to 8.
        watch: Passes images on as they are done, to show progress.

    Raises:
        DataError: The store cannot be written. A bad image is a finding, not an error.
    """
    chosen = settings or CorruptSettings()
    kept: ContentStore[Measured] = ContentStore(
        store, "corrupt", {"version": VERSION}, encode=dict, decode=dict
    )
    with ThreadPoolExecutor(workers or min(8, cpu_count() or 1)) as pool:
        looked = look_once(table.paths, lambda paths: pool.map(look, paths), store=kept, watch=watch)
    measured = [what for _, what in looked]
    names = [str(path) for path in table.frame["path"]]
    placeholders = find_placeholders(
        names, measured, plain=chosen.plain, copies=chosen.copies, tolerance=chosen.tolerance
    )
    tiles = {finding.path for finding in placeholders}
    found = [
        finding
        for name, what in zip(names, measured, strict=True)
        for finding in _judged(name, what, chosen)
        if not (finding.kind == "single_colour" and name in tiles)
    ]
    return collect([*found, *placeholders], table=table, kind="corrupt", settings=asdict(chosen))


def look(path: Path) -> Measured:
    """Measure one image: why it cannot be read, or its size, its colours and an 8 × 8 picture of it."""
    try:
        image = decode(path, at_least=_LOOKED)
        width, height = open_image(path.read_bytes()).size
    except (DataError, OSError) as error:
        return {"error": str(error).removeprefix(f"{path}: ")}
    share, color = _one_color(image)
    few, top = _few_colors(image)
    small = image.resize((GRID, GRID), Image.Resampling.BOX)
    return {
        "width": width, "height": height, "one_colour": share, "colour": color,
        "few_colours": few, "background": top, "picture": small.tobytes().hex(),
    }  # fmt: skip


def _one_color(image: Image.Image) -> tuple[float, str]:
    """Return the share of pixels near the median level, in the channel where it is least, and the median."""
    histogram = np.array(image.histogram(), dtype=np.float64).reshape(3, 256)
    shares, levels = histogram / histogram.sum(axis=1, keepdims=True), []
    least = 1.0
    for channel in shares:
        level = int(np.searchsorted(channel.cumsum(), 0.5))
        levels.append(level)
        least = min(least, float(channel[max(0, level - _NEAR) : level + _NEAR + 1].sum()))
    return round(least, 4), _hex(levels)


def _few_colors(image: Image.Image) -> tuple[float, str]:
    """Return the share of pixels that the commonest four of 512 colours have, and the commonest's mean."""
    pixels = np.asarray(image.resize((_LOOKED, _LOOKED), Image.Resampling.NEAREST)).reshape(-1, 3)
    step = 256 // _BINS
    codes = (pixels // step).astype(np.int64) @ np.array([_BINS * _BINS, _BINS, 1])
    counts = np.bincount(codes, minlength=_BINS**3)
    commonest = pixels[codes == counts.argmax()].mean(axis=0)
    return round(float(np.sort(counts)[-_FEW:].sum() / len(codes)), 4), _hex(
        commonest.round().astype(int).tolist()
    )


def _hex(levels: Iterable[int]) -> str:
    return "#" + "".join(f"{level:02x}" for level in levels)


def _judged(name: str, what: Measured, chosen: CorruptSettings) -> Iterator[Finding]:
    """Yield what is wrong with one image by itself."""
    if "error" in what:
        yield Finding(name, "unreadable", 1.0, str(what["error"]), "drop")
        return
    share, width, height = float(what["one_colour"]), int(what["width"]), int(what["height"])
    if share >= chosen.one_colour:
        evidence = f"{share:.2%} of the pixels are within {_NEAR} levels of {what['colour']}"
        action: Action = "drop" if share >= _ALL else "review"
        yield Finding(name, "single_colour", min(share, 1.0), evidence, action)
    short, aspect, size = min(width, height), max(width, height) / min(width, height), width * height / 1e6
    told = f"{width} × {height} pixels"
    if short < chosen.min_side:
        evidence = f"{told}: the shorter side is below {chosen.min_side}"
        yield Finding(name, "extreme_size", 1 - short / chosen.min_side, evidence)
    if size > chosen.max_megapixels:
        evidence = f"{told}: {size:.1f} million, above {chosen.max_megapixels:g}"
        yield Finding(name, "extreme_size", 1 - chosen.max_megapixels / size, evidence)
    if aspect > chosen.max_aspect:
        evidence = f"{told}: {aspect:.1f} to 1, above {chosen.max_aspect:g}"
        yield Finding(name, "extreme_proportions", 1 - chosen.max_aspect / aspect, evidence)
