"""What is written takes no input's place, nor that of anything but a plain file."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from evocative.errors import DataError
from evocative.outputs import (
    appending,
    destination,
    folder_destination,
    keeping,
    noticed,
    remove,
    replacing,
)


def put(path: Path, text: str = "new") -> None:
    with replacing(path) as unfinished:
        unfinished.write_text(text)


def test_a_link_s_target_is_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far, near = tmp_path / "far" / "end.csv", tmp_path / "link.csv"
    far.write_text("old")
    (tmp_path / "middle.csv").symlink_to("far/end.csv")
    near.symlink_to("middle.csv")
    put(near)
    assert (far.read_text(), near.is_symlink(), (tmp_path / "middle.csv").is_symlink()) == ("new", True, True)
    far.unlink()
    put(near, "again")  # a link to what is not there yet
    assert far.read_text() == "again"
    assert [path.name for path in far.parent.iterdir()] == ["end.csv"]
    near.unlink()
    near.symlink_to(near)
    with pytest.raises(DataError, match=r"cannot be written .Too many levels"):
        put(near)


def test_a_full_device_stays_one_and_says_so(tmp_path: Path) -> None:
    before = Path("/dev/full").stat()
    with pytest.raises(DataError, match=r"/dev/full: cannot be written .No space left on device.; make room"):
        put(Path("/dev/full"))
    put(Path("/dev/null"))
    (tmp_path / "void.csv").symlink_to("/dev/null")
    put(tmp_path / "void.csv")
    assert (tmp_path / "void.csv").is_symlink()
    after = Path("/dev/full").stat()
    assert stat.S_ISCHR(after.st_mode)
    assert before.st_ino == after.st_ino
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_is_passed_the_bytes_and_nothing_of_what_broke(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with pytest.raises(ZeroDivisionError), replacing(pipe) as unfinished:
        unfinished.write_text(f"half {1 // 0}")
    put(pipe)
    reader.join(5)
    assert got == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_stdout_is_written_to_where_it_stands(tmp_path: Path, name: str) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("a system without /proc")
    code = (
        "import sys; from pathlib import Path; from evocative.outputs import replacing\n"
        "print('first')\n"
        f"with replacing(Path('{name}')) as file: file.write_text('second\\n')\n"
        "print('third')"
    )
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    with log.open("a") as file:  # as by >> log.txt
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert log.read_text() == "before\nfirst\nsecond\nthird\n"
    piped = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert piped.stdout == b"first\nsecond\nthird\n"


def test_a_folder_is_refused_and_a_long_name_is_not(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; name a file"):
        put(tmp_path)
    put(tmp_path / ("é" * 120 + ".json"))  # 245 bytes, of the 255 that a name may have
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(DataError, match="cannot be written"):
        put(tmp_path / ("n" * 300))
    with pytest.raises(DataError, match="cannot be written"):
        put(tmp_path / "nul\0")


def test_inputs_stay_under_whatever_name(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_text("light")
    os.link(photo, tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to("photo.jpg")
    (tmp_path / "sub").mkdir()
    spelled = tmp_path / "sub" / ".." / "photo.jpg"
    with keeping([photo, tmp_path / "absent", "hf-hub:org/name", "x\0"]):
        for output in (photo, tmp_path / "hard.csv", tmp_path / "soft.csv", spelled):
            for write in (put, remove, lambda path: appending(path).__enter__()):
                with pytest.raises(DataError, match=r"is an input of this call.*name another file"):
                    write(output)
        put(tmp_path / "answers.csv")
        put(tmp_path / "answers.csv", "twice")  # its own output may be written anew
    assert photo.read_text() == "light"
    put(tmp_path / "soft.csv", "after the call")
    assert photo.read_text() == "after the call"


def test_what_is_read_in_the_middle_of_the_work_stays(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_text("light")
    with keeping([]):
        with pytest.raises(DataError, match="is an input of this call"), replacing(photo):
            noticed(photo.stat())
        assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
        put(tmp_path / "made.png")
        noticed((tmp_path / "made.png").stat())  # read back, and drawn again
        put(tmp_path / "made.png", "better")
    assert photo.read_text() == "light"


def test_a_folder_that_is_an_input_is_not_replaced_as_a_whole(tmp_path: Path) -> None:
    model = tmp_path / "models" / "a"
    model.mkdir(parents=True)
    (tmp_path / "link").symlink_to(model)
    with keeping([model]):
        for folder in (model, tmp_path / "link", tmp_path / "models", model / "..", tmp_path):
            with pytest.raises(DataError, match=r"is an input of this call.*another folder"):
                folder_destination(folder)
        assert folder_destination(tmp_path / "b") == tmp_path / "b"
        assert folder_destination(model / "inside") == model / "inside"
    assert folder_destination(tmp_path / "link") == model


def test_writing_on_follows_links_and_names_what_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("far.txt")
    for text in ("a\n", "b\n"):
        with appending(tmp_path / "log") as file:
            file.write(text)
    assert (tmp_path / "far.txt").read_text() == "a\nb\n"
    assert destination(Path("/dev/null")) is None
    remove(Path("/dev/null"))
    assert Path("/dev/null").exists()
    remove(tmp_path / "far.txt")
    remove(tmp_path / "far.txt")
    assert not (tmp_path / "far.txt").exists()
