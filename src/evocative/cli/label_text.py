"""`evocative label-text`: valence, arousal and dominance of images from what was written of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.curation import TableFile
from evocative.cli.options import KeepRoot
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.taxonomy.lexicon import Lexicon


def label_text(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE", callback=beforehand.input_path, help="A table with texts (.csv, .parquet)."
        ),
    ],
    *,
    lexicon: Annotated[
        Path,
        typer.Option(
            callback=beforehand.input_path,
            help="Word norms: the csv of Warriner et al. 2013, or word, valence, arousal, ….",
        ),
    ],
    columns: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="The columns with text, read as one: title,tags.")
    ],
    output: TableFile,
    comments: Annotated[
        str | None,
        typer.Option(help="A column with viewers' comments: they stay apart, as comments_valence and so on."),
    ] = None,
    separator: Annotated[str, typer.Option(help="Between two comments; else each has a line.")] = "\n",
    labels: Annotated[
        str | None, typer.Option(help="Also write the nearest label of a taxonomy, such as mikels8.")
    ] = None,
    only: Annotated[
        Path | None, typer.Option(help="A text file, a word a line: no other word counts.")
    ] = None,
    scale: Annotated[str, typer.Option(help="On which the norms were rated.")] = "1..9",
    prefix: Annotated[
        str, typer.Option(help="Begins the new columns' names, where the table has dimensions already.")
    ] = "",
    check_list: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.output_file,
            help="Also write what a person should look at, the most doubtful rows first.",
        ),
    ] = None,
    checked: Annotated[
        Path | None,
        typer.Option(help="A check list with verdicts: rows with no lose what the text said."),
    ] = None,
    keep_root: KeepRoot = True,
) -> None:
    """Rate images by the words of their titles, tags, descriptions and comments (extra `text`)."""
    from evocative.curate.check_list import apply_check_list, write_check_list
    from evocative.curate.label_text import label_comments
    from evocative.curate.label_text import label_text as label
    from evocative.data.table import read_table, write_table
    from evocative.taxonomy.labels import taxonomy

    texts = [name.strip() for name in columns.split(",") if name.strip()]
    known = None if labels is None else taxonomy(labels)
    norms = _lexicon(lexicon, scale, only)
    found = label(read_table(table), norms, texts, labels=known, prefix=prefix)
    if comments is not None:
        found = label_comments(found, norms, comments, separator=separator, labels=known)
    if checked is not None:
        found = apply_check_list(found, checked, prefix=prefix, label=labels is not None)
    write_table(found, output, keep_root=keep_root)
    if check_list is not None:
        doubtful = write_check_list(found, texts, check_list, prefix=prefix)
        typer.echo(f"wrote {check_list}: {doubtful:,} uncertain rows first, {len(found) - doubtful:,} others")
    typer.echo(_summary(found, norms, prefix))
    typer.echo(f"wrote {output}: {len(found):,} rows")


def _lexicon(path: Path, scale: str, only: Path | None) -> "Lexicon":
    from evocative.taxonomy.lexicon import read_lexicon

    norms = read_lexicon(path, ratings=scale)
    if only is None:
        return norms
    try:
        return norms.only(line.strip() for line in only.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise DataError(f"{only}: cannot be read ({error.strerror}); expected a word a line") from error


def _summary(table: "Table", norms: "Lexicon", prefix: str) -> str:
    """Return how much of the texts was known."""
    frame = table.frame
    rated = int((frame[f"{prefix}known_words"] > 0).sum())
    words, known = (int(frame[f"{prefix}{name}"].sum()) for name in ("words", "known_words"))
    lines = [
        f"{len(norms):,} words with norms",
        f"{rated:,} of {len(table):,} texts have a known word; {known:,} of {words:,} words are known"
        + (f" ({known / words:.0%})" if words else ""),
    ]
    if "comments_n" in frame.columns:
        felt = frame["comments_n"]
        lines.append(f"{int(felt.sum()):,} comments with a known word, of {int((felt > 0).sum()):,} images")
    return "\n".join(lines)
