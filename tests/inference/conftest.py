"""A model of a few thousand random weights, and a handful of pictures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.models.create import EmotionModel, create_model
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="session")
def model() -> EmotionModel:
    """Both heads on a tiny random backbone, whose batch norms have seen pictures, so that answers differ."""
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = create_model(config, taxonomy("mikels8"))
        for module in made.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None  # plain averages
        with torch.no_grad():
            made(torch.nn.functional.interpolate(torch.randn(32, 3, 4, 4), size=48, mode="bilinear"))
    return made.eval()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve different pictures of different sizes, as JPEG and PNG."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    paths = []
    for number in range(12):
        blocks = generator.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        picture = Image.fromarray(blocks).resize((60 + 5 * number, 52), Image.Resampling.BICUBIC)
        paths.append(folder / f"{number:02d}.{'png' if number % 2 else 'jpg'}")
        picture.save(paths[-1])
    return paths
