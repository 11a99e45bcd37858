"""What every test shares: shapes are checked, and real data are found or the test is skipped."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")

from jaxtyping import install_import_hook

install_import_hook(
    "evocative", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
)  # an int is a float, as PEP 484 says

import pytest  # noqa: E402  (after the hook, which must come before evocative is imported)

if TYPE_CHECKING:
    from evocative.explore.atlas_folder import Atlas

pytest_plugins = ("tests.judges",)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images and labels beside the checkout, or a skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real images are not here: ../shared/data is absent")
    return folder


@pytest.fixture(scope="session")
def shared_weights() -> Path:
    """The folder of pretrained weights beside the checkout, or a skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "weights"
    if not folder.is_dir():
        pytest.skip("pretrained weights are not here: ../shared/weights is absent")
    return folder


@pytest.fixture(scope="session")
def fake_atlas() -> "Callable[..., Atlas]":
    """Make atlases of any kind without a model: cells, numbers and pictures drawn at random."""

    def make(
        folder: Path, kind: str = "emotions", *, seed: int = 0, rows: int = 9, **settings: Any
    ) -> "Atlas":
        import numpy as np
        import pandas as pd
        from PIL import Image

        from evocative.explore.atlas_cells import Axis, cell_columns
        from evocative.explore.atlas_folder import Atlas, JudgedBy, read_atlas, write_atlas

        rng, labels = np.random.default_rng([seed, rows]), ("awe", "fear", "amusement")
        edges = tuple(np.linspace(-1, 1, 5).tolist())
        dims = {
            "emotions": (Axis("emotion", labels=labels), Axis("band", edges=(0.0, 0.25, 0.5, 0.75, 1.0))),
            "plane": (Axis("valence", edges=edges), Axis("arousal", edges=edges)),
            "cube": tuple(Axis(name, edges=edges) for name in ("valence", "arousal", "dominance")),
            "probabilities": (),
        }[kind]
        centroids = None if dims else rng.dirichlet(np.ones(3), 20)
        cells = np.sort(rng.choice(12 if kind == "emotions" else 16, rows, replace=False))
        (folder / "pictures").mkdir(parents=True)
        names = [f"pictures/{cell}.png" if cell % 3 else None for cell in cells]
        for name in filter(None, names):
            Image.new("RGB", (24, 24), tuple(rng.integers(0, 256, 3).tolist())).save(folder / name)
        places = rng.uniform(-1, 1, (rows, 3))
        if kind != "cube":
            places[:, 2] = np.nan
        elites = {
            "cell": cells, **cell_columns(dims, cells), "fitness": rng.uniform(size=rows),
            **dict(zip((f"p_{label}" for label in labels), rng.dirichlet(np.ones(3), rows).T, strict=True)),
            **dict(zip(("valence", "arousal", "dominance"), places.T, strict=True)),
            "genome": [f'{{"kind": "none", "n": {cell}}}' for cell in cells], "formula": "x<y & " + "z" * 200,
            "evaluation": rng.integers(1, 400, rows), "parent": -1, "picture": names,
        }  # fmt: skip
        steps = np.arange(1, 5) * 100
        curve = pd.DataFrame(
            {"evaluations": steps, "coverage": np.sort(rng.uniform(size=4)),
             "qd_score": np.sort(rng.uniform(0, 9, 4)), "best": np.sort(rng.uniform(size=4)),
             "seconds": steps / 50, "seconds_scoring": steps / 60}
        )  # fmt: skip
        atlas = Atlas(
            {"kind": kind, "emitter": "mutation", "fitness": "confidence", "seed": seed, **settings},
            JudgedBy("tiny <1>", "sha256:0", None, labels, ("valence", "arousal")),
            pd.DataFrame(elites), curve, dims=dims, centroids=centroids,
            figures={"coverage": rows / 16, "evaluations": 400, "seconds": 8.0, "seconds_scoring": 6.0},
        )  # fmt: skip
        return read_atlas(write_atlas(atlas, folder))

    return make
