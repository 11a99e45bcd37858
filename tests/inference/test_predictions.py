"""Predictions: what is written comes back, joins with what people said, and mistakes are told all at once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.inference.answer import Answer
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import (
    Predictions,
    from_answers,
    read_predictions,
    write_predictions,
)
from evocative.preprocessing import Preprocessing
from evocative.taxonomy.labels import Taxonomy, taxonomy

MIKELS = taxonomy("mikels8")
METADATA = Metadata(
    taxonomy=MIKELS,
    model="tiny",
    weights="sha256:0",
    preprocessing=Preprocessing(size=96),
    precision="fp32",
    flip=True,
    embedding_size=3,
)


def answers(n: int, *, failed: tuple[int, ...] = (), seed: int = 0) -> list[Answer]:
    generator = np.random.default_rng(seed)
    made = []
    for row in range(n):
        p = generator.dirichlet(np.ones(8)).astype(np.float32)
        vector = generator.normal(size=3).astype(np.float32)
        valence, arousal = generator.uniform(-1, 1, 2).astype(np.float32).tolist()
        good = Answer(
            path=f"{row}.jpg",
            probabilities=dict(zip(MIKELS.names, p.tolist(), strict=True)),
            valence=valence,
            arousal=arousal,
            embedding=vector,
        )
        made.append(Answer(path=f"{row}.jpg", error="is empty") if row in failed else good)
    return made


def sample(n: int = 6, *, failed: tuple[int, ...] = ()) -> Predictions:
    return from_answers(answers(n, failed=failed), metadata=METADATA)


def foreign(**columns: object) -> pd.DataFrame:
    frame = {"path": ["a.jpg", "b.jpg"], "p_positive": [0.25, 1.0], "p_negative": [0.75, 0.0]}
    return pd.DataFrame({**frame, **columns})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 9), failed=st.sets(st.integers(0, 8), max_size=9), seed=st.integers(0, 99))
def test_parquet_gives_back_what_was_written(tmp_path: Path, n: int, failed: set[int], seed: int) -> None:
    before = from_answers(answers(n, failed=tuple(failed), seed=seed), metadata=METADATA)
    write_predictions(before, tmp_path / "p.parquet")
    after = read_predictions(tmp_path / "p.parquet")
    assert after.metadata == replace(METADATA, version=after.metadata.version, embedding_size=_size(before))
    assert after.paths == before.paths
    assert after.ok.tolist() == [row not in failed for row in range(n)]
    np.testing.assert_array_equal(after.probabilities, before.probabilities)
    np.testing.assert_array_equal(after.dimensions, before.dimensions)
    if before.embedding is None:
        assert after.embedding is None
    else:
        np.testing.assert_array_equal(after.embedding, before.embedding)


def _size(predictions: Predictions) -> int | None:
    return None if predictions.embedding is None else 3


def test_csv_gives_back_all_but_embeddings(tmp_path: Path) -> None:
    before = sample(failed=(2,))
    write_predictions(before, tmp_path / "p.csv")
    after = read_predictions(tmp_path / "p.csv")
    assert after.metadata == replace(METADATA, version=after.metadata.version, embedding_size=None)
    np.testing.assert_array_equal(after.probabilities, before.probabilities)
    np.testing.assert_array_equal(after.dimensions, before.dimensions)
    assert after.embedding is None
    assert after.frame["error"].tolist()[2] == "is empty"


def test_parquet_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    from pyarrow import parquet, types

    write_predictions(sample(failed=(0,)), tmp_path / "p.parquet")
    schema = parquet.read_schema(tmp_path / "p.parquet")
    names = [f"p_{name}" for name in MIKELS.names]
    assert schema.names == ["path", "error", *names, "valence", "arousal", "dominance", "embedding"]
    assert types.is_fixed_size_list(schema.field("embedding").type)
    assert all(types.is_float32(schema.field(name).type) for name in (*names, "valence", "dominance"))
    assert b"mikels8" in schema.metadata[b"evocative"]


def test_a_foreign_file_needs_little(tmp_path: Path) -> None:
    foreign(note=["x", "y"]).to_csv(tmp_path / "theirs.csv", index=False)
    found = read_predictions(tmp_path / "theirs.csv")
    assert found.metadata.taxonomy == taxonomy("sentiment2")
    assert found.names == taxonomy("sentiment2").names
    assert found.probabilities is not None
    order = [found.names.index(name) for name in ("positive", "negative")]
    np.testing.assert_allclose(found.probabilities[:, order], np.array([[0.25, 0.75], [1, 0]]))
    assert found.ok.all()
    assert np.isnan(found.dimensions).all()
    assert found.embedding is None
    assert found.labels.tolist() == [-1, -1]
    assert list(found.frame["note"]) == ["x", "y"]


def test_a_foreign_file_may_have_dimensions_only_and_lists_of_doubles(tmp_path: Path) -> None:
    frame = pd.DataFrame({"path": ["a", "b"], "valence": [0.5, -1.0], "embedding": [[1.0, 2.0], [3.0, 4.0]]})
    frame.to_parquet(tmp_path / "theirs.parquet")
    found = read_predictions(tmp_path / "theirs.parquet")
    assert found.names == ()
    assert found.probabilities is None
    np.testing.assert_array_equal(found.embedding, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(found.dimensions[:, 0], [0.5, -1])


def test_labels_nobody_knows_and_spellings_of_known_ones() -> None:
    own = Predictions(pd.DataFrame({"path": ["a"], "p_cat": [0.5], "p_dog": [0.5]}), name="pets.csv")
    assert own.names == ("cat", "dog")
    shouted = pd.DataFrame(
        {"path": ["a"], **{f"p_{name.title()}": [0.125] for name in reversed(MIKELS.names)}}
    )
    assert Predictions(shouted).metadata.taxonomy == MIKELS
    assert Predictions(shouted).probabilities is not None


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "path": ["a", "b", "c", "d", None, "f"],
            "error": [None, None, None, "broken", None, None],
            "p_positive": [0.5, -0.5, None, None, 0.5, 50.0],
            "p_negative": [0.4, 1.5, 0.5, None, 0.5, 50.0],
            "valence": [5.0, 0, 0, None, 0, None],
            "embedding": [[1.0, 2.0], [1.0], [1.0, 2.0], None, None, [1.0, np.nan]],
            "label": ["positive", "joyful", None, None, None, None],
            "split": ["test", "tset", None, None, None, None],
            "target_arousal": [0, 9.0, None, None, None, None],
        }
    )
    frame.to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(DataError) as caught:
        read_predictions(tmp_path / "bad.parquet")
    message = str(caught.value)
    for expected in (
        "bad.parquet",
        "1 rows have no path: row 5",
        "row 3 (c): nan",
        "row 2 (b): -0.5",
        "do not sum to 1",
        "row 1 (a): 0.9",
        "row 6 (f): 100",
        "column valence: values lie in [-1, 1]",
        "column valence: 1 rows have neither",
        "most have 2 numbers, these not:\n    row 2 (b): 1",
        "rows without an error need one",
        "hold NaN or infinity",
        "joyful",
        "tset",
        "column target_arousal",
    ):
        assert expected in message, message
    assert "(d)" not in message, "a row with an error needs no numbers"


@pytest.mark.parametrize(("frame", "message"), [
    (pd.DataFrame({"file": ["a"], "p_awe": [1.0]}), "expected a column path"),
    (pd.DataFrame({"path": ["a"], "label": ["awe"]}), "these are no predictions.*label"),
    (pd.DataFrame({"path": ["a"], "p_awe": ["no"], "p_fear": [0.5]}), "column p_awe: 1 cells are no num"),
    (foreign(embedding=["x", "y"]), "2 cells are no lists of numbers"),
    (foreign().iloc[:0], "no rows"),
])  # fmt: skip
def test_files_that_are_something_else(tmp_path: Path, frame: pd.DataFrame, message: str) -> None:
    path = tmp_path / "other.parquet"
    frame.to_parquet(path)
    with pytest.raises(DataError, match=message) as caught:
        read_predictions(path)
    assert str(path) in str(caught.value)


def test_a_taxonomy_that_does_not_fit_its_columns(tmp_path: Path) -> None:
    names = {f"p_{name}": [0.125] for name in MIKELS.names if name != "awe"} | {"p_love": [0.125]}
    predictions = Predictions(pd.DataFrame({"path": ["a"], **names}), metadata=Metadata(taxonomy=MIKELS))
    write = pd.DataFrame(predictions.frame)
    (tmp_path / "p.csv").write_text("# taxonomy: mikels8\n" + write.to_csv(index=False))
    with pytest.raises(DataError, match=r"no probability of p_awe(.|\n)*has no love"):
        read_predictions(tmp_path / "p.csv")


def test_files_of_another_version_or_kind(tmp_path: Path) -> None:
    body = foreign().to_csv(index=False)
    for line, message in (
        ("# format: 2", "format 2"),
        ("# kind: table", "holds table"),
        ("# taxonomy: x", "'x'"),
    ):
        (tmp_path / "p.csv").write_text(f"{line}\n{body}")
        with pytest.raises(DataError, match=message):
            read_predictions(tmp_path / "p.csv")
    with pytest.raises(DataError, match="no such file"):
        read_predictions(tmp_path / "gone.parquet")
    with pytest.raises(DataError, match=r"\.parquet or \.csv"):
        write_predictions(sample(), tmp_path / "p.json")


def table(paths: list[str], labels: list[str | None], **columns: object) -> Table:
    return Table(
        pd.DataFrame({"path": paths, "label": labels, **columns}), taxonomy=MIKELS, root=Path("images")
    )


def test_join_adds_what_people_said() -> None:
    said = table(
        ["2.jpg", "0.jpg", "1.jpg"], ["awe", "fear", None], valence=[0.1, 0.2, None], group=["x", "y", "y"]
    )
    joined = sample(3).join(said)
    assert joined.labels.tolist() == [MIKELS.index("fear"), -1, MIKELS.index("awe")]
    np.testing.assert_allclose(joined.targets[:, 0], [0.2, np.nan, 0.1], atol=1e-6)
    assert "target_arousal" not in joined.frame
    assert list(joined.frame["group"]) == ["y", "y", "x"]


def test_join_by_the_file_that_both_name() -> None:
    made = sample(2)
    by_file = replace(
        made, frame=made.frame.assign(path=[str(Path("images/0.jpg").absolute()), "images/1.jpg"])
    )
    assert by_file.join(table(["1.jpg", "0.jpg"], ["awe", "fear"])).labels.tolist() == [6, 1]


def test_join_names_images_without_a_partner() -> None:
    said = table(["0.jpg", "8.jpg"], ["awe", "awe"])
    with pytest.raises(DataError, match=r"1 predictions(.|\n)*1\.jpg(.|\n)*1 images(.|\n)*8\.jpg"):
        sample(2).join(said)
    assert sample(2).join(said, partial=True).paths == ["0.jpg"]


def test_join_refuses_labels_of_another_taxonomy() -> None:
    other = Table(pd.DataFrame({"path": ["0.jpg"], "label": ["joy"]}), taxonomy=taxonomy("plutchik8"))
    with pytest.raises(DataError, match=r"joy(.|\n)*amusement(.|\n)*map the labels"):
        sample(1).join(other)


def test_select_by_split_mask_and_number() -> None:
    made = sample(4)
    split = replace(made, frame=made.frame.assign(split=["test", "train", "test", ""]))
    assert split.select("test").paths == ["0.jpg", "2.jpg"]
    assert split.select(np.array([False, True, False, False])).paths == ["1.jpg"]
    assert split.select([3, 0]).paths == ["3.jpg", "0.jpg"]
    with pytest.raises(DataError, match="unknown split 'validation'"):
        split.select("validation")


def test_all_failed_keeps_the_columns() -> None:
    made = sample(2, failed=(0, 1))
    assert not made.ok.any()
    assert made.probabilities is not None
    assert made.probabilities.shape == (2, 8)
    assert made.embedding is None


def test_metadata_survives_json() -> None:
    own = replace(METADATA, taxonomy=Taxonomy.custom("pets", ["cat", "dog"]), version="0.1.0")
    assert Metadata.from_dict(own.to_dict()) == own
    assert Metadata.from_dict({"future": 1}) == Metadata()
    with pytest.raises(DataError, match="metadata"):
        Metadata.from_dict({"preprocessing": {"size": 1}})
