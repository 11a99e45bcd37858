"""Files are opened without waiting for anybody, and nothing without an end is read."""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from evocative.data.content import content_digest
from evocative.data.opening import read_start, read_whole
from evocative.errors import DataError


def within(seconds: float, work: Callable[[], object]) -> None:
    """Fail where work waits for somebody, instead of waiting along."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive()


def test_pipes_devices_and_sockets_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "socket", Path("/dev/zero"), Path("/dev/tty")):
            refused: list[str] = []

            def attempt(path: Path = path, refused: list[str] = refused) -> None:
                with pytest.raises(DataError, match="a device or a pipe") as caught:
                    read_whole(path, limit=100)
                refused.append(str(caught.value))

            within(5, attempt)
            assert refused, path
            within(5, lambda path=path: content_digest(path))  # type: ignore[misc]
            assert content_digest(path) is None
            assert read_start(path, 4) == b""


@pytest.mark.skipif(not Path("/proc/version").is_file(), reason="a system without /proc")
@pytest.mark.parametrize("name", ["/proc/kmsg", "/proc/version"])
def test_a_file_that_says_it_is_empty_is_not_read(name: str) -> None:
    def read() -> None:
        with suppress(DataError):  # not everybody may open it
            assert read_whole(Path(name), limit=100) == b""

    within(5, read)


def test_no_more_is_read_than_the_file_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"0123456789")
    assert (read_whole(file, limit=10), read_start(file, 4), read_start(file, 99)) == (
        b"0123456789", b"0123", b"0123456789",
    )  # fmt: skip
    with pytest.raises(DataError, match="10 bytes; raise max_pixels"):
        read_whole(file, limit=9)
    told = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        status = told(descriptor)
        file.write_bytes(b"0123456789 and more by now")
        return status

    monkeypatch.setattr(os, "fstat", grown)
    assert read_whole(file, limit=100) == b"0123456789"
