"""The record of the images that a model was trained on: written, joined, read, and refused where damaged."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save as save_arrays

from evocative.errors import ModelError
from evocative.models.create import create_model
from evocative.models.ensemble_folder import write_ensemble
from evocative.models.store import load_model, save_model
from evocative.models.training_images import FILE, TrainingImages, joined, read_training_images
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

Numbers = st.sets(st.integers(0, 2**64 - 1), max_size=40)


def record(*numbers: int, complete: bool = True) -> TrainingImages:
    return TrainingImages(np.array(sorted(numbers), dtype=np.uint64), complete)


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, TrainingImages | None], Path]:
    """Save a tiny model with a record, or without one."""

    def make(name: str, images: TrainingImages | None) -> Path:
        model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8"))
        return save_model(
            model, tmp_path / name, preprocessing=Preprocessing(size=32), provenance={}, measured={},
            licence="none", training_images=images,
        )  # fmt: skip

    return make


def test_a_folder_keeps_eight_bytes_an_image(save: Callable[[str, TrainingImages | None], Path]) -> None:
    numbers = [0, 1, 2**63, 2**64 - 1]
    folder = save("a", record(*numbers, complete=False))
    found = read_training_images(folder)
    assert found is not None
    assert (found.digests.tolist(), found.complete, len(found)) == (numbers, False, 4)
    small, large = (len(record(*range(count)).to_bytes()) for count in (1000, 11_000))
    assert abs(large - small - 8 * 10_000) <= 16  # the header says how many there are
    load_model(folder)
    assert read_training_images(save("b", None)) is None
    assert read_training_images(save("a", None)) is None, "the record of the model before stayed"


@given(st.lists(st.one_of(st.none(), Numbers), max_size=4))
def test_a_model_that_rests_on_others_was_trained_on_all_of_theirs(given: list[set[int] | None]) -> None:
    found = joined([None if each is None else record(*each) for each in given])
    known = [each for each in given if each is not None]
    if not known:
        assert found is None
        return
    assert found is not None
    assert found.digests.tolist() == sorted(set().union(*known))
    assert found.complete == (len(known) == len(given))


def test_what_is_not_all_stays_so() -> None:
    found = joined([record(1), record(2, complete=False)])
    assert found is not None
    assert not found.complete


def test_an_ensemble_was_trained_on_what_its_members_were(
    save: Callable[[str, TrainingImages | None], Path], tmp_path: Path
) -> None:
    write_ensemble([save("a", record(1, 2)), save("b", record(2, 3))], tmp_path / "both")
    found = read_training_images(tmp_path / "both")
    assert found is not None
    assert found.digests.tolist() == [1, 2, 3]
    write_ensemble([save("a", None), save("b", None)], tmp_path / "both")
    assert read_training_images(tmp_path / "both") is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00" * 64, b"garbage" * 9, record(1, 2).to_bytes()[:-4],
        save_arrays({"images": np.array([1, 2])}), save_arrays({"images": np.zeros((2, 2), np.uint64)}),
        save_arrays({"images": np.array([2, 1], np.uint64)}), save_arrays({"other": np.zeros(2, np.uint64)}),
    ],
    ids=["empty", "zeros", "garbage", "cut", "signed", "square", "falling", "another name"],
)  # fmt: skip
def test_a_damaged_record_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelError, match=r"training_images\.safetensors: cannot be read .* remove it"):
        read_training_images(tmp_path)
