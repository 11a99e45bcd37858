"""The page of findings: everything in one file, the most certain first, what is hidden counted."""

import base64
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from evocative.curate.findings import Finding, Findings, collect
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
    assert cards(page) == ["gone.png", "01.png", "00.png"]  # what is to be dropped comes first
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
    assert cards(page) == ["11.png", "10.png", "09.png", "08.png", "15.png", "16.png", "17.png"]
    assert "d-1, and 8 more" in page
    assert "Not shown: 10 of 17." in page


def test_what_is_to_be_dropped_is_seen_first(table: Table, tmp_path: Path) -> None:
    looked_at = [Finding(f"{n:02d}.png", "text", 0.9, "words") for n in range(9)]
    pair = [Finding(f"{n:02d}.png", "near_duplicate", 0.9, "near", "review", "d-1") for n in (10, 11)]
    alone = [
        Finding("12.png", "near_duplicate", 0.3, "near", "drop"),
        Finding("13.png", "near_duplicate", 0.8, "near", "keep"),
        Finding("14.png", "near_duplicate", 0.7, "near", "review"),
    ]
    copies = [
        Finding("15.png", "near_duplicate", 0.2, "near", "keep", "d-2"),
        Finding("16.png", "near_duplicate", 0.2, "near", "drop", "d-2"),
    ]
    found = collect([*looked_at, *pair, *alone, *copies], table=table, kind="all")
    write_findings_page(found, table, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    near = ["15.png", "16.png", "12.png", "10.png", "11.png", "14.png", "13.png"]
    assert cards(page) == [*near, *(f"{n:02d}.png" for n in range(9))]
    write_findings_page(found, table, tmp_path / "page.html", per_kind=2)
    assert cards((tmp_path / "page.html").read_text(encoding="utf-8"))[:2] == ["15.png", "16.png"]


def test_a_label_is_told_once(table: Table, tmp_path: Path) -> None:
    labelled = table.assign(label="awe")
    frame = pd.DataFrame(
        {
            "path": ["00.png", "01.png"],
            "kind": ["label", "text"],
            "score": [0.9, 0.8],
            "evidence": ["labelled awe (p = 0.02), more like fear (p = 0.90)", "much"],
            "action": "review",
            "cluster": None,
            "label": ["awe", None],
            "likely": ["fear", None],
            "area": [None, 0.5],
        }
    )
    write_findings_page(
        Findings(frame, table=table.name, kind="all", settings={}), labelled, tmp_path / "page.html"
    )
    first, second = re.findall(
        r"<figcaption>(.*?)</figcaption>", (tmp_path / "page.html").read_text("utf-8"), flags=re.DOTALL
    )
    assert (first.count("awe"), first.count("fear"), first.count("train")) == (1, 1, 1)
    assert (second.count("awe"), second.count("area: 0.5")) == (1, 1)


def test_no_findings_are_a_page_too(table: Table, tmp_path: Path) -> None:
    write_findings_page(collect([], table=table, kind="text"), table, tmp_path / "page.html")
    assert "Nothing was found." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_cannot_be_is_refused(table: Table, tmp_path: Path) -> None:
    found = collect([], table=table, kind="text")
    with pytest.raises(DataError, match=r"ends in \.html"):
        write_findings_page(found, table, tmp_path / "page.csv")
    with pytest.raises(DataError, match="at least 1 finding"):
        write_findings_page(found, table, tmp_path / "page.html", per_kind=0)
