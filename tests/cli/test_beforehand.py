"""What can be known to be wrong is told before torch is imported; no folder is made for a slip of the pen."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from evocative.cli import beforehand
from evocative.errors import DataError, ModelError
from evocative.explain.cam import FORMULAS
from evocative.explain.named import METHODS
from evocative.inference import named
from evocative.inference.named import check_device, check_precision
from evocative.inference.precision import DTYPES

Run = Callable[..., "Ended"]  # type: ignore[name-defined]  # noqa: F821 (of conftest)

REFUSED = (
    ("predict a.jpg --model nowhere", "nowhere: there is no such folder"),
    ("predict a.jpg --model empty", "empty: not a model folder"),
    ("predict a.jpg --model a.jpg", "a.jpg: a file. Give the folder"),
    ("predict a.jpg --model hf-hub:a/b/c", "hf-hub:a/b/c: expected hf-hub:org/name"),
    ("predict a.jpg --device abacus", "unknown device 'abacus'"),
    ("predict a.jpg --device cuda:01", "unknown device 'cuda:01'"),
    ("predict a.jpg --precision fp8", "unknown precision 'fp8'"),
    ("predict a.jpg --precision fp16 --device cpu", "fp16 cannot be had on a CPU"),
    ("predict a.jpg --device cpu --precision fp16", "fp16 cannot be had on a CPU"),
    ("predict a.jpg -o epmty/x.csv", "there is no folder epmty (did you mean empty?)"),
    ("predict a.jpg -o new/deep/x.csv", "there is no folder new/deep"),
    ("predict a.jpg -o empty", "is a folder: name a file"),
    ("predict a.jpg -o x.xlsx", "ends in one of .json"),
    ("predict gone.jpg b.jgp", "gone.jpg: there is no such file or folder (and 1 others)"),
    ("predict empty", "there is no image in this folder"),
    ("predict a.jpg --maps a.jpg", "a.jpg: is a file; name a folder"),
    ("evaluate nowhere --data t.csv", "nowhere: there is no such folder"),
    ("evaluate gone.parquet", "gone.parquet: there is no such file"),
    ("evaluate embedded --data gone.csv", "gone.csv: there is no such file"),
    ("evaluate embedded --data bad.csv", "unknown column 'path'"),
    ("evaluate embedded --data t.csv --split tset", "unknown split 'tset'"),
    ("evaluate embedded --data t.csv -o a.jpg", "a.jpg: is a file; name a folder"),
    ("explain a.jpg --method map --model nowhere", "nowhere: there is no such folder"),
    ("explain a.jpg --method map --target awwe", "unknown emotion or dimension 'awwe'; did you mean 'awe'?"),
    ("explain a.jpg --method gallery --target dominance", "unknown emotion or dimension 'dominance'"),
    ("explain a.jpg --method map --by gradcam", "unknown method 'gradcam'"),
    ("explain a.jpg --method gallery -o epmty/x.html", "there is no folder epmty"),
    ("explain a.jpg --method gallery -o x.pdf", "a page ends in .html"),
    ("explain gone.jpg --method texture", "gone.jpg: there is no such file"),
    ("curate labels t.csv -o x.csv --model nowhere", "nowhere: there is no such folder"),
    ("curate labels bad.csv -o x.csv", "unknown column 'path'"),
    ("curate labels t.csv -o x.csv --backbone resnet18 --weights gone.pth", "gone.pth: there is no such"),
    ("curate duplicates t.csv -o epmty/x.csv", "there is no folder epmty"),
    ("train nosuch", "unknown recipe 'nosuch'"),
    ("train r.toml", "'gone.csv' is not below --data-root"),
    ("train fi8 --data-root gone", "gone: there is no such file or folder"),
    ("study s.toml", "'gone.csv' is not below --data-root"),
    ("reproduce 99.9", "unknown table '99.9'"),
    ("ensemble embedded nowhere -o e", "nowhere: there is no such folder"),
    ("atlas nowhere", "nowhere: there is no such folder"),
    ("generate --method optimised -o g --target awe,arousl=.2", "unknown emotion or dimension 'arousl'"),
    ("generate --method latent -o g --generator gone", "gone: there is no such"),
    ("compare-pictures t.csv --model mine=nowhere", "nowhere: there is no such folder"),
    ("evaluate-gaze nowhere --data empty", "nowhere: there is no such folder"),
    ("picture artworks nowhere -i a.jpg -o x.png", "nowhere: there is no such folder"),
    ("demo --model nowhere", "nowhere: there is no such folder"),
    ("prepare folder . -o epmty/x.csv", "there is no folder epmty"),
)
PROGRAM = """
import contextlib, io, json, shlex, sys
class NoTorch:                          # whoever imports it fails
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            raise ImportError("torch is imported")
sys.meta_path.insert(0, NoTorch())
from evocative.cli import main
told = []
for words in json.load(sys.stdin):
    sys.argv, stderr = ["evocative", *shlex.split(words)], io.StringIO()
    with contextlib.redirect_stderr(stderr):
        try:
            main()
        except SystemExit as ended:
            told.append([ended.code, stderr.getvalue()])
        except Exception as error:
            told.append([repr(error), ""])
json.dump(told, sys.stdout)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    Image.new("RGB", (40, 40), "red").save(tmp_path / "a.jpg")
    (tmp_path / "empty").mkdir()
    (tmp_path / "t.csv").write_text("path,label\na.jpg,awe\n")
    (tmp_path / "bad.csv").write_text("x,y\n1,2\n")
    (tmp_path / "r.toml").write_text('name = "r"\n[[data.sources]]\npath = "gone.csv"\n')
    (tmp_path / "s.toml").write_text(
        'recipe = "r.toml"\nreference = "a"\nfolds = []\n[arms.a]\n[arms.b.set]\n"training.epochs" = 1\n'
    )
    return tmp_path


def test_every_verb_refuses_before_torch(place: Path) -> None:
    """One process for all of them: torch, pandas and pyarrow cost seconds."""
    import json

    before = sorted(place.rglob("*"))
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=place, input=json.dumps([words for words, _ in REFUSED]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for (words, message), (status, told) in zip(REFUSED, json.loads(ended.stdout), strict=True):
        assert status == 2, (words, status, told)
        assert message in told, (words, told)
    assert sorted(place.rglob("*")) == before


def test_one_stale_name_among_others_costs_its_row_alone(
    run: Run, tiny_model: str, pictures: list[Path]
) -> None:
    ended = run("predict", "gone.jpg", pictures[0], "--model", tiny_model, "--format", "csv")
    assert ended.status == 1
    assert len(ended.stdout.splitlines()) == 3


def test_a_folder_is_made_and_those_above_it_are_told(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The named folder is what was asked for; one above it may be a slip of the pen."""
    monkeypatch.chdir(place)
    ended = run("explain", "a.jpg", "--method", "map", "-o", "maps", "--target", "awwe")
    assert "will be made" not in ended.stderr
    ended = run("explain", "a.jpg", "--method", "map", "-o", "epmty/maps", "--target", "awwe")
    assert "there is no folder epmty yet; it will be made (did you mean empty?)" in ended.stderr


def test_what_is_no_file_and_names_too_long_are_left_to_who_writes(place: Path) -> None:
    for path in (Path("/dev/null"), Path("/dev/full"), place / "link.csv", place / f"{'x' * 300}.csv"):
        if path.name == "link.csv":
            path.symlink_to(place / "empty" / "x.csv")
        assert beforehand.output_file(path) == path
    (place / "lost.csv").symlink_to(place / "gone" / "x.csv")
    with pytest.raises(DataError, match=r"lost.csv: there is no folder \S*gone"):
        beforehand.output_file(place / "lost.csv")
    with pytest.raises(DataError, match="no such file or folder"):
        beforehand.input_path(place / ("x" * 300))


def test_a_folder_that_may_not_be_written_to_is_refused(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "empty"
    )  # root may write anywhere
    assert "may not be written to" in run("predict", "a.jpg", "-o", "empty/x.csv").stderr


def test_devices_are_known_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "_has_gpu_driver", lambda: True)
    monkeypatch.setattr("evocative.inference.named.sys.platform", "linux")
    for name in ("auto", "cpu", "cpu:0", "cuda", "cuda:0", "cuda:17"):
        check_device(name)
    for name in ("", "CPU", "cuda:", "cuda:-1", "cuda:x", "gpu", "auto:0", "cuda:1:2"):
        with pytest.raises(ModelError, match="unknown device"):
            check_device(name)
    with pytest.raises(ModelError, match="no GPU of Apple"):
        check_device("mps")
    monkeypatch.setattr(named, "_has_gpu_driver", lambda: False)
    with pytest.raises(ModelError, match=r"cuda:1 is not there.*no driver"):
        check_device("cuda:1")


def test_names_are_those_of_what_computes() -> None:
    assert set(named.PRECISIONS) == {"auto", *DTYPES}
    assert (*FORMULAS, "score-cam", "own") == METHODS
    check_precision("fp16", "auto")
    with pytest.raises(ModelError, match="on a CPU"):
        check_precision("fp16", "cpu:0")
