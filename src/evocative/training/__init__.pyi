"""What this room exports, and from where; `__init__.py` reads it."""

from .launch import Launch as Launch
from .run import Finished as Finished
from .run import check as check
