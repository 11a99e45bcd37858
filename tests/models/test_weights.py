"""Weights from files: strict, all mistakes at once, no code run, half precision widened."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.weights import load_into, read_weights

THIN = {"channels": (4, 4, 8, 8)}


def thin(weights: str | None = None) -> Backbone:
    torch.manual_seed(3)
    return Backbone("resnet18", weights=weights, backbone_args=THIN)


@pytest.mark.parametrize("kind", ["bare.pth", "wrapped.pt", "plain.safetensors"])
def test_round_trip_by_file(tmp_path: Path, kind: str) -> None:
    network = thin().network
    torch.manual_seed(9)
    state = {
        key: torch.rand_like(each) if each.is_floating_point() else each
        for key, each in network.state_dict().items()
    }
    state["fc.weight"] = torch.zeros(1000, 8)  # a classifier may stand there
    path = tmp_path / kind
    if kind == "plain.safetensors":
        save_file(state, path)
    else:
        torch.save({"state_dict": state} if kind == "wrapped.pt" else state, path)
    loaded = thin(str(path)).network.state_dict()
    assert all(torch.equal(loaded[key], state[key]) for key in loaded)


def test_half_precision_is_widened(tmp_path: Path) -> None:
    network = thin().network
    torch.save(
        {
            key: each.half() if each.is_floating_point() else each
            for key, each in network.state_dict().items()
        },
        tmp_path / "half.pth",
    )
    loaded = thin(str(tmp_path / "half.pth")).network
    assert {each.dtype for each in loaded.parameters()} == {torch.float32}
    torch.testing.assert_close(loaded.conv1.weight, network.conv1.weight, rtol=1e-3, atol=1e-4)


def test_all_mistakes_are_named_at_once() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    state = module.state_dict()
    state["1.weight"] = torch.zeros(4, 4)
    del state["0.bias"]
    state["2.weight"] = state["2.bias"] = torch.zeros(1)
    before = {key: each.clone() for key, each in module.state_dict().items()}
    with pytest.raises(ModelError) as caught:
        load_into(module, state, source="file.pth", unused=["2.bi", "3."])
    message = str(caught.value)
    assert "1 missing: 0.bias" in message
    assert "2 unexpected: 2.weight, 2.bias" in message
    assert "1 of another shape: 1.weight (4, 4) for (1, 3)" in message
    assert all(torch.equal(each, before[key]) for key, each in module.state_dict().items())


def test_long_lists_are_cut() -> None:
    module = nn.Sequential(*(nn.Linear(1, 1) for _ in range(10)))
    with pytest.raises(ModelError, match=r"20 missing: 0\.weight.* and 12 more"):
        load_into(module, {}, source="file.pth")


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("was_run",)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": _Evil()}, tmp_path / "evil.pth")
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        read_weights(tmp_path / "evil.pth")
    (tmp_path / "old.pth").write_bytes(pickle.dumps(_Evil()))
    with pytest.raises(ModelError, match="cannot be read as plain tensors"):
        read_weights(tmp_path / "old.pth")
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.pth", b"hello", "cannot be read as plain tensors"),
        ("empty.pth", b"", "cannot be read as plain tensors"),
        ("text.safetensors", b"hello there", "not a safetensors file"),
        ("weights.npz", b"", r"expected a file named \.safetensors"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_weights(tmp_path / name)


def test_a_list_of_tensors_is_refused(tmp_path: Path) -> None:
    torch.save([torch.zeros(1)], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="expected a state_dict"):
        read_weights(tmp_path / "list.pth")


def test_the_wrong_pool_is_told(shared_weights: Path) -> None:
    with pytest.raises(
        ModelError, match=r"missing: conv_head\.weight.*Check that backbone, backbone_args and pool"
    ):
        Backbone("tf_efficientnet_b0", weights=str(shared_weights / "tf_efficientnet_b0.features.pth"))


@pytest.mark.parametrize(
    ("name", "file", "pool", "width"),
    [
        ("mobilenetv2_100", "mobilenetv2_100.imagenet.pth", "head", 1280),
        ("tf_efficientnet_b0", "tf_efficientnet_b0.features.pth", "last_map", 320),
        ("mobilenetv2_100", "mobilenetv2_100.imagenet.pth", "last_map", 320),
    ],
)
@torch.no_grad()
def test_real_weights_load(shared_weights: Path, name: str, file: str, pool: str, width: int) -> None:
    arguments = {"pad_type": "same"} if name.startswith("mobilenet") else {}
    backbone = Backbone(name, weights=str(shared_weights / file), pool=pool, backbone_args=arguments).eval()  # type: ignore[arg-type]
    vector, _ = backbone(torch.zeros(1, 3, 64, 64))
    assert vector.shape == (1, width)
    assert 0 < vector.abs().max() < 100
