"""The hub: a local cache stands in for it, and without it there is a quick, clear word."""

import shutil
import socket
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from evocative.errors import ModelError
from evocative.models import hub
from evocative.models.backbone import Backbone
from evocative.models.create import create_model
from evocative.models.hub import download, is_hub, reachable
from evocative.models.store import load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

REVISION = "0123456789abcdef0123456789abcdef01234567"


def put_into_cache(cache: Path, name: str, folder: Path) -> None:
    """Lay a folder out as an earlier download would have left it."""
    place = cache / f"models--{name.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(REVISION)
    shutil.copytree(folder, place / "snapshots" / REVISION)


def test_a_model_comes_from_the_cache(tmp_path: Path) -> None:
    config = ModelConfig(backbone="resnet18", weights=None, backbone_args={"channels": (4, 4, 8, 8)})
    model = create_model(config, taxonomy("ekman6"))
    folder = save_model(
        model, tmp_path / "m", preprocessing=Preprocessing(), provenance={}, measured={}, licence="mit"
    )
    put_into_cache(tmp_path / "cache", "org/name", folder)
    loaded = load_model("hf-hub:org/name", offline=True, cache=tmp_path / "cache")
    assert loaded.taxonomy == taxonomy("ekman6")
    assert torch.equal(
        loaded.model.state_dict()["emotion_head.linear.bias"], model.state_dict()["emotion_head.linear.bias"]
    )
    pinned = load_model(f"hf-hub:org/name@{REVISION}", offline=True, cache=tmp_path / "cache")
    assert pinned.taxonomy == loaded.taxonomy


@pytest.mark.parametrize("weights", ["timm", "hf-hub:org/weights"])
def test_backbone_weights_come_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: str
) -> None:
    arguments = {"channels": (4, 4, 8, 8)}
    torch.manual_seed(1)
    state = Backbone("resnet18", backbone_args=arguments).network.state_dict()
    state |= {"fc.weight": torch.zeros(1000, 8), "fc.bias": torch.zeros(1000)}
    (tmp_path / "w").mkdir()
    save_file(state, tmp_path / "w" / "model.safetensors")
    put_into_cache(
        tmp_path / "cache", "timm/resnet18.a1_in1k" if weights == "timm" else "org/weights", tmp_path / "w"
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(2)
    network = Backbone("resnet18", weights=weights, backbone_args=arguments).network
    assert torch.equal(network.conv1.weight, state["conv1.weight"])


def test_offline_is_said_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(
        ModelError, match=r"hf-hub:org/name: not in the local cache.*give a local folder or file"
    ):
        load_model("hf-hub:org/name", offline=True)
    with pytest.raises(ModelError, match=r"weights of resnet18.*HF_HUB_OFFLINE is set.*model\.weights"):
        Backbone("resnet18", weights="timm")
    assert time.monotonic() - began < 3


def test_an_unreachable_hub_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "reachable", lambda *_, **__: False)
    with pytest.raises(ModelError, match="the hub cannot be reached"):
        download("hf-hub:org/name", patterns=["*"], cache=tmp_path)


@pytest.mark.parametrize("name", ["hf-hub:", "hf-hub:a/b/c", "hf-hub:-x/.."])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="expected hf-hub:org/name"):
        download(name, patterns=["*"], offline=True, cache=tmp_path)


def test_reachable_asks_the_address_and_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "getproxies", dict)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert reachable(address)
        monkeypatch.setattr(hub, "getproxies", lambda: {"https": address})
        assert reachable("https://does-not-exist.invalid")
    monkeypatch.setattr(hub, "getproxies", dict)
    assert not reachable(address)

    def slow(*_: object, **__: object) -> socket.socket:
        time.sleep(5)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", slow)
    began = time.monotonic()
    assert not reachable(address, patience=0.1)
    assert time.monotonic() - began < 2


def test_is_hub() -> None:
    assert is_hub("hf-hub:org/name")
    assert not is_hub("org/name")
    assert not is_hub(Path("hf"))
