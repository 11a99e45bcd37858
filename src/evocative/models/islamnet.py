"""Huang et al. 2024: ISLAMNet's emotion map, by which the features it came from are made stronger.

Z.-B. Huang, X.-Y. Chen, E. Huang, *Deep learning model-based emotion recognition for visual communication in
human-computer interaction*, section 3.1.2, (9) to (12). The rotation of the self-supervised task is in
losses/rotation.py, its head in models/create.py.

    f1 → 1×1 convolution → f2 → ⊗ Mc(f2) ⊗ Ms(f2) → f3 → Σ channels → f4, the emotion map
    U_i = f4 ⊗ f1_i,  f5 = [f1, U] → global average → dense → softmax

Reads in the paper: "the features f4 are passed through the global average pooling layer" in the text before
(12) is taken for f5, as its figure 2 and the sentence before have it; "to compress the spatial dimension" of
the 1×1 convolution for the channels, which alone it can compress. Differs from the paper in: nothing that it
says; f2's channels, the attention's reduction and the ReLU on f2 are ours (`IslamnetConfig`).
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.attention import ParallelAttention
from evocative.recipe.map_networks import IslamnetConfig


class IslamnetNeck(nn.Module):
    """From f1 to the global average of f5 = [f1, U]: twice as many numbers as f1 has channels.

    The emotion map f4 is one for all emotions: what differs between them is only the dense layer.

    Attributes:
        num_features: 2C.
    """

    def __init__(self, config: IslamnetConfig, *, channels: int) -> None:
        """Make it for maps f1 of C = `channels` channels.

        Raises:
            ModelError: f2 would have less than one channel, or the reduction is below 1.
        """
        super().__init__()
        inner = max(1, channels // 4) if config.channels is None else config.channels
        if inner < 1:
            raise ModelError(f"model.islamnet.channels: expected 1 or more, found {inner}")
        self.conv = nn.Conv2d(channels, inner, 1)
        self.activation = nn.ReLU() if config.rectify else nn.Identity()
        self.attention = ParallelAttention(inner, reduction=config.reduction)
        self.num_features = 2 * channels

    def emotion_map(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B 1 h w"]:
        """Return f4 from f1, the only one of `maps`."""
        (f1,) = maps
        f2 = self.activation(self.conv(f1))
        f3 = self.attention(f2)  # (9)
        f4: Tensor = f3.sum(dim=1, keepdim=True)
        return f4

    def forward(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B C h w"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:  # fmt: skip
        """Return the global average of f5; the backbone's own vector and Gram matrices are not read."""
        (f1,) = maps
        u = self.emotion_map(maps) * f1
        return torch.cat([f1.mean(dim=(2, 3)), u.mean(dim=(2, 3))], dim=1)
