"""Copies of data sets, laid out as their owners do, with small images."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image

Plant = Callable[[Iterable[str]], Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Put a small image at each path below a new root."""

    def tree(paths: Iterable[str]) -> Path:
        root = tmp_path / "copy"
        for path in paths:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), "teal").save(file, format="JPEG")
        return root

    return tree
