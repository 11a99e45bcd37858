"""`evocative curate page`: findings with thumbnails, to look through."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.curation import TableOrFolder, open_findings, open_images, watch
from evocative.cli.options import Images, Workers


def page(
    source: TableOrFolder,
    *,
    findings: Annotated[list[Path], typer.Option("--findings", "-f", help="Findings; repeatable.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_file, help="The page: ends in .html.")
    ] = Path("findings.html"),
    per_kind: Annotated[int, typer.Option(min=1, help="Findings of each kind shown at most.")] = 120,
    per_cluster: Annotated[int, typer.Option(min=1, help="Findings of each cluster shown at most.")] = 8,
    images: Images = None,
    workers: Workers = None,
) -> None:
    """Write one HTML page of findings with thumbnails, the most certain of each kind first."""
    from evocative.report.curation import write_findings_page

    table = open_images(source, images)
    found = open_findings(findings)
    write_findings_page(
        found, table, output, per_kind=per_kind, per_cluster=per_cluster, workers=workers,
        watch=watch(min(len(found), per_kind * len(found.counts))),
    )  # fmt: skip
    typer.echo(f"wrote {output}: {len(found):,} findings of {found.frame['path'].nunique():,} images")
