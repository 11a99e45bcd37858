"""Which sentences of an English text are negated.

    denied("not happy at all")            # True
    sentences("No rain. A happy day")     # ["No rain.", "A happy day"]

The words are those of VADER's list (Hutto & Gilbert 2014, "VADER: a parsimonious rule-based model for
sentiment analysis of social media text", ICWSM; `NEGATE` of its public code), of ConText (Harkema et al.
2009, "ConText: an algorithm for determining negation, experiencer, and temporal status from clinical
reports", Journal of Biomedical Informatics 42: absence, lack, free of, unable to, fails to), and the
approximate negators of Huddleston & Pullum 2002 (The Cambridge Grammar of the English Language, chapter 9:
hardly, scarcely, barely, rarely, seldom).

Differs from the sources in reach: VADER looks three words ahead, ConText to the end of the sentence, forwards
or backwards by the word. Here the whole sentence is denied, since nothing is concluded from it but that its
words are no evidence ("happy I am not"). A negation reverses no feeling: "not terrible" is not "great".
"""

import re
from typing import Final

NEGATIONS: Final = frozenset(
    """
    no not never none nope nah nor neither nothing nobody noone nowhere cannot without despite
    aint arent cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neednt oughtnt
    shant shouldnt wasnt werent wont wouldnt
    hardly scarcely barely rarely seldom lack lacks lacked lacking absence devoid
    """.split()  # noqa: SIM905
)
"""Words that deny by themselves, in small letters without apostrophes."""

_PHRASES: Final = re.compile(
    r"\b(?:anything but|far[ -]from|free[ -](?:of|from)|instead of|rather than|no ?one|at no|by no|w/o"
    r"|unable to|fail(?:s|ed|ing)? to)\b"
)
_NUMBERED: Final = re.compile(r"\bno(?:s?\.|\b) *[#№]?\d", re.IGNORECASE)
"""Number five, which is no negation."""
_SENTENCE: Final = re.compile(r"(?<=[.!?;:…])\s+|[\r\n]+|\s+[–—]\s+")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’ʼ‘＇`´′", "'"))
_WORDS: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def sentences(text: str) -> list[str]:
    """Cut a text where a sentence or line ends; an empty text has none."""
    numbered = _NUMBERED.sub(lambda found: found.group().replace(". ", "."), text.strip())
    return [part for part in _SENTENCE.split(numbered) if part and part.strip()]


def denied(sentence: str) -> bool:
    """Return whether an English sentence holds a negation.

    Example:
        >>> denied("She isn’t happy"), denied("Composition No. 5"), denied("a knot")
        (True, False, False)
    """
    lowered = _NUMBERED.sub(" ", sentence.lower().translate(_APOSTROPHES))
    words = _WORDS.findall(lowered)
    return any(_denies(word) for word in words) or _PHRASES.search(lowered) is not None


def _denies(word: str) -> bool:
    """Return whether a word denies by itself, also with is or has after it ("nothing's")."""
    return word.endswith("n't") or word.replace("'", "") in NEGATIONS or word.removesuffix("'s") in NEGATIONS
