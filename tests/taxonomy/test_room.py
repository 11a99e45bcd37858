import doctest
import subprocess
import sys
from importlib import import_module

import pytest

from evocative import taxonomy as room


def test_the_room_gives_what_it_lists() -> None:
    for name in room.__all__:
        assert getattr(room, name) is not None
    assert set(room.__all__) == set(dir(room))
    with pytest.raises(AttributeError, match="nothing"):
        room.nothing  # noqa: B018


def test_the_room_costs_no_torch() -> None:
    program = (
        "import sys; import evocative.taxonomy.wheel, evocative.taxonomy.mapping; "
        "import evocative.taxonomy.dimensions; "
        "sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("module", ["labels", "colors", "wheel", "dimensions", "mapping"])
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(import_module(f"evocative.taxonomy.{module}"))
    assert result.attempted > 0
    assert result.failed == 0
