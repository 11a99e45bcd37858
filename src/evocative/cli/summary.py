"""A report's main figures as an aligned table for people; a pipe gets it whole."""

import sys
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evocative.evaluate.figures import words
from evocative.evaluate.report import Classification, Figure, Report
from evocative.report.html import title

WIDEST = 200


def print_summary(report: Report) -> None:
    """Print to stdout what was measured on what, a line a figure, and what could not be measured."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDEST)
    console.print(Text(title(report), style="bold"))
    console.print(Text(_counted(report)))
    level = f"{report.intervals.level:.0%} interval" if report.intervals.resamples else "no interval"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, side in (("figure", "left"), ("value", "right"), (level, "left"), ("n", "right")):
        table.add_column(name, no_wrap=True, justify="right" if side == "right" else "left")
    for name, figure in main_figures(report):
        table.add_row(name, *_cells(figure))
    console.print(table)
    if report.provenance.answered_in and report.cross_sentiment:
        told = f"cross-sentiment is measured as the model answers, in {report.provenance.answered_in}"
        console.print(Text(told, style="dim"))
    for name, reason in report.absent.items():
        console.print(Text(f"no {name.replace('_', '-')}: {reason}", style="dim"))


def main_figures(report: Report) -> Iterator[tuple[str, Figure]]:
    """Yield the figures that a summary shows, with their names."""
    if report.classification:
        labels = report.classification
        yield "accuracy", labels.accuracy
        for name in ("macro_precision", "macro_recall", "macro_f1", "macro_roc_auc"):
            yield words(name) + _averaged(labels, name), getattr(labels, name)
    for one in report.cross_sentiment:
        yield "cross-sentiment" + (f", θ = {one.theta:g}" if one.theta else ""), one.rate
    if report.clustering:
        found = report.clustering
        yield from (("ARI", found.ari), ("NMI", found.nmi), ("ASR", found.asr))
    if report.calibration:
        yield "ECE", report.calibration.ece
    for dimension in report.dimensions:
        yield f"{dimension.name} r", dimension.pearson_r
        yield f"{dimension.name} CCC", dimension.ccc
        yield f"{dimension.name} MAE", dimension.mae


def _averaged(labels: Classification, figure: str) -> str:
    """Say of how many labels a macro figure is the mean, where that is not all."""
    every, n = len(labels.classes), labels.averaged.get(figure, len(labels.classes))
    return "" if n == every else f", {n} of {every} labels"


def _cells(figure: Figure) -> tuple[str, str, str]:
    value, _, interval = str(figure).partition(" ")
    return value, interval, f"{figure.n:,}"


def _counted(report: Report) -> str:
    counts = report.counts
    parts = [f"{counts.rows:,} images"]
    parts += [f"{counts.errors:,} failed"] if counts.errors else []
    parts += [f"{counts.labelled:,} with a label"] if counts.labelled else []
    parts += [f"{counts.unlabelled:,} without a label"] if counts.unlabelled and counts.labelled else []
    parts += [f"{counts.unreachable:,} with a label that no answer leads to"] if counts.unreachable else []
    parts += [f"{counts.rated:,} with valence, arousal or dominance"] if counts.rated else []
    parts += [f"{counts.left_out:,} predictions of other images left out"] if counts.left_out else []
    return ", ".join(parts)
