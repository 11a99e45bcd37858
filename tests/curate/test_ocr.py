"""Reading: words are found, textures are not, and the score is what the formula says."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from evocative.cli.curate import app
from evocative.curate.findings import read_findings
from evocative.curate.ocr import OcrDetector, OcrSettings, Read, covered, scaled, strength, told
from evocative.data.table import read_table
from evocative.errors import DataError, MissingExtra


@pytest.fixture(scope="module")
def detector() -> OcrDetector:
    pytest.importorskip("rapidocr_onnxruntime")
    return OcrDetector(OcrSettings(sizes=(320, 480)))


def noise(width: int = 200, height: int = 150) -> Image.Image:
    """Smooth colours."""
    blocks = np.random.default_rng(0).integers(60, 120, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)


def written(text: str) -> Image.Image:
    image = noise()
    ImageDraw.Draw(image).text((30, 55), text, fill="white", font=ImageFont.load_default(32))
    return image


def test_a_word_is_read(detector: OcrDetector) -> None:
    look = detector.look_at(written("OFFER"))
    assert look.score is not None
    assert look.score > 0.7
    assert "OFFER" in look.evidence


def test_where_there_is_none_nothing_is_read(detector: OcrDetector) -> None:
    look = detector.look_at(noise())
    assert look.score is not None
    assert look.score < 0.25


def test_a_bad_image_is_a_look_without_a_score(detector: OcrDetector, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    written("OFFER").save(tmp_path / "good.png")
    bad, good = detector.look([tmp_path / "bad.jpg", tmp_path / "good.png"])
    assert bad.score is None
    assert "bad.jpg" in bad.evidence
    assert good == detector.look_at(written("OFFER"))


def test_large_images_are_reduced_and_narrow_ones_fit(detector: OcrDetector) -> None:
    large = written("OFFER").resize((2000, 1500))
    assert (detector.look_at(large).score or 0) > 0.7
    assert detector.look_at(Image.new("RGB", (300, 20))).score == 0


def test_letters_count_by_confidence_squared() -> None:
    reads = [Read("SALE", 0.9, 0.1), Read("5", 0.5, 0.1), Read("owls", 0.4, 0.1), Read("?!", 1.0, 0.1)]
    assert strength(reads) == pytest.approx(4 * 0.81 + 0.25)
    assert strength(reads, 0) == pytest.approx(4 * 0.81 + 0.25 + 4 * 0.16)
    assert strength([]) == 0


def test_the_threshold_becomes_one_half() -> None:
    values = [scaled(e, 1.2) for e in (0, 0.6, 1.2, 12, 1e6)]
    assert values == sorted(values)
    assert (values[0], values[2]) == (0, 0.5)
    assert values[-1] < 1


def test_evidence_names_the_surest_words() -> None:
    reads = [Read("l", 0.3, 0.02), Read("SALE", 0.9, 0.01), Read("", 0.0, 0.2)]
    assert told(reads) == "text: 'SALE' 0.90, 'l' 0.30 (3 boxes, 23.0% of the image)"
    assert told([Read("", 0.0, 0.2)]) == "text: nothing legible (1 boxes, 20.0% of the image)"
    assert told([]) == "no text box"


@pytest.mark.parametrize("wrong", [{"sizes": ()}, {"sizes": (640, 320)}, {"threshold": 0.0}, {"boxes": 0}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DataError, match="text by ocr: expected sizes that ascend"):
        OcrSettings(**wrong)  # type: ignore[arg-type]


def test_without_the_extra_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    with pytest.raises(MissingExtra, match=r"pip install 'evocative\[curate\]'"):
        OcrDetector()


def test_the_command_writes_findings_and_a_table_of_all_images(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    (tmp_path / "pile").mkdir()
    written("OFFER").save(tmp_path / "pile" / "word.png")
    noise().save(tmp_path / "pile" / "none.png")
    found, seen = tmp_path / "found.csv", tmp_path / "seen.csv"
    arguments = ["text", str(tmp_path / "pile"), "-o", str(found), "--table", str(seen)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert read_findings(found).frame[["path", "action"]].to_numpy().tolist() == [["word.png", "review"]]
    frame = read_table(seen, check=False).frame
    areas = dict(zip(frame["path"], frame["area"].astype("float64"), strict=True))
    assert 0.02 < areas["word.png"] < 0.1  # too little of the picture to drop it
    assert areas["none.png"] == 0
    scores = dict(zip(frame["path"], frame["text"].astype("float64"), strict=True))
    assert scores["word.png"] >= 0.5
    assert scores["none.png"] < 0.25


@pytest.mark.parametrize("around", [None, 16])
def test_only_what_lies_around_bright_places_is_enlarged_further(
    around: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    detector = OcrDetector(OcrSettings(sizes=(320, 480), around=around, enough=99))
    image = noise(400, 300)
    ImageDraw.Draw(image).text((20, 20), "OFFER", fill="white", font=ImageFont.load_default(40))
    seen: list[tuple[tuple[int, int], float]] = []
    whole = detector._map

    def watched(part: Image.Image, scale: float) -> np.ndarray:
        seen.append((part.size, scale))
        return whole(part, scale)

    monkeypatch.setattr(detector, "_map", watched)
    reads = detector.read(image)
    assert seen[0] == ((400, 300), 0.8)
    assert [scale for _, scale in seen[1:]] == [1.2] * (len(seen) - 1)
    looked = sum(width * height for (width, height), _ in seen[1:]) / (400 * 300)
    assert looked == 1 if around is None else 0 < looked < 0.7
    assert [read.text for read in reads].count("OFFER") == 2
    places = [np.mean(read.corners, axis=0) for read in reads]
    np.testing.assert_allclose(places[0], places[1], atol=0.02)  # of the whole image, not of the part


def test_what_is_covered_is_counted_once_and_only_where_something_was_read() -> None:
    def box(left: float, top: float, right: float, bottom: float) -> tuple[tuple[float, float], ...]:
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    reads = [
        Read("SALE", 0.9, 0.1, box(0, 0, 0.5, 0.2)),
        Read("SALE", 0.8, 0.1, box(0.25, 0, 0.75, 0.2)),  # half of it again
        Read("...", 0.9, 0.5, box(0, 0.5, 1, 1)),  # no letter
        Read("owl", 0.3, 0.5, box(0, 0.5, 1, 1)),  # not sure
    ]
    assert covered(reads) == pytest.approx(0.15, abs=0.003)
    assert covered(reads[2:]) == 0
    slanted = ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5))
    assert covered([Read("SALE", 0.9, 0.5, slanted)]) == pytest.approx(0.5, abs=0.005)
