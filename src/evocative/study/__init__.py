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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
