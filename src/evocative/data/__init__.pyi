"""What this room exports, and from where; `__init__.py` reads it."""

from .dataset import Batch as Batch
from .dataset import EpochSampler as EpochSampler
from .dataset import Failure as Failure
from .dataset import ImageDataset as ImageDataset
from .dataset import Sample as Sample
from .dataset import collate as collate
from .dataset import loader as loader
from .find import find_images as find_images
from .image import decode as decode
from .splits import folds as folds
from .splits import read_folds as read_folds
from .splits import split as split
from .splits import write_folds as write_folds
from .table import Table as Table
from .table import check_table as check_table
from .table import concatenate as concatenate
from .table import read_table as read_table
from .table import write_table as write_table
from .transforms import evaluation_transform as evaluation_transform
from .transforms import normalize as normalize
from .transforms import training_transform as training_transform
