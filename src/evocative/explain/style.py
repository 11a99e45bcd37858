"""Style of pictures: colour, harmony, composition and texture as numbers, for one image or a table.

    style_of("photo.jpg").values["warmth"]
    style = style_of_table(table, store="cache/")     # read once; found again by the images' content
    style.matrix                                      # (N, features), NaN where there is no figure

Every image is scaled to one size first, so that a texture's measures of two images are of one scale. What
each feature says stands in `style_names.FEATURES`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from evocative.data.content_store import ContentStore, look_once
from evocative.data.image import Source, decode
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.color_spaces import pixels_of
from evocative.explain.style_color import color_features
from evocative.explain.style_composition import composition_features
from evocative.explain.style_gradient import gradient_of
from evocative.explain.style_harmony import harmony_features
from evocative.explain.style_names import FEATURES, LINEAR, VERSION
from evocative.explain.style_texture import gradient_statistics, texture_features

Measured = Mapping[str, Any]
"""Plain values by name, as JSON has them."""
LONGER_SIDE: Final = 256
"""Pixels of the longer side at which style is measured."""


@dataclass(frozen=True)
class Style:
    """The style of one image."""

    path: str | None
    """None where the image came without a file."""
    values: dict[str, float]
    """By the names in `style_names.FEATURES`; empty where there is an error. NaN is what an image has none
    of: the hue of greys, the centre of visual weight where nothing stands out."""
    error: str | None = None
    """Why the image could not be measured."""


@dataclass(frozen=True, eq=False)
class StyleTable:
    """The style of many images."""

    paths: tuple[str, ...]
    """As the table names them."""
    values: Float64[np.ndarray, "N A"]
    """A column each of `FEATURES`, in their order; NaN in rows of bad images, and where one is not
    defined."""
    errors: tuple[str | None, ...]
    """Why an image could not be measured; None where it was."""

    @property
    def ok(self) -> Bool[np.ndarray, " N"]:
        """Which rows were measured."""
        return np.array([error is None for error in self.errors], dtype=bool)

    @property
    def matrix(self) -> Float64[np.ndarray, "N F"]:
        """The columns of `LINEAR`: all features but the hue's angle."""
        names = list(FEATURES)
        return self.values[:, [names.index(name) for name in LINEAR]]

    @property
    def frame(self) -> pd.DataFrame:
        """One row an image: path, error and the features, as it is written to a file."""
        about = pd.DataFrame(
            {"path": list(self.paths), "error": pd.Series(self.errors, dtype="string")},
        )
        return pd.concat([about, pd.DataFrame(self.values, columns=list(FEATURES))], axis="columns")

    @property
    def rows(self) -> list[Style]:
        """The same, image by image."""
        return [
            Style(path, dict(zip(FEATURES, numbers, strict=True)) if error is None else {}, error)
            for path, numbers, error in zip(self.paths, self.values.tolist(), self.errors, strict=True)
        ]


def style_of(image: Source, *, longer_side: int = LONGER_SIDE) -> Style:
    """Measure the style of one image.

    Args:
        image: Anything that `data.image.decode` takes.
        longer_side: Pixels that the longer side is scaled to before anything is measured.

    Raises:
        DataError: The image cannot be read, or is too narrow.

    Example:
        >>> style_of(np.full((64, 64, 3), 255, np.uint8)).values["brightness"]
        1.0
    """
    pixels = pixels_of(decode(image, at_least=longer_side), longer_side=longer_side)
    gradient = gradient_of(pixels.lightness)
    found = (
        color_features(pixels)
        | harmony_features(pixels)
        | composition_features(pixels, gradient)
        | texture_features(pixels, gradient)
        | gradient_statistics(pixels)
    )
    path = str(image) if isinstance(image, str | Path) else None
    return Style(path, {name: round(found[name], 9) for name in FEATURES})


def style_of_table(
    table: Table,
    *,
    longer_side: int = LONGER_SIDE,
    store: str | Path | None = None,
    workers: int | None = None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> StyleTable:
    """Measure the style of a table's images; 64 of them are in memory at most, one bad image is one bad row.

    Args:
        table: Whose images.
        longer_side: As of `style_of`.
        store: Folder that keeps what was measured of each image, by its content; None keeps nothing.
        workers: Threads; None takes one a core, up to 8.
        watch: Passes images on as they are done, to show progress.

    Raises:
        DataError: The store cannot be written.
    """
    kept: ContentStore[Measured] = ContentStore(
        store, "style", {"version": VERSION, "longer_side": longer_side}, encode=dict, decode=dict
    )
    with ThreadPoolExecutor(workers or min(8, cpu_count() or 1)) as pool:
        looked = look_once(
            table.paths,
            lambda paths: pool.map(lambda path: _looked(path, longer_side), paths),
            store=kept,
            watch=watch,
        )
    return collect([str(path) for path in table.frame["path"]], [found for _, found in looked])


def collect(paths: Sequence[str], measured: Sequence[Measured]) -> StyleTable:
    """Put what was measured of images into one table."""
    values = np.full((len(paths), len(FEATURES)), np.nan)
    errors: list[str | None] = []
    for row, found in enumerate(measured):
        error = found.get("error")
        errors.append(None if error is None else str(error))
        if error is None:
            values[row] = [np.nan if found[name] is None else found[name] for name in FEATURES]
    return StyleTable(tuple(paths), values, tuple(errors))


def _looked(path: Path, longer_side: int) -> Measured:
    """Measure one image, for the store: plain numbers, None for what is not defined."""
    try:
        values = style_of(path, longer_side=longer_side).values
    except DataError as error:
        return {"error": str(error).removeprefix(f"{path}: ")}
    return {name: None if np.isnan(value) else value for name, value in values.items()}
