"""A model as a maker of maps that can be held against gaze, and what its maps say of themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from evocative.data.image import decode
from evocative.datasets.gaze import GazeImage
from evocative.errors import DataError, EvocativeError, ModelError, unknown
from evocative.evaluate.deletion import Curve, deletion, insertion, mean_area, random_order
from evocative.evaluate.fixation_maps import center_prior
from evocative.evaluate.map_differences import map_differences
from evocative.explain.methods import resolve_method
from evocative.inference.predictor import Predictor
from evocative.metrics.intervals import Interval
from evocative.metrics.map_values import resize_map

PREDICTED = "predicted"
_KEPT = 32  # pixels of a side of the maps that are kept for comparison
_SHOWN = 384  # pixels of the longer side of pictures that are taken apart
_PICTURES = (".npy", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


class ModelMaps:
    """Makes a model's map of each image: of the emotion that it predicts, or of one that is named.

    Attributes:
        seen: By image: the maps of all emotions (K, h, w), small, in the order of the taxonomy.
    """

    def __init__(self, predictor: Predictor, *, method: str = "auto", emotion: str = PREDICTED) -> None:
        """Remember how maps are made.

        Args:
            predictor: Of a model with emotions.
            method: As `Predictor.maps` takes it.
            emotion: `predicted`, or a label: the same on every image.

        Raises:
            ModelError: The model has no emotions, or not this one; or there is no such method.
        """
        names = predictor.taxonomy.names if predictor.taxonomy is not None else ()
        if not names:
            raise ModelError("this model predicts no emotions, so that there are no maps of them")
        if emotion != PREDICTED and emotion not in names:
            raise ModelError(unknown("emotion", emotion, (PREDICTED, *names)))
        resolve_method(predictor.network, method)  # refused now, not once an image
        self._predictor, self._method, self._emotion, self._names = predictor, method, emotion, names
        self.seen: dict[str, NDArray[np.float32]] = {}

    def __call__(self, image: GazeImage) -> ArrayLike:
        """Return the map (h, w) of an image."""
        maps = self._predictor.maps(image.path, method=self._method)
        small = [resize_map(one.values, *(min(_KEPT, side) for side in one.values.shape)) for one in maps]
        self.seen[image.name] = np.stack(small)
        return maps[self._names.index(self._chosen(image.path))].values

    def differences(self, *, draws: int = 1000, seed: int = 0) -> dict[str, Interval]:
        """Return how alike the maps are across emotions and across images (`map_differences`)."""
        if not self.seen:
            return {}
        found = map_differences(list(self.seen.values()), bootstrap_draws=draws, seed=seed)
        return {
            "correlation of maps across emotions": found.across_emotions,
            "correlation of maps across images": found.across_images,
        }

    def curves(
        self, images: Sequence[GazeImage], *, steps: int = 20, draws: int = 1000, seed: int = 0
    ) -> dict[str, Interval]:
        """Return the areas of deletion and insertion by the map, by random blocks and by a centre prior.

        The score is the probability of the emotion whose map it is. Images that cannot be read or answered
        are left out.

        Args:
            images: Few: each costs 6 · (steps + 1) answers.
            steps: Of the curves.
            draws: For intervals.
            seed: Of the random blocks.
        """
        found: dict[str, list[Curve]] = {}
        for place, image in enumerate(images):
            try:
                pixels = _small(image.path)
                label = self._chosen(image.path)
                (values,) = self._predictor.maps(image.path, targets=[label], method=self._method)
                height, width = pixels.shape[:2]
                orders = {
                    "by the map": values.values,
                    "by random blocks": random_order(height, width, seed=seed + place),
                    "by the centre": center_prior(height, width),
                }
                curves = self._of_orders(pixels, orders, label, steps)
            except EvocativeError:
                continue
            for name, curve in curves.items():
                found.setdefault(name, []).append(curve)
        return {name: mean_area(curves, draws=draws, seed=seed) for name, curves in sorted(found.items())}

    def _of_orders(
        self, pixels: NDArray[np.uint8], orders: Mapping[str, ArrayLike], label: str, steps: int
    ) -> dict[str, Curve]:
        """Return a deletion and an insertion curve for every order."""

        def score(pictures: NDArray[np.uint8]) -> list[float]:
            answers = self._predictor.stream(list(pictures))
            return [float((answer.probabilities or {}).get(label, np.nan)) for answer in answers]

        ways = {"deletion": deletion, "insertion": insertion}
        return {
            f"{way} {name}": curve(score, pixels, order, steps=steps)
            for way, curve in ways.items()
            for name, order in orders.items()
        }

    def _chosen(self, path: Path) -> str:
        """Return the emotion whose map is asked for."""
        if self._emotion != PREDICTED:
            return self._emotion
        return self._predictor.predict(path).emotion or self._names[0]


class FolderMaps:
    """Maps out of a folder: `<image's name>.npy` (h, w), or a grey picture, also in `maps/` below it."""

    def __init__(self, folder: str | Path) -> None:
        """Remember the folder.

        Raises:
            DataError: It is not there.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise DataError(f"{folder}: there is no such folder of maps")
        self._folders = (folder, folder / "maps")

    def __call__(self, image: GazeImage) -> ArrayLike:
        """Return the map of an image, of any resolution.

        Raises:
            DataError: There is none, or it cannot be read.
        """
        for folder in self._folders:
            for ending in _PICTURES:
                if (file := folder / f"{image.name}{ending}").is_file():
                    return _read(file)
        raise DataError(f"{self._folders[0]}: no map of {image.name}: expected {image.name}.npy or .png")


def _read(file: Path) -> ArrayLike:
    try:
        if file.suffix == ".npy":
            return np.asarray(np.load(file, allow_pickle=False), np.float32)
        with Image.open(file) as picture:
            return np.asarray(picture.convert("F"), np.float32)  # 8, 16 and 32 bits keep their order
    except (OSError, ValueError, EOFError, TypeError, Image.DecompressionBombError) as error:
        raise DataError(f"{file}: cannot be read as a map ({error})") from error


def _small(path: Path) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) small enough to be taken apart many times."""
    picture = decode(path, at_least=_SHOWN)
    picture.thumbnail((_SHOWN, _SHOWN), Image.Resampling.BILINEAR)
    return np.asarray(picture)
