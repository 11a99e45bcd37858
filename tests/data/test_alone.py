"""A folder is one process's at a time, and is free again when that ends, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evocative.data.alone import alone
from evocative.errors import DataError

HOLD = """
import sys, time
from pathlib import Path
from evocative.data.alone import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(DataError, match="another process is at work here"), alone(folder):
            pass
        with alone(folder, needed=False):
            pass
        first.send_signal(signal.SIGKILL)
    with alone(folder):
        pass


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), alone(tmp_path / "run"):
        raise KeyError
    with alone(tmp_path / "run"):
        pass


def test_where_no_folder_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be made"), alone(tmp_path / "file"):
        pass
