"""A model folder of random weights, pictures good and broken, and the command itself."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a model with random weights: emotions, valence and arousal."""
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = create_model(config, taxonomy("mikels8"))
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_model(
        model, folder, preprocessing=Preprocessing(size=32), provenance={}, measured={}, licence="none"
    )
    return str(folder)


@pytest.fixture
def killed(run: Callable[..., Ended]) -> Callable[..., None]:
    """Start `evocative WORDS` as a process of its own, and end it by SIGKILL once a file is there.

    While it lives, a second call is refused.
    """

    def start(*words: object, until: Callable[[], bool]) -> None:
        command = [sys.executable, "-m", "evocative", *map(str, words)]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ends = time.monotonic() + 240
            while not until():
                assert child.poll() is None, "it ended before it could be killed"
                assert time.monotonic() < ends, "it did not come that far"
                time.sleep(0.02)
            child.send_signal(signal.SIGSTOP)  # it lives, and gets no further
            second = run(*words)
            assert second.status == 2, second.stdout
            assert "another process is at work here" in second.stderr
        finally:
            child.kill()
            child.wait()

    return start


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run `evocative WORDS` in this process, as the shell would."""
    from evocative.cli import main

    def run_main(*words: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "argv", ["evocative", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else int(code is not None), *capsys.readouterr())

    return run_main


def picture(path: Path, seed: int) -> Path:
    """Write a small picture that differs from its neighbours."""
    blocks = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((40, 36), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Five pictures in a folder and in a folder below it, in the order in which they are found."""
    (tmp_path / "in" / "b").mkdir(parents=True)
    names = ("a.jpg", "b/c.png", "b/d.jpg", "e.JPEG", "f.png")
    return [picture(tmp_path / "in" / name, seed) for seed, name in enumerate(names)]


@pytest.fixture
def broken(tmp_path: Path) -> list[Path]:
    """Ten files that no decoder can read, each for another reason."""
    folder = tmp_path / "broken"
    folder.mkdir()
    good = picture(folder / "good.png", 0)
    data = good.read_bytes()
    good.unlink()
    (folder / "empty.jpg").touch()
    (folder / "cut.png").write_bytes(data[: len(data) // 2])
    (folder / "text.jpg").write_text("no image at all")
    (folder / "corrupt.png").write_bytes(data[:60] + bytes([data[60] ^ 255]) + data[61:])
    (folder / "bomb.png").write_bytes(data[:16] + b"\0\1\0\0\0\1\0\0" + data[24:])
    Image.new("RGB", (1, 1)).save(folder / "dot.png")
    (folder / "document.jpg").write_bytes(b"%PDF-1.7 not an image")
    os.mkfifo(folder / "unreadable.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "link.jpg").symlink_to(folder / "gone.jpg")
    return sorted(folder.iterdir())
