"""`evocative datasets`: the list, a card, and both as JSON."""

import json

import pytest
import typer
from typer.testing import CliRunner

from evocative.cli.datasets import WIDTH, datasets
from evocative.datasets import DATASETS
from evocative.errors import DataError


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(datasets)
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, DataError):
        raise result.exception
    assert result.exit_code == 0
    return result.output


def test_the_list_names_every_data_set() -> None:
    first_words = [line.split()[0] for line in run().splitlines() if line]
    assert first_words[: len(DATASETS)] == list(DATASETS)


@pytest.mark.parametrize("name", DATASETS)
def test_a_card_fits_the_screen_and_says_the_counts_and_traps(name: str) -> None:
    text = run(name)
    assert max(map(len, text.splitlines())) <= WIDTH
    flat = " ".join(text.split())
    for part in (DATASETS[name].title, DATASETS[name].licence, *DATASETS[name].traps):
        assert " ".join(part.split()) in flat
    for count in DATASETS[name].expected.values():
        assert f"{count:,}" in flat


def test_json_has_an_object_a_line() -> None:
    assert [json.loads(line)["name"] for line in run("--json").splitlines()] == list(DATASETS)
    assert json.loads(run("oasis", "--json"))["expected"] == {"images": 900}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(DataError, match="unknown data set 'emoset'"):
        run("emoset")
