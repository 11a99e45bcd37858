"""Arms × folds × seeds of one recipe: run what is missing, and compare what there is.

study = load_study("arms.toml")
ran = run_study(study, Places(data_root=Path("data")), Path("studies/arms"))

settings.py  a study: arms, folds, seeds, and how each arm is tuned
load.py      TOML -> Study, with all mistakes at once
jobs.py      one run each, in a folder of its own; the choice of candidates
check.py     what can be known to be wrong before any work
work.py      one job, and its log
crew.py      the processes that do jobs
run.py       what is missing, in the right order
measured.py  what a comparison needs of a finished run
report.py    all arms compared: tables and pictures
progress.py  what is told meanwhile
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.study.load import load_study as load_study
    from evocative.study.report import report_study as report_study
    from evocative.study.run import run_study as run_study
    from evocative.study.settings import Arm as Arm
    from evocative.study.settings import Selection as Selection
    from evocative.study.settings import Study as Study
    from evocative.study.work import Places as Places

_EXPORTS = {
    "Arm": "settings",
    "Places": "work",
    "Selection": "settings",
    "Study": "settings",
    "load_study": "load",
    "report_study": "report",
    "run_study": "run",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
