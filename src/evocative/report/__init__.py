"""The only room that writes pages.

html.py      a report's page: one self-contained file, from report.json and its pictures
curation.py  the page of findings, with thumbnails
atlas.py     the page of an atlas: mosaic, curves, the surest pictures
explained.py the page of what answers rest on: maps, textures, style
pictures_compared.py  the page of ways of making pictures, compared
templates/   what the page looks like
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
