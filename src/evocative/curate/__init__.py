"""From a pile of images to a data set one can trust: checks say what they find, nothing is deleted or moved.

findings.py    Finding, Findings: what checks say, and the table without what should go      (no torch)
corrupt.py     unreadable files, one colour, absurd sizes; placeholders.py: tiles             (no torch)
leaks.py       copies and groups across a split; splits that have none                        (no torch)
balance.py     rows left out or weighted until labels have stated shares                      (no torch)
text.py        images that show text: find_text, text_table, by ocr.py (reads) or a trained network (torch)
labels.py      labels that out-of-fold answers contradict: confident_learning.py, out_of_fold.py    (torch)
windows.py     the parts of an image that are worth another look                              (no torch)
looks.py       what a detector says of an image, and what counts as one                      (no torch)
label_text.py  valence, arousal, dominance and a label from an image's texts, by word norms      (no torch)
check_list.py  what of it a person should look at, and what becomes of the verdicts           (no torch)
duplicates.py  one picture more than once, and labels that contradict each other              (no torch)
fingerprint.py a kilobyte of an image, to find it again
hamming.py     an index over 64-bit hashes; alignment.py confirms, clusters.py joins; similar.py: by features
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.curate.balance import undersample as undersample
    from evocative.curate.balance import weighted as weighted
    from evocative.curate.check_list import apply_check_list as apply_check_list
    from evocative.curate.check_list import write_check_list as write_check_list
    from evocative.curate.corrupt import CorruptSettings as CorruptSettings
    from evocative.curate.corrupt import find_corrupt as find_corrupt
    from evocative.curate.duplicates import find_duplicates as find_duplicates
    from evocative.curate.findings import Finding as Finding
    from evocative.curate.findings import Findings as Findings
    from evocative.curate.findings import cleaned as cleaned
    from evocative.curate.findings import collect as collect
    from evocative.curate.findings import merge as merge
    from evocative.curate.findings import read_findings as read_findings
    from evocative.curate.findings import write_findings as write_findings
    from evocative.curate.label_text import Doubts as Doubts
    from evocative.curate.label_text import label_comments as label_comments
    from evocative.curate.label_text import label_text as label_text
    from evocative.curate.labels import find_labels as find_labels
    from evocative.curate.labels import predict_out_of_fold as predict_out_of_fold
    from evocative.curate.leaks import find_leaks as find_leaks
    from evocative.curate.leaks import folds_safely as folds_safely
    from evocative.curate.leaks import split_safely as split_safely
    from evocative.curate.ocr import OcrDetector as OcrDetector
    from evocative.curate.ocr import OcrSettings as OcrSettings
    from evocative.curate.text import ClassifierDetector as ClassifierDetector
    from evocative.curate.text import find_text as find_text
    from evocative.curate.text import text_table as text_table

_EXPORTS = {
    "Finding": "findings",
    "Findings": "findings",
    "cleaned": "findings",
    "collect": "findings",
    "merge": "findings",
    "read_findings": "findings",
    "write_findings": "findings",
    "CorruptSettings": "corrupt",
    "find_corrupt": "corrupt",
    "find_leaks": "leaks",
    "folds_safely": "leaks",
    "split_safely": "leaks",
    "undersample": "balance",
    "weighted": "balance",
    "ClassifierDetector": "text",
    "OcrDetector": "ocr",
    "OcrSettings": "ocr",
    "find_labels": "labels",
    "find_duplicates": "duplicates",
    "find_text": "text",
    "predict_out_of_fold": "labels",
    "text_table": "text",
    "Doubts": "label_text",
    "label_comments": "label_text",
    "label_text": "label_text",
    "apply_check_list": "check_list",
    "write_check_list": "check_list",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
