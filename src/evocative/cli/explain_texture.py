"""`explain --method texture`: what Gram statistics keep of pictures, and which pairs of channels speak."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evocative.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

    from evocative.inference.predictor import Predictor


@dataclass(frozen=True)
class TextureWish:
    """Which textures are asked for."""

    maps: tuple[int, ...] | None = None
    """timm's numbers; None: those of the model's Gram modules, else the first three."""
    steps: int = 100
    seed: int = 0
    pairs: int = 5
    """Pairs of channels told of, where the model has Gram modules."""


def explain_textures(predictor: "Predictor", images: Iterable[str], folder: Path, wish: TextureWish) -> int:
    """Write each picture above its texture, `NAME.png` in a folder; return how many pictures failed.

    Of a model with Gram modules the pairs of channels that speak most for the predicted emotion are printed.

    Raises:
        DataError: The folder cannot be made.
        ModelError: There is no such map, or a number is out of range.
    """
    from evocative.cli.explain_map import Names
    from evocative.data.atomic import make_folder
    from evocative.data.image import decode
    from evocative.data.transforms import decode_size, evaluation_transform, normalize
    from evocative.explain.gram_texture import synthesize
    from evocative.plots.style import save
    from evocative.plots.textures import plot_textures

    names, failed, how = Names(), 0, predictor.preprocessing
    transform = evaluation_transform(how)
    make_folder(folder)
    for path in images:
        try:
            pixels = transform(decode(path, at_least=decode_size(how)))
        except DataError as error:
            typer.echo(str(error), err=True)
            failed += 1
            continue
        inputs = normalize(pixels[None].to(predictor.device), how)
        made = synthesize(
            predictor.network, inputs, maps=wish.maps, steps=wish.steps, seed=wish.seed, preprocessing=how
        )
        figure = plot_textures([pixels.permute(1, 2, 0).numpy()], [made.image])
        target = save(figure, folder / f"{names.of(path)}.png")
        told = f"error {made.losses[0]:.3g} → {made.losses[-1]:.3g}"
        typer.echo(f"{target}: maps {' '.join(map(str, made.maps))}, {told}")
        _tell_pairs(predictor, path, inputs, wish.pairs)
    return failed


def _tell_pairs(predictor: "Predictor", path: str, inputs: "Tensor", count: int) -> None:
    from evocative.explain.gram_pairs import gram_gradients, reads_grams

    model = predictor.network
    emotion = predictor.predict(path).emotion
    if emotion is None or not reads_grams(model):
        return
    for module in gram_gradients(model, inputs, emotion):
        told = ", ".join(f"{pair.first}×{pair.second} {pair.added:+.3g}" for pair in module.pairs(count))
        typer.echo(f"  {emotion}, map {module.map}: {module.added:+.3g} in all; {told}")
