"""The features of style: what each is called, which part of style it tells of, its range, and what it says.

The formulas and their sources stand where they are computed: `style_color`, `style_harmony`,
`style_composition`, `style_texture`. docs/style.md prints this list.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

VERSION: Final = 2
"""Of the formulas; a change makes older measures strangers."""


@dataclass(frozen=True)
class Feature:
    """One feature of style."""

    part: str
    """colour, harmony, composition or texture."""
    unit: str
    """Its range, and its unit where it has one."""
    says: str
    """What a higher value means."""
    circular: bool = False
    """An angle: not to be correlated or averaged as it is."""


_COLOR = {
    "brightness": ("0 … 1", "mean lightness L*/100"),
    "contrast": ("0 … .5", "SD of lightness"),
    "tonal_range": ("0 … 1", "95th less 5th percentile of lightness"),
    "dark_area": ("share", "lightness below .25"),
    "light_area": ("share", "lightness above .75"),
    "saturation": ("0 … 1", "mean HSV saturation"),
    "saturation_sd": ("0 … .5", "SD of HSV saturation"),
    "chroma": ("C*ab", "mean chroma in CIELAB"),
    "vm_pleasure": ("0 … .91", "pleasure that brightness and saturation predict (Valdez & Mehrabian)"),
    "vm_arousal": ("-.31 … .60", "arousal that they predict"),
    "vm_dominance": ("-.76 … .32", "dominance that they predict"),
    "hue_cos": ("-1 … 1", "red against cyan: cosine part of the mean hue, weighted by saturation"),
    "hue_sin": ("-1 … 1", "yellow-green against violet: sine part of the mean hue"),
    "hue_spread": ("0 … 1", "circular variance of hue, weighted by saturation"),
    "warmth": ("Ou 2004", "warm against cool colours"),
    "warm_cool_contrast": ("Ou 2004", "SD of warmth over the image"),
    "activity": ("Ou 2004", "active against passive colours"),
    "weight": ("Ou 2004", "heavy against light colours"),
    "red_area": ("share", "hues 345° to 15°, saturation and value from .1"),
    "orange_area": ("share", "15° to 45°"),
    "yellow_area": ("share", "45° to 70°"),
    "green_area": ("share", "70° to 165°"),
    "cyan_area": ("share", "165° to 195°"),
    "blue_area": ("share", "195° to 255°"),
    "purple_area": ("share", "255° to 290°"),
    "pink_area": ("share", "290° to 345°"),
    "grey_area": ("share", "saturation or value below .1"),
    "warm_area": ("share", "345° to 70°: red, orange and yellow"),
    "colorfulness": ("0 … ~110", "Hasler & Süsstrunk 2003"),
    "color_variety": ("0 … 1", "entropy of 8 × 8 × 8 colours"),
    "hue_count": ("0 … 20", "hues that take a part (Ke et al. 2006)"),
}
_HARMONY = {
    "harmony": (
        "0 … 1",
        "nearness to the best of seven harmonic templates (Cohen-Or et al. 2006); 0: all hues alike",
    ),
    "one_hue": ("0 … 1", "nearness to a single hue (template i)"),
}
_COMPOSITION = {
    "symmetry_left_right": ("-1 … 1", "correlation of lightness with its mirror image, left for right"),
    "symmetry_top_bottom": ("-1 … 1", "the same, top for bottom"),
    "balance": ("0 … 1", "visual weight centred in the image"),
    "balance_x": ("-1 … 1", "visual weight to the right"),
    "balance_y": ("-1 … 1", "visual weight at the bottom"),
    "thirds": ("-1 … 1", "centre of visual weight near a power point of the rule of thirds; 0 in the middle"),
    "emphasis": ("0 … 1", "visual weight in few places"),
    "center_brightness": ("-1 … 1", "middle cell of thirds brighter than the image"),
    "center_saturation": ("-1 … 1", "middle cell more saturated"),
    "center_detail": (
        "share",
        "gradient that the middle cell holds: low depth of field, 1/9 if spread evenly",
    ),
    "horizontal_lines": ("share", "gradient of edges within 11.25° of horizontal"),
    "vertical_lines": ("share", "of vertical"),
    "oblique_lines": ("share", "of all other directions"),
    "line_variety": ("0 … 1", "entropy of edge directions"),
}
_TEXTURE = {
    "edge_density": ("share", "places with a lightness gradient above .05 a pixel"),
    "detail": ("a pixel", "mean lightness gradient: complexity"),
    "sharpness": ("log10", "variance of the Laplacian"),
    "light_entropy": ("0 … 1", "entropy of the lightness histogram, 64 bins"),
    "glcm_contrast": ("0 … 961", "co-occurrence: mean squared step between neighbours, 32 levels"),
    "glcm_correlation": ("-1 … 1", "co-occurrence: neighbours alike"),
    "glcm_energy": ("0 … 1", "co-occurrence: few pairs of levels"),
    "glcm_homogeneity": ("0 … 1", "co-occurrence: small steps"),
    "coarseness": ("1 … 32 pixels", "Tamura: side of the windows that differ most"),
    "tamura_contrast": ("0 … .5", "Tamura: SD by the fourth root of kurtosis"),
    "directionality": ("0 … 1", "edges of one direction"),
    "lbp_entropy": ("0 … 1", "entropy of local binary patterns"),
    "spectral_slope": ("about -2", "slope of log power over log frequency"),
    "gradation": ("0 … 1", "changes that go one way: smooth gradients"),
    "gradient_mean": ("log", "mean response to colour gradients (Ross et al. 2006)"),
    "gradient_sd": ("log", "SD of the response"),
    "gradient_deviation": ("0 …", "how far the responses are from a normal curve"),
}


def _features() -> dict[str, Feature]:
    parts = {"colour": _COLOR, "harmony": _HARMONY, "composition": _COMPOSITION, "texture": _TEXTURE}
    made = {
        name: Feature(part, unit, says)
        for part, members in parts.items()
        for name, (unit, says) in members.items()
    }
    return {"hue": Feature("colour", "degrees", "mean hue, weighted by saturation", circular=True)} | made


FEATURES: Final = MappingProxyType(_features())
"""Every feature by name, in the order of the columns."""
LINEAR: Final = tuple(name for name, feature in FEATURES.items() if not feature.circular)
"""Features that can be correlated and learned from as they are: all but the hue's angle."""
