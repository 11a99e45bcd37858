"""Weights in fewer bits: bounds of the rounding, what stays, what is refused."""

from pathlib import Path

import pytest
import torch
from tests.models.test_store import make, save

from evocative.errors import ModelError
from evocative.models.packing import PRECISIONS, SCALE, pack, unpack
from evocative.models.store import load_model

KEY = "backbone.network.conv.weight"


def weight(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_every_channel_is_rounded_to_half_a_step_of_its_own() -> None:
    convolution = weight(16, 8, 3, 3) * torch.logspace(-6, 3, 16).view(-1, 1, 1, 1)
    back = unpack(pack({KEY: convolution}, "int8"))[KEY]
    step = convolution.flatten(1).abs().amax(1) / 127
    assert back.dtype == torch.float32
    assert ((back - convolution).flatten(1).abs().amax(1) <= 0.5001 * step).all()


def test_a_hand_worked_channel() -> None:
    convolution = torch.zeros(2, 512)
    convolution[0, :3] = torch.tensor([254.0, -127.0, 3.1])  # a step of 2: 127, -63.5 (to even: -64), 1.55
    stored = pack({KEY: convolution}, "int8")
    assert stored[KEY][0, :4].tolist() == [127, -64, 2, 0]
    assert stored[KEY + SCALE].tolist() == [2.0, 1.0]  # a channel of zeros needs no scale
    assert unpack(stored)[KEY][0, :4].tolist() == [254.0, -128.0, 4.0, 0.0]


def test_heads_vectors_and_small_tensors_stay_in_half_precision() -> None:
    tensors = {
        "emotion_head.linear.weight": weight(8, 512),
        "backbone.network.bn.weight": weight(2048),
        "backbone.network.small.weight": weight(4, 4),
        "backbone.network.bn.num_batches_tracked": torch.tensor(70000),
    }
    stored = pack(tensors, "int8")
    assert set(stored) == set(tensors)
    assert {each.dtype for each in stored.values()} == {torch.float16, torch.int64}
    assert unpack(stored)["backbone.network.bn.num_batches_tracked"] == 70000


def test_float32_is_left_alone() -> None:
    assert torch.equal(unpack(pack({KEY: weight(64, 64)}, "float32"))[KEY], weight(64, 64))


def test_scales_of_another_tensor_are_refused() -> None:
    stored = pack({KEY: weight(64, 64)}, "int8")
    with pytest.raises(ModelError, match="its scales do not fit"):
        unpack({**stored, KEY + SCALE: torch.ones(3)})


@torch.no_grad()
def test_a_model_in_eight_bits_is_smaller_and_answers_nearly_alike(tmp_path: Path) -> None:
    model = make()
    model.fold()
    sizes = {}
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for precision in PRECISIONS:
        folder = save(model, tmp_path / precision, precision=precision)
        sizes[precision] = (folder / "model.safetensors").stat().st_size
        loaded = load_model(folder)
        assert loaded.config["precision"] == precision
        expected, found = model(images).embedding, loaded.model(images).embedding
        assert torch.allclose(found, expected, atol=0.1 * float(expected.std()))
    assert sizes["int8"] < sizes["float16"] < sizes["float32"]
