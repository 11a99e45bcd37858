"""`--verbose` and `--quiet`, of every verb and before it; and a library that prints nothing."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from evocative.cli import app
from evocative.cli.progress import watched

Run = Callable[..., "Ended"]  # type: ignore[name-defined]  # noqa: F821 (of conftest)


def test_every_verb_has_both() -> None:
    def each(command: object) -> list[object]:
        below = getattr(command, "commands", {})
        return [command, *(one for inner in below.values() for one in each(inner))]

    commands = [one for one in each(get_command(app)) if getattr(one, "name", None) != "curate"]
    assert len(commands) > 25
    for command in commands:
        options = {word for one in command.params for word in one.opts}  # type: ignore[attr-defined]
        assert {"--verbose", "-v", "--quiet", "-q"} <= options, command


@pytest.mark.parametrize("before", [True, False])
def test_quiet_tells_failures_only(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path, *, before: bool
) -> None:
    words = ["predict", pictures[0], "gone.jpg", "--model", tiny_model, "-o", tmp_path / "a.csv"]
    loud = run(*words)
    ended = run("-q", *words) if before else run(*words, "--quiet")
    assert loud.stderr.splitlines()[0] == f"{tmp_path / 'a.csv'}: 2 images"
    assert ended.stderr == "1 of 2 images could not be answered for; their rows say why\n"
    assert ended.status == loud.status == 1


def test_verbose_tells_what_the_library_does(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    words = ["predict", pictures[0], "--model", tiny_model, "-o", tmp_path / "a.csv", "--resume"]
    ended = run(*words, "-v")
    assert "evocative.inference.predictor: loaded Predictor(model='tiny'" in ended.stderr
    assert "evocative.inference.resume: " in ended.stderr
    assert "evocative.inference" not in run(*words).stderr
    logger = logging.getLogger("evocative")
    assert [type(one) for one in logger.handlers] == [logging.NullHandler]
    assert logger.level == logging.NOTSET


def test_a_log_is_told_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where stderr is no terminal: a line after ten seconds, and one a minute."""
    clock = iter([0.0, *(7.0 * tick for tick in range(1, 31))])  # an image in seven seconds
    monkeypatch.setattr("evocative.cli.progress.time.monotonic", lambda: next(clock))
    assert len(list(watched(range(30), total=30, noun="pictures"))) == 30
    assert capsys.readouterr().err.splitlines() == [
        "2 of 30 pictures, 0.14/s, about 3 min to go",
        "11 of 30 pictures, 0.14/s, about 2 min to go",
        "20 of 30 pictures, 0.14/s, about 1 min to go",
        "29 of 30 pictures, 0.14/s, about 0 min to go",
    ]
    logging.getLogger("evocative").setLevel(logging.ERROR)
    try:
        assert len(list(watched(range(30)))) == 30
    finally:
        logging.getLogger("evocative").setLevel(logging.NOTSET)


def test_the_library_is_silent_by_itself() -> None:
    program = """
import logging, evocative
logger = logging.getLogger("evocative")
assert [type(one) for one in logger.handlers] == [logging.NullHandler], logger.handlers
logging.getLogger("evocative.data").warning("nobody hears this")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
