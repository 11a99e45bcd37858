"""Maps held against where people looked: every map on every image, beside priors and the human ceiling.

    data = read_gaze("osie")
    report = evaluate_gaze(data, {"ours": lambda image: predictor.maps(image.path)[0].values})
    write_gaze(report, "gaze")                  # report.json, images.csv, table.md

Beside the maps that are asked about stand a Gaussian in the middle, where people looked in other images, the
spectral residual and the saliency of Itti and Koch (no emotion in either), and people themselves. A map that
does not pass the first four has not been shown to know anything about gaze. Figures are means over images
with bootstrap intervals, images drawn.

Whatever is made from other images (where people looked in them, whose fixations the shuffled AUC draws) is
made from all images of the data, also where maps are held against the first few only (`GazeSettings.limit`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.data.image import decode
from evocative.datasets.card import LeftOut
from evocative.datasets.gaze import GazeData, GazeImage
from evocative.errors import DataError, EvocativeError
from evocative.evaluate.fixation_maps import (
    center_prior,
    fixation_counts,
    fixation_density,
    prior_of_counts,
    scaled,
    spectral_residual,
)
from evocative.evaluate.gaze_report import (
    CENTER,
    ELSEWHERE,
    ITTI_KOCH,
    RESIDUAL,
    GazeReport,
    GazeSettings,
    summed_up,
)
from evocative.evaluate.itti_koch import itti_koch
from evocative.evaluate.observers import HALVES, ONE_OUT, Figures, halves, one_out
from evocative.metrics.map_values import as_fixations, resize_map
from evocative.metrics.saliency import saliency_metrics

Maker = Callable[[GazeImage], ArrayLike]
"""From an image to a map (h, w) of any resolution that covers it."""
_SIZES = 32
"""Sizes of pictures whose counts are kept."""


def evaluate_gaze(
    data: GazeData,
    makers: Mapping[str, Maker],
    settings: GazeSettings | None = None,
    *,
    watch: Callable[[Iterable[GazeImage]], Iterable[GazeImage]] = iter,
) -> GazeReport:
    """Hold maps against fixations, image by image.

    A maker that fails on an image leaves that image out for its map, and says why; it never ends the run.

    Args:
        data: images and fixations.
        makers: maps by name, in the order of the table; priors and the ceiling are added.
        settings: what is computed; by default everything.
        watch: passes the images on as they come, to show progress.

    Raises:
        DataError: there are no images, or a name is taken by a baseline.
        MissingExtra: the earth mover's distance is asked for without its solver.
    """
    settings = settings or GazeSettings()
    if taken := {CENTER, ELSEWHERE, RESIDUAL, ITTI_KOCH, ONE_OUT, HALVES} & set(makers):
        raise DataError(f"a map cannot be called {', '.join(sorted(taken))}: that is a baseline's name")
    if not data.images:
        raise DataError(f"{data.name}: there are no images to hold maps against")
    sigma = settings.sigma or data.sigma
    rows: list[Mapping[str, object]] = []
    left_out = list(data.left_out)
    everybody = _Everybody(_sound(data, left_out))
    measured = everybody.images[: settings.limit]
    for place, image in enumerate(watch(measured)):
        try:
            rows += _of_image(everybody, place, makers, settings, sigma=sigma, left_out=left_out)
        except DataError as error:
            left_out.append(LeftOut(str(image.path), str(error)))
    return GazeReport(
        data=data.name,
        images=len({row["image"] for row in rows}),
        fixations=sum(len(image.fixations()) for image in measured),
        viewers=max((len(image.viewers) for image in measured), default=0),
        sigma=sigma,
        sigma_source="as asked for" if settings.sigma else data.sigma_source,
        settings=settings,
        maps=summed_up(rows, settings),
        rows=tuple(rows),
        left_out=tuple(left_out),
    )


def _sound(data: GazeData, left_out: list[LeftOut]) -> list[GazeImage]:
    """Return the images whose fixations lie on them; adds the others, which nobody is held against."""
    sound = []
    for image in data.images:
        try:
            as_fixations(image.fixations(), (image.height, image.width))
        except DataError as error:
            left_out.append(LeftOut(str(image.path), str(error)))
        else:
            sound.append(image)
    return sound


def _of_image(
    everybody: "_Everybody",
    place: int,
    makers: Mapping[str, Maker],
    settings: GazeSettings,
    *,
    sigma: float,
    left_out: list[LeftOut],
) -> list[dict[str, object]]:
    """Return a row a map for one image; adds to `left_out` what could not be made."""
    image = everybody.images[place]
    fixations = image.fixations()
    density = image.given_density()
    if density is None:
        density = fixation_density(fixations, image.height, image.width, sigma=sigma)
    everywhere = everybody.but(place)
    near = everybody.some_but(place, settings.shuffled_images, seed=settings.seed)
    found: list[tuple[str, Figures]] = []
    for name, maker in {**makers, **_baselines(everywhere, sigma)}.items():
        try:
            values = resize_map(maker(image), image.height, image.width)
        except EvocativeError as error:
            left_out.append(LeftOut(str(image.path), f"{name}: {error}"))
            continue
        metrics = saliency_metrics(
            values, fixations, density, others=near, with_emd=settings.emd, seed=settings.seed
        )
        if values.min() < 0:
            reason = f"{name}: has values below 0 ({values.min():.3g}): no KL and no EMD, which need shares"
            left_out.append(LeftOut(str(image.path), reason))
        found.append((name, metrics.figures()))
    if settings.ceiling:
        found += _ceiling(image, near, settings, sigma)
    return [{"image": image.path.name, "map": name, **figures} for name, figures in found]


def _ceiling(
    image: GazeImage, near: NDArray[np.int64], settings: GazeSettings, sigma: float
) -> list[tuple[str, Figures]]:
    """Return the rows of people held against people, where there are viewers enough."""
    split = halves(
        image,
        near,
        sigma=sigma,
        n_splits=settings.splits,
        with_emd=settings.emd,
        seed=settings.seed,
    )
    found = ((HALVES, split), (ONE_OUT, one_out(image, near, sigma=sigma, seed=settings.seed)))
    return [(name, figures) for name, figures in found if figures is not None]


def _baselines(everywhere: NDArray[np.float32], sigma: float) -> dict[str, Maker]:
    """Return the maps that know nothing of this image, or nothing of emotions."""
    known: dict[str, Maker] = {CENTER: lambda image: center_prior(image.height, image.width)}
    if everywhere.any():
        known[ELSEWHERE] = lambda _: prior_of_counts(everywhere, sigma=sigma)
    known[RESIDUAL] = lambda image: spectral_residual(decode(image.path))
    known[ITTI_KOCH] = lambda image: itti_koch(decode(image.path))
    return known


class _Everybody:
    """All images' fixations, counted once a size of picture, so that ten thousand images cost no square."""

    def __init__(self, images: Sequence[GazeImage]) -> None:
        self.images = images
        self._counts: dict[tuple[int, int], NDArray[np.float32]] = {}

    def but(self, place: int) -> NDArray[np.float32]:
        """Return how often each pixel of an image was looked at in all others, these scaled to its size."""
        image = self.images[place]
        size = (image.height, image.width)
        if size not in self._counts:
            if len(self._counts) >= _SIZES:
                self._counts.pop(next(iter(self._counts)))
            self._counts[size] = fixation_counts(_over(size, self.images), *size)
        return self._counts[size] - fixation_counts(image.fixations(), *size)

    def some_but(self, place: int, count: int, *, seed: int) -> NDArray[np.int64]:
        """Return fixations (m, 2) of so many other images, drawn at random, scaled to this one's size."""
        size = (self.images[place].height, self.images[place].width)
        rest = [image for other, image in enumerate(self.images) if other != place]
        if count < len(rest):
            chosen = np.random.default_rng((seed, place)).choice(len(rest), count, replace=False)
            rest = [rest[other] for other in sorted(chosen)]
        return _over(size, rest)


def _over(size: tuple[int, int], images: Iterable[GazeImage]) -> NDArray[np.int64]:
    """Return images' fixations (m, 2), scaled to one size (height, width)."""
    parts = [scaled(image.fixations(), (image.height, image.width), size) for image in images]
    return np.concatenate([np.zeros((0, 2), np.int64), *parts])
