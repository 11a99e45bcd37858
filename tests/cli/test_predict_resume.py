"""`evocative predict --resume`, and how the command ends: killed anywhere, it comes to the same bytes."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.full_disk import full_at
from tests.oracle import BATCH, IMAGES, MODULE, oracle_as_model

Run = Callable[..., "Ended"]  # type: ignore[name-defined]  # noqa: F821 (of conftest)
FORMATS = ("csv", "json", "parquet")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def ask(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run `evocative predict -` over names; return how it ended and how many images were looked at."""

    def asked(output: Path, *words: object, names: list[str], **settings: Any) -> Any:
        module, oracle = oracle_as_model(**settings)
        monkeypatch.setitem(sys.modules, MODULE, module)
        stdin = "\n".join(names).encode()
        ended = run("predict", "-", "-o", output, "--batch-size", BATCH, *words, stdin=stdin)
        return SimpleNamespace(status=ended.status, stderr=ended.stderr, looked=oracle.asked)

    return asked


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    """Files that nobody decodes, two of them with an answer that is an error."""
    found = [tmp_path / "in" / f"{place:02d}{'-broken' * (place % 11 == 5)}.jpg" for place in range(IMAGES)]
    found[0].parent.mkdir()
    for path in found:
        path.write_text(path.name)
    return [str(path) for path in found]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_interrupted_anywhere_it_ends_at_the_same_bytes(
    ask: Callable[..., Any], names: list[str], tmp_path: Path, format: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / f"answers.{format}"
    assert ask(output, names=names).status == 1  # two images failed
    unbroken = output.read_bytes()
    assert ask(output, "--resume", names=names).looked == IMAGES
    assert output.read_bytes() == unbroken
    for stop in (1, 4, IMAGES - 1):
        output.unlink()
        ended = ask(output, "--resume", names=names, stop=stop)
        kept = stop // BATCH * BATCH
        assert ended.status == 130
        assert (f"{kept} answers are kept" in ended.stderr) == bool(kept)
        assert left(folder) == ([f".{output.name}.resume"] if kept else [])
        assert ask(output, "--resume", names=names).looked == IMAGES - kept
        assert output.read_bytes() == unbroken
        assert left(folder) == [output.name]


def test_a_journal_cut_anywhere_costs_its_last_batch(
    ask: Callable[..., Any], names: list[str], tmp_path: Path
) -> None:
    output, journal = tmp_path / "answers.csv", tmp_path / ".answers.csv.resume"
    ask(output, names=names)
    unbroken = output.read_bytes()
    ask(output, "--resume", names=names, stop=10)
    whole = journal.read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    assert len(ends) == 3  # the settings and two batches
    for cut in [0, 1, *range(7, len(whole), 900), *ends, *(end - 1 for end in ends)]:
        journal.write_bytes(whole[:cut])
        batches = sum(end <= cut for end in ends[1:])
        assert ask(output, "--resume", names=names).looked == IMAGES - BATCH * batches
        assert output.read_bytes() == unbroken
    damaged = bytearray(whole)
    damaged[ends[0] + 30] ^= 1
    journal.write_bytes(damaged)
    assert ask(output, "--resume", names=names).looked == IMAGES
    assert output.read_bytes() == unbroken


def test_a_list_that_has_grown_is_answered_as_a_whole(
    ask: Callable[..., Any], names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A last batch that was not full would be another one in an unbroken run over the longer list."""
    from evocative.inference.resume import Kept

    output = tmp_path / "answers.json"
    monkeypatch.setattr(Kept, "finish", lambda kept: None)  # killed just before
    assert ask(output, "--resume", names=names[:10]).looked == 10
    assert ask(output, "--resume", names=names).looked == IMAGES - 8
    resumed = output.read_bytes()
    assert ask(output, names=names).looked == IMAGES
    assert output.read_bytes() == resumed


@pytest.mark.parametrize(("words", "settings", "message"), [
    (["--batch-size", 5], {}, "the batch size was 4 and is 5"),
    (["--flip"], {}, "--flip was false and is true"),
    (["--format", "parquet"], {}, "embeddings in the file was false and is true"),
    ([], {"weights": "sha256:11"}, "the model's weights was sha256:00 and is sha256:11"),
    ([], {"size": 48}, "the preprocessing was"),
])  # fmt: skip
def test_another_run_is_not_mixed_in(
    ask: Callable[..., Any], names: list[str], tmp_path: Path, *,
    words: list[object], settings: dict[str, Any], message: str,
) -> None:  # fmt: skip
    output, journal = tmp_path / "answers.csv", tmp_path / ".answers.csv.resume"
    ask(output, "--resume", names=names, stop=9)
    kept = journal.read_bytes()
    ended = ask(output, "--resume", *words, names=names, **settings)
    assert (ended.status, ended.looked) == (2, 0)
    assert message in ended.stderr
    assert f"remove {journal} to begin anew" in ended.stderr
    assert "answers are kept" not in ended.stderr
    assert journal.read_bytes() == kept
    assert not output.exists()


def test_another_list_is_not_mixed_in(ask: Callable[..., Any], names: list[str], tmp_path: Path) -> None:
    output = tmp_path / "answers.csv"
    ask(output, "--resume", names=names, stop=9)
    swapped = [names[1], names[0], *names[2:]]
    assert (
        f"image 1 of the list was {names[0]} and is {names[1]}"
        in ask(output, "--resume", names=swapped).stderr
    )
    assert "the list of images ends after 3" in ask(output, "--resume", names=names[:3]).stderr
    Path(names[2]).write_text("another picture")
    assert f"{names[2]} was changed" in ask(output, "--resume", names=names).stderr
    Path(names[2]).unlink()
    assert f"{names[2]} was changed" in ask(output, "--resume", names=names).stderr


def test_a_second_one_is_refused(ask: Callable[..., Any], names: list[str], tmp_path: Path) -> None:
    from evocative.inference.resume import resuming

    output = tmp_path / "answers.csv"
    with resuming(output):
        ended = ask(output, "--resume", names=names)
        assert (ended.status, ended.looked) == (2, 0)
        assert "another process is writing it" in ended.stderr
        assert ask(tmp_path / "others.csv", "--resume", names=names).status == 1
    assert ask(output, "--resume", names=names).status == 1


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_costs_nothing_that_is_finished(
    ask: Callable[..., Any], names: list[str], tmp_path: Path, format: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / f"answers.{format}"
    ask(output, names=names)
    unbroken = output.read_bytes()
    output.write_bytes(b"older")
    with full_at(len(unbroken) // 2):
        ended = ask(output, names=names)
    assert ended.status == 2
    assert "make room" in ended.stderr
    assert (left(folder), output.read_bytes()) == ([output.name], b"older")
    journal = folder / f".{output.name}.resume"
    ask(output, "--resume", names=names, stop=9)
    with full_at(journal.stat().st_size + 10):
        ended = ask(output, "--resume", names=names)
    assert ended.status == 2
    assert "File too large" in ended.stderr
    assert "8 answers are kept" in ended.stderr
    assert (left(folder), output.read_bytes()) == ([journal.name, output.name], b"older")
    assert ask(output, "--resume", names=names).looked == IMAGES - 8
    assert output.read_bytes() == unbroken


@pytest.mark.parametrize(("words", "message"), [
    (["--format", "json", "--resume"], "--resume goes on with a file"),
    (["-o", "a.csv", "--resume", "--maps", "maps"], "keeps no progress"),
])  # fmt: skip
def test_what_cannot_be_resumed_is_refused(run: Run, tmp_path: Path, words: list[str], message: str) -> None:
    ended = run("predict", "-", *words, stdin=b"a.jpg\n")
    assert ended.status == 2
    assert message in ended.stderr


PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.oracle import MODULE, oracle_as_model
sys.modules[MODULE] = oracle_as_model(seconds=0.03)[0]
from evocative.cli import main
main()
"""


def started(output: Path, names: list[str], *words: str) -> "subprocess.Popen[bytes]":
    """Start the command in a process of its own; stdin stays open, so that it does not end."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "predict", "-", "-o", output, "--batch-size", str(BATCH), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write("".join(f"{name}\n" for name in names).encode())
    process.stdin.flush()
    return process


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_killed_it_goes_on(ask: Callable[..., Any], names: list[str], tmp_path: Path) -> None:
    """kill -9 in the middle; so may it be as often as it likes."""
    output, journal = tmp_path / "answers.parquet", tmp_path / ".answers.parquet.resume"
    ask(output, names=names)
    unbroken = output.read_bytes()
    output.unlink()
    for least in (1, 2000):
        with started(output, names, "--resume") as process:
            wait_for(lambda least=least: size(journal) > least)  # type: ignore[misc]
            process.kill()
    assert not output.exists()
    ended = ask(output, "--resume", names=names)
    assert ended.looked < IMAGES
    assert output.read_bytes() == unbroken


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_leaves_no_half_file(names: list[str], tmp_path: Path, name: str, status: int) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / "answers.csv"
    words = ("--resume",) if name == "SIGTERM" else ()
    with started(output, names, *words) as process:
        wait_for(lambda: any(path.name.endswith(".part") and size(path) > 600 for path in folder.iterdir()))
        process.send_signal(getattr(signal, name))
        _, told = process.communicate(timeout=60)
    assert process.returncode == status
    assert left(folder) == ([".answers.csv.resume"] if words else [])
    assert ("answers are kept; the same command goes on" in told.decode()) == bool(words)
    assert b"Traceback" not in told
