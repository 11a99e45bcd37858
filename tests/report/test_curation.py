"""The page of findings: everything in one file, the most certain first, what is hidden counted."""

import base64
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from evocative.curate.findings import Finding, collect
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.report.curation import PIXELS, write_findings_page


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Twenty images of different grey, and one that is not there."""
    for number in range(20):
        Image.new("RGB", (300, 200), (12 * number,) * 3).save(tmp_path / f"{number:02d}.png")
    paths = [f"{number:02d}.png" for number in range(20)] + ["gone.png"]
    frame = pd.DataFrame({"path": paths, "split": ["train"] * 10 + ["test"] * 11})
    return Table(frame, root=tmp_path, name="greys <1>")


def cards(page: str) -> list[str]:
    return re.findall(r"<figcaption>.*?<b>(.*?)</b>", page, flags=re.DOTALL)


def test_the_page_needs_nothing_but_itself(table: Table, tmp_path: Path) -> None:
    found = [
        Finding("00.png", "text", 0.4, 'says "<b>no</b>"'),
        Finding("01.png", "text", 0.9, "much"),
        Finding("gone.png", "unreadable", 1.0, "there is no such file", "drop"),
    ]
    write_findings_page(collect(found, table=table, kind="corrupt"), table, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert cards(page) == ["01.png", "00.png", "gone.png"]
    assert "<h1>Findings: greys &lt;1&gt;</h1>" in page
    assert "says &#34;&lt;b&gt;no" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert "no picture" in page
    assert "3 of 21 images have a finding; 1 are" in " ".join(page.split())
    (first, _) = re.findall(r"data:image/jpeg;base64,([^\"]+)", page)
    image = Image.open(io.BytesIO(base64.b64decode(first)))
    assert max(image.size) == PIXELS
    assert abs(image.convert("L").getpixel((9, 9)) - 12) <= 2  # type: ignore[operator]


def test_clusters_stand_together_and_what_is_hidden_is_counted(table: Table, tmp_path: Path) -> None:
    big = [Finding(f"{n:02d}.png", "near_duplicate", 0.5 + n / 100, "near", "drop", "d-1") for n in range(12)]
    small = [Finding(f"{n:02d}.png", "near_duplicate", 0.9, "near", "review", "d-2") for n in (15, 16)]
    alone = [Finding(f"{n:02d}.png", "near_duplicate", 0.3, "near") for n in (17, 18, 19)]
    found = collect([*big, *alone, *small], table=table, kind="duplicates")
    write_findings_page(found, table, tmp_path / "page.html", per_kind=7, per_cluster=4)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert cards(page) == ["15.png", "16.png", "11.png", "10.png", "09.png", "08.png", "17.png"]
    assert "d-1, and 8 more" in page
    assert "Not shown: 10 of 17." in page


def test_no_findings_are_a_page_too(table: Table, tmp_path: Path) -> None:
    write_findings_page(collect([], table=table, kind="text"), table, tmp_path / "page.html")
    assert "Nothing was found." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_cannot_be_is_refused(table: Table, tmp_path: Path) -> None:
    found = collect([], table=table, kind="text")
    with pytest.raises(DataError, match=r"ends in \.html"):
        write_findings_page(found, table, tmp_path / "page.csv")
    with pytest.raises(DataError, match="at least 1 finding"):
        write_findings_page(found, table, tmp_path / "page.html", per_kind=0)
