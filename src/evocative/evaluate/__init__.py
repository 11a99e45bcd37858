"""From predictions to a Report: every figure with the rows it rests on and its interval, and pictures.

report = evaluate(align(read_predictions("predictions.parquet"), read_table("table.csv")))

suite.py      evaluate: every figure that predictions allow
parts.py      what is measured: labels, calibration, clusters, cross-sentiment, dimensions
rows.py       the arrays that figures are made of, and how intervals are drawn
resampled.py  figures of many draws, made quick
rated.py      predictions of dimensions beside ratings, pooled over folds
dimension_suite.py  dimensions in depth: ceiling, predicted SDs, residuals, what errors go with
representations.py  one label, a distribution, VA, VAD and both heads in each other's terms
alignment.py  predictions and a labelled table together, of other taxonomies too
report.py     Report: its fields, reading and writing (docs/report.md)
pictures.py   what a report shows
compare.py    arms over folds and seeds with one of them, every difference with its interval
runs.py       what a comparison needs of each run, and its images
pooled.py     figures of images pooled over folds, and their draws
paired.py     intervals of paired differences of runs
repeats.py    repeats of one recipe against another's, or against what was printed: Welch, bootstrap, McNemar
figures.py    every figure of a report by one name
sources.py    what a command line names as runs
difference_tables.py  repeats and their differences as text, Markdown, CSV and JSON
results.py    a comparison on disk: JSON, CSV, and tables for people
embeddings.py the embeddings of several models side by side, other images laid over them
gallery.py    pictures for papers: maps, centres, ROC curves, artworks, samples, augmentation
gaze.py       maps held against where people looked, beside priors and the human ceiling
gaze_report.py      its figures, as JSON, CSV and Markdown
model_maps.py       models, and folders of maps, as makers of maps
fixation_maps.py    fixations blurred, centre priors, spectral residual: maps that know no emotion
itti_koch.py        another: centre and surround in light, colour and direction
observers.py        the human ceiling: viewers held against viewers
map_differences.py  whether maps differ between emotions at all
deletion.py         deletion and insertion: whether the answer rests where the map says
explained.py        all that can be said of why one picture is answered so, for a page
write.py      report and pictures into a folder
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.evaluate.alignment import Aligned as Aligned
    from evocative.evaluate.alignment import align as align
    from evocative.evaluate.compare import Comparison as Comparison
    from evocative.evaluate.compare import compare_runs as compare_runs
    from evocative.evaluate.dimension_suite import AxisReport as AxisReport
    from evocative.evaluate.dimension_suite import measure_dimensions as measure_dimensions
    from evocative.evaluate.gaze import evaluate_gaze as evaluate_gaze
    from evocative.evaluate.gaze_report import GazeReport as GazeReport
    from evocative.evaluate.gaze_report import GazeSettings as GazeSettings
    from evocative.evaluate.gaze_report import write_gaze as write_gaze
    from evocative.evaluate.rated import Rated as Rated
    from evocative.evaluate.repeats import Differences as Differences
    from evocative.evaluate.repeats import Repeats as Repeats
    from evocative.evaluate.repeats import compare_repeats as compare_repeats
    from evocative.evaluate.report import Figure as Figure
    from evocative.evaluate.report import Report as Report
    from evocative.evaluate.report import read_report as read_report
    from evocative.evaluate.representations import Representations as Representations
    from evocative.evaluate.representations import compare_representations as compare_representations
    from evocative.evaluate.results import write_results as write_results
    from evocative.evaluate.runs import Run as Run
    from evocative.evaluate.suite import evaluate as evaluate
    from evocative.evaluate.write import write_report as write_report

_EXPORTS = {
    "Aligned": "alignment",
    "AxisReport": "dimension_suite",
    "Comparison": "compare",
    "Differences": "repeats",
    "Figure": "report",
    "Rated": "rated",
    "Repeats": "repeats",
    "GazeReport": "gaze_report",
    "GazeSettings": "gaze_report",
    "Report": "report",
    "Representations": "representations",
    "Run": "runs",
    "align": "alignment",
    "compare_repeats": "repeats",
    "compare_representations": "representations",
    "compare_runs": "compare",
    "evaluate": "suite",
    "evaluate_gaze": "gaze",
    "measure_dimensions": "dimension_suite",
    "read_report": "report",
    "write_gaze": "gaze_report",
    "write_report": "write",
    "write_results": "results",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
