"""Heads: from an embedding to emotions, and to valence, arousal and dominance."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError, unknown

DIMENSIONS = ("valence", "arousal", "dominance")
"""The columns of every `vad` tensor, in this order."""


class EmotionHead(nn.Module):
    """A linear classifier on the embedding, (4.8) of *Motiejauskas 2026*: one logit a label."""

    def __init__(self, num_features: int, num_labels: int, *, dropout: float = 0.0) -> None:
        """Take embeddings of `num_features` numbers; `dropout` is the share of them that training drops."""
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(num_features, num_labels)

    def forward(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B K"]:
        """Return logits; their softmax are the probabilities."""
        logits: Tensor = self.linear(self.dropout(embedding))
        return logits


SD_FLOOR = 0.01
"""The least SD that a head says: certainty beyond that of any set of ratings would let a density grow without
bound."""
SD_START = 0.3
"""What a new head says on average, about the SD of published mean ratings."""


class DimensionHead(nn.Module):
    """A linear layer and a tanh: valence, arousal and dominance in (-1, 1), or some of them."""

    sd_scale: Tensor

    def __init__(
        self, num_features: int, dimensions: Sequence[str], *, dropout: float = 0.0, sd: bool = False,
        sd_scale: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Predict the named dimensions from embeddings of `num_features` numbers.

        With `sd` a second linear layer reads the same embedding and says how sure the head is (`spread`);
        `sd_scale` multiplies what it says (`scale_sd`).

        Raises:
            ModelError: No dimension, an unknown one, or one twice; or scales that do not go with them.
        """
        super().__init__()
        for name in dimensions:
            if name not in DIMENSIONS:
                raise ModelError(unknown("dimension", name, DIMENSIONS))
        if not dimensions or len(set(dimensions)) != len(dimensions):
            raise ModelError(
                f"a dimension head takes one to three different dimensions, not {list(dimensions)}"
            )
        self.dimensions = tuple(name for name in DIMENSIONS if name in dimensions)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(num_features, len(self.dimensions))
        self.sd_linear = nn.Linear(num_features, len(self.dimensions)) if sd else None
        self.register_buffer("sd_scale", torch.ones(len(self.dimensions)), persistent=False)
        if self.sd_linear is not None:
            self.say_sd([SD_START] * len(self.dimensions))
        if sd_scale:
            self.scale_sd(sd_scale)

    def forward(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B 3"]:
        """Return (valence, arousal, dominance); a column that this head does not predict is NaN."""
        return self._columns(torch.tanh(self.linear(self.dropout(embedding))))

    def spread(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B 3"] | None:
        """Return an SD for each of them: in [`SD_FLOOR`, 1), then times `sd_scale`.

        Values in [-1, 1] have none above 1. None where the head was made without.
        """
        if self.sd_linear is None:
            return None
        share = torch.sigmoid(self.sd_linear(self.dropout(embedding)))
        return self._columns((SD_FLOOR + (1 - SD_FLOOR) * share) * self.sd_scale)

    @torch.no_grad()
    def scale_sd(self, factors: Sequence[float]) -> None:
        """Multiply the SDs of `dimensions`, in their order, from now on, in place of earlier factors.

        Raises:
            ModelError: There is no SD to scale, or not one positive factor for each dimension.
        """
        if self.sd_linear is None:
            raise ModelError("model.dimension_sd_scale: this head says no SD; set model.dimension_sd = true")
        good = [factor for factor in factors if math.isfinite(factor) and factor > 0]
        if len(good) != len(self.dimensions) or len(factors) != len(good):
            raise ModelError(
                f"model.dimension_sd_scale: expected a positive factor for each of "
                f"{', '.join(self.dimensions)}, found {list(factors)}"
            )
        self.sd_scale.copy_(torch.tensor(good))

    @torch.no_grad()
    def say_sd(self, values: Sequence[float], *, rows: Sequence[int] | None = None) -> None:
        """Let the head say the same SD of every image, until it learns better.

        Args:
            values: In (`SD_FLOOR`, 1).
            rows: Which of `dimensions` they are of; by default all, in order.
        """
        if self.sd_linear is None:
            return
        places = list(range(len(values))) if rows is None else list(rows)
        share = (torch.tensor(values) - SD_FLOOR) / (1 - SD_FLOOR)
        self.sd_linear.weight[places] = 0.0
        self.sd_linear.bias[places] = share.logit(eps=1e-4).to(self.sd_linear.bias)

    def _columns(self, values: Float[Tensor, "B A"]) -> Float[Tensor, "B 3"]:
        nothing = torch.full_like(values[:, 0], torch.nan)
        columns = dict(zip(self.dimensions, values.unbind(1), strict=True))
        return torch.stack([columns.get(name, nothing) for name in DIMENSIONS], dim=1)
