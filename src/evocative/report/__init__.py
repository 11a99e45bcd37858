"""The only room that writes pages.

html.py      a report's page: one self-contained file, from report.json and its pictures
curation.py  the page of findings, with thumbnails
atlas.py     the page of an atlas: mosaic, curves, the surest pictures
explained.py the page of what answers rest on: maps, textures, style
pictures_compared.py  the page of ways of making pictures, compared
templates/   what the page looks like
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.report.atlas import write_atlas_page as write_atlas_page
    from evocative.report.curation import write_findings_page as write_findings_page
    from evocative.report.explained import write_explained_page as write_explained_page
    from evocative.report.html import render as render
    from evocative.report.html import write_page as write_page
    from evocative.report.pictures_compared import write_compared_page as write_compared_page

_EXPORTS = {
    "render": "html",
    "write_atlas_page": "atlas",
    "write_compared_page": "pictures_compared",
    "write_explained_page": "explained",
    "write_findings_page": "curation",
    "write_page": "html",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
