"""Settings of the network that joins deep with hand-made features.

[model]
neck = "kim2018"

[model.kim2018]
low_level = ["color", "lbp", "gist"]
"""

from dataclasses import dataclass
from typing import Literal

from evocative.preprocessing import Mean, Sd
from evocative.recipe.ranges import STRICT, BelowOne, Places, Width

LowLevel = Literal["color", "lbp", "gist"]


@dataclass(frozen=True)
class Kim2018Config:
    """The fused network of Kim et al. 2018; `model.neck = "kim2018"`."""

    __pydantic_config__ = STRICT

    background: int | None = -1
    """timm's number of the map whose border stands for the background, -1 for the deepest; None: no such
    features. The paper parses the scene into 150 classes by a second network."""
    places: Places = 7
    """The map is first averaged down to so many places a side; its border are the outermost."""
    low_level: tuple[LowLevel, ...] = ("color", "lbp", "gist")
    """Hand-made features of the pixels; none: deep features alone."""
    widths: tuple[Width, ...] = (3000, 1000, 1000)
    """Of the hidden layers."""
    standardize: bool = True
    """A batch norm on the joined features, which differ in scale a thousandfold."""
    dropout: BelowOne = 0.0
    """After each hidden layer but the last, which `model.dropout` follows."""
    mean: Mean | None = None
    """By which images are normalised, so that hand-made features can undo it; set by training. None: what
    timm's record says of the backbone."""
    sd: Sd | None = None
    """Likewise."""
