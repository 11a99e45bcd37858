"""What an ensemble is made of: members, their shares, and what they have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from evocative.errors import ModelError
from evocative.recipe.ranges import STRICT, Share, Whole
from evocative.recipe.settings import Dimension, ModelConfig

AXES: tuple[Dimension, ...] = get_args(Dimension)


@dataclass(frozen=True)
class EnsembleConfig:
    """What an ensemble is made of; `config.json` keeps it as `model`."""

    __pydantic_config__ = STRICT

    members: tuple[ModelConfig, ...]
    shares: tuple[Share, ...]
    """Of each member in the log-probabilities."""
    dimension_shares: tuple[Share, ...]
    """Of each member in valence, arousal and dominance."""
    shared: tuple[dict[str, Whole], ...]
    """Of each member the steps that an earlier one runs for it, with that one's number."""
    folded: bool = False
    """Batch norms were folded when the members were together."""
    kind: Literal["ensemble"] = "ensemble"

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Those that any member predicts."""
        known = {name for member in self.members for name in member.dimensions}
        return tuple(name for name in AXES if name in known)

    @property
    def dimension_sd(self) -> bool:
        """Whether all members that predict dimensions say how sure they are."""
        told = [member.dimension_sd for member in self.members if member.dimensions]
        return bool(told) and all(told)


def checked_shares(name: str, shares: Sequence[float] | None, count: int) -> tuple[float, ...]:
    """Return a share for each member, equal ones where none are given.

    Raises:
        ModelError: They are not as many as the members, negative, or do not sum to 1.

    Example:
        >>> checked_shares("shares", None, 2), checked_shares("shares", [0.75, 0.25], 2)
        ((0.5, 0.5), (0.75, 0.25))
    """
    if shares is None:
        return (1 / count,) * count
    if len(shares) != count:
        raise ModelError(f"{name}: expected one a model, {count}, found {len(shares)}")
    total = math.fsum(shares)
    if not all(math.isfinite(each) and each >= 0 for each in shares) or not math.isclose(
        total, 1, abs_tol=1e-6
    ):
        raise ModelError(
            f"{name}: expected numbers of at least 0 that sum to 1, found {', '.join(map(str, shares))} "
            f"(sum {total:g})"
        )
    return tuple(map(float, shares))


def check_heads(config: EnsembleConfig) -> None:
    """Look whether someone answers for emotions and each dimension.

    Raises:
        ModelError: Shares leave an answer to members that do not have it.
    """
    emotions = [share for share, each in zip(config.shares, config.members, strict=True) if each.emotions]
    if emotions and sum(emotions) == 0:
        raise ModelError("shares: the members with an emotion head have none. Give one of them a share")
    for axis in config.dimensions:
        pairs = zip(config.dimension_shares, config.members, strict=True)
        if sum(share for share, each in pairs if axis in each.dimensions) == 0:
            raise ModelError(
                f"dimension_shares: the members that predict {axis} have none. Give one of them a share"
            )
