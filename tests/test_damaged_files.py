"""Whatever we wrote and read back, damaged in any way: one error of ours that names the file, or as before.

Time-boxed; EVOCATIVE_FUZZ_SECONDS goes on for so long a reader.
"""

import json
import pickle
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.fabric import Fabric
from safetensors.torch import save_file
from tests.damage import damaged, damaged_bytes, fuzz_seconds, within
from tests.training.conftest import make_recipe

from evocative.data.kept import kept
from evocative.errors import CacheWarning, DataError, EvocativeError, ModelError, reading
from evocative.explore.atlas_folder import read_atlas
from evocative.explore.journal import open_journal
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator, NetworkConfig
from evocative.generate.generator_store import load_generator, save_generator
from evocative.inference.feature_store import FeatureStore
from evocative.models.weights import read_weights
from evocative.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from evocative.training.folder import changed_settings
from evocative.training.log import _drop_after

Read = Callable[[], object]


def fuzz(path: Path, read: Read, ways: Iterator[tuple[str, bytes]], *, names: Path | None = None) -> int:
    """Put damaged content into a file and read it; return how often an error named it."""
    before, refused = path.read_bytes(), 0
    for tried, (name, content) in enumerate(within(fuzz_seconds(0.5), ways)):
        path.write_bytes(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", CacheWarning)
                read()
        except (EvocativeError, CacheWarning) as error:
            refused += 1
            told = str(names or path) in str(error)
        except Exception as error:
            pytest.fail(f"{path.name}, {name} (the {tried}th): {error!r}")
        else:
            told = True
        assert told, f"{path.name}, {name}: the error does not name the file"
    path.write_bytes(before)
    return refused


def fields_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of a JSON file, field by field, in a seeded order."""
    ways = list(damaged(json.loads(path.read_text(encoding="utf-8"))))
    random.Random(0).shuffle(ways)
    return ((name, json.dumps(values).encode()) for name, values in ways)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    tensors = {"a.weight": torch.ones(3, 4), "a.bias": torch.zeros(3)}
    torch.save({"state_dict": tensors}, path) if suffix == ".pth" else save_file(tensors, path)
    assert fuzz(path, lambda: read_weights(path), damaged_bytes(path.read_bytes())) > 5


@pytest.mark.parametrize(
    "content", [None, 3, "text", [1], {"a": 1}, {"state_dict": {"a": "b"}}, {1: torch.ones(1), None: 2}]
)
def test_weights_that_hold_something_else(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "net.pth")
    with pytest.raises(ModelError, match=r"net\.pth: expected a state_dict"):
        read_weights(tmp_path / "net.pth")
    (tmp_path / "net.pth").write_bytes(pickle.dumps(content, protocol=0)[:-1])
    with pytest.raises(ModelError, match=r"net\.pth: cannot be read as plain tensors"):
        read_weights(tmp_path / "net.pth")


def test_an_atlas(tmp_path: Path, fake_atlas: Any) -> None:
    fake_atlas(tmp_path / "atlas")
    path = tmp_path / "atlas" / "atlas.json"

    def read() -> object:
        return read_atlas(tmp_path / "atlas")

    assert fuzz(path, read, fields_of(path), names=Path("atlas")) > 5
    assert fuzz(path, read, damaged_bytes(path.read_bytes()), names=Path("atlas")) > 5
    elites = tmp_path / "atlas" / "elites.parquet"
    assert fuzz(elites, read, damaged_bytes(elites.read_bytes()), names=Path("atlas")) > 5


def test_an_atlas_names_every_mistake(tmp_path: Path, fake_atlas: Any) -> None:
    fake_atlas(tmp_path / "atlas")
    path = tmp_path / "atlas" / "atlas.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values["model"]["labels"], values["dims"][1]["name"], values["colour"] = 3, None, 1
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(DataError, match=r"3 thing\(s\) to mend") as caught:
        read_atlas(tmp_path / "atlas")
    for line in (
        "model.labels: expected a valid array, found 3",
        "dims.1.name: expected a valid string, found",
    ):
        assert line in str(caught.value)


def test_a_journal(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, {"seed": 1}, resume=False, every=1)
    journal.step([], lambda: {"fitness": np.arange(6.0)})
    part, about = tmp_path / "journal" / "00000.npz", tmp_path / "journal" / "run.json"

    def read() -> object:
        again = open_journal(tmp_path, {"seed": 1}, resume=True)
        return again.step([], dict)

    assert fuzz(part, read, damaged_bytes(part.read_bytes())) > 5
    assert fuzz(about, read, damaged_bytes(about.read_bytes()), names=tmp_path) > 5
    np.savez(part, **{"000.fitness": np.zeros(3)})  # type: ignore[arg-type]  # its stubs
    with pytest.raises(
        DataError, match=r"00000\.npz: is damaged .*step 000 holds fitness.*Remove it and those"
    ):
        read()


def test_a_feature_store(tmp_path: Path) -> None:
    image = tmp_path / "a.jpg"
    image.write_bytes(b"an image")
    store = FeatureStore(tmp_path / "store")

    def read() -> object:
        for aside in (tmp_path / "store").glob("*/*/*.damaged"):
            aside.unlink()
        found = store.get(
            {"net": 1}, [image], shapes={"pooled": (2, 4)},
            compute=lambda rows: iter([(np.arange(len(rows)), {"pooled": np.ones((len(rows), 2, 4))})]),
        )  # fmt: skip
        assert (found.arrays["pooled"] == 1).all()
        return found

    read()
    (path,) = (tmp_path / "store").glob("*/pooled/*.parquet")
    assert fuzz(path, read, damaged_bytes(path.read_bytes())) > 5


def test_a_feature_store_of_other_columns(tmp_path: Path) -> None:
    import pandas as pd

    (tmp_path / "a.jpg").write_bytes(b"an image")
    store = FeatureStore(tmp_path / "store")

    def ones(rows: Any) -> Any:
        return iter([(np.arange(len(rows)), {"pooled": np.ones((len(rows), 4))})])

    store.get({"net": 1}, [tmp_path / "a.jpg"], shapes={"pooled": (4,)}, compute=ones)
    (path,) = (tmp_path / "store").glob("*/pooled/*.parquet")
    for frame in ({"sha256": [1.5], "pooled": [2]}, {"a": [1]}, {"sha256": ["x"], "pooled": [[1.0, 2.0]]}):
        pd.DataFrame(frame).to_parquet(path)
        with pytest.warns(CacheWarning, match="was put aside"):
            found = store.get({"net": 1}, [tmp_path / "a.jpg"], shapes={"pooled": (4,)}, compute=ones)
        assert found.computed == 1


def test_a_generator(tmp_path: Path) -> None:
    conditions = Conditions(labels=("awe", "fear"))
    generator = Generator(conditions, NetworkConfig(size=16, latent_size=4, width=4, max_width=4))
    folder = save_generator(generator, tmp_path / "gan", provenance={"steps": 1})
    for name in ("config.json", "generator.safetensors"):
        path = folder / name
        assert fuzz(path, lambda: load_generator(folder), damaged_bytes(path.read_bytes()), names=folder) > 5
    path = folder / "config.json"
    assert fuzz(path, lambda: load_generator(folder), fields_of(path), names=folder) > 5
    config = json.loads(path.read_text(encoding="utf-8"))
    config["network"].pop("size")
    config["network"]["width"] = "4"
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"2 thing\(s\).*\n  network.size: the field .*\n  network.width: exp"
    ):
        load_generator(folder)


def test_a_checkpoint(tmp_path: Path) -> None:
    fabric = Fabric(accelerator="cpu", devices=1)
    model, optimizer = fabric.setup(*(net := torch.nn.Linear(2, 2), torch.optim.SGD(net.parameters(), 0.1)))
    path = tmp_path / "last.ckpt"
    save_checkpoint(fabric, path, model=model, optimizer=optimizer, progress=Progress(step=3))

    def read() -> Progress:
        return load_checkpoint(fabric, path, model=model, optimizer=optimizer)

    assert read() == Progress(step=3)
    assert fuzz(path, read, damaged_bytes(path.read_bytes())) > 5


def test_a_runs_settings_and_log(tmp_path: Path) -> None:
    recipe, path, log = make_recipe(), tmp_path / "recipe.json", tmp_path / "log.jsonl"
    path.write_text(json.dumps(recipe.to_dict()), encoding="utf-8")
    assert changed_settings(path, recipe) == []
    assert fuzz(path, lambda: changed_settings(path, recipe), damaged_bytes(path.read_bytes())) > 5
    assert (
        fuzz(path, lambda: changed_settings(path, recipe), fields_of(path)) == 0
    )  # they are named as changed
    log.write_text(
        '{"step": 1}\n{"step": 2}\n{"kind": "step"}\n[]\nnull\n{"step": "x"}\n{"st', encoding="utf-8"
    )
    _drop_after(log, 1)
    assert log.read_text(encoding="utf-8") == '{"step": 1}\n'
    fuzz(log, lambda: _drop_after(log, 1), damaged_bytes(b'{"step": 1}\n{"step": 2}\n'))


def test_kept_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text('{"r": 0.5}', encoding="utf-8")
    assert kept(path, lambda values: float(values["r"])) == 0.5
    assert kept(tmp_path / "none.json", dict) is None
    for content in ("[]", "{", '{"r": "x"}', "null", "\x00"):
        path.write_text(content, encoding="utf-8")
        with pytest.warns(CacheWarning, match=r"figures\.json: is damaged .*What it held is computed anew"):
            assert kept(path, lambda values: float(values["r"])) is None


def test_errors_of_ours_pass_and_others_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^ours$"), reading(tmp_path, DataError, "do this"):
        raise ModelError("ours")
    absent = tmp_path / "x"
    told = pytest.raises(DataError, match=r"x: cannot be read \(No such file or directory\)\. Do this")
    with told, reading(absent, DataError, "do this"):
        absent.read_text(encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), reading(tmp_path, DataError, "do this"):
        raise KeyboardInterrupt
    shutil.rmtree(tmp_path)
