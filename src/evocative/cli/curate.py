"""`evocative curate`: checks of a data set's images, and what follows from them; no image is changed."""

import typer

from evocative.cli.curate_corrupt import corrupt
from evocative.cli.curate_duplicates import duplicates
from evocative.cli.curate_labels import labels
from evocative.cli.curate_page import page
from evocative.cli.curate_tables import balance, clean, leaks, split
from evocative.cli.curate_text import text
from evocative.cli.inputs import protected
from evocative.cli.loudness import heard

app = typer.Typer(
    name="curate",
    help="Find what is wrong with a data set's images, and write tables one can trust.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def about() -> None:
    """Find what is wrong with a data set's images, and write tables one can trust; no file is changed."""


for verb in (corrupt, duplicates, text, labels, leaks, page, clean, balance, split):
    app.command()(heard(protected(verb)))
