"""From a pile of images to a data set one can trust: checks say what they find, nothing is deleted or moved.

findings.py    Finding, Findings: what checks say, and the table without what should go      (no torch)
text.py        images that show text: find_text, text_table, by ocr.py (reads) or a trained network (torch)
looks.py       what a detector said of images, kept by their content
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.curate.findings import Finding as Finding
    from evocative.curate.findings import Findings as Findings
    from evocative.curate.findings import cleaned as cleaned
    from evocative.curate.findings import collect as collect
    from evocative.curate.findings import merge as merge
    from evocative.curate.findings import read_findings as read_findings
    from evocative.curate.findings import write_findings as write_findings
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
    "ClassifierDetector": "text",
    "OcrDetector": "ocr",
    "OcrSettings": "ocr",
    "find_text": "text",
    "text_table": "text",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
