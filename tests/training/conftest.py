"""A tiny run: thirty images of coloured noise, a tiny network, a few steps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.table import Table, write_table
from evocative.recipe import Recipe, parse
from evocative.taxonomy.labels import TAXONOMIES

ROWS = 30
LABELS = ("awe", "fear", "sadness")


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.csv: each emotion has its colour, each row a valence and an arousal."""
    folder = tmp_path_factory.mktemp("tiny")
    random = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for number in range(ROWS):
        kind = number % len(LABELS)
        pixels = random.integers(0, 60, (40, 40, 3))
        pixels[..., kind] += 150
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
        split = "train" if number < 21 else "validation" if number < 24 else "test"
        rows.append(
            {"path": f"{number}.png", "label": LABELS[kind], "valence": kind - 1.0 if kind != 1 else 0.5,
             "arousal": 0.3 * kind - 0.2, "split": split}
        )  # fmt: skip
    rows[3]["label"] = None
    rows[4]["valence"] = rows[4]["arousal"] = np.nan
    frame = pd.DataFrame(rows)
    write_table(Table(frame, taxonomy=TAXONOMIES["mikels8"], root=folder, name="tiny"), folder / "tiny.csv")
    return folder


def make_recipe(**sections: Any) -> Recipe:
    """Settings of a run of seconds; sections are laid over them."""
    values: dict[str, Any] = {
        "name": "tiny",
        "seed": 3,
        "data": {"sources": [{"path": "tiny.csv"}]},
        "preprocessing": {"size": 32},
        "model": {
            "backbone": "test_efficientnet", "weights": None, "dimensions": ["valence", "arousal"],
            "gram": {"maps": [1]}, "dropout": 0.1,
        },
        "losses": [
            {"name": "cross_entropy"},
            {"name": "contrastive_center", "weight": 0.1},
            {"name": "dimensions"},
        ],
        "augmentation": {"randaugment_n": 1},
        "optimizer": {"lr": 0.02},
        "schedule": {"name": "cosine"},
        "training": {"epochs": 2, "batch_size": 6, "precision": "fp32", "workers": 0, "monitor": "loss"},
        "evaluation": {"batch_size": 8},
    }  # fmt: skip
    for name, section in sections.items():
        values[name] = {**values.get(name, {}), **section} if isinstance(section, dict) else section
    return parse(values)


@pytest.fixture(scope="session")
def tiny_recipe() -> Callable[..., Recipe]:
    """Return a function that makes the recipe of a run of seconds, with sections laid over it."""
    return make_recipe
