"""What this room exports, and from where; `__init__.py` reads it."""

from .alignment import Aligned as Aligned
from .alignment import align as align
from .compare import Comparison as Comparison
from .compare import compare_runs as compare_runs
from .dimension_suite import AxisReport as AxisReport
from .dimension_suite import measure_dimensions as measure_dimensions
from .gaze import evaluate_gaze as evaluate_gaze
from .gaze_report import GazeReport as GazeReport
from .gaze_report import GazeSettings as GazeSettings
from .gaze_report import write_gaze as write_gaze
from .rated import Rated as Rated
from .repeats import Differences as Differences
from .repeats import Repeats as Repeats
from .repeats import compare_repeats as compare_repeats
from .report import Figure as Figure
from .report import Report as Report
from .report import read_report as read_report
from .representations import Representations as Representations
from .representations import compare_representations as compare_representations
from .results import write_results as write_results
from .runs import Run as Run
from .suite import evaluate as evaluate
from .write import write_report as write_report
