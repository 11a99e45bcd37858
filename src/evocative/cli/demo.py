"""`evocative demo`: the embedded model on real photographs that are on every installation's disk."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from evocative.cli import beforehand
from evocative.cli.options import Model
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.inference.answer import Answer
    from evocative.inference.predictor import Predictor

PHOTOGRAPHS: Final = (
    ("sklearn", "datasets/images/china.jpg"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
)
"""Package and file: what installed dependencies carry."""

NEXT_STEPS: Final = """
Next:
  your own pictures                       evocative predict FOLDER
  one object a line, for programs         evocative predict --format json IMAGE ...
  a file for evaluation, with embeddings  evocative predict FOLDER --output answers.parquet
  train a model on labelled images        evocative train fi8 --data-root DATA
  in Python                               import evocative; evocative.load().predict("photo.jpg")"""


def demo(
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", callback=beforehand.output_folder, help="Folder for the picture."),
    ] = Path("evocative-demo"),
    model: Model = None,
) -> None:
    """Say which emotions three photographs evoke, and draw them with their place between pleasant and calm.

    The photographs come with scikit-learn and matplotlib, so that nothing has to be downloaded.
    """
    paths = photographs()

    from evocative.cli.listing import print_answers
    from evocative.inference.predictor import load

    predictor = load(model)
    answers = [predictor.predict(path) for path in paths]
    shown = [replace(answer, path=path.name) for answer, path in zip(answers, paths, strict=True)]
    print_answers(shown, sys.stdout, taxonomy=predictor.taxonomy, dimensions=predictor.dimensions)
    picture = draw(answers, predictor, output / "panel.png")
    typer.echo(f"\nThe picture: {picture}")
    typer.echo(NEXT_STEPS)


def photographs() -> list[Path]:
    """Return the photographs that are there; packages are looked for, not imported.

    Raises:
        DataError: None is there.
    """
    found = []
    for package, file in PHOTOGRAPHS:
        place = find_spec(package)
        if place is not None and place.origin is not None and (Path(place.origin).parent / file).is_file():
            found.append(Path(place.origin).parent / file)
    if not found:
        looked = ", ".join(f"{package}/{file}" for package, file in PHOTOGRAPHS)
        raise DataError(
            f"the photographs of scikit-learn and matplotlib are not installed (looked for {looked}): give "
            "images of your own to  evocative predict"
        )
    return found


def draw(answers: "list[Answer]", predictor: "Predictor", path: Path) -> Path:
    """Draw answers with their images, and write the picture.

    Args:
        answers: Of files that can be read.
        predictor: Who answered.
        path: Where the picture goes; missing folders are made.

    Raises:
        DataError: The folder cannot be made.
    """
    from math import nan

    from evocative.data.image import decode
    from evocative.plots.panel import Prediction, plot_predictions
    from evocative.plots.style import save

    predictions = [
        Prediction(
            image=decode(str(answer.path), at_least=500),
            caption=Path(str(answer.path)).name,
            probabilities=None if answer.probabilities is None else list(answer.probabilities.values()),
            valence=nan if answer.valence is None else answer.valence,
            arousal=nan if answer.arousal is None else answer.arousal,
        )
        for answer in answers
    ]
    taxonomy = predictor.taxonomy
    names, colors = ((), None) if taxonomy is None else (taxonomy.names, taxonomy.colors)
    return save(plot_predictions(predictions, names=names, colors=colors), path)
