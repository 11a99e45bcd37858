"""Whatever a file holds, reading it gives a table or a refusal; and no row of a plain file disappears."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.data.fuzzing import damaged, executions

from evocative.data.delimited import SEPARATORS, read_delimited
from evocative.data.splits import read_folds
from evocative.data.table import Table, read_table
from evocative.datasets.csv import load
from evocative.errors import EvocativeError
from evocative.inference.predictions import read_predictions

TEXTS = (
    b'# name: "walks"\n# taxonomy: mikels8\npath,label,valence,split,group,id\n'
    b'a.jpg,awe,0.7,train,park,9007199254740993\n"b, c.jpg",fear,,test,"x ""y""",\n',
    "sep=;\r\npath;label;valence;votes_awe\r\na.jpg;Joy;0,5;1.234\r\nb.jpg;übel;-0,25;12\r\n".encode(),
    b'path\ttitle\tlabel\na.jpg\t"Untitled\tawe\nb.jpg\tx\tfear\nc.jpg\t"Foo"\tfear\n',
    "path\tlabel\narousal\t0,5\n".encode("utf-16"),
    b"path,p_awe,p_fear,valence,error\na.jpg,0.5,0.5,0.1,\nb.jpg,,,,is empty\n",
    b"path,fold\ra.jpg,1\rb.jpg,validation\r",
)
WORDS = (
    *(b'"', b",", b";", b"\t", b"\r", b"\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"# ", b"sep=,\n"),
    *(
        b"1,234",
        b"1.234,5",
        b"1e999",
        b"-0",
        b"nan",
        b"inf",
        b"0,5",
        b"007",
        b"99999999999999999999",
        b"True",
    ),
    *(
        b'# taxonomy: ["x"]\n',
        b"# text: 3\n",
        b"# root: {}\n",
        b"\xc2\xa0",
        "−1".encode(),
        b"votes_Joy",
        b"Label ",
    ),
    *(b"[" * 3000, b"path", b"\xe2\x80\xa8", b"own", b"=1+1", b"'", b"1 234"),
)
FEW = Table(pd.DataFrame({"path": ["a.jpg", "b.jpg"]}))


def tried(file: Path, *, images: Path) -> int:
    """Read a file in every way there is, and return how many ways took it."""
    ways: tuple[Callable[[], Any], ...] = (
        lambda: read_table(file),
        lambda: read_table(file, check=False, taxonomy="own").votes,
        lambda: load(file, images=images),
        lambda: load(file, columns={"path": "title", "valence": "votes_awe"}, images=images, scale="1..9"),
        lambda: read_predictions(file),
        lambda: read_folds(file, FEW),
    )
    taken = 0
    for way in ways:
        with suppress(EvocativeError):
            way()
            taken += 1
    return taken


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(b"x")
    return tmp_path


def test_damaged_text_is_read_or_refused(tmp_path: Path, images: Path) -> None:
    taken = 0
    for run in executions():
        chance = random.Random(run)
        file = tmp_path / chance.choice(("t.csv", "t.tsv", "t.txt"))
        file.write_bytes(damaged(chance.choice(TEXTS), chance, words=WORDS))
        taken += tried(file, images=images)
    assert taken > 0


def test_no_line_of_a_plain_file_disappears(tmp_path: Path) -> None:
    """A naive count: each line is a row, where no quotation mark can hold several."""
    file, seen = tmp_path / "t.csv", 0
    for run in executions(1.0):
        chance = random.Random(run)
        separator = chance.choice(list(SEPARATORS))
        cells = ("a", "0,5" if separator != "," else "0.5", "1", "x y", "", "né", "#", "# a")
        lines = [separator.join(chance.choice(cells) for _ in range(3)) for _ in range(chance.randint(1, 9))]
        content = "\n".join([separator.join(("path", "x", "y")), *lines])
        file.write_text(content, encoding="utf-8")
        while lines and not lines[-1].strip(separator):
            lines.pop()
        assert len(read_delimited(file).frame) == len(lines), content
        seen += 1
    assert seen > 10


def random_column(chance: random.Random, n: int) -> pa.Array:
    """Return a column of one of Parquet's types, with missing cells."""
    kinds: list[tuple[pa.DataType, list[Any]]] = [
        (pa.string(), ["awe", "fear", "", "é"]),
        (pa.large_string(), ["Awe ", "a.jpg", "1.0"]),
        (pa.string_view(), ["train", "val"]),
        (pa.binary(), [b"awe", b"\xff", b"", b"0.5"]),
        (pa.large_binary(), [b"a.jpg", b"b.jpg"]),
        (pa.binary(3), [b"awe", b"joy"]),
        (pa.dictionary(pa.int8(), pa.string()), ["awe", "fear"]),
        (pa.int64(), [0, 1, 2**62 + 1, -(2**63)]),
        (pa.uint64(), [0, 2**64 - 1]),
        (pa.int8(), [1, -1]),
        (pa.float64(), [0.5, 1.0, float("nan"), float("inf"), 1e300]),
        (pa.float16(), [0.5, 1.5]),
        (pa.bool_(), [True, False]),
        (pa.decimal128(9, 2), [1, 2]),
        (pa.timestamp("us", "Europe/Berlin"), [1, 2**50]),
        (pa.date32(), [1, 20000]),
        (pa.time64("us"), [1, 2]),
        (pa.duration("ms"), [1, 2]),
        (pa.list_(pa.float32()), [[0.5], [], [float("nan"), 1.0]]),
        (pa.struct([("a", pa.int8())]), [{"a": 1}, {"a": None}]),
        (pa.map_(pa.string(), pa.int8()), [[("a", 1)], []]),
        (pa.null(), [None]),
    ]
    kind, values = chance.choice(kinds)
    missing = chance.choice((0.0, 0.3, 1.0))
    return pa.array([None if chance.random() < missing else chance.choice(values) for _ in range(n)], kind)


METADATA = (
    *(b"{}", b"{", b"[1]", b"\xff", b"3", b"[" * 99999, b'{"root": 5}', b'{"name": [1]}', b'{"text": 4}'),
    *(b'{"taxonomy": 3}', b'{"taxonomy": {}}', b'{"taxonomy": "own"}', b'{"root": "a\\u0000b"}'),
    *(b'{"kind": 7}', b'{"format": 1.0}', b'{"embedding_size": 2.5}', b'{"model": {}}', b'{"flip": [1]}'),
    *(b'{"preprocessing": [1]}', b'{"preprocessing": {"size": 2.5}}', b'{"version": {}}'),
    b'{"taxonomy": {"name": 3, "labels": [{"name": 4}]}}',
)
NAMES = (
    *("path", "label", "valence", "valence_sd", "votes_awe", "votes_Awe", "split", "group", "source", "fold"),
    *(
        "p_awe",
        "p_fear",
        "P_Awe",
        "embedding",
        "error",
        "target_valence",
        "Label",
        " path",
        "x",
        "",
        "é",
        "1",
    ),
)


def random_parquet(chance: random.Random, file: Path) -> None:
    n = chance.choice((0, 1, 3))
    names = ["path", *chance.sample(NAMES, chance.randint(0, 6))]
    columns = [random_column(chance, n) for _ in names]
    if chance.random() < 0.8:
        columns[0] = pa.array(["a.jpg", "b.jpg", "c.jpg"][:n])
    table = pa.Table.from_arrays(columns, names=names)
    keys = chance.choice(([], [b"evocative"], [b"pandas"], [b"evocative", b"pandas"]))
    said = {key: chance.choice(METADATA) for key in keys}
    parquet.write_table(table.replace_schema_metadata(said), file)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of casting the half floats that overflow
def test_parquet_of_any_types_and_metadata_is_read_or_refused(tmp_path: Path, images: Path) -> None:
    file, taken = tmp_path / "t.parquet", 0
    for run in executions():
        random_parquet(random.Random(run), file)
        taken += tried(file, images=images)
    assert taken > 0


def test_damaged_parquet_is_read_or_refused(tmp_path: Path, images: Path) -> None:
    file = tmp_path / "t.parquet"
    for run in executions():
        chance = random.Random(run)
        random_parquet(random.Random(run % 20), file)
        file.write_bytes(damaged(file.read_bytes(), chance, words=(b"\xff", b"\0\0", b"PAR1", b"\x7f" * 8)))
        tried(file, images=images)
