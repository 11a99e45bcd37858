"""All that can be said of why a model answers what it does on one picture, gathered for a page.

    wish = Wish(curve_steps=20, textures=(0, 2), reference=read_reference("style.csv"))
    found = explained(predictor, "photo.jpg", wish)
    found.maps, found.curves, found.textures, found.extremes

Nothing is drawn here: `report.explained` writes the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evocative.data.image import decode
from evocative.data.transforms import decode_size, evaluation_transform, normalize
from evocative.errors import ModelError
from evocative.evaluate.deletion import Curve, deletion, insertion, random_order
from evocative.evaluate.map_differences import correlations
from evocative.explain.emotion_map import EmotionMap
from evocative.explain.gram_pairs import GramGradient, gram_gradients, reads_grams
from evocative.explain.style import style_of
from evocative.explain.style_reference import Extreme, StyleReference
from evocative.explain.targets import Score
from evocative.inference.answer import Answer
from evocative.inference.predictor import Predictor

if TYPE_CHECKING:
    from torch import Tensor

_SHOWN = 384  # pixels of the longer side of pictures that are taken apart


@dataclass(frozen=True)
class Wish:
    """What is to be explained, and how."""

    targets: tuple[str, ...] | None = None
    """Whose maps; None: all emotions."""
    method: str = "auto"
    layer: str | None = None
    score: Score = "logit"
    curve_steps: int = 0
    """Of deletion and insertion; 0: none. Each step costs four answers."""
    textures: tuple[int, ...] = ()
    """timm's numbers of the maps whose textures are made, the shallower ones always with them."""
    texture_steps: int = 100
    seed: int = 0
    """Of random blocks and of the textures' noise."""
    reference: StyleReference | None = None
    """Style of other pictures; None: nothing is said of what is unusual."""


@dataclass(frozen=True, eq=False)
class Explained:
    """What was found of one picture."""

    path: str
    picture: Image.Image
    answer: Answer
    target: str
    """The predicted emotion, or the first target where the model predicts none."""
    chosen: EmotionMap
    """Of `target`."""
    maps: tuple[EmotionMap, ...]
    alike: float
    """Mean correlation of two targets' maps; NaN where there are no two that vary."""
    curves: dict[str, Curve] = field(default_factory=dict)
    """`deletion` and `insertion` by the map, and each `by chance`: random blocks."""
    textures: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Pictures (H, W, 3) by the maps that were matched, as `0 1`."""
    modules: tuple[GramGradient, ...] = ()
    """What pairs of channels add to `target`; empty without Gram modules."""
    style: dict[str, float] = field(default_factory=dict)
    extremes: tuple[Extreme, ...] = ()


def explained(predictor: Predictor, path: str, wish: Wish | None = None) -> Explained:
    """Look at one picture in every way that is asked for.

    Args:
        predictor: In float32.
        path: The picture's file.
        wish: What is looked at; by default the maps, the pairs that speak, and the style.

    Raises:
        DataError: The picture cannot be read.
        ModelError: There is no such target, method, layer or map.
    """
    wish = wish or Wish()
    picture = decode(path, at_least=2 * _SHOWN)
    answer = predictor.predict(path)
    maps = predictor.maps(path, targets=wish.targets, method=wish.method, layer=wish.layer, score=wish.score)
    target = answer.emotion or str(maps[0].label)
    chosen = next((one for one in maps if one.label == target), None)
    if chosen is None:
        (chosen,) = predictor.maps(
            path, targets=[target], method=wish.method, layer=wish.layer, score=wish.score
        )
    inputs = _inputs(predictor, path)
    model = predictor.network
    style = style_of(path).values
    return Explained(
        path=path,
        picture=picture,
        answer=answer,
        target=target,
        chosen=chosen,
        maps=maps,
        alike=_alike(maps),
        curves=_curves(predictor, picture, chosen, wish) if wish.curve_steps else {},
        textures=_textures(predictor, inputs, wish),
        modules=tuple(gram_gradients(model, inputs, target, score=wish.score)) if reads_grams(model) else (),
        style=style,
        extremes=tuple(wish.reference.extremes(style)) if wish.reference is not None else (),
    )


def _inputs(predictor: Predictor, path: str) -> "Tensor":
    how = predictor.preprocessing
    pixels = evaluation_transform(how)(decode(path, at_least=decode_size(how)))
    return normalize(pixels[None].to(predictor.device), how)


def _alike(maps: Sequence[EmotionMap]) -> float:
    table = correlations(np.stack([one.values for one in maps]))
    pairs = table[np.triu_indices(len(maps), 1)]
    known = pairs[np.isfinite(pairs)]
    return float(known.mean()) if known.size else float("nan")


def _curves(predictor: Predictor, picture: Image.Image, chosen: EmotionMap, wish: Wish) -> dict[str, Curve]:
    """Return what becomes of the probability of the map's emotion.

    Raises:
        ModelError: The model predicts no emotion, so that there is no probability.
    """
    label = str(chosen.label)
    if predictor.taxonomy is None or label not in predictor.taxonomy.names:
        raise ModelError(f"curves are of an emotion's probability, and {label} has none; leave them out")
    small = picture.copy()
    small.thumbnail((_SHOWN, _SHOWN), Image.Resampling.BILINEAR)
    pixels = np.asarray(small)

    def score(pictures: NDArray[np.uint8]) -> list[float]:
        answers = predictor.stream(list(pictures))
        return [float((answer.probabilities or {}).get(label, np.nan)) for answer in answers]

    orders = {"": chosen.values, " by chance": random_order(*pixels.shape[:2], seed=wish.seed)}
    ways = {"deletion": deletion, "insertion": insertion}
    return {
        f"{way}{name}": curve(score, pixels, order, steps=wish.curve_steps)
        for way, curve in ways.items()
        for name, order in orders.items()
    }


def _textures(predictor: Predictor, inputs: "Tensor", wish: Wish) -> dict[str, NDArray[np.uint8]]:
    from evocative.explain.gram_texture import synthesize

    found: dict[str, NDArray[np.uint8]] = {}
    chosen = sorted(set(wish.textures))
    for count in range(1, len(chosen) + 1):
        made = synthesize(
            predictor.network, inputs, maps=chosen[:count], steps=wish.texture_steps, seed=wish.seed,
            preprocessing=predictor.preprocessing,
        )  # fmt: skip
        found[" ".join(map(str, chosen[:count]))] = made.image
    return found
