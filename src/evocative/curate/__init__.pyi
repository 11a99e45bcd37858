"""What this room exports, and from where; `__init__.py` reads it."""

from .balance import undersample as undersample
from .balance import weighted as weighted
from .check_list import apply_check_list as apply_check_list
from .check_list import write_check_list as write_check_list
from .corrupt import CorruptSettings as CorruptSettings
from .corrupt import find_corrupt as find_corrupt
from .duplicates import find_duplicates as find_duplicates
from .findings import Finding as Finding
from .findings import Findings as Findings
from .findings import cleaned as cleaned
from .findings import collect as collect
from .findings import merge as merge
from .findings import read_findings as read_findings
from .findings import write_findings as write_findings
from .label_text import Doubts as Doubts
from .label_text import label_comments as label_comments
from .labels import find_labels as find_labels
from .labels import predict_out_of_fold as predict_out_of_fold
from .leaks import find_leaks as find_leaks
from .leaks import folds_safely as folds_safely
from .leaks import split_safely as split_safely
from .ocr import OcrDetector as OcrDetector
from .ocr import OcrSettings as OcrSettings
from .text import ClassifierDetector as ClassifierDetector
from .text import find_text as find_text
from .text import text_table as text_table
