import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from evocative.taxonomy.dimensions import SPACES
from evocative.taxonomy.labels import TAXONOMIES


def test_the_room_costs_no_torch() -> None:
    program = (
        "import sys; import evocative.taxonomy.wheel, evocative.taxonomy.mapping; "
        "import evocative.taxonomy.dimensions; "
        "sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "module", ["labels", "recognise", "spelling", "colors", "wheel", "dimensions", "mapping"]
)
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(import_module(f"evocative.taxonomy.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_page_names_every_taxonomy_and_space() -> None:
    page = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    assert [name for name in (*TAXONOMIES, *SPACES) if f"`{name}`" not in page] == []
