"""What this room exports, and from where; `__init__.py` reads it."""

from .load import load_study as load_study
from .report import report_study as report_study
from .run import run_study as run_study
from .settings import Arm as Arm
from .settings import Selection as Selection
from .settings import Study as Study
from .work import Places as Places
