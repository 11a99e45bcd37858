"""What every test shares: shapes are checked, and real data are found or the test is skipped."""

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "2")

from jaxtyping import install_import_hook

install_import_hook(
    "evocative", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
)  # an int is a float, as PEP 484 says

import pytest  # noqa: E402  (after the hook, which must come before evocative is imported)


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
