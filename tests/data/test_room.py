"""The room's table of contents is true, the examples in it run, and its page says what the code does."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from evocative import data
from evocative.data.columns import AXES, SD_COLUMNS, SPLITS, TEXT_COLUMNS, VOTES
from evocative.data.table import read_table
from evocative.errors import DataError

PAGE = Path(__file__).parents[2] / "docs" / "table.md"
MODULES = sorted(path.stem for path in Path(str(data.__file__)).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert re.search(rf"^{name}\.py ", str(data.__doc__), re.MULTILINE)
    assert doctest.testmod(import_module(f"evocative.data.{name}")).failed == 0


def test_the_page_names_every_column() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (*TEXT_COLUMNS, *AXES, *SD_COLUMNS, *SPLITS, f"{VOTES}<label>"):
        assert f"`{name}`" in page


def test_the_page_s_table_is_one_and_its_mistakes_are_told_as_it_says(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = [body for kind, body in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.M) if not kind]
    file = tmp_path / "walks.csv"
    file.write_text(blocks[0], encoding="utf-8")
    table = read_table(file)
    assert table.frame["path"].iloc[2] == "street, night.jpg"
    assert table.root == tmp_path / "photos"
    wrong = (
        blocks[0]
        .replace("2.jpg,contentment,,,train", "2.jpg,contentmnt,,,test")
        .replace(",test,street", ",val,street")
    )
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_table(file)
    assert str(caught.value).replace(str(file), "walks.csv") == blocks[1].strip()
