"""Names of the ways to make a map; known before torch is imported."""

from typing import Final

from evocative.errors import ModelError, unknown

METHODS: Final = ("grad-cam", "grad-cam++", "hirescam", "layercam", "score-cam", "own")
"""`own` is the model's own map; `auto`, which may be asked for, is that where there is one, else grad-cam."""


def check_method(asked: str) -> None:
    """Refuse a name that stands for no way to make a map.

    Raises:
        ModelError: It names those that there are.
    """
    if asked not in ("auto", *METHODS):
        raise ModelError("maps: " + unknown("method", asked, ("auto", *METHODS)))
