"""Model folders: bit-exact round trips, atomic writing, and a word for every kind of broken folder."""

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from evocative.errors import ModelError
from evocative.models import store
from evocative.models.card import model_card
from evocative.models.create import EmotionModel, create_model
from evocative.models.motiejauskas2026 import GramNeck
from evocative.models.store import load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")
CONFIG = ModelConfig(
    backbone="resnet18",
    weights=None,
    backbone_args={"channels": [6, 8, 10, 12]},
    gram=GramConfig(maps=(1, 2), compress=4),
    dimensions=("valence", "arousal"),
    class_centers=True,
)
PREPROCESSING = Preprocessing(size=64, fit="crop", mean=(0.5, 0.5, 0.5), sd=(0.5, 0.5, 0.5))
MEASURED = {"accuracy": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 40}, "asr": float("nan"), "rows": 3}


def make(**changes: Any) -> EmotionModel:
    torch.manual_seed(0)
    return create_model(replace(CONFIG, **changes), MIKELS).eval()


def save(model: EmotionModel, folder: Path, **changes: Any) -> Path:
    settings: dict[str, Any] = {
        "preprocessing": PREPROCESSING,
        "provenance": {"recipe": {"seed": 1}, "table": Path("fi8.csv")},
        "measured": MEASURED,
        "licence": "apache-2.0",
    }
    return save_model(model, folder, **(settings | changes))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(make(), tmp_path_factory.mktemp("models") / "small")


@torch.no_grad()
def test_round_trip_is_exact_to_the_bit(saved: Path) -> None:
    model, loaded = make(), load_model(saved)
    state = loaded.model.state_dict()
    assert list(state) == list(model.state_dict())
    assert all(torch.equal(each, state[key]) for key, each in model.state_dict().items())
    assert loaded.model.class_centers is not None
    images = torch.randn(2, 3, 64, 64)
    for ours, theirs in zip(model(images), loaded.model(images), strict=True):
        if ours is None or theirs is None:
            assert ours is theirs
        else:
            assert torch.equal(ours.nan_to_num(), theirs.nan_to_num())
    assert loaded.preprocessing == PREPROCESSING
    assert loaded.taxonomy == MIKELS == loaded.model.taxonomy
    assert loaded.model.config == CONFIG
    assert not loaded.model.training


OTHER_FORMS = [
    GramConfig(
        maps=(1, 2), backbone_fusion="residual", normalization="matrix_sqrt", center=True, triangle=True
    ),
    GramConfig(maps=(2,), backbone_fusion="append", normalization="signed_sqrt", rank=3, start="zero"),
    GramConfig(maps=(1,), branch_norm="layer"),
]


@pytest.mark.parametrize("gram", OTHER_FORMS)
@torch.no_grad()
def test_other_second_order_forms_come_back(gram: GramConfig, tmp_path: Path) -> None:
    model = make(gram=gram)
    if isinstance(model.neck, GramNeck) and model.neck.residual is not None:
        torch.nn.init.normal_(model.neck.residual.gain)
    folder = save(model, tmp_path / "other")
    loaded = load_model(folder).single("test")
    images = torch.randn(2, 3, 64, 64)
    assert loaded.config.gram == gram
    assert torch.equal(loaded(images).embedding, model(images).embedding)


@torch.no_grad()
def test_a_folder_from_before_the_other_forms_still_loads(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(saved, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    old = ("maps", "fusion", "backbone_fusion", "divide_by_hw", "compress", "max_weights")
    config["model"]["gram"] = {key: config["model"]["gram"][key] for key in old}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    images = torch.randn(2, 3, 64, 64)
    loaded = load_model(folder).model
    assert loaded.config == CONFIG
    assert torch.equal(loaded(images).embedding, make()(images).embedding)


def test_config_says_where_it_comes_from(saved: Path) -> None:
    config = load_model(saved).config
    assert config["format_version"] == 1
    assert config["provenance"] == {"recipe": {"seed": 1}, "table": "fi8.csv"}
    assert config["measured"] == MEASURED | {"asr": None}
    assert config["licence"] == "apache-2.0"
    assert (config["num_features"], config["precision"]) == (7, "float32")


def test_loading_leaves_the_random_numbers_alone(saved: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load_model(saved)
    assert torch.equal(torch.rand(3), expected)


@torch.no_grad()
def test_a_folded_half_precision_model_comes_back(tmp_path: Path) -> None:
    model = make()
    model.fold()
    folder = save(model, tmp_path / "folded", precision="float16")
    whole = save(model, tmp_path / "whole")
    assert (folder / "model.safetensors").stat().st_size < 0.6 * (whole / "model.safetensors").stat().st_size
    loaded = load_model(folder).model
    assert loaded.config.folded
    assert {each.dtype for each in loaded.parameters()} == {torch.float32}
    expected = {key: each.half().float() for key, each in model.state_dict().items()}
    assert all(torch.equal(each.float(), expected[key]) for key, each in loaded.state_dict().items())


def test_channels_last_models_are_saved(tmp_path: Path) -> None:
    model = make().to(memory_format=torch.channels_last)
    loaded = load_model(save(model, tmp_path / "last")).model
    assert all(torch.equal(each, loaded.state_dict()[key]) for key, each in model.state_dict().items())


def test_what_float16_cannot_hold_is_refused(tmp_path: Path) -> None:
    model = make()
    with torch.no_grad():
        model.emotion_head.linear.bias[0] = 1e5  # type: ignore[union-attr]
    with pytest.raises(ModelError, match=r"emotion_head\.linear\.bias: larger than float16"):
        save(model, tmp_path / "large", precision="float16")
    assert not list(tmp_path.iterdir())


def test_the_place_of_a_weights_file_is_not_published(tmp_path: Path) -> None:
    model = make()
    model.config = replace(model.config, weights="/home/someone/weights/net.pth")
    config = load_model(save(model, tmp_path / "m")).config
    assert config["model"]["weights"] == "net.pth"
    assert "someone" not in "".join(path.read_text() for path in (tmp_path / "m").glob("*.[jm]*[nd]"))


def test_a_model_is_replaced_whole(saved: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(saved, tmp_path / "m")
    (folder / "old.txt").write_text("of the old model")
    save(make(dimensions=()), folder)
    assert load_model(folder).model.dimension_head is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m"]
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.json", "model.safetensors"]


def test_a_failure_in_writing_keeps_the_old_model(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(saved, tmp_path / "m")

    def full(*_: object, **__: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save", full)
    with pytest.raises(ModelError, match=r"cannot be written.*No space left"):
        save(make(), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    assert load_model(folder).taxonomy == MIKELS


@pytest.mark.parametrize("occupied", ["file", "folder"])
def test_something_else_is_not_overwritten(tmp_path: Path, occupied: str) -> None:
    target = tmp_path / "thesis"
    if occupied == "folder":
        target.mkdir()
        (target / "thesis.tex").write_text("years of work")
    else:
        target.write_text("years of work")
    with pytest.raises(ModelError, match="holds something that is not a model"):
        save(make(), target)
    assert target.exists()


def test_an_empty_folder_and_missing_parents_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert save(make(), tmp_path / "empty").is_dir()
    assert save(make(), tmp_path / "a" / "b" / "c").is_dir()


def _edit(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    edit(config)
    path.write_text(json.dumps(config))


def _truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({}))


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "there is no such folder"),
    "pickles": (_pickle_only, r"holds pytorch_model\.bin but no model\.safetensors.*can run any code"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), r"model\.safetensors missing"),
    "no config": (lambda f: (f / "config.json").unlink(), r"config\.json missing"),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "cannot be read as JSON"),
    "a list": (lambda f: (f / "config.json").write_text("[]"), "no format_version"),
    "foreign": (lambda f: _edit(f, lambda c: c.pop("format_version")), "not a model of evocative's"),
    "newer": (lambda f: _edit(f, lambda c: c.update(format_version=99)), "99.*Update evocative"),
    "no section": (lambda f: _edit(f, lambda c: c.pop("preprocessing")), "field 'preprocessing' is missing"),
    "unknown key": (lambda f: _edit(f, lambda c: c["model"].update(depth=3)), "model: .*depth"),
    "bad value": (lambda f: _edit(f, lambda c: c["model"].update(dropout="much")), "dropout"),
    "bad taxonomy": (lambda f: _edit(f, lambda c: c.update(taxonomy={"name": "x"})), "taxonomy"),
    "bad size": (lambda f: _edit(f, lambda c: c["preprocessing"].update(size=2)), "between 8 and 4096"),
    "loads a file": (
        lambda f: _edit(f, lambda c: c["model"]["backbone_args"].update(checkpoint_path="x.pth")),
        "checkpoint_path cannot be given",
    ),
    "corrupted": (_truncate, "broken, or not a safetensors file"),
    "empty weights": (lambda f: (f / "model.safetensors").write_bytes(b""), "not a safetensors file"),
    "other sizes": (
        lambda f: _edit(f, lambda c: c["model"]["gram"].update(maps=[1])),
        "does not fit the network.*unexpected: gram_modules.1",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_folders_are_told_apart(saved: Path, tmp_path: Path, kind: str) -> None:
    folder = shutil.copytree(saved, tmp_path / "m")
    spoil, message = BROKEN[kind]
    spoil(folder)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(folder)
    assert str(folder) in str(caught.value) or kind == "loads a file"


def test_a_file_is_no_model(saved: Path) -> None:
    with pytest.raises(ModelError, match=r"a file\. Give the folder"):
        load_model(saved / "config.json")


def test_the_card_has_front_matter_and_figures(saved: Path) -> None:
    card = (saved / "README.md").read_text(encoding="utf-8")
    front = card.split("---\n")[1]
    for line in (
        'license: "apache-2.0"',
        'library_name: "evocative"',
        'pipeline_tag: "image-classification"',
        'metrics: ["accuracy", "asr", "rows"]',
    ):
        assert line in front
    assert "mikels8" in front
    for line in ("| accuracy | 0.6 | 0.5 to 0.7 | 40 |", "| asr | undefined |  |  |", "amusement, awe"):
        assert line in card


def test_the_card_names_what_differs_from_the_published_gram_modules(tmp_path: Path) -> None:
    folder = save(make(gram=OTHER_FORMS[1]), tmp_path / "other")
    assert (
        "| Gram modules on maps | 2 (backbone_fusion = append, normalization = signed_sqrt, rank = 3, "
        "start = zero) |"
    ) in (folder / "README.md").read_text(encoding="utf-8")
    published = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    published["model"]["gram"] = {"maps": [1, 2], "fusion": "add"}  # as an older version wrote it
    assert "| Gram modules on maps | 1, 2 |" in model_card(published, title="Old")


def test_a_card_of_ones_own_words_keeps_the_tables(saved: Path) -> None:
    config = json.loads((saved / "config.json").read_text()) | {"licence": "research only: ask the owners"}
    card = model_card(config, title="Mine", text="Trained on *my* pictures.")
    assert 'license: "other"' in card
    assert 'license_name: "research-only-ask-the-owners"' in card
    assert "# Mine\n\nTrained on *my* pictures." in card
    assert "| accuracy |" in card
