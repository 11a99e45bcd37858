"""`evocative curate`: checks of a data set's images, and what follows from them; no image is changed."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli.curate_corrupt import corrupt
from evocative.cli.curation import Images, TableFile, TableOrFolder, open_findings, open_images

app = typer.Typer(
    name="curate",
    help="Find what is wrong with a data set's images, and write tables one can trust.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def about() -> None:
    """Find what is wrong with a data set's images, and write tables one can trust; no file is changed."""


def clean(
    source: TableOrFolder,
    *,
    findings: Annotated[list[Path], typer.Option("--findings", "-f", help="A file of findings; repeatable.")],
    output: TableFile,
    images: Images = None,
) -> None:
    """Write the table without the rows whose findings say drop (look through them first)."""
    from evocative.curate.findings import cleaned
    from evocative.data.table import write_table

    table = open_images(source, images)
    kept = cleaned(table, open_findings(findings))
    write_table(kept, output)
    typer.echo(f"wrote {output}: {len(kept):,} of {len(table):,} rows")


for verb in (corrupt, clean):
    app.command()(verb)
