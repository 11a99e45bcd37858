"""A judge with random weights and a small input, whose answers to different pictures differ."""

from collections.abc import Callable

import pytest
import torch

from evocative.explore.judge import Judge
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import Dimension, ModelConfig
from evocative.taxonomy.labels import taxonomy

MakeJudge = Callable[..., Judge]


@pytest.fixture(scope="session")
def make_judge() -> MakeJudge:
    """Return a judge of 32 px: `make_judge(dimensions, emotions=…, seed=…)`."""

    def made(
        dimensions: tuple[Dimension, ...] = ("valence", "arousal"), *, emotions: bool = True, seed: int = 0
    ) -> Judge:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            config = ModelConfig(
                backbone="test_efficientnet", weights=None, emotions=emotions, dimensions=dimensions
            )
            model = create_model(config, taxonomy("mikels8") if emotions else None).train()
            coarse = torch.rand(64, 3, 4, 4)
            for _ in range(20):  # batch norms learn what pictures are like
                model(torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic") * 4 - 2)
            for name, parameter in model.named_parameters():
                if "_head.linear.weight" in name:
                    parameter.data.mul_(4)
        return Judge(model.eval(), Preprocessing(size=32), precision="fp32", name=f"tiny-{seed}")

    return made
