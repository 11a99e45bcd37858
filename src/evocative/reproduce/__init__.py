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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
