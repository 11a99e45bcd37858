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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
