"""Gram matrices of whitened feature maps: second-order statistics that a linear head can read as they are.

    z = Wᵀ(f − μ)            f: a map's column at one place; (W, μ): PCA whitening by training images' maps
    G = Σ z·zᵀ / (H·W)       of one image; over all training images its mean is the identity
    v = triangle(sign(G)·√|G|)

A plain Gram matrix is ruled by a few strong channels and by what all images share. Here every direction has
the same variance and the common mean is gone, so that what is left of a matrix is what the image has of its
own. Whitening before bilinear pooling: Jégou & Chum 2012 (negative evidences, of vectors); signed root:
Perronnin 2010, section 3; Lin 2015, section 3, without its division by length, which would mix the entries.

W and μ are statistics, not weights: they are fitted once, stay, and are saved with the model.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.second_order import gram_matrix, signed_root, upper_triangle
from evocative.recipe.settings import WhitenedGramConfig

NEGLIGIBLE = 1e-6
"""A direction with less than this share of the largest variance is rounding noise: its column of W is 0."""


class PooledMoments:
    """Mean and Gram matrix of a map over all places of all images, gathered batch by batch in float64."""

    def __init__(self, channels: int) -> None:
        """Begin with no image."""
        self.images = 0
        self._mean = torch.zeros(channels, dtype=torch.float64)
        self._gram = torch.zeros(channels, channels, dtype=torch.float64)

    def add(self, means: Float[Tensor, "B C"], grams: Float[Tensor, "B C C"]) -> None:
        """Take images in: each one's channel means and Gram matrix F·Fᵀ/(H·W). All count alike."""
        self.images += len(means)
        self._mean += means.sum(0, dtype=torch.float64).cpu()
        self._gram += grams.sum(0, dtype=torch.float64).cpu()

    @property
    def mean(self) -> Float[Tensor, " C"]:
        """μ."""
        return self._mean / self.images

    @property
    def covariance(self) -> Float[Tensor, "C C"]:
        """Σ = mean of the Gram matrices − μμᵀ: within and between images."""
        return self._gram / self.images - torch.outer(self.mean, self.mean)


class WhitenedGram(nn.Module):
    """The signed roots of whitened Gram matrices of one or several maps, as one vector.

    Attributes:
        num_features: Length of the vector: Σ k(k + 1)/2 over the maps, with k = min(width, C).
        fitted: Whether W and μ are known.

    Example:
        >>> module, maps = WhitenedGram([3], width=2), torch.randn(8, 3, 5, 5)
        >>> module.fit([pooled_moments(maps)])
        >>> module([maps]).shape
        torch.Size([8, 3])
    """

    def __init__(self, channels: Sequence[int], *, width: int = 64) -> None:
        """Make it for maps of these channels, not fitted yet.

        Args:
            channels: Of each map.
            width: How many of a map's strongest directions are kept; all where it has fewer channels.
        """
        super().__init__()
        self.channels = tuple(channels)
        self.widths = tuple(min(width, count) for count in self.channels)
        self.num_features = sum(each * (each + 1) // 2 for each in self.widths)
        self.fitted = False
        for number, (count, kept) in enumerate(zip(self.channels, self.widths, strict=True)):
            self.register_buffer(f"mean_{number}", torch.zeros(count))
            self.register_buffer(f"whitening_{number}", torch.zeros(count, kept))

    def forward(
        self, maps: Sequence[Float[Tensor, "B _ _ _"]], grams: Sequence[Float[Tensor, "B _ _"]] | None = None
    ) -> Float[Tensor, "B T"]:
        """Return the maps' vectors side by side, in float32 (float64 where the module is).

        Args:
            maps: The maps, in their order; with `grams` any averages of them, as their means (B, C, 1, 1).
            grams: Their Gram matrices F·Fᵀ/(H·W) where these were stored. The vector is then the same but
                for rounding: Wᵀ(G − mμᵀ − μmᵀ + μμᵀ)W, with m the image's own means.

        Raises:
            ModelError: It is not fitted.
        """
        if not self.fitted:
            raise ModelError(
                "whitened Gram matrices: the whitening is not fitted yet, it is a statistic of the training "
                "images. Train with training.head_start = true, which fits it first; go on from a model that "
                "has one; or call WhitenedGram.fit"
            )
        known: Sequence[Tensor | None] = [None] * len(maps) if grams is None else grams
        with torch.autocast(maps[0].device.type, enabled=False):
            pieces = [
                upper_triangle(signed_root(self._whitened(number, each, gram)))
                for number, (each, gram) in enumerate(zip(maps, known, strict=True))
            ]
            return torch.cat(pieces, dim=1)

    @torch.no_grad()
    def fit(self, pooled: Sequence[PooledMoments]) -> None:
        """Fit W and μ to what was gathered of each map: W = eigenvectors of Σ / √eigenvalue, largest first.

        Both are rounded to what float16 holds, so that a model stored in half precision is the same model.

        Raises:
            ModelError: No image was gathered, or a map is constant.
        """
        for number, (each, kept) in enumerate(zip(pooled, self.widths, strict=True)):
            if each.images == 0:
                raise ModelError(
                    "whitened Gram matrices: there is no image to fit the whitening to; give some"
                )
            values, vectors = torch.linalg.eigh(each.covariance)
            values, vectors = values.flip(0)[:kept], vectors.flip(1)[:, :kept]
            if not values[0] > 0:
                raise ModelError(
                    f"whitened Gram matrices: map {number} is the same at every place of every image, or "
                    "holds numbers that are none; choose another map or check the network's weights"
                )
            strongest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
            scale = values.clamp_min(NEGLIGIBLE * values[0]).rsqrt() * strongest.sign()  # a sign of our own
            scale = torch.where(values > NEGLIGIBLE * values[0], scale, 0.0)
            self.get_buffer(f"mean_{number}").copy_(_half(each.mean))
            self.get_buffer(f"whitening_{number}").copy_(_half(vectors * scale))
        self.fitted = True

    def _whitened(
        self, number: int, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None
    ) -> Float[Tensor, "B k k"]:
        """Return the Gram matrix of the whitened map."""
        mean, whitening = self.get_buffer(f"mean_{number}"), self.get_buffer(f"whitening_{number}")
        if gram is None:
            centred = maps.to(mean.dtype) - mean[:, None, None]
            return gram_matrix(torch.einsum("bchw,ck->bkhw", centred, whitening))
        own = maps.to(mean.dtype).mean(dim=(2, 3))
        cross = own[:, :, None] * mean
        centred = gram.to(mean.dtype) - cross - cross.transpose(1, 2) + torch.outer(mean, mean)
        return whitening.T @ centred @ whitening

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *others: object) -> None:
        super()._load_from_state_dict(state_dict, prefix, *others)
        names = [f"{prefix}whitening_{number}" for number in range(len(self.channels))]
        if all(name in state_dict for name in names):
            self.fitted = all(bool(state_dict[name].any()) for name in names)


class WhitenedNeck(nn.Module):
    """Appends the whitened Gram matrices of some maps to the backbone's vector: u = [h, v].

    Attributes:
        num_features: Length of u.
        num_pooled: Length of h, u's beginning.
    """

    def __init__(self, config: WhitenedGramConfig, *, pooled: int, channels: Sequence[int]) -> None:
        """Make it for pooled vectors of length `pooled` and maps of these channels."""
        super().__init__()
        self.whitened = WhitenedGram(channels, width=config.channels)
        self.num_pooled = pooled
        self.num_features = pooled + self.whitened.num_features

    def forward(
        self,
        pooled: Float[Tensor, "B P"],
        maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:
        """Return u from the pooled vectors h and the maps.

        Raises:
            ModelError: The whitening is not fitted.
        """
        vectors = self.whitened(maps, grams)
        return torch.cat([pooled.to(vectors.dtype), vectors], dim=1)


def pooled_moments(maps: Float[Tensor, "B C h w"]) -> PooledMoments:
    """Return what a batch of maps says of mean and covariance."""
    pooled = PooledMoments(maps.shape[1])
    pooled.add(maps.float().mean(dim=(2, 3)), gram_matrix(maps))
    return pooled


def whitenings(model: nn.Module) -> dict[str, WhitenedGram]:
    """Return a model's whitened Gram matrices, by where they are."""
    return {name: each for name, each in model.named_modules() if isinstance(each, WhitenedGram)}


def _half(values: Float[Tensor, "*_"]) -> Float[Tensor, "*_"]:
    rounded = values.half().to(values.dtype)
    return rounded if bool(rounded.isfinite().all()) else values
