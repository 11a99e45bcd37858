"""What this room exports, and from where; `__init__.py` reads it."""

from .parse import available as available
from .parse import load_table as load_table
from .plan import Wish as Wish
from .published import PublishedTable as PublishedTable
from .render import as_csv as as_csv
from .render import as_markdown as as_markdown
from .render import as_text as as_text
from .run import reproduce as reproduce
