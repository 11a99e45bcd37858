"""What the verbs of `evocative curate` share: images in, findings out."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.cli.progress import watched
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.curate.findings import Findings
    from evocative.data.table import Table


def _ending(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before any work is done."""
    if path is not None:
        from evocative.data.storage import checked_suffix

        checked_suffix(path)
    return beforehand.output_file(path)


TableOrFolder = Annotated[
    Path,
    typer.Argument(
        metavar="TABLE|FOLDER",
        callback=beforehand.input_path,
        help="A table (.csv, .parquet), or a folder of images.",
    ),
]
FindingsFile = Annotated[
    Path, typer.Option("--output", "-o", callback=_ending, help="The findings: ends in .csv or .parquet.")
]
TableFile = Annotated[
    Path, typer.Option("--output", "-o", callback=_ending, help="The table: ends in .csv or .parquet.")
]
CleanedFile = Annotated[
    Path | None,
    typer.Option(
        "--cleaned", callback=_ending, help="Also write the table without the rows that a finding would drop."
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(help="Folder that keeps what was computed of each image, so that a run can go on."),
]


def open_images(path: Path, images: Path | None = None) -> "Table":
    """Read a table or a folder of images.

    Unlike elsewhere, groups on both sides of a split are let in: to report them is a check of its own.

    Raises:
        DataError: There is nothing there, or the table has other mistakes.
    """
    from evocative.cli.evaluate import read_data
    from evocative.data.check import find_problems
    from evocative.data.table import read_table

    if not path.exists():
        raise DataError(f"{path}: there is no such table or folder")
    if path.is_dir():
        return read_data(path, images)
    table = read_table(path, root=images, check=False)
    problems = find_problems(table.frame.drop(columns="group", errors="ignore"), taxonomy=table.taxonomy)
    if problems:
        raise DataError(f"{path}: {len(problems)} problems" + "".join(f"\n  - {one}" for one in problems))
    return table


def open_findings(paths: Sequence[Path]) -> "Findings":
    """Read one or more files of findings, joined."""
    from evocative.curate.findings import merge, read_findings

    return merge(*(read_findings(path) for path in paths))


def watch(total: int, noun: str = "images") -> Callable[[Iterable[Any]], Iterable[Any]]:
    """Return what passes items on and shows a progress bar of so many."""
    return lambda items: watched(items, total=total, noun=noun)


def conclude(findings: "Findings", table: "Table", output: Path, cleaned_to: Path | None = None) -> None:
    """Write findings, and the cleaned table where it is asked for, and say what was found.

    Args:
        findings: Of the table.
        table: What was looked at.
        output: The findings' file.
        cleaned_to: The file of the table without what would be dropped.
    """
    from evocative.curate.findings import cleaned, write_findings
    from evocative.data.table import write_table

    write_findings(findings, output)
    typer.echo(summary(findings, len(table)))
    typer.echo(f"wrote {output}: {len(findings):,} findings")
    if cleaned_to is not None:
        kept = cleaned(table, findings)
        write_table(kept, cleaned_to)
        typer.echo(f"wrote {cleaned_to}: {len(kept):,} of {len(table):,} rows")


def summary(findings: "Findings", images: int) -> str:
    """Return a line for each kind: how many findings and images, and what is suggested."""
    frame = findings.frame
    lines = [f"{frame['path'].nunique():,} of {images:,} images have a finding"]
    for kind, count in findings.counts.items():
        actions = frame.loc[frame["kind"] == kind, "action"].value_counts()
        told = ", ".join(f"{action} {rows:,}" for action, rows in actions.items())
        lines.append(f"  {kind:<22}{count:>8,}   {told}")
    return "\n".join(lines)
