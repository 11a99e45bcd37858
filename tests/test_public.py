"""The public face: every name is there, and costs nothing until it is used."""

import subprocess
import sys

HEAVY = ("torch", "timm", "pandas", "matplotlib", "sklearn")
PROGRAM = f"""
import sys
import evocative
assert "numpy" not in sys.modules, "import evocative"
from evocative.cli import app
for words in (["--help"], ["predict", "--help"], ["demo", "--help"]):
    try:
        app(words)
    except SystemExit as ended:
        assert ended.code == 0
for name in {HEAVY}:
    assert name not in sys.modules, name
assert evocative.load.__module__ == "evocative.inference.predictor"
assert evocative.Table.__name__ == "Table"
"""


def test_help_and_import_cost_no_torch() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, stdout=subprocess.DEVNULL)
