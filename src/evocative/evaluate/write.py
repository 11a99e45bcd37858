"""Write a report: report.json and its pictures, in a folder."""

from dataclasses import replace
from pathlib import Path

from evocative.evaluate.centers import Centers
from evocative.evaluate.pictures import PICTURES, Drawn, Scene
from evocative.evaluate.report import FILE, Picture, Report, write_json
from evocative.evaluate.rows import Rows
from evocative.evaluate.suite import checked
from evocative.inference.predictions import Predictions
from evocative.outputs import make_folder, remove
from evocative.plots.style import save


def write_report(
    report: Report, predictions: Predictions, folder: str | Path, *, centers: Centers | None = None
) -> Report:
    """Draw a report's pictures and write both into a folder; an older report there is replaced.

    Args:
        report: What was measured on the predictions.
        predictions: With the labels and targets that were measured against.
        folder: Made if it is not there.
        centers: Class centres that the model learned; without them the means of the classes are drawn.

    Returns:
        The report as it was written: with its pictures, and why others could not be drawn.

    Raises:
        DataError: The folder cannot be written to.
    """
    folder = Path(folder)
    make_folder(folder)
    scene = Scene(report, Rows.of(checked(predictions)), centers, report.provenance.seed)
    pictures, absent = [], dict(report.absent)
    for name, draw in PICTURES.items():
        path = folder / f"{name}.png"
        found = draw(scene)
        if isinstance(found, Drawn):
            save(found.figure, path)
            pictures.append(Picture(path.name, found.title, found.caption))
            continue
        remove(path)  # of an older report
        if found is not None:
            absent[path.name] = found
    written = replace(report, pictures=tuple(pictures), absent=absent)
    write_json(written, folder / FILE)
    return written
