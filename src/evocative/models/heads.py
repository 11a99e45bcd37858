"""Heads: from an embedding to emotions, and to valence, arousal and dominance."""

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


class DimensionHead(nn.Module):
    """A linear layer and a tanh: valence, arousal and dominance in (-1, 1), or some of them."""

    def __init__(self, num_features: int, dimensions: Sequence[str], *, dropout: float = 0.0) -> None:
        """Predict the named dimensions from embeddings of `num_features` numbers.

        Raises:
            ModelError: No dimension, an unknown one, or one twice.
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

    def forward(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B 3"]:
        """Return (valence, arousal, dominance); a column that this head does not predict is NaN."""
        values = torch.tanh(self.linear(self.dropout(embedding)))
        nothing = torch.full_like(values[:, 0], torch.nan)
        columns = dict(zip(self.dimensions, values.unbind(1), strict=True))
        return torch.stack([columns.get(name, nothing) for name in DIMENSIONS], dim=1)
