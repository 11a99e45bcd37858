"""Samples of a generator: sheets to look at, and made tables to judge.

save_sheet(generator, Path("sheet.png"))
make_samples(generator, judge, count=8, seed=0)           # pictures, and a row each with what was asked for
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.explore.judge import Judge, quantized
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator
from evocative.inference.network import Numbers
from evocative.taxonomy.labels import Taxonomy
from evocative.taxonomy.recognise import recognise

PLACES: Final = (-0.6, 0.0, 0.6)
"""Values of a dimension that samples are asked for; of three dimensions only the outer ones."""
_AT_ONCE: Final = 64


def wishes(conditions: Conditions) -> list[dict[str, Any]]:
    """Return what samples are asked for: each label, then a grid of places in the dimensions.

    Example:
        >>> wishes(Conditions(labels=("awe",), dimensions=("valence",)))[:2]
        [{'label': 'awe'}, {'valence': -0.6}]
    """
    values = PLACES if len(conditions.dimensions) < 3 else PLACES[::2]
    grid = product(*[values] * len(conditions.dimensions)) if conditions.dimensions else ()
    places = [dict(zip(conditions.dimensions, place, strict=True)) for place in grid]
    return [*({"label": label} for label in conditions.labels), *places]


@torch.no_grad()
def drawn(generator: Generator, asked: Sequence[dict[str, Any]], *, seed: int) -> Float[Tensor, "N 3 S S"]:
    """Draw one picture for each wish, on the CPU; latents follow from the seed and the wish's place."""
    latents = torch.randn(len(asked), generator.latent_size, generator=torch.Generator().manual_seed(seed))
    conditions = torch.stack([generator.condition_of(**each) for each in asked])
    latents = latents.to(conditions.device)
    parts = [slice(start, start + _AT_ONCE) for start in range(0, len(asked), _AT_ONCE)]
    return torch.cat([generator(latents[part], conditions[part]).cpu() for part in parts])


def save_sheet(generator: Generator, path: Path, *, columns: int = 8, seed: int = 0) -> None:
    """Write a sheet of samples, a row a wish, from the same latents each time."""
    from evocative.plots.sheet import plot_sheet

    asked = [each for each in wishes(generator.conditions) for _ in range(columns)]
    pixels = quantized(drawn(generator, asked, seed=seed)).permute(0, 2, 3, 1).numpy()
    rows = {told(asked[at]): list(pixels[at : at + columns]) for at in range(0, len(asked), columns)}
    figure = plot_sheet(rows, columns=columns)
    with replacing(path) as unfinished:
        figure.savefig(unfinished, format="png", dpi=110)


def told(wish: dict[str, Any]) -> str:
    """Say a wish in a word or two.

    Example:
        >>> told({"valence": -0.6, "arousal": 0.0})
        'V −0.6 A +0.0'
    """
    values = (f"{axis[0].upper()} {wish[axis]:+.1f}" for axis in AXES if axis in wish)
    return " ".join([*([wish["label"]] if "label" in wish else []), *values]).replace("-", "−")


def make_samples(
    generator: Generator, judge: Judge, *, count: int, seed: int, source: str
) -> tuple[UInt8[Tensor, "N 3 S S"], pd.DataFrame]:
    """Draw pictures for every wish, and say what a judge finds in them.

    Args:
        generator: Trained.
        judge: Who is asked; it may know other labels and dimensions.
        count: Pictures for each wish.
        seed: Of the latents.
        source: What the table calls the way they were made.

    Returns:
        The pictures as they are saved, and the rows of a made table: `found` is the probability of the label
        asked for, or 1 − half the mean absolute distance from the place asked for; NaN where the judge does
        not predict that.
    """
    asked = [each for each in wishes(generator.conditions) for _ in range(count)]
    pictures = quantized(drawn(generator, asked, seed=seed))
    rows = pd.DataFrame(asked).assign(source=source, model=judge.name, seed=seed)
    return pictures, rows.assign(found=found(judge, judge.score(pictures), asked))


def taxonomy_of(conditions: Conditions, judge: Judge) -> Taxonomy | None:
    """Return whose labels a generator's samples have: the judge's, if it knows them all, else their own."""
    labels = conditions.labels
    if judge.taxonomy is not None and all(judge.taxonomy.find(name) is not None for name in labels):
        return judge.taxonomy
    return (recognise(labels) or Taxonomy.custom("generator", labels)) if labels else None


def found(judge: Judge, said: Numbers, asked: Sequence[dict[str, Any]]) -> list[float]:
    """Return how far each wish is fulfilled, in [0, 1]; see `make_samples`."""
    results = []
    for row, wish in enumerate(asked):
        parts = []
        if "label" in wish:
            place = None if judge.taxonomy is None else judge.taxonomy.find(wish["label"])
            chances = None if place is None else said.probabilities
            parts.append(np.nan if chances is None else float(chances[row, place]))
        places = [axis for axis in AXES if axis in wish]
        if places:
            vad = np.full(3, np.nan) if said.vad is None else said.vad[row]
            distance = [abs(float(vad[AXES.index(axis)]) - wish[axis]) for axis in places]
            parts.append(1 - float(np.mean(distance)) / 2)
        results.append(float(np.mean(parts)))
    return results
