"""When two words are the same word: case, blanks, Unicode forms, whole numbers; and what data sets write."""

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
"""Byte order marks, zero-width characters and soft hyphens: they come along and nobody sees them."""
_WHOLE: Final = re.compile(r"([+-]?[0-9]+)\.0+")

SPELLINGS: dict[str, tuple[str, ...]] = {
    "happiness": ("joy",),
    "joy": ("happiness",),
    "happy": ("happiness", "joy"),
    "sad": ("sadness",),
    "angry": ("anger",),
    "afraid": ("fear",),
    "fearful": ("fear",),
    "disgusted": ("disgust",),
    "surprised": ("surprise",),
    "amused": ("amusement",),
    "content": ("contentment",),
    "excited": ("excitement",),
    "cheerfullness": ("cheerfulness",),
    "irritabilty": ("irritability",),
}
"""What data sets write, and the labels that it can mean; Ekman's happiness and the others' joy are one."""


def tidy(name: str) -> str:
    """Return a name as it was meant: one Unicode form (NFC), no blanks or invisible characters around it.

    A whole number that came through a column with gaps (`1.0`) is written as one (`1`); `01` and `1.5` are
    names of their own.

    Example:
        >>> tidy("\ufeff Joy\u00a0"), tidy("1.0"), tidy("01")
        ('Joy', '1', '01')
    """
    name = unicodedata.normalize("NFC", name)
    while name != (shorter := name.strip().strip(_INVISIBLE)):
        name = shorter
    whole = _WHOLE.fullmatch(name)
    return whole[1] if whole else name


def plain_word(name: str) -> str:
    """Return what all ways to write a name have in common: `tidy`, and upper and lower case are one.

    Example:
        >>> plain_word("JOY ") == plain_word("joy")
        True
    """
    return unicodedata.normalize("NFC", tidy(name).casefold())
