"""The feature store: right numbers, found again, and never stale."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from evocative.data.table import Table
from evocative.data.transforms import evaluation_transform, normalize
from evocative.errors import CacheWarning, DataError
from evocative.inference.feature_store import FeatureStore
from evocative.inference.features import Features, describe_store, extract, full_matrices
from evocative.models.backbone import Backbone
from evocative.preprocessing import Preprocessing
from evocative.recipe import Augmentation

SMALL = Preprocessing(size=32)
ROWS = 5


@pytest.fixture
def table(tmp_path: Path) -> Table:
    random = np.random.default_rng(0)
    for number in range(ROWS):
        pixels = random.integers(0, 255, (40, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return Table(pd.DataFrame({"path": [f"{number}.png" for number in range(ROWS)]}), root=tmp_path)


@pytest.fixture
def backbone() -> Backbone:
    torch.manual_seed(0)
    return Backbone("test_efficientnet", maps=(1,)).eval()


def get(backbone: Backbone, table: Table, store: Path | None, **settings: Any) -> Features:
    return extract(backbone, table, preprocessing=SMALL, store=store, precision="fp32", **settings)


def test_features_are_what_the_backbone_says(backbone: Backbone, table: Table, tmp_path: Path) -> None:
    found = get(backbone, table, tmp_path / "store", map_size=2)
    transform = evaluation_transform(SMALL)
    images = torch.stack([transform(Image.open(path)) for path in table.paths])
    with torch.no_grad():
        pooled, (maps,) = backbone(normalize(images, SMALL))
    np.testing.assert_allclose(found.pooled[0], pooled.numpy(), rtol=2e-3, atol=2e-3)
    height = maps.shape[2] // 2
    corner = maps[:, :, :height, :height].mean((2, 3)).numpy()
    np.testing.assert_allclose(found.maps[0][0, :, :, 0, 0], corner, rtol=2e-3, atol=2e-3)
    gram = torch.einsum("bchw,bdhw->bcd", maps, maps) / maps[0, 0].numel()
    stored = full_matrices(torch.from_numpy(found.grams[0][0].astype(np.float32)))
    np.testing.assert_allclose(stored.numpy(), gram.numpy(), rtol=2e-3, atol=2e-3)
    assert found.computed == ROWS


def test_another_map_is_computed_beside_what_is_stored(table: Table, tmp_path: Path) -> None:
    torch.manual_seed(0)
    more = Backbone("test_efficientnet", maps=(0, 1)).eval()
    torch.manual_seed(0)
    fewer = Backbone("test_efficientnet", maps=(1,)).eval()
    assert get(fewer, table, tmp_path / "store").computed == ROWS
    both = get(more, table, tmp_path / "store")
    assert both.computed == ROWS
    again = get(fewer, table, tmp_path / "store")
    assert again.computed == 0
    np.testing.assert_array_equal(both.maps[1], again.maps[0])


def test_moments_are_those_of_the_whole_map_and_stored_without_it(table: Table, tmp_path: Path) -> None:
    torch.manual_seed(0)
    backbone = Backbone("test_efficientnet", maps=(1, 0)).eval()
    found = get(backbone, table, tmp_path / "store", maps=(), moments=(0, 1))
    assert found.maps == found.grams == ()
    transform = evaluation_transform(SMALL)
    images = torch.stack([transform(Image.open(path)) for path in table.paths])
    with torch.no_grad():
        _, (second, first) = backbone(normalize(images, SMALL))
    flat = [each.flatten(2).double().numpy() for each in (first, second)]
    expected = np.concatenate([number for each in flat for number in (each.mean(2), each.std(2))], axis=1)
    np.testing.assert_allclose(found.moments[0], expected, rtol=2e-3, atol=2e-3)
    assert sorted(path.name for path in next((tmp_path / "store").glob("*/")).iterdir() if path.is_dir()) == [
        "moments_0", "moments_1", "pooled",
    ]  # fmt: skip
    assert get(backbone, table, tmp_path / "store", maps=(1,)).computed == ROWS  # the map itself is not there
    assert get(backbone, table, tmp_path / "store", maps=(1,), moments=(0,)).computed == 0
    assert get(backbone, table, None, maps=()).moments.shape == (1, ROWS, 0)


def test_means_and_gram_matrices_are_stored_without_the_map(table: Table, tmp_path: Path) -> None:
    torch.manual_seed(0)
    backbone = Backbone("test_efficientnet", maps=(1, "blocks.2.0.conv_pwl")).eval()
    names = ("blocks.2.0.conv_pwl", 1)
    found = get(backbone, table, tmp_path / "store", maps=(), statistics=names)
    assert found.maps == found.grams == ()
    transform = evaluation_transform(SMALL)
    images = torch.stack([transform(Image.open(path)) for path in table.paths])
    with torch.no_grad():
        maps = dict(zip(backbone.map_indices, backbone(normalize(images, SMALL))[1], strict=True))
    for name, (means, grams) in zip(names, found.statistics, strict=True):
        assert isinstance(name, int | str)
        flat = maps[name].flatten(2)
        np.testing.assert_allclose(means[0], flat.mean(2), rtol=2e-3, atol=2e-3)
        whole = full_matrices(torch.from_numpy(grams[0].astype(np.float32)))
        np.testing.assert_allclose(whole, flat @ flat.mT / flat.shape[2], rtol=2e-3, atol=2e-3)
    stored = {path.name for path in (tmp_path / "store").glob("*/*") if path.is_dir()}
    assert stored == {
        "pooled", "gram_1", "map_1_1", "gram_blocks.2.0.conv_pwl", "map_blocks.2.0.conv_pwl_1"
    }  # fmt: skip
    again = get(backbone, table, tmp_path / "store", maps=(), statistics=names)
    assert again.computed == 0


def test_what_is_stored_is_found_in_any_order(backbone: Backbone, table: Table, tmp_path: Path) -> None:
    first = get(backbone, table, tmp_path / "store")
    turned = [3, 0, 0, 4]
    again = get(backbone, table.select(turned), tmp_path / "store")
    assert again.computed == 0
    np.testing.assert_array_equal(again.pooled, first.pooled[:, turned])
    np.testing.assert_array_equal(again.maps[0], first.maps[0][:, turned])
    assert [entry["images"] for entry in describe_store(tmp_path / "store")] == [ROWS]


def test_only_a_changed_image_is_computed_anew(backbone: Backbone, table: Table, tmp_path: Path) -> None:
    before = get(backbone, table, tmp_path / "store")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "2.png")
    (tmp_path / "1.png").rename(tmp_path / "renamed.png")
    renamed = Table(table.frame.replace("1.png", "renamed.png"), root=tmp_path)
    after = get(backbone, renamed, tmp_path / "store")
    assert after.computed == 1
    assert not np.array_equal(before.pooled[:, 2], after.pooled[:, 2])
    np.testing.assert_array_equal(before.pooled[:, [0, 1, 3, 4]], after.pooled[:, [0, 1, 3, 4]])


def test_another_network_or_preprocessing_is_a_stranger(
    backbone: Backbone, table: Table, tmp_path: Path
) -> None:
    get(backbone, table, tmp_path / "store")
    larger = Preprocessing(size=48)
    found = extract(backbone, table, preprocessing=larger, store=tmp_path / "store", precision="fp32")
    assert found.computed == ROWS
    backbone.made_of["backbone_args"] = {"pad_type": "same"}
    assert get(backbone, table, tmp_path / "store").computed == ROWS
    with torch.no_grad():
        next(backbone.parameters()).add_(1e-3)
    assert get(backbone, table, tmp_path / "store").computed == ROWS


def test_views_differ_and_come_again(backbone: Backbone, table: Table, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"views": 3, "augmentation": Augmentation(randaugment_n=0), "seed": 1}
    found = get(backbone, table, tmp_path / "store", **settings)
    assert found.computed == 3 * ROWS
    plain = get(backbone, table, tmp_path / "store")
    np.testing.assert_array_equal(plain.pooled[0], found.pooled[0])
    assert not np.array_equal(found.pooled[1], found.pooled[2])
    turned = list(range(ROWS))[::-1]
    other_place = get(backbone, table.select(turned), tmp_path / "other", **settings)
    np.testing.assert_array_equal(found.pooled[:, turned], other_place.pooled)
    with pytest.raises(DataError, match="augmentation for more"):
        get(backbone, table, None, views=2)


def test_a_bad_image_is_one_bad_row(backbone: Backbone, table: Table, tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"no picture")
    (tmp_path / "4.png").unlink()
    for _ in range(2):
        found = get(backbone, table, tmp_path / "store")
        assert found.ok.tolist() == [False, True, True, True, False]
        assert not found.pooled[0, 0].any()


def test_an_interruption_loses_little(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evocative.inference.feature_store.ROWS_A_FILE", 2)
    asked: list[int] = []

    def compute(rows: Any, limit: int) -> Any:
        for place, row in enumerate(rows.tolist()):
            if len(asked) == limit:
                raise KeyboardInterrupt
            asked.append(row)
            yield np.array([place]), {"x": np.full((1, 1), row)}

    store = FeatureStore(tmp_path / "store")
    with pytest.raises(KeyboardInterrupt):
        store.get({"a": 1}, table.paths, shapes={"x": (1,)}, compute=lambda rows: compute(rows, 3))
    found = store.get({"a": 1}, table.paths, shapes={"x": (1,)}, compute=lambda rows: compute(rows, 99))
    assert asked == [0, 1, 2, 3, 4]
    assert found.arrays["x"].ravel().tolist() == [0, 1, 2, 3, 4]


def test_what_cannot_be_stored_is_refused(table: Table, tmp_path: Path) -> None:
    def compute(rows: Any) -> Any:
        yield np.arange(len(rows)), {"x": np.full((len(rows), 1), 1e6)}

    with pytest.raises(DataError, match="beyond"):
        FeatureStore(tmp_path / "store").get({}, table.paths, shapes={"x": (1,)}, compute=compute)


@pytest.mark.parametrize("damage", ["cut", "zeros", "garbage", "empty"])
def test_a_damaged_file_is_put_aside_and_computed_anew(table: Table, tmp_path: Path, damage: str) -> None:
    """Five files, one of them damaged in its head, foot or values: one row is computed again."""
    asked: list[int] = []

    def compute(rows: Any) -> Any:
        for place, row in enumerate(rows.tolist()):
            asked.append(row)
            yield np.array([place]), {"x": np.full((1, 400), row)}

    def get_all() -> list[float]:
        found = FeatureStore(tmp_path / "store").get({}, table.paths, shapes={"x": (400,)}, compute=compute)
        assert found.ok.all()
        assert (found.arrays["x"] == found.arrays["x"][:, :1]).all()
        return [float(value) for value in found.arrays["x"][:, 0]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evocative.inference.feature_store.ROWS_A_FILE", 1)
        assert get_all() == [0, 1, 2, 3, 4]
    file = sorted(tmp_path.rglob("*.parquet"))[1]
    whole = file.read_bytes()
    middle = whole.rindex(b"\x00\x40" * 2) if b"\x00\x40" * 2 in whole else len(whole) // 2
    changed = {
        "cut": whole[:-100],
        "zeros": bytes(100) + whole[100:],
        "garbage": whole[:middle] + b"\x12\x34" + whole[middle + 2 :],
        "empty": b"",
    }
    file.write_bytes(changed[damage])
    asked.clear()
    with pytest.warns(CacheWarning, match="put aside"):
        assert get_all() == [0, 1, 2, 3, 4]
    assert len(asked) == 1
    assert get_all() == [0, 1, 2, 3, 4]  # without a warning
    assert len(asked) == 1
