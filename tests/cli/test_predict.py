"""`evocative predict`: end to end, with a model of random weights."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evocative.cli.predict import PIPE_CLOSED, list_sources, names_on
from evocative.inference.answer import FIELDS, Answer
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor, load
from evocative.taxonomy.labels import taxonomy

Run = Callable[..., "Ended"]  # type: ignore[name-defined]  # noqa: F821 (of conftest)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_good_and_broken_files_in_their_order(
    run: Run, tiny_model: str, pictures: list[Path], broken: list[Path], tmp_path: Path
) -> None:
    good = [pictures[number % 5] for number in range(30)]
    order = np.random.default_rng(0).permutation(40)
    paths = [str([*good, *broken][place]) for place in order]
    ended = run(
        "predict", "-", "--format", "json", "--model", tiny_model, "--batch-size", 7,
        stdin="\n".join(paths).encode(),
    )  # fmt: skip
    rows = lines(ended.stdout)
    assert ended.status == 1
    assert ended.stderr == "10 of 40 images could not be answered for; their rows say why\n"
    assert [row["path"] for row in rows] == paths
    assert [row["error"] is None for row in rows] == [place < 30 for place in order]
    for row in rows:
        assert tuple(row) == FIELDS
        if row["error"] is None:
            assert isinstance(row["probabilities"], dict)
            assert tuple(row["probabilities"]) == taxonomy("mikels8").names
            assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-4)
            assert row["dominance"] is None
        else:
            assert row["emotion"] is None
            assert Path(str(row["path"])).name in str(row["error"])


def test_a_folder_to_parquet(run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "answers.parquet"
    ended = run("predict", tmp_path / "in", "--model", tiny_model, "--output", output, "--precision", "fp32")
    assert (ended.status, ended.stdout) == (0, "")
    found = read_predictions(output)
    assert found.paths == [str(path) for path in pictures]
    assert found.metadata.model == "tiny"
    assert found.metadata.precision == "fp32"
    predictor = load(tiny_model, device="cpu", precision="fp32")
    assert found.metadata == predictor.metadata
    for row, path in enumerate(pictures):
        answer = predictor.predict(path)
        assert answer.probabilities is not None
        assert found.probabilities is not None
        assert found.embedding is not None
        assert answer.embedding is not None
        np.testing.assert_allclose(found.probabilities[row], list(answer.probabilities.values()), atol=1e-5)
        np.testing.assert_allclose(found.embedding[row], answer.embedding, atol=1e-4)


def test_parquet_without_embeddings(run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "answers.parquet"
    words = ("predict", pictures[0], "--model", tiny_model, "--output", output, "--no-embedding")
    assert run(*words).status == 0
    assert read_predictions(output).embedding is None


def test_csv_on_stdout_and_a_missing_file(run: Run, tiny_model: str, pictures: list[Path]) -> None:
    ended = run("predict", pictures[0], "gone.jpg", "--model", tiny_model, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert ended.status == 1
    assert [row["path"] for row in rows] == [str(pictures[0]), "gone.jpg"]
    assert rows[0]["probability"] == max(rows[0][f"p_{name}"] for name in taxonomy("mikels8").names)
    assert "no such file" in rows[1]["error"]


def test_a_table_for_people(run: Run, tiny_model: str, pictures: list[Path], broken: list[Path]) -> None:
    ended = run("predict", *pictures[:2], broken[0], "--model", tiny_model)
    header, *rows = ended.stdout.splitlines()
    assert header.split() == [
        *["emotion", "prob", "next", "prob", "sentiment", "valence", "arousal", "image"]
    ]
    assert len(rows) == 3
    at = header.index("image")
    assert [row[at:] for row in rows[:2]] == [str(path) for path in pictures[:2]]
    assert rows[0].split()[0] in taxonomy("mikels8").names
    assert broken[0].name in rows[2]
    assert ended.status == 1


def test_the_ending_of_the_output_says_the_format(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    output = tmp_path / "answers.jsonl"
    assert run("predict", *pictures, "--model", tiny_model, "--output", output).status == 0
    assert len(lines(output.read_text(encoding="utf-8"))) == 5


def test_names_on_stdin_may_end_in_a_zero_byte(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path
) -> None:
    strange = tmp_path / "two\nlines ü.jpg"
    pictures[0].rename(strange)
    ended = run(
        "predict", "-", pictures[1], "-0", "--format", "json", "--model", tiny_model,
        stdin=os.fsencode(strange) + b"\0",
    )  # fmt: skip
    assert ended.status == 0
    assert [row["path"] for row in lines(ended.stdout)] == [str(strange), str(pictures[1])]


@pytest.mark.parametrize(("words", "message"), [
    (["--model", "nowhere"], "nowhere: there is no such folder"),
    (["--format", "parquet"], "--format parquet needs a file"),
    (["--output", "a.xlsx"], "ends in one of .json"),
    (["--output", "a.json", "--format", "table"], "for reading"),
    (["--output", "."], "is a folder: name a file"),
    (["--format", "xml"], "'xml'"),
    (["--precision", "fp16", "--device", "cpu"], "fp16 cannot be had on a CPU"),
    (["--device", "abacus"], "unknown device 'abacus'"),
    (["--batch-size", "0"], "batch-size"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused(
    run: Run, tiny_model: str, pictures: list[Path], words: list[str], message: str
) -> None:
    ended = run("predict", pictures[0], "--model", tiny_model, *words)
    assert ended.status == 2
    assert message in ended.stderr
    assert ended.stdout == ""


def test_nothing_to_do_is_an_error(run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").touch()
    ended = run("predict", pictures[0], empty, "--model", tiny_model)
    assert ended.status == 2
    assert f"{empty}: there is no image in this folder" in ended.stderr
    ended = run("predict", "-", "--model", tiny_model, stdin=b"\n\n")
    assert ended.status == 2
    assert "no file name came on stdin" in ended.stderr
    assert run("predict").status == 2


def test_interrupted_it_leaves_no_half_file(
    run: Run, tiny_model: str, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Predictor.stream

    def interrupted(self: Predictor, sources: Iterator[str]) -> Iterator[Answer]:
        answers = whole(self, sources)
        yield next(answers)
        raise KeyboardInterrupt

    monkeypatch.setattr(Predictor, "stream", interrupted)
    folder = tmp_path / "out"
    folder.mkdir()
    for ending in ("parquet", "json", "csv"):
        ended = run("predict", *pictures, "--model", tiny_model, "--output", folder / f"answers.{ending}")
        assert ended.status == 130
        assert list(folder.iterdir()) == []


def test_a_reader_that_leaves_is_no_error(tiny_model: str, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("".join(f"missing-{number}.jpg\n" for number in range(20_000)))
    words = ["predict", "-", "--format", "json", "--model", tiny_model]
    with (
        names.open("rb") as stdin,
        subprocess.Popen(
            [sys.executable, "-m", "evocative", *words],
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["path"] == "missing-0.jpg"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == PIPE_CLOSED


NAMES = st.lists(st.binary(min_size=1, max_size=8).filter(lambda name: not set(name) & set(b"\0\n\r")))


@given(names=NAMES, sizes=st.lists(st.integers(1, 5)), end=st.sampled_from([b"\n", b"\0", b"\r\n"]))
def test_names_come_whole_however_they_are_cut(names: list[bytes], sizes: list[int], end: bytes) -> None:
    rest = io.BytesIO(end.join(names))
    found = list(names_on(lambda size: rest.read(sizes.pop() if sizes else size), end=end[-1:]))
    assert [os.fsencode(name) for name in found] == names


def test_names_are_taken_as_they_come() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a.jpg\nb.j"
        pytest.fail("read on before it was asked for more")

    live = blocks()
    found = list_sources(["-", "c.jpg"], lambda size: next(live))
    assert next(found) == "a.jpg"
