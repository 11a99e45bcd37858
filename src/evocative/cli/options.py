"""Options that several verbs share, so that they are called, checked and explained alike everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand

Accelerator = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Images that the network sees at once.")]
Bootstrap = Annotated[int, typer.Option(min=1, help="Draws for intervals.")]
Data = Annotated[
    Path | None,
    typer.Option(
        callback=beforehand.input_path,
        help="What people said: a table (.csv, .parquet), or a folder with a folder an emotion.",
    ),
]
DataRoot = Annotated[
    Path,
    typer.Option(callback=beforehand.input_path, help="Folder that the recipe's sources are relative to."),
]
Device = Annotated[str, typer.Option(callback=beforehand.device, help="auto, cpu, cuda, cuda:1 ... or mps.")]
Flip = Annotated[bool, typer.Option("--flip", help="Average with the mirror image: better, twice the work.")]
Images = Annotated[
    Path | None,
    typer.Option(
        callback=beforehand.input_path,
        help="Folder that the table's paths are relative to, if it is another one.",
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes that train at once.")]
KeepRoot = Annotated[
    bool, typer.Option("--keep-root/--no-root", help="Write down where the images lie, or leave it open.")
]
MapLabels = Annotated[
    bool, typer.Option("--map", help="Compare labels of two taxonomies by the published mapping.")
]
Model = Annotated[
    str | None,
    typer.Option(
        callback=beforehand.model, help="A model's folder or hf-hub:org/name; else the embedded model."
    ),
]
Precision = Annotated[str, typer.Option(callback=beforehand.precision, help="auto, fp32, bf16 or fp16.")]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads of each process; else the cores are shared out.")
]
WeightsRoot = Annotated[
    Path | None,
    typer.Option(
        callback=beforehand.input_path,
        help="Folder that the recipe's weights are relative to; else the data's.",
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Threads that decode; else one a core, up to 8.")]
