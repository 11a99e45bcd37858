"""`evocative ensemble`: models that answer together, in one folder."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand


class StoredAs(StrEnum):
    """How weights are stored."""

    float32 = "float32"
    float16 = "float16"
    int8 = "int8"


def ensemble(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL...", callback=beforehand.models, help="Folders, or hf-hub:org/name."),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_folder, help="The ensemble's folder.")
    ],
    share: Annotated[
        list[float] | None,
        typer.Option(help="Of each model, in their order; together 1. Equal where none is given."),
    ] = None,
    dimension_share: Annotated[
        list[float] | None,
        typer.Option(help="The same for valence, arousal and dominance, where they are others."),
    ] = None,
    stored_as: Annotated[
        StoredAs, typer.Option(help="Precision of the weights in the file.")
    ] = StoredAs.float32,
    licence: Annotated[str | None, typer.Option(help="Of the ensemble; else those of its members.")] = None,
) -> None:
    """Join models of the same labels and preprocessing into one that averages their answers.

    Log-probabilities are averaged, valence and arousal too; the embedding is the first model's. First stages
    that are equal to the bit are stored and run once. The folder is used as any model's; evaluate it anew,
    for its members' figures are not its own.
    """
    from evocative.models.ensemble_folder import write_ensemble

    made = write_ensemble(
        models, output, shares=share or None, dimension_shares=dimension_share or None,
        precision=stored_as.value, licence=licence,
    )  # fmt: skip
    for name, weight, own in zip(models, made.config.shares, made.config.shared, strict=True):
        steps = f"; {len(own)} first steps shared with an earlier one, up to {list(own)[-1]}" if own else ""
        typer.echo(f"{name}: share {weight:g}{steps}")
    size = (output / "model.safetensors").stat().st_size
    typer.echo(f"ensemble: {output} ({size / 1e6:.1f} MB of weights)")
