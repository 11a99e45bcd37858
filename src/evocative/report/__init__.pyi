"""What this room exports, and from where; `__init__.py` reads it."""

from .atlas import write_atlas_page as write_atlas_page
from .curation import write_findings_page as write_findings_page
from .explained import write_explained_page as write_explained_page
from .html import render as render
from .html import write_page as write_page
from .pictures_compared import write_compared_page as write_compared_page
