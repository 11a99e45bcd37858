"""`evocative evaluate-dimensions` and `compare-representations`: valence, arousal and dominance in depth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from evocative.evaluate.rated import Rated
    from evocative.taxonomy.circumplex import EmotionPlaces
    from evocative.taxonomy.labels import Taxonomy

Runs = Annotated[
    list[str],
    typer.Argument(metavar="RUN...", help="Run folders or predictions; the folds of one model."),
]
Data = Annotated[
    Path | None,
    typer.Option(
        callback=beforehand.input_path, help="What raters said: a table; else what the predictions carry."
    ),
]
Bootstrap = Annotated[int, typer.Option(min=0, help="Draws for intervals; 0 for none.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws.")]


def evaluate_dimensions(
    runs: Runs,
    *,
    data: Data = None,
    by: Annotated[str | None, typer.Option(help="Column of categories for residuals.")] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Column of numbers to hold errors against; repeatable.")
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option(help="A further table (.csv, .parquet) with path and columns, as of style features."),
    ] = None,
    residual_sd: Annotated[
        bool,
        typer.Option("--residual-sd", help="Where no SD is predicted: that of the other folds' residuals."),
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_folder, help="Folder of the figures.")
    ] = Path("dimensions"),
    bootstrap: Bootstrap = 1000,
    seed: Seed = 0,
) -> None:
    """Measure dimensions in depth: figures, what the ratings allow, predicted SDs, residuals, errors against.

    evocative evaluate-dimensions runs/fold-* --data oasis.csv --by category --against valence_sd
    """
    from evocative.evaluate.dimension_suite import measure_dimensions, render_dimensions, write_dimensions
    from evocative.evaluate.rows import Draws

    images = next(iter(_models(runs, data, single=True).values()))
    if columns is not None:
        images = images.with_columns(_columns(columns), columns.name)
    found = measure_dimensions(
        images, by=by, against=against or (), residual_sd=residual_sd, draws=Draws(bootstrap, seed=seed)
    )
    written = write_dimensions(found, output)
    typer.echo(render_dimensions(found))
    typer.echo("wrote " + ", ".join(map(str, written)))


def compare_representations(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Run folders or predictions; the same NAME= makes one model."),
    ],
    *,
    words: Annotated[
        str,
        typer.Option(help="Places of the labels: russell1977, russell1980, or a file of word norms (.csv)."),
    ],
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", callback=beforehand.output_file, help="Also write all figures: a .json file."
        ),
    ] = None,
    bootstrap: Bootstrap = 1000,
    seed: Seed = 0,
) -> None:
    """Turn labels, distributions, VA, VAD and both heads into each other's terms, and score them alike.

    evocative compare-representations joint=runs/fold-0 joint=runs/fold-1 --words norms.csv --data oasis.csv
    """
    import json

    from evocative.data.atomic import replacing
    from evocative.evaluate.representations import compare_representations as compare
    from evocative.evaluate.representations import render_representations
    from evocative.evaluate.rows import Draws

    if output is not None and output.suffix != ".json":
        raise DataError(f"{output}: figures are written as .json, found {output.suffix!r}")
    models = _models(runs, data)
    taxonomies = [one.rows.taxonomy for one in models.values() if one.rows.taxonomy is not None]
    if not taxonomies:
        raise DataError("at least one model must predict labels: their places make the comparison")
    found = compare(models, _places(words, taxonomies[0]), draws=Draws(bootstrap, seed=seed))
    typer.echo(render_representations(found))
    if output is not None:
        with replacing(output) as unfinished:
            unfinished.write_text(
                json.dumps(found.to_dict(), indent=2, allow_nan=False) + "\n", encoding="utf-8"
            )
        typer.echo(f"wrote {output}")


def _models(runs: list[str], data: Path | None, *, single: bool = False) -> "dict[str, Rated]":
    """Read runs and pool those of one name, or of one recipe."""
    from evocative.cli.evaluate import read_data
    from evocative.evaluate.rated import rated
    from evocative.evaluate.sources import groups_of
    from evocative.inference.predictions import read_predictions

    groups = groups_of(runs)
    if any(group.printed is not None for group in groups):
        raise DataError("this needs runs or predictions; printed figures hold no images")
    if single and len(groups) > 1:
        names = ", ".join(group.name for group in groups)
        raise DataError(f"expected the runs of one model, found {names}; call them alike, as m=A m=B")
    table = None if data is None else read_data(data, None)
    return {
        group.name: rated([read_predictions(one.predictions) for one in group.members], table)
        for group in groups
    }


def _columns(path: Path) -> "pd.DataFrame":
    from evocative.data.storage import read_rows

    frame, _ = read_rows(path)
    return frame


def _places(words: str, labels: "Taxonomy") -> "EmotionPlaces":
    from evocative.taxonomy.emotion_words import label_places, published

    if Path(words).suffix.lower() == ".csv":
        from evocative.taxonomy.lexicon import read_lexicon

        return label_places(labels, read_lexicon(words))
    return label_places(labels, published(words))
