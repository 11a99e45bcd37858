"""The style leaves no trace in matplotlib's settings; colours can be read; files are whole or not there."""

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.style import (
    INK,
    colors_for,
    edge_of,
    luminance,
    new_axes,
    new_figure,
    save,
    styled,
    text_color_on,
)
from evocative.taxonomy.labels import TAXONOMIES


def test_settings_are_as_they_were_even_after_an_error() -> None:
    before = dict(mpl.rcParams)

    @styled
    def fail() -> None:
        assert mpl.rcParams["font.size"] == 7.5
        raise ValueError

    with pytest.raises(ValueError):
        fail()
    new_figure(2, 2)
    assert dict(mpl.rcParams) == before


def test_nothing_imports_pyplot_or_torch() -> None:
    code = (
        "import sys, evocative.plots as p; [getattr(p, name) for name in p.__all__]; "
        "p.plot_confusion([[1, 0], [0, 1]], names='ab'); "
        "assert not {'matplotlib.pyplot', 'torch', 'umap'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


COLORS = sorted({color for taxonomy in TAXONOMIES.values() for color in taxonomy.colors})


@pytest.mark.parametrize("color", COLORS)
def test_colours_of_emotions_can_be_written_on_and_seen_on_white(color: str) -> None:
    assert _contrast(color, text_color_on(color)) >= 3
    assert _contrast(edge_of(color), "#FFFFFF") >= 1.8


def test_text_is_white_on_dark_and_ink_on_light() -> None:
    assert text_color_on("#000000") == "white"
    assert text_color_on("#FFFFFF") == INK
    assert luminance("#FFFFFF") == pytest.approx(1)


def test_colours_are_given_or_made_and_must_be_as_many_as_the_names() -> None:
    assert len(set(colors_for("abcdefgh", None))) == 8
    assert colors_for("ab", ["#000000", "#FFFFFF"]) == ("#000000", "#FFFFFF")
    with pytest.raises(DataError, match="2 of them, found 1"):
        colors_for("ab", ["#000000"])


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")])
def test_the_same_picture_gives_the_same_file(suffix: str, start: bytes, tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        axes = new_axes(None, 1, 1)
        axes.plot([0, 1], [1, 0])
        assert isinstance(axes.figure, Figure)
        contents.append(save(axes.figure, tmp_path / f"{name}{suffix}").read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].startswith(start)
    assert len(list(tmp_path.iterdir())) == 2  # nothing unfinished is left


def test_a_format_that_matplotlib_cannot_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.png, \.pdf or \.svg, found '\.docx'"):
        save(new_figure(1, 1), tmp_path / "picture.docx")
    assert not list(tmp_path.iterdir())
