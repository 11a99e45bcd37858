"""Files that are either written whole or not at all: see `evocative.outputs`, which every room may use."""

from evocative.outputs import FULL, make_folder, replacing, told

__all__ = ["FULL", "make_folder", "replacing", "told"]
