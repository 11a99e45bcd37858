"""Duplicates: hashes, the index, alignment, clusters, label conflicts and leaks."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from typer.testing import CliRunner

from evocative.cli import app
from evocative.curate.alignment import agreement, turned
from evocative.curate.clusters import components
from evocative.curate.duplicates import find_duplicates
from evocative.curate.findings import read_findings
from evocative.curate.fingerprint import MIRROR, fingerprints, thumbnail, words_of
from evocative.curate.hamming import near_pairs
from evocative.curate.leaks import find_leaks
from evocative.curate.similar import feature_links
from evocative.data.image import decode
from evocative.data.table import Table, read_table
from evocative.errors import CacheWarning, DataError

Words = npt.NDArray[np.uint64]


def picture(seed: int, size: tuple[int, int] = (120, 96)) -> Image.Image:
    """Smooth coloured noise: like photographs, most of it in low frequencies."""
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0], 3))
    layers = [gaussian_filter(noise, (width, width, 0)) * width for width in (3, 8, 20)]
    smooth = np.sum(layers, axis=0)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return Image.fromarray((smooth * 255).astype(np.uint8))


def altered(image: Image.Image, kind: str, path: Path) -> None:
    width, height = image.size
    if kind == "quality":
        image.save(path, "JPEG", quality=30)
        return
    made = {
        "lossless": lambda: image,
        "half": lambda: image.resize((width // 2, height // 2), Image.Resampling.BICUBIC),
        "crop": lambda: image.crop((round(0.03 * width), 0, width, round(0.97 * height))),
        "mirror": lambda: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "turn": lambda: image.rotate(5, Image.Resampling.BICUBIC),
        "turn back": lambda: image.rotate(-5, Image.Resampling.BICUBIC),
    }[kind]()
    made.save(path, "BMP")


KINDS = ("quality", "lossless", "half", "crop", "mirror", "turn", "turn back")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("duplicates")
    for seed in range(12):
        picture(seed).save(root / f"{seed}.png")
    for seed, kind in enumerate(KINDS):
        altered(picture(seed), kind, root / f"{seed} {kind}.png")
    (root / "11 again.png").write_bytes((root / "11.png").read_bytes())
    Image.new("RGB", (64, 64), "grey").save(root / "flat.png")
    Image.new("RGB", (64, 64), "silver").save(root / "flatter.png")
    (root / "broken.png").write_bytes(b"not an image")
    return root


@pytest.fixture
def table(folder: Path) -> Table:
    names = sorted(path.name for path in folder.iterdir())
    return Table(pd.DataFrame({"path": names}), root=folder)


def pairs_by_hand(words: Words, queries: Words, radius: int, mask: int) -> dict[tuple[int, int], int]:
    """All pairs, bit by bit."""
    found: dict[tuple[int, int], int] = {}
    for i, first in enumerate(words):
        for j, second in enumerate(queries):
            bits = bin(int(first) ^ int(second) ^ mask).count("1")
            if i != j and bits <= radius:
                key = (min(i, j), max(i, j))
                found[key] = min(bits, found.get(key, 64))
    return found


@pytest.mark.parametrize("radius", [0, 3, 6, 11, 15])
@pytest.mark.parametrize("mask", [0, MIRROR])
@pytest.mark.parametrize("ask", [False, True])
def test_the_index_finds_what_all_pairs_find(radius: int, mask: int, ask: bool) -> None:
    rng = np.random.default_rng(radius)
    base = rng.integers(0, 2**64, 12, dtype=np.uint64)
    words = np.repeat(base, 12)
    for row in range(len(words)):
        for bit in rng.integers(0, 64, 0 if row % 4 == 0 else rng.integers(0, 9)):
            words[row] ^= np.uint64(1) << np.uint64(bit)
        if row % 3 == 0:
            words[row] ^= np.uint64(MIRROR)
    queries = np.where(np.arange(len(words)) % 2, words ^ np.uint64(0b1011 << 30), words) if ask else None
    pairs, bits = near_pairs(words, radius=radius, mask=mask, queries=queries)
    found = {(int(i), int(j)): int(d) for (i, j), d in zip(pairs, bits, strict=True)}
    assert found == pairs_by_hand(words, words if queries is None else queries, radius, mask)
    assert len(found) > 0


def test_the_index_of_nothing_is_empty_and_its_radius_is_checked() -> None:
    assert near_pairs(np.zeros(0, np.uint64), radius=3)[0].shape == (0, 2)
    with pytest.raises(DataError, match="0 to 15"):
        near_pairs(np.zeros(2, np.uint64), radius=16)


def test_mirroring_flips_known_bits() -> None:
    grey = np.stack([thumbnail(picture(seed)) for seed in range(20)])
    assert (words_of(grey) ^ words_of(grey[:, :, ::-1]) == np.uint64(MIRROR)).mean() > 0.9
    assert len(np.unique(words_of(grey))) == 20


def test_words_are_the_signs_of_the_cosine_transform() -> None:
    grey = thumbnail(picture(3)).astype(float)
    line = np.arange(32) + 0.5
    radius = np.hypot(*np.meshgrid(line / 16 - 1, line / 16 - 1))
    window = np.clip((1 - radius) / 0.4, 0, 1)
    faded = (grey - (grey * window).sum() / window.sum()) * window
    waves = np.cos(np.pi * np.outer(np.arange(32), line) / 32)
    value = waves[0] @ faded @ waves[1]  # half a wave across, none down
    order = sorted(((u, v) for u in range(32) for v in range(32) if u + v), key=lambda p: (sum(p), p))
    place = order.index((0, 1))
    bit = (place % 4) * 16 + place // 4
    assert (int(words_of(grey[None])[0]) >> bit) & 1 == int(value > 0)


def test_alignment_finds_the_turn_and_refuses_another_picture() -> None:
    image = picture(5, (160, 80))
    still, other = thumbnail(image)[None], thumbnail(picture(6, (160, 80)))[None]
    moved = thumbnail(image.rotate(5, Image.Resampling.BICUBIC))[None]
    score, found = agreement(still, moved, np.eye(2, 3)[None])
    assert score[0] > 0.93
    np.testing.assert_allclose(found[0], turned(5, 2.0), atol=0.04)
    assert agreement(still, other, np.eye(2, 3)[None])[0][0] < 0.7


def test_components_are_those_of_a_graph_walk() -> None:
    pairs = np.array([[0, 3], [3, 5], [1, 2]])
    labels = components(6, pairs)
    assert labels[0] == labels[3] == labels[5]
    assert labels[1] == labels[2]
    assert len({labels[0], labels[1], labels[4]}) == 3


def test_every_planted_copy_is_found_and_nothing_else(table: Table) -> None:
    found = find_duplicates(table)
    clusters = {frozenset(rows["path"]) for _, rows in found.frame.groupby("cluster")}
    planted = {frozenset({f"{seed}.png", f"{seed} {kind}.png"}) for seed, kind in enumerate(KINDS)}
    assert clusters == planted | {frozenset({"11.png", "11 again.png"})}
    kinds = dict(zip(found.frame["path"], found.frame["kind"], strict=True))
    assert kinds["11 again.png"] == kinds["1 lossless.png"] == "exact_duplicate"
    assert kinds["0 quality.png"] == kinds["4 mirror.png"] == "near_duplicate"
    evidence = dict(zip(found.frame["path"], found.frame["evidence"], strict=True))
    assert "mirror image of 4" in evidence["4 mirror.png"]
    assert "the same file as 11" in evidence["11.png"]
    actions = {kind: set(rows["action"]) for kind, rows in found.frame.groupby("kind")}
    assert actions == {"exact_duplicate": {"drop", "keep"}, "near_duplicate": {"review", "keep"}}
    assert found.frame.set_index("path").loc["2.png", "action"] == "keep"  # the larger one


def test_without_near_only_the_same_content_is_found(table: Table) -> None:
    found = find_duplicates(table, near=False)
    assert found.counts == {"exact_duplicate": 4}


def test_labels_of_one_picture_that_differ_are_to_be_reviewed(table: Table) -> None:
    labels = ["awe" if " " in path else "fear" for path in table.frame["path"]]
    found = find_duplicates(Table(table.frame.assign(label=labels), root=table.root), mirrored=False)
    conflicts = found.frame[found.frame["kind"] == "label_conflict"]
    assert len(conflicts) == 2 * len(KINDS)
    assert set(found.frame["action"]) == {"review"}
    assert "awe 1, fear 1" in conflicts["evidence"].iloc[0]
    assert (conflicts["score"] == 0.5).all()


def test_a_row_that_is_measured_on_is_kept_and_a_split_that_takes_copies_apart_leaks(table: Table) -> None:
    split = ["test" if " " in path else "train" for path in table.frame["path"]]
    split[table.frame["path"].to_list().index("11 again.png")] = "train"
    halves = table.assign(split=split)
    found = find_duplicates(halves, drop_near=True)
    assert found.dropped >= {f"{seed}.png" for seed in range(len(KINDS))}
    leaks = find_leaks(halves, found)
    assert leaks.dropped == {f"{seed}.png" for seed in range(len(KINDS))}


def test_the_store_keeps_fingerprints_and_survives_damage(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def counting(path: Path) -> Image.Image:
        read.append(path)
        return decode(path)

    monkeypatch.setattr("evocative.curate.fingerprint.decode", counting)
    first = fingerprints(table, store=tmp_path)
    assert len(read) == len(set(first.file))
    again = fingerprints(table, store=tmp_path)
    assert len(read) == len(set(first.file))
    for name in ("file", "pixels", "words", "thumbnails", "sizes", "ok"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not first.ok[table.frame["path"].to_list().index("broken.png")]
    (file,) = tmp_path.glob("fingerprints-*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:5]) + bytes(50) + b"".join(lines[6:])[:-30])
    with pytest.warns(CacheWarning, match="2 damaged"):
        np.testing.assert_array_equal(fingerprints(table, store=tmp_path).words, first.words)
    assert len(read) == len(set(first.file)) + 3


def test_a_threshold_out_of_range_is_refused(table: Table) -> None:
    with pytest.raises(DataError, match="threshold"):
        find_duplicates(table, threshold=1.5)


def test_the_command_writes_findings_and_the_cleaned_table(table: Table, tmp_path: Path) -> None:
    output, kept = tmp_path / "found.csv", tmp_path / "kept.csv"
    asked = ["curate", "duplicates", str(table.root), "-o", str(output), "--cleaned", str(kept), "--exact"]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    assert read_findings(output).counts == {"exact_duplicate": 4}
    assert len(read_table(kept)) == len(table) - 2


def test_features_that_nearly_agree_are_to_be_reviewed(table: Table) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(len(table), 40)).astype(np.float32)
    paths = table.frame["path"].to_list()
    first, second = paths.index("8.png"), paths.index("9.png")
    features[second] = features[first] + 0.1 * rng.normal(size=40).astype(np.float32)
    found = find_duplicates(table, near=False, features=features).frame.set_index("path")
    rows = found[found["kind"] == "near_duplicate"]
    assert dict(rows["action"]) == {"8.png": "keep", "9.png": "review"}
    assert "much like 8.png (features' cosine 0.99" in str(rows.loc["9.png", "evidence"])


def test_random_planes_find_what_all_cosines_find() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=(60, 32))
    made = np.concatenate([base, base + rng.normal(size=base.shape) * rng.uniform(0.1, 0.6, (60, 1))])
    features = made.astype(np.float32)
    links = {(link.first, link.second) for link in feature_links(features, np.ones(120, bool), cosine=0.95)}
    centred = made - made.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    near = np.argwhere(np.triu(unit @ unit.T >= 0.95, 1))
    assert links == {(int(i), int(j)) for i, j in near}
    assert len(links) > 10
