"""The page holds everything, needs nothing from outside, and says what a reader must know."""

import base64
import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate.alignment import align
from evocative.evaluate.report import Picture, Report, write_json
from evocative.evaluate.suite import evaluate
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.report.html import render, write_page
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")
NAMES = ("confusion", "roc", "embedding", "centers", "dimensions", "circumplex", "reliability")


class Page(HTMLParser):
    """Collects tags, text and images; refuses tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img":
            assert values["alt"]
            self.images.append(str(values["src"]))
        self.links += [str(values[name]) for name in ("href", "src") if name in values]
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data


def png(width: int = 700) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, 4)).save(buffer, "png")
    return buffer.getvalue()


def predictions(rows: int = 40, **columns: Any) -> Predictions:
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(8), rows)
    frame: dict[str, Any] = {"path": [f"{row}.jpg" for row in range(rows)]}
    frame |= {f"p_{name}": shares[:, k] for k, name in enumerate(MIKELS.names)}
    frame |= {"label": list(rng.choice(MIKELS.names, rows)), "embedding": list(rng.normal(size=(rows, 4)))}
    frame |= {name: rng.uniform(-1, 1, rows) for name in ("valence", "target_valence")}
    return Predictions(pd.DataFrame(frame | columns), metadata=Metadata(taxonomy=MIKELS, model="<b>tiny</b>"))


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(predictions(), bootstrap=5)


def with_pictures(report: Report) -> Report:
    from dataclasses import replace

    shown = tuple(Picture(f"{name}.png", f"The {name}", f"Caption of {name}.") for name in NAMES)
    return replace(report, pictures=shown)


def test_every_picture_is_inside_and_nothing_outside(report: Report) -> None:
    files = {f"{name}.png": png(100 + k) for k, name in enumerate(NAMES)}
    text = render(with_pictures(report), files)
    page = Page(text)
    shown = {base64.b64decode(source.removeprefix("data:image/png;base64,")) for source in page.images}
    assert shown == set(files.values())
    assert all(link.startswith("data:") for link in page.links)
    for outside in ("http", "<script", "@import", "url("):
        assert outside not in text
    assert "Caption of roc." in page.words
    assert f'width="{round(0.55 * 700)}"' in render(with_pictures(report), dict.fromkeys(files, png(700)))


def test_it_tells_the_figures(report: Report) -> None:
    assert report.classification is not None
    page = Page(render(report, {}))
    assert f"{report.classification.accuracy.value:.3f}" in page.words
    for name in MIKELS.names:
        assert name in page.words
    for part in ("Labels", "Top-2 cross-sentiment", "Embedding", "Calibration", "Where this comes from"):
        assert part in page.words
    assert "95% intervals" in page.words
    assert "NaN" not in page.words
    assert "None" not in page.words
    assert "undefined" not in page.words.lower()


def test_names_are_text_not_markup(report: Report) -> None:
    text = render(report, {})
    assert "<b>tiny</b>" not in text
    assert "&lt;b&gt;tiny&lt;/b&gt;" in text


def test_it_reads_in_light_and_in_dark(report: Report) -> None:
    text = render(report, {})
    assert "prefers-color-scheme: dark" in text
    assert '<meta name="color-scheme" content="light dark">' in text


def test_what_a_reader_must_know_first() -> None:
    rows = predictions(6, label=["awe", "fear", None, "awe", "fear", "awe"], error=[None] * 5 + ["broken"])
    page = Page(render(evaluate(rows, bootstrap=0), {}))
    assert "1 of 6 images have no answer" in page.words
    assert "1 images have no label" in page.words
    assert "No intervals were asked for" in page.words
    bare = predictions(4)
    table = Table(
        pd.DataFrame({"path": bare.paths[:3], "label": ["fear", "happiness", "fear"]}),
        taxonomy("ekman6"),
        name="ek",
    )
    page = Page(render(evaluate(align(bare, table, mapped=True), bootstrap=0), {}))
    assert "Labels of two taxonomies were compared" in page.words
    assert "1 predictions of images that the table does not have" in page.words


def test_what_is_absent_is_said_and_not_shown() -> None:
    only = Predictions(pd.DataFrame({"path": ["a"], "valence": [0.1], "target_valence": [0.3]}))
    page = Page(render(evaluate(only, bootstrap=5), {}))
    assert "Not measured" in page.words
    assert "the predictions hold no probabilities of labels" in page.words
    assert "ROC-AUC" not in page.words
    assert "Pearson" in page.words


def test_a_folder_becomes_a_page(report: Report, tmp_path: Path) -> None:
    write_json(with_pictures(report), tmp_path / "report.json")
    with pytest.raises(DataError, match=r"confusion\.png: the report names this picture"):
        write_page(tmp_path)
    for name in NAMES:
        (tmp_path / f"{name}.png").write_bytes(png())
    page = write_page(tmp_path)
    assert page == tmp_path / "report.html"
    assert len(Page(page.read_text(encoding="utf-8")).images) == len(NAMES)
    (tmp_path / "roc.png").write_bytes(b"GIF89a")
    with pytest.raises(DataError, match=r"roc\.png: expected a PNG"):
        write_page(tmp_path)


def test_a_picture_must_be_given(report: Report) -> None:
    with pytest.raises(DataError, match="was not given"):
        render(with_pictures(report), {})
