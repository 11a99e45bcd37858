"""The papers' tables again: what they print beside what their recipes give on the data at hand.

table = load_table("5.6")
done = reproduce(table, Wish(), Places(data_root=Path("data")), Path("reproduced"))
print(as_text(done))

published.py  a table as it was printed: rows, figures, standard deviations, and how each row is trained
parse.py      TOML -> PublishedTable, with all mistakes at once
datasets.py   which data sets lie below the data root, and how complete they are
backbones.py  another network in the place of the published one
quick.py      the quick form: fewer rows, fewer epochs, smaller images
plan.py       what is asked for; rows to recipes, recipes to studies that share what is trained
run.py        train what is missing, predict other data sets
gaze.py       maps of a table's networks against where people looked
measured.py   every figure of a run, kept beside its predictions
result.py     published and own figures side by side, and what validation rows would choose
render.py     text, CSV and Markdown
listing.py    which tables can run on the data found
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.reproduce.parse import available as available
    from evocative.reproduce.parse import load_table as load_table
    from evocative.reproduce.plan import Wish as Wish
    from evocative.reproduce.published import PublishedTable as PublishedTable
    from evocative.reproduce.render import as_csv as as_csv
    from evocative.reproduce.render import as_markdown as as_markdown
    from evocative.reproduce.render import as_text as as_text
    from evocative.reproduce.run import reproduce as reproduce

_EXPORTS = {
    "PublishedTable": "published",
    "Wish": "plan",
    "as_csv": "render",
    "as_markdown": "render",
    "as_text": "render",
    "available": "parse",
    "load_table": "parse",
    "reproduce": "run",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
