"""Mikels' wheel: the eight emotions in a circle, neighbours being alike."""

from evocative.taxonomy.labels import taxonomy

WHEEL = ("amusement", "contentment", "awe", "excitement", "fear", "sadness", "disgust", "anger")
"""The emotions around the wheel; the last stands beside the first, and each sentiment makes one half.

The dissertation draws the wheel (figure 2.3) without naming its order in words. This is the order of the
emotion circle of Yang et al. 2021, "A circular-structured representation for visual emotion distribution
learning": their program lists sadness, fear, excitement, awe, contentment, amusement, anger, disgust,
which is the same circle read the other way round. The wheel goes back to Zhao et al. 2016, "Predicting
personalized emotion perceptions of social images".
"""


def wheel_distance(first: str, second: str) -> int:
    """Return how many steps apart two of Mikels' emotions stand, the shorter way round: 0 to 4.

    Where a distance of zero is unwelcome, as in Zhao et al. 2016, add one.

    Raises:
        DataError: One of the names is none of Mikels' eight.

    Example:
        >>> wheel_distance("amusement", "anger"), wheel_distance("awe", "disgust")
        (1, 4)
    """
    mikels = taxonomy("mikels8")
    steps = abs(WHEEL.index(mikels.resolve(first)) - WHEEL.index(mikels.resolve(second)))
    return min(steps, len(WHEEL) - steps)
