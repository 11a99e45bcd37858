"""The progress bar: only for people, only on stderr."""

import io
import sys

import pytest

from evocative.cli.progress import watched


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("total", [None, 5])
def test_it_shows_how_far_it_is_on_a_terminal(monkeypatch: pytest.MonkeyPatch, total: int | None) -> None:
    terminal, stdout = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert list(watched(range(5), total=total)) == [0, 1, 2, 3, 4]
    assert f"5/{total or '?'}" in terminal.getvalue()
    assert stdout.getvalue() == ""


def test_it_is_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(watched(range(5), total=5)) == [0, 1, 2, 3, 4]
    assert capsys.readouterr() == ("", "")
