"""Ways of making pictures compared as a whole: what judges are told is what they said, picture by picture."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError
from evocative.explore.achieved import Draws
from evocative.explore.comparison import Asked, compare_pictures, write_comparison
from evocative.explore.comparison_text import tables
from evocative.explore.fresh_views import seen
from evocative.explore.genome import make_species
from evocative.explore.judge import Judge, quantized
from evocative.explore.looked import look, ways_of
from evocative.explore.made import read_made, write_made
from evocative.models.store import save_model
from evocative.report.pictures_compared import write_compared_page
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")
FEW = Asked(views=("mirror", "jpeg"), draws=Draws(n_resamples=20))
MakeJudge = Callable[..., Judge]


def pictures(count: int, *, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 4, 4, generator=generator)
    return quantized(torch.nn.functional.interpolate(coarse, (32, 32), mode="nearest"))


@pytest.fixture
def judge(make_judge: MakeJudge) -> Judge:
    return make_judge(("valence",))


@pytest.fixture
def made(tmp_path: Path, judge: Judge) -> Table:
    """Two ways: one asks for what the judge says, one for always the same; the latter has genomes."""
    wanted, generator = pictures(24, seed=0), np.random.default_rng(0)
    said = judge.score(wanted)
    assert said.probabilities is not None
    assert said.vad is not None
    labels = [MIKELS.names[place] for place in said.probabilities.argmax(axis=1)]
    genomes = [json.dumps(one.to_dict()) for one in make_species("cppn").random(12, generator)]
    rows = pd.DataFrame(
        {
            "label": labels[:12] + ["awe"] * 12,
            "valence": [*said.vad[:12, 0], *[np.nan] * 12],
            "source": ["<gan>"] * 12 + ["atlas"] * 12,
            "model": judge.name,
            "genome": [None] * 12 + genomes,
        }
    )
    return read_made(write_made(tmp_path / "made", wanted, rows, taxonomy=MIKELS))


@pytest.fixture
def real(tmp_path: Path) -> Table:
    folder = tmp_path / "real"
    folder.mkdir()
    for row, pixels in enumerate(pictures(20, seed=1)):
        Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(folder / f"{row}.png")
    frame = pd.DataFrame({"path": [f"{row}.png" for row in range(20)], "label": ["awe", "fear"] * 10})
    return Table(frame, taxonomy=MIKELS, root=folder, name="photos")


def test_ways_are_told_apart_by_source_and_model(made: Table, real: Table) -> None:
    ways = ways_of([made, made.assign(model="other")], real=real, limit=5)
    assert [(way.title, len(way)) for way in ways] == [
        ("<gan> for tiny-0", 5), ("atlas for tiny-0", 5), ("<gan> for other", 5), ("atlas for other", 5),
        ("real", 5),
    ]  # fmt: skip
    assert set(ways[-1].table.frame["label"]) == {"awe", "fear"}
    assert [(way.title, len(way)) for way in ways_of([made.assign(model=[0, 1] * 12)])] == [
        ("<gan> for 0", 6), ("<gan> for 1", 6), ("atlas for 0", 6), ("atlas for 1", 6)
    ]  # fmt: skip
    with pytest.raises(DataError, match="kept for real"):
        ways_of([made.assign(source="real")])
    with pytest.raises(DataError, match="no pictures"):
        ways_of([made.select([])])


def test_looking_is_scoring_of_each_view_in_any_batches(made: Table, judge: Judge) -> None:
    way = ways_of([made])[0]
    found = look(way, judge, views=("jpeg", "noise"))
    pixels = pictures(24, seed=0)[:12]
    for view in ("plain", "jpeg", "noise"):
        wanted = judge.score(seen(pixels, view))
        assert wanted.probabilities is not None
        assert wanted.vad is not None
        np.testing.assert_allclose(found.probabilities[view], wanted.probabilities, atol=1e-5)
        np.testing.assert_allclose(found.vad[view], wanted.vad, atol=1e-5)
    np.testing.assert_allclose(found.embedding, judge.score(pixels).embedding, atol=1e-5)
    judge.batch_size = 5
    again = look(way, judge, views=("jpeg", "noise"))
    np.testing.assert_allclose(again.probabilities["noise"], found.probabilities["noise"], atol=1e-5)
    assert found.achieved().all()
    assert found.own


def test_one_bad_picture_is_one_bad_row(made: Table, judge: Judge) -> None:
    made.paths[1].write_bytes(b"no picture")
    found = compare_pictures(ways_of([made]), [judge], asked=FEW)
    first = found.achieved[0]
    assert (first.n, first.failed, first.accuracy.value) == (11, 1, 1.0)
    ((path, error),) = found.errors
    assert path == made.frame["path"][1]
    assert "1" in error
    assert found.rows["error"].notna().sum() == 1
    assert found.spread[0].equal is not None
    assert found.spread[0].equal.n == 11


def test_all_figures_of_two_judges_and_real_images(
    made: Table, real: Table, judge: Judge, make_judge: MakeJudge, tmp_path: Path
) -> None:
    other = make_judge(("valence",), seed=1)
    ways = ways_of([made], real=real)
    found = compare_pictures(ways, [judge, other], training=real.select(range(10)), asked=FEW)

    accuracy = {(one.way, one.judge): one.accuracy.value for one in found.achieved}
    assert accuracy["<gan>", "tiny-0"] == 1
    rows = found.rows[(found.rows["way"] == "<gan>") & (found.rows["judge"] == "tiny-1")]
    assert accuracy["<gan>", "tiny-1"] == (rows["asked"] == rows["emotion"]).mean()
    assert {one.judge: len(one.dimensions) for one in found.achieved if one.way == "<gan>"} == {
        "tiny-0": 1, "tiny-1": 1,
    }  # fmt: skip
    own = found.achieved[0].dimensions[0]
    assert own.mae.value == pytest.approx(0, abs=1e-4)  # asked as the CSV keeps it

    # made for the first judge: only it comes first; real images: each
    pairs = {(one.way, one.first, one.second) for one in found.agreement}
    assert pairs == {
        ("<gan>", "tiny-0", "tiny-1"), ("atlas", "tiny-0", "tiny-1"),
        ("real", "tiny-0", "tiny-1"), ("real", "tiny-1", "tiny-0"),
    }  # fmt: skip
    convinced = next(one for one in found.agreement if one.way == "<gan>")
    assert (convinced.n, convinced.share.value) == (12, accuracy["<gan>", "tiny-1"])

    assert [(one.way, one.kind, one.n) for one in found.genomes] == [("atlas", "cppn", 12)]
    assert found.genomes[0].distance > 0
    assert {one.equal.n for one in found.spread if one.equal} == {12}
    assert len(found.neighbours) == 4
    assert all(one.copied is not None and 0 <= one.copied <= 1 for one in found.neighbours)
    assert [one.way for one in found.style] == ["<gan>", "atlas"]

    written = json.loads(write_comparison(found, tmp_path / "out").read_text())
    assert written["format_version"] == 2
    assert written["achieved"][0]["accuracy"]["value"] == 1
    assert len(read_table(tmp_path / "out" / "pictures.csv", check=False).frame) == 2 * (24 + 20)
    assert len(tables(found)) == 8
    page = write_compared_page(found, ways, tmp_path / "out" / "index.html").read_text()
    assert "&lt;gan&gt;" in page
    assert "<gan>" not in page
    assert not re.search(r"(src|href)=[\"'](?!data:)", page)
    assert "http" not in page
    bare = write_compared_page(found, ways, tmp_path / "bare.html", originals=False).read_text()
    assert page.count("<img") == bare.count("<img") + 2 * 4 * 2
    with pytest.raises(DataError, match=r"\.html"):
        write_compared_page(found, ways, tmp_path / "page.pdf")


def test_same_seed_same_figures(made: Table, real: Table, judge: Judge) -> None:
    asked = replace(FEW, views=("noise", "crop"))
    ways = ways_of([made], real=real)
    one, other = (compare_pictures(ways, [judge], asked=asked).to_dict() for _ in range(2))
    assert one == other


def test_mistakes_are_told(made: Table, real: Table, judge: Judge) -> None:
    ways = ways_of([made])
    with pytest.raises(DataError, match="one name each"):
        compare_pictures(ways, [judge, judge])
    with pytest.raises(DataError, match="needs real images"):
        compare_pictures(ways, [judge], training=real)
    nothing = ways_of([Table(made.frame.drop(columns=["label", "valence"]), root=made.root)])
    with pytest.raises(DataError, match="ask for nothing"):
        compare_pictures(nothing, [judge], asked=FEW)
    judge.batch_size = 0  # whoever looks at pictures first, fails otherwise
    with pytest.raises(DataError, match="JSON of a genome"):
        compare_pictures(ways_of([made.assign(genome="{oops")]), [judge], asked=FEW)


def test_the_verb(made: Table, real: Table, make_judge: MakeJudge, tmp_path: Path) -> None:
    for seed in (0, 1):
        one = make_judge(("valence",), seed=seed)
        save_model(
            one._network.model, tmp_path / f"tiny-{seed}", preprocessing=one.preprocessing, provenance={},
            measured={}, licence="none",
        )  # fmt: skip
    write_table(real, tmp_path / "real.csv")
    arguments = [
        "compare-pictures", str(made.root), "--model", str(tmp_path / "tiny-0"), "--model",
        f"second={tmp_path / 'tiny-1'}", "--real", str(tmp_path / "real.csv"), "--bootstrap", "5",
        "--limit", "8", "-o", str(tmp_path / "out"),
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "by second" in result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "index.html", "comparison.json", "pictures.csv"
    }  # fmt: skip
    before = (made.root / "pictures.csv").read_bytes()
    for wrong in (["-o", str(made.root)], ["--split", "test"]):
        refused = CliRunner().invoke(app, ["compare-pictures", str(made.root), *wrong])
        assert isinstance(refused.exception, DataError)
    assert (made.root / "pictures.csv").read_bytes() == before
    made.paths[0].write_bytes(b"")
    assert CliRunner().invoke(app, [*arguments, "--no-style"]).exit_code == 1
    clash = CliRunner().invoke(app, [*arguments, "--model", f"second={tmp_path / 'tiny-1'}"])
    assert isinstance(clash.exception, DataError)
    assert "NAME=MODEL" in str(clash.exception)
