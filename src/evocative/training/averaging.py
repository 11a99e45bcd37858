"""Fine-tuned weights averaged with those that they started from (WiSE-FT: Wortsman et al. 2022).

A short fine-tuning forgets some of what the pretrained network knew; the mean of both ends of the path often
answers better than either. It costs nothing at inference.
"""

from pathlib import Path
from typing import Any

import torch
from lightning.fabric import Fabric

from evocative.training.checkpoint import load_checkpoint


def average_with_start(fabric: Fabric, model: Any, start: Path, *, share: float) -> None:
    """Move the model's weights towards an earlier checkpoint, in place.

    Args:
        fabric: Which loads the checkpoint.
        model: A network that Fabric has set up, fine-tuned.
        start: A checkpoint of the same network.
        share: Of the start in the mean, in [0, 1]: 0 leaves the model as it is.
    """
    trained = {name: tensor.detach().clone() for name, tensor in model.module.state_dict().items()}
    load_checkpoint(fabric, start, model=model, optimizer=None)
    with torch.no_grad():
        for name, tensor in model.module.state_dict().items():
            if tensor.is_floating_point():
                tensor.lerp_(trained[name], 1 - share)
            else:
                tensor.copy_(trained[name])
