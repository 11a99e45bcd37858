"""`evocative explain --method gallery`, and what is on its page."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evocative.data.storage import write_rows
from evocative.evaluate.explained import Wish, explained
from evocative.explain.style import collect
from evocative.explain.style_names import FEATURES, VERSION
from evocative.inference.predictor import Predictor, load
from evocative.report.explained import write_explained_page

LAYER = "blocks.2"
"""Of the tiny network at 32 pixels: the last that has more than one place is before blocks.4."""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    blocks = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((90, 60)).save(folder / "sea <1>.png")
    (folder / "torn.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def predictor(tiny_model: str) -> Predictor:
    return load(tiny_model, precision="fp32", workers=1)


def test_the_page_holds_everything_and_asks_no_network(
    run: Callable[..., object], tiny_model: str, pictures: Path, tmp_path: Path
) -> None:
    style = collect([f"{n}.jpg" for n in range(20)], [dict.fromkeys(FEATURES, -1e6)] * 20)
    write_rows(style.frame, {"kind": "style", "version": VERSION}, tmp_path / "style.csv")
    page = tmp_path / "page.html"
    ended = run(
        "explain", pictures, "--method", "gallery", "--model", tiny_model, "--curves", 2, "--gram-map", 0,
        "--gram-map", 1, "--steps", 1, "--layer", LAYER, "--reference", tmp_path / "style.csv", "-o", page,
    )  # fmt: skip
    assert ended.status == 1, ended  # type: ignore[attr-defined]
    assert "torn.png" in ended.stderr  # type: ignore[attr-defined]
    text = page.read_text(encoding="utf-8")
    assert "sea &lt;1&gt;.png" in text
    assert "<1>" not in text
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", text)
    shown = re.findall(r"data:image/jpeg;base64,([^\"]+)", text)
    assert len(shown) == 2 + 8 + 2  # picture and predicted; emotions; textures
    sizes = [Image.open(io.BytesIO(base64.b64decode(data))).size for data in shown]
    assert sizes[0] == sizes[1] == (90, 60)
    assert text.count("<polyline") == 4
    assert "64 of 64 features" in text
    assert "style, 20 pictures" in text


def test_maps_and_curves_are_those_of_the_predictor(predictor: Predictor, pictures: Path) -> None:
    path = str(pictures / "sea <1>.png")
    found = explained(
        predictor, path, Wish(targets=("fear", "awe"), method="hirescam", layer=LAYER, curve_steps=3)
    )
    answer = predictor.predict(path)
    assert [one.label for one in found.maps] == ["fear", "awe"]
    assert found.target == found.chosen.label == answer.emotion
    (expected,) = predictor.maps(path, targets=["awe"], method="hirescam", layer=LAYER)
    np.testing.assert_allclose(found.maps[1].values, expected.values, rtol=1e-5)
    first, second = (one.values.ravel() for one in found.maps)
    assert found.alike == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-5)
    end = found.curves["insertion"].score[-1]  # the whole picture, as large as it is
    assert end == pytest.approx(answer.probability, abs=1e-4)
    assert found.curves["deletion"].score[0] == pytest.approx(answer.probability, abs=1e-4)
    assert not found.modules
    assert not found.extremes


def test_weak_maps_are_said_to_be_weak(predictor: Predictor, pictures: Path, tmp_path: Path) -> None:
    path = str(pictures / "sea <1>.png")
    found = explained(predictor, path, Wish(layer=LAYER))
    tops = {str(one.label): float(one.values.max()) for one in found.maps}
    assert write_explained_page([found], tmp_path / "page.html") == 1
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    for label, top in tops.items():
        said = f"top {top / max(tops.values()):.0%}" if top > 0 else "nothing"
        assert re.search(rf"<b>{label}</b> <span>p = [\d.]+, {said}</span>", text), label


def test_what_cannot_be_had_is_told(
    run: Callable[..., object], tiny_model: str, pictures: Path, tmp_path: Path
) -> None:
    for words, told in (
        (("-o", tmp_path / "page.pdf"), "ends in .html"),
        (("-o", tmp_path / "page.html", "--target", "joy"), "joy"),
        (("-o", tmp_path / "page.html", "--gram-map", 99), "expected maps of 0 to"),
    ):
        ended = run(
            "explain", pictures, "--method", "gallery", "--model", tiny_model, "--layer", LAYER, *words
        )
        assert ended.status == 2  # type: ignore[attr-defined]
        assert told in ended.stderr  # type: ignore[attr-defined]
    (pictures / "sea <1>.png").unlink()
    ended = run("explain", pictures, "--method", "gallery", "--model", tiny_model, "-o", tmp_path / "p.html")
    assert ended.status == 2  # type: ignore[attr-defined]
    assert not (tmp_path / "p.html").exists()
