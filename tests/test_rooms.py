"""Each room's door: what its stub lists is there, and no name is hidden by a module of the same name."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import evocative

ROOT = Path(evocative.__file__).parent
DOORS = sorted(ROOT.rglob("__init__.pyi"))


def exports(stub: Path) -> dict[str, str]:
    """Return names and the modules, relative to the room, that they come from."""
    found: dict[str, str] = {}
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 1
            assert node.module is not None
            found |= {alias.asname or alias.name: node.module for alias in node.names}
    return found


@pytest.mark.parametrize("stub", DOORS, ids=lambda stub: stub.parent.name)
def test_every_name_comes_from_the_module_that_the_stub_names(stub: Path) -> None:
    package = ".".join(("evocative", *stub.parent.relative_to(ROOT).parts))
    room, listed = import_module(package), exports(stub)
    assert sorted(listed) == sorted(room.__all__)
    for name, module in listed.items():
        assert name in dir(room)
        assert getattr(room, name) is getattr(import_module(f"{package}.{module}"), name)
    with pytest.raises(AttributeError, match="lode"):
        room.lode  # noqa: B018


@pytest.mark.parametrize("stub", DOORS, ids=lambda stub: stub.parent.name)
def test_no_name_is_that_of_a_module_beside_it(stub: Path) -> None:
    """An imported submodule takes its name in the package: a function of that name would be gone."""
    modules = {path.stem for path in stub.parent.glob("*.py")}
    assert not modules & exports(stub).keys()


def test_every_room_with_a_door_has_a_stub() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py") if "lazy_loader" in path.read_text()}
    assert rooms == {stub.parent.name for stub in DOORS} - {"evocative"}
    assert len(rooms) > 10
