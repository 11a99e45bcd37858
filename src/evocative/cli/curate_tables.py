"""`evocative curate clean, balance, split, leaks`: from a table and its findings to tables one can trust."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli.curation import (
    FindingsFile,
    TableFile,
    TableOrFolder,
    conclude,
    open_findings,
    open_images,
)
from evocative.cli.options import Images
from evocative.errors import DataError

FindingsFiles = Annotated[list[Path], typer.Option("--findings", "-f", help="Findings; repeatable.")]
Clusters = Annotated[
    list[Path] | None,
    typer.Option("--findings", "-f", help="Findings with clusters of copies; repeatable."),
]


def clean(
    source: TableOrFolder, *, findings: FindingsFiles, output: TableFile, images: Images = None
) -> None:
    """Write the table without the rows whose findings say drop (look through them first)."""
    from evocative.curate.findings import cleaned
    from evocative.data.table import write_table

    table = open_images(source, images)
    kept = cleaned(table, open_findings(findings))
    write_table(kept, output)
    typer.echo(f"wrote {output}: {len(kept):,} of {len(table):,} rows")


def balance(
    source: TableOrFolder,
    *,
    output: TableFile,
    share: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=SHARE", help="Such as awe=0.5; repeatable. Without it, equal shares."),
    ] = None,
    by: Annotated[str, typer.Option(help="Column whose values are balanced.")] = "label",
    split: Annotated[
        list[str] | None,
        typer.Option(help="Balance only this split; repeatable. Without it, each split by itself."),
    ] = None,
    weight: Annotated[
        bool, typer.Option("--weight", help="Leave no row out; write a column of weights instead.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the rows that are left out.")] = 0,
    images: Images = None,
) -> None:
    """Leave rows out, or weight them, until the labels have equal or stated shares."""
    from evocative.curate.balance import undersample, weighted
    from evocative.data.table import write_table

    table = open_images(source, images)
    shares = None if share is None else _shares(share)
    if weight:
        found = weighted(table, shares=shares, by=by, splits=split)
    else:
        found = undersample(table, shares=shares, by=by, splits=split, seed=seed)
    write_table(found, output)
    counts = found.frame[by].value_counts()
    typer.echo("\n".join(f"  {name:<22}{rows:>8,}" for name, rows in counts.items()))
    typer.echo(f"wrote {output}: {len(found):,} of {len(table):,} rows")


def split(
    source: TableOrFolder,
    *,
    output: TableFile,
    findings: Clusters = None,
    shares: Annotated[
        str, typer.Option(metavar="TRAIN/VALIDATION/TEST", help="Shares that add up to 100.")
    ] = "80/5/15",
    folds: Annotated[
        int | None, typer.Option(min=2, help="Write so many folds (columns path, fold) instead.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another split.")] = 0,
    images: Images = None,
) -> None:
    """Split a table, stratified by label; groups and copies are never on both sides."""
    from evocative.cli.prepare import shares as read_shares
    from evocative.curate.leaks import folds_safely, split_safely
    from evocative.data.splits import write_folds
    from evocative.data.table import write_table

    table = open_images(source, images)
    copies = open_findings(findings) if findings else None
    if folds is not None:
        write_folds(output, table, folds_safely(table, copies, k=folds, seed=seed))
        typer.echo(f"wrote {output}: {len(table):,} rows in {folds} folds")
        return
    found = split_safely(table, copies, fractions=read_shares(shares), seed=seed)
    write_table(found, output)
    typer.echo(f"wrote {output}: " + ", ".join(f"{name} {rows:,}" for name, rows in found.splits.items()))


def leaks(
    source: TableOrFolder,
    *,
    output: FindingsFile,
    findings: Clusters = None,
    cleaned: Annotated[
        Path | None,
        typer.Option(help="Also write the table without training rows that have a copy in another split."),
    ] = None,
    images: Images = None,
) -> None:
    """Report copies and groups on both sides of the split that a table has.

    Exit status: 0 the split is sound, 1 it leaks, 2 nothing could be done as it was asked for.
    """
    from evocative.curate.leaks import crossings, find_leaks

    table = open_images(source, images)
    found = find_leaks(table, open_findings(findings) if findings else None)
    conclude(found, table, output, cleaned)
    for where, count in crossings(table, found).items():
        typer.echo(f"  {where}: {count:,} clusters or groups")
    if len(found):
        raise typer.Exit(1)


def _shares(pairs: list[str]) -> dict[str, float]:
    """Read LABEL=SHARE pairs."""
    read = {}
    for pair in pairs:
        name, _, share = pair.rpartition("=")
        try:
            read[name] = float(share)
        except ValueError:
            name = ""
        if not name:
            raise DataError(f"--share {pair}: expected LABEL=SHARE, such as awe=0.5")
    return read
