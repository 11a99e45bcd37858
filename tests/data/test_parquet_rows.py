"""Parquet of other writers: text as bytes, indexes, other people's metadata."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from evocative.data.splits import read_folds
from evocative.data.storage import read_rows
from evocative.data.table import Table, read_table
from evocative.errors import DataError
from evocative.inference.predictions import read_predictions

PATHS = pa.array(["a.jpg", "b.jpg"])


def written(tmp_path: Path, metadata: dict[bytes, bytes] | None = None, **columns: Any) -> Path:
    file = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"path": PATHS, **columns}).replace_schema_metadata(metadata), file)
    return file


@pytest.mark.parametrize(
    "kind",
    [
        pa.binary(), pa.large_binary(), pa.binary_view(), pa.large_string(), pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int32(), pa.binary()),
    ],
)  # fmt: skip
def test_text_of_every_kind_is_text(tmp_path: Path, kind: pa.DataType) -> None:
    words = pa.array(["awe", None]).cast(kind) if not pa.types.is_dictionary(kind) else None
    if words is None:
        words = pa.array(["awe", None]).cast(kind.value_type).dictionary_encode()
    table = read_table(written(tmp_path, label=words, note=words), taxonomy="mikels8")
    assert table.labels.tolist() == [1, -1]
    assert table.frame["note"].tolist()[0] == "awe"
    assert table.frame["note"].isna().tolist() == [False, True]


def test_bytes_that_are_no_text_pass_through_and_are_no_label(tmp_path: Path) -> None:
    frame, _ = read_rows(
        written(tmp_path, thumb=pa.array([b"\xff\xd8", None]), short=pa.array([b"\1", b"a"]))
    )
    assert frame["thumb"].tolist() == [b"\xff\xd8", None]
    assert frame["short"].tolist() == [b"\1", b"a"]
    with pytest.raises(DataError, match=r"column label: cells that are no text \(1\):\n    row 1"):
        read_table(written(tmp_path, label=pa.array([b"\xff", b"awe"])))


def test_whole_numbers_and_booleans_keep_their_kind_beside_gaps(tmp_path: Path) -> None:
    large = 2**53 + 1
    frame, _ = read_rows(
        written(
            tmp_path, id=pa.array([large, None]), most=pa.array([2**64 - 1, None], pa.uint64()),
            yes=pa.array([True, None]), plain=pa.array([large, 1]),
        )
    )  # fmt: skip
    assert [frame[name].iloc[0] for name in ("id", "most", "yes", "plain")] == [large, 2**64 - 1, True, large]
    assert [str(frame[name].dtype) for name in ("id", "most", "yes", "plain")] == [
        "Int64",
        "UInt64",
        "boolean",
        "int64",
    ]


def test_an_index_is_a_column_and_pandas_remarks_do_no_harm(tmp_path: Path) -> None:
    pd.DataFrame({"path": ["a.jpg"], "x": [1]}).set_index("path").to_parquet(tmp_path / "i.parquet")
    assert read_rows(tmp_path / "i.parquet")[0].to_dict("list") == {"path": ["a.jpg"], "x": [1]}
    for remark in (b"{", b"{}", b"\xff", json.dumps({"index_columns": ["path"], "columns": 3}).encode()):
        assert read_rows(written(tmp_path, {b"pandas": remark}))[0]["path"].tolist() == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"{", "metadata under 'evocative' are no JSON"),
        (b"\xff", "metadata under 'evocative' are no JSON"),
        (b"[1]", r"no JSON object but \[1\]"),
        (b'{"root": 5}', "root must be text, not 5"),
        (b'{"name": ["x"]}', r"name must be text, not \['x'\]"),
        (b'{"taxonomy": 3}', "unknown taxonomy '3'"),
    ],
)
def test_damaged_metadata_of_ours_are_refused(tmp_path: Path, stored: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_table(written(tmp_path, {b"evocative": stored}))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b'{"embedding_size": 2.5}', "embedding_size must be a whole number, not 2.5"),
        (b'{"model": {}}', r"model must be text, not \{\}"),
        (b'{"preprocessing": [1]}', "preprocessing must be an object"),
        (b'{"flip": [1]}', "flip must be true or false"),
    ],
)
def test_damaged_metadata_of_predictions_are_refused(tmp_path: Path, stored: bytes, message: str) -> None:
    file = written(tmp_path, {b"evocative": stored}, p_awe=[0.5, 0.5], p_fear=[0.5, 0.5])
    with pytest.raises(DataError, match=message):
        read_predictions(file)


def test_predictions_of_bytes_and_of_names_that_differ_by_blanks(tmp_path: Path) -> None:
    numbers = pa.array([0.25, 0.75])
    file = written(
        tmp_path, **{"P_awe": numbers, " p_fear": pa.array([0.75, 0.25]), "Label": pa.array([b"awe", None])}
    )
    predictions = read_predictions(file)
    assert predictions.names == ("awe", "fear")
    assert predictions.labels.tolist() == [0, -1]


def test_text_that_is_no_unicode_and_names_that_stand_twice_are_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.binary(), 1, PATHS.slice(0, 1).cast(pa.binary()).buffers())
    table = pa.table({"path": pa.array([b"\xff"]).view(pa.string())})
    assert len(broken) == 1
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(DataError, match="is not a sound Parquet file"):
        read_rows(tmp_path / "t.parquet")
    parquet.write_table(pa.Table.from_arrays([PATHS, PATHS], names=["path", "path"]), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="columns stand twice: 'path'"):
        read_rows(tmp_path / "t.parquet")


def test_labels_and_folds_as_numbers(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, label=pa.array([10.0, 2.0])))
    assert table.taxonomy is not None
    assert (table.taxonomy.names, table.labels.tolist()) == (("2", "10"), [1, 0])
    two = Table(pd.DataFrame({"path": ["a.jpg", "b.jpg"]}))
    assert read_folds(written(tmp_path, fold=pa.array([1.0, 0.0])), two).tolist() == [1, 0]
    for wrong in ([1.5, 0.0], [1.0, None], [10.0**20, 1.0]):
        with pytest.raises(DataError, match="a fold is a whole number"):
            read_folds(written(tmp_path, fold=pa.array(wrong)), two)


def test_columns_of_other_types_pass_through(tmp_path: Path) -> None:
    nested = pa.array([[1, 2], None])
    when = pa.array([1, 2], pa.timestamp("us", "Europe/Berlin"))
    frame = read_table(
        written(tmp_path, nested=nested, when=when, valence=pa.array([1, 0], pa.decimal128(3, 1)))
    ).frame
    assert frame["nested"].iloc[0].tolist() == [1, 2]
    assert str(frame["when"].dtype) == "datetime64[us, Europe/Berlin]"
    assert frame["valence"].tolist() == [1.0, 0.0]
    for wrong in (pa.array([True, None]), when):
        with pytest.raises(DataError, match="column valence: cells that are no numbers"):
            read_table(written(tmp_path, valence=wrong))
