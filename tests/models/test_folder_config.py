"""config.json: every field present, of its type, in its range and true of the weights, or named."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.damage import damaged, fuzz_seconds, within

from evocative.errors import EvocativeError, ModelError
from evocative.models.create import create_model
from evocative.models.digests import digests_of, file_digest, meant
from evocative.models.folder_config import read_contents
from evocative.models.place import EMBEDDED
from evocative.models.store import Loaded, load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    config = ModelConfig(
        backbone="test_resnet", weights=None, gram=GramConfig(maps=(1, 2), compress=4),
        dimensions=("valence", "arousal"), class_centers=True, dimension_sd=True,
        dimension_sd_scale=(1.5, 1.25),
    )  # fmt: skip
    return save_model(
        create_model(config, taxonomy("mikels8")).eval(), tmp_path_factory.mktemp("models") / "small",
        preprocessing=Preprocessing(size=64, fit="crop", mean=(0.5, 0.4, 0.3), sd=(0.2, 0.3, 0.4)),
        provenance={"recipe": {"seed": 1}}, licence="apache-2.0",
        measured={"accuracy": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 40}, "asr": None},
    )  # fmt: skip


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(saved, tmp_path / "m")


def edit(folder: Path, change: Change, *, meant: bool = False) -> Path:
    """Change the file; as one who means it the digests go, too."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    change(config)
    if meant:
        config.pop("digests", None)
    path.write_text(json.dumps(config), encoding="utf-8")
    return folder


def put(dotted: str, value: Any) -> Change:
    *above, last = dotted.split(".")

    def change(config: Any) -> None:
        for key in above:
            config = config[int(key) if isinstance(config, list) else key]
        config[int(last) if isinstance(config, list) else last] = value

    return change


def drop(dotted: str) -> Change:
    *above, last = dotted.split(".")

    def change(config: Any) -> None:
        for key in above:
            config = config[int(key) if isinstance(config, list) else key]
        del config[int(last) if isinstance(config, list) else last]

    return change


MISTAKES: dict[str, tuple[Change, str]] = {
    "no sd": (drop("preprocessing.sd"), "preprocessing.sd: the field 'sd' is missing"),
    "no mean": (drop("preprocessing.mean"), "preprocessing.mean: the field 'mean' is missing"),
    "no fit": (drop("preprocessing.fit"), "preprocessing.fit: the field 'fit' is missing"),
    "mean of 0 to 255": (
        put("preprocessing.mean", [123.7, 116.3, 103.5]),
        r"preprocessing.mean.0: expected between 0 and 1, found 123.7\n.*mean.1: .*116.3\n.*mean.2: .*103.5",
    ),
    "mean NaN": (put("preprocessing.mean.1", float("nan")), "preprocessing.mean.1: expected a finite number"),
    "mean of two": (put("preprocessing.mean", [0.5, 0.5]), "preprocessing.mean.2: the field '2' is missing"),
    "mean as text": (
        put("preprocessing.mean.0", "0.5"),
        "preprocessing.mean.0: expected a valid number, found '0.5'",
    ),
    "sd of 0": (put("preprocessing.sd.2", 0), r"preprocessing.sd.2: expected \(0, 1\], found 0"),
    "sd negative": (put("preprocessing.sd.0", -0.2), r"preprocessing.sd.0: expected \(0, 1\], found -0.2"),
    "size 0": (put("preprocessing.size", 0), "preprocessing.size: expected between 8 and 4096, found 0"),
    "size huge": (put("preprocessing.size", 10**9), "preprocessing.size: expected between 8 and 4096"),
    "size true": (
        put("preprocessing.size", True),
        "preprocessing.size: expected a valid integer, found True",
    ),
    "interpolation": (
        put("preprocessing.interpolation", "lanczos"),
        "preprocessing.interpolation: expected 'bilinear' or 'bicubic', found 'lanczos'",
    ),
    "unknown key": (
        put("preprocessing.std", [1, 1, 1]),
        "preprocessing: unknown key 'std'; did you mean 'sd'",
    ),
    "unknown top key": (put("preprocesing", {}), "unknown key 'preprocesing'; did you mean 'preprocessing'"),
    "architecture": (put("model.backbone", "resnett18"), "model.backbone: unknown backbone 'resnett18'; did"),
    "channels -1": (
        put("model.gram.compress", -1),
        "model.gram.compress: expected 1 or more or none, found -1",
    ),
    "neck": (put("model.neck", "gram"), "model.neck: expected 'motiejauskas2026', .*, found 'gram'"),
    "dropout NaN": (put("model.dropout", float("nan")), "model.dropout: expected a finite number, found nan"),
    "no pool": (drop("model.pool"), "model.pool: the field 'pool' is missing"),
    "no emotions": (put("model.emotions", False), "taxonomy: expected null, since model.emotions is false"),
    "scale": (put("model.dimension_sd_scale", [1.0]), "model.dimension_sd_scale: expected a factor for each"),
    "axis twice": (put("model.dimensions", ["valence", "valence"]), "model.dimensions: expected each once"),
    "label twice": (
        lambda c: c["taxonomy"].update(name="own") or c["taxonomy"]["labels"][1].update(name="Amusement"),
        "taxonomy.labels: .* has the label 'Amusement' twice",
    ),
    "labels swapped": (
        lambda c: c["taxonomy"]["labels"].reverse(),
        "taxonomy.labels: mikels8 has amusement, awe, .*in this order",
    ),
    "a label fewer": (
        lambda c: c["taxonomy"].update(name="own", labels=c["taxonomy"]["labels"][:-1]),
        r"taxonomy.labels: expected 8, as many as emotion_head.linear.bias has rows, found 7",
    ),
    "one label": (
        lambda c: c["taxonomy"].update(labels=c["taxonomy"]["labels"][:1]),
        "taxonomy.labels: .*at least 2 items",
    ),
    "color": (put("taxonomy.labels.0.color", "red"), "taxonomy.labels: .*colour must be #RRGGBB, not 'red'"),
    "no taxonomy": (
        put("taxonomy", None),
        "taxonomy: expected labels, since model.emotions is true, found null",
    ),
    "num_features": (put("num_features", 8), "num_features: expected .*, this network's, found 8"),
    "precision": (
        put("precision", "float16"),
        "precision: expected 'float32', as the weights are, found 'float16'",
    ),
    "precision unknown": (
        put("precision", "fp8"),
        "precision: expected 'float32', 'float16' or 'int8', found 'fp8'",
    ),
    "licence": (put("licence", ""), "licence: .*at least 1 character"),
    "licence null": (put("licence", None), "licence: expected a valid string, found None"),
    "provenance": (put("provenance", []), "provenance: expected an object"),
    "provenance NaN": (
        put("provenance.recipe.seed", float("inf")),
        "provenance.recipe.seed: expected a finite number or null",
    ),
    "figure": (put("measured.accuracy.low", 0.9), "measured.accuracy: expected low of at most high"),
    "figure's n": (
        put("measured.accuracy.n", -4),
        "measured.accuracy.n: expected a whole number of rows, found -4",
    ),
    "figure as text": (put("measured.asr", "good"), "measured.asr: expected a valid number"),
    "library": (put("library.name", "other"), "library.name: expected 'evocative', found 'other'"),
    "version true": (put("format_version", True), "no format_version"),
    "digest": (put("digests.model", "sha256:12"), "digests.model: .*match pattern"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistakes_are_named_with_the_file(folder: Path, kind: str) -> None:
    change, message = MISTAKES[kind]
    with pytest.raises(ModelError, match=message) as caught:
        load_model(edit(folder, change))
    assert str(folder / "config.json") in str(caught.value)
    assert "Copy" in str(caught.value) or kind == "version true"


def test_all_mistakes_come_at_once(folder: Path) -> None:
    for change, _ in (MISTAKES[kind] for kind in ("no sd", "size 0", "licence", "channels -1", "no pool")):
        edit(folder, change)
    with pytest.raises(ModelError, match=r"5 thing\(s\) to mend") as caught:
        load_model(folder)
    for place in ("preprocessing.sd", "preprocessing.size", "licence", "model.gram.compress", "model.pool"):
        assert f"  {place}: " in str(caught.value)


CHANGED: dict[str, tuple[Change, str]] = {
    "interpolation": (put("preprocessing.interpolation", "bicubic"), "preprocessing: is not what was saved"),
    "mean": (put("preprocessing.mean.0", 0.45), "preprocessing: is not what was saved"),
    "a label's name": (
        lambda c: c["taxonomy"].update(name="own") or c["taxonomy"]["labels"][0].update(name="glee"),
        "taxonomy: is not what was saved",
    ),
    "fusion": (put("model.gram.divide_by_hw", False), "model: is not what was saved"),
    "a factor": (put("model.dimension_sd_scale.0", 1.4), "model: is not what was saved"),
    "dropped": (
        drop("model.dimension_sd_scale"),
        r"model: is not .*\n  model lacks dimension_sd_scale\n.*\"digests\" out",
    ),
}


@pytest.mark.parametrize("kind", CHANGED)
def test_sound_changes_are_told_and_can_be_meant(folder: Path, kind: str) -> None:
    change, message = CHANGED[kind]
    with pytest.raises(ModelError, match=message):
        load_model(edit(folder, change))
    load_model(edit(folder, lambda _: None, meant=True))


def test_a_bit_of_the_weights_is_told(folder: Path) -> None:
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.safetensors: is not what was saved"):
        load_model(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_told_by_name(folder: Path, value: float) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["emotion_head.linear.weight"][2, 1] = value
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(
        ModelError, match=r"model\.safetensors: holds NaN or infinity .*emotion_head\.linear\.weight \(1 of"
    ):
        load_model(folder)


def test_weights_that_are_not_numbers_are_not_saved(saved: Path, tmp_path: Path) -> None:
    loaded = load_model(saved)
    with torch.no_grad():
        next(loaded.model.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="holds NaN or infinity"):
        save_model(
            loaded.model, tmp_path / "m", preprocessing=loaded.preprocessing, provenance={}, measured={},
            licence="none",
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_read_again_is_not_saved(saved: Path, tmp_path: Path) -> None:
    loaded = load_model(saved)
    with pytest.raises(ModelError, match=r"measured\.accuracy: expected a valid number.*\n.*licence: "):
        save_model(
            loaded.model, tmp_path / "m", preprocessing=loaded.preprocessing, provenance={},
            measured={"accuracy": "good"}, licence="",
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_keys_that_stand_twice_are_refused(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(path.read_text().replace('"size": 64', '"size": 64, "size": 32'))
    with pytest.raises(ModelError, match="the key 'size' stands twice"):
        load_model(folder)


def test_the_embedded_model_keeps_true_digests() -> None:
    contents = read_contents(EMBEDDED / "config.json")
    assert contents.digests == digests_of(
        contents.model, contents.taxonomy, contents.preprocessing,
        weights=file_digest(EMBEDDED / "model.safetensors"),
    )  # fmt: skip


def test_later_settings_change_no_digest() -> None:
    config = ModelConfig(backbone="resnet18", gram=GramConfig(maps=(1,)))
    assert meant(config) == {"backbone": "resnet18", "gram": {"maps": [1]}}
    assert asdict(config)["neck"] == "motiejauskas2026"  # as if it came later


@torch.no_grad()
def _answer(loaded: Loaded) -> tuple[Any, ...]:
    said = loaded.model(torch.linspace(-1, 1, 3 * 64 * 64).view(1, 3, 64, 64))
    names = None if loaded.taxonomy is None else loaded.taxonomy.names
    tensors = (said.logits, said.vad, said.vad_sd, said.embedding)
    return names, loaded.preprocessing, [None if each is None else each.numpy().tobytes() for each in tensors]


def test_damaged_files_are_refused_or_answer_the_same(folder: Path) -> None:
    """A seeded sample of some 3,500 ways to damage the file; all of them with EVOCATIVE_FUZZ_SECONDS=300."""
    path, expected = folder / "config.json", _answer(load_model(folder))
    ways = list(damaged(json.loads(path.read_text(encoding="utf-8"))))
    random.Random(0).shuffle(ways)
    tried = 0
    for name, values in within(fuzz_seconds(), iter(ways)):
        path.write_text(json.dumps(values), encoding="utf-8")
        try:
            loaded = load_model(folder)
        except EvocativeError as error:
            named, same = str(folder) in str(error), True
        else:
            named, same = True, _answer(loaded) == expected
        assert (named, same) == (True, True), name
        tried += 1
    assert tried > 10
