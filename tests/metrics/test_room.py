"""The room costs no torch, its table of contents is true, and the examples in it run."""

import doctest
import subprocess
import sys
from importlib import import_module

import pytest

from evocative import metrics

MODULES = [
    "calibration",
    "ceiling",
    "checks",
    "classification",
    "clustering",
    "dimensional",
    "intervals",
    "many_tests",
    "map_values",
    "pairwise",
    "saliency",
    "saliency_auc",
    "saliency_emd",
    "sentiment",
    "uncertainty",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    module = import_module(f"evocative.metrics.{name}")
    assert f"    {name} " in str(metrics.__doc__)
    assert doctest.testmod(module).failed == 0


def test_importing_everything_costs_no_torch() -> None:
    code = (
        "import sys, evocative.metrics as m; [getattr(m, name) for name in m.__all__]; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
