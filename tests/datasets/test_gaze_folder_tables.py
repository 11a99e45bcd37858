"""Fixations of a plain folder, as spreadsheets save them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evocative.datasets.gaze_folder import load


@pytest.mark.parametrize(
    "text",
    [
        "x,y,viewer\n3.0,5.0,1\n7.0,2.0,2\n",
        "\ufeffx,y,viewer\n3.0,5.0,1\n7.0,2.0,2\n",
        "\ufeffx;y;viewer\n3,0;5,0;1\n7,0;2,0;2\n",
        "x\ty\tviewer\n3\t5\t1\n7\t2\t2\n",
    ],
    ids=["plain", "byte order mark", "semicolons and decimal commas", "tabs"],
)
def test_spreadsheets_fixations_are_read(tmp_path: Path, text: str) -> None:
    for folder in ("images", "fixations"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (20, 10)).save(tmp_path / "images" / "a.png")
    (tmp_path / "fixations" / "a.csv").write_text(text, encoding="utf-8")
    data = load(tmp_path)
    assert not data.left_out
    first, second = data.images[0].viewers
    np.testing.assert_array_equal(first, [[5, 3]])  # row, column
    np.testing.assert_array_equal(second, [[2, 7]])
