"""Whose labels these are: a published taxonomy's, or a person's own words.

A person's words stay theirs. Only where the labels are **exactly** those of a published taxonomy, no fewer
and no more, are they read as it; case, blanks and the forms that data sets write (`Happy`) do not matter.
A word that is itself a published label is never read as another one: joy is not made happiness. Whatever
comes near a published taxonomy is told in a hint, and whoever means that taxonomy names it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from evocative.taxonomy.labels import TAXONOMIES, Taxonomy, taxonomy
from evocative.taxonomy.spelling import plain_word, tidy

OWN: Final = "own"
"""What stands for a taxonomy's name where a person's own words are to be kept, whatever they are."""
_NEAR: Final = 0.5
"""The share of the words that a taxonomy must know to be worth a hint."""
_LIKE: Final = 0.8
"""How like a label a word must be to count as misspelt: the ratio of `difflib`, in [0, 1]."""
_SHOWN: Final = 8


@dataclass(frozen=True)
class Recognised:
    """The taxonomy of some labels, and what is to be said of it."""

    taxonomy: Taxonomy
    hint: str = ""
    """What a person should know or may want to change; empty if all is plain."""
    misspelt: Mapping[str, str] = field(default_factory=dict)
    """Words that are probably meant as a label of the taxonomy that the other words fit, by that label."""


def recognise(names: Iterable[str]) -> Taxonomy | None:
    """Return the published taxonomy that has exactly these labels, or None.

    Order, repetition, case and blanks do not matter, and the forms that data sets write count as the label
    itself (`Happy` for happiness), unless they are published labels in their own right (`joy`).

    Example:
        >>> recognise(["Angry", "Happy", "Sad", "Surprise", "Disgust", "Fear", "Neutral"]).name
        'caer7'
        >>> recognise(["joy", "neutral", "anger", "fear", "sadness"]) is None
        True
    """
    wanted = {plain_word(name) for name in names}
    fitting = [known for known in TAXONOMIES.values() if len(known) == len(wanted)]
    for known in fitting:
        if wanted == set(known.names):
            return known
    for known in fitting:
        places = {_place(known, word) for word in wanted}
        if None not in places and len(places) == len(wanted):
            return known
    return None


def taxonomy_of(
    names: Iterable[str],
    *,
    name: str,
    chosen: str | Taxonomy | None = None,
    how: str = "--taxonomy {}",
) -> Recognised:
    """Return whose labels these are.

    Args:
        names: The labels as they were found, at least one; where one is written in several ways, the most
            frequent stands.
        name: What a taxonomy of the person's own is called.
        chosen: What the person says: a taxonomy or its name; `own` for their own words, whatever they are.
        how: How a person can choose, for the hint; `{}` stands for the name.

    Raises:
        DataError: There is no published taxonomy of that name, or the words cannot be labels.

    Example:
        >>> found = taxonomy_of(["joy", "fear", "anger"], name="mine")
        >>> found.taxonomy.name, found.taxonomy.names
        ('mine', ('anger', 'fear', 'joy'))
    """
    words = Counter(names)
    if isinstance(chosen, Taxonomy):
        return Recognised(chosen)
    if chosen is not None and chosen != OWN:
        return Recognised(taxonomy(chosen))
    known = None if chosen == OWN else recognise(words)
    if known is not None:
        return Recognised(known, _renamed(words, known, how))
    own, merged = _spellings(words)
    mine = Taxonomy.custom(name, own)
    near = None if chosen == OWN else _nearest(own)
    told = [merged, "" if near is None else _near_hint(own, near, how)]
    misspelt = {} if near is None else _misspelt(own, near)
    return Recognised(mine, "; ".join(part for part in told if part), misspelt)


def is_own(known: Taxonomy) -> bool:
    """Whether a taxonomy is a person's own rather than a published one."""
    return TAXONOMIES.get(known.name) != known


_PUBLISHED: Final = frozenset(name for known in TAXONOMIES.values() for name in known.names)


def _place(known: Taxonomy, word: str) -> int | None:
    """Return the label's place that a plain word means, not taking one published word for another."""
    return None if word in _PUBLISHED and word not in known.names else known.find(word)


def _spellings(words: Mapping[str, int]) -> tuple[list[str], str]:
    """Return each label in its most frequent spelling, sorted, and which were written in several ways."""
    ways: dict[str, Counter[str]] = {}
    for word, count in words.items():
        ways.setdefault(plain_word(word), Counter())[tidy(word)] += count
    chosen = {plain: min(each, key=lambda one: (-each[one], one)) for plain, each in ways.items()}
    several = [
        f"{' and '.join(map(repr, sorted(each)))} are one label, {chosen[plain]!r}"
        for plain, each in ways.items()
        if len(each) > 1
    ]
    numbers = all(one.isascii() and one.isdigit() for one in chosen.values())
    return sorted(chosen.values(), key=lambda one: (int(one) if numbers else 0, one)), _some(several)


def _nearest(own: list[str]) -> Taxonomy | None:
    """Return the published taxonomy with most in common with these words, if it knows half of them."""

    def common(known: Taxonomy) -> int:
        return len({place for word in own if (place := known.find(word)) is not None})

    best = max(TAXONOMIES.values(), key=lambda each: common(each) / (len(each) + len(own) - common(each)))
    return best if common(best) >= max(1.0, _NEAR * len(own)) else None


def _misspelt(own: list[str], near: Taxonomy) -> dict[str, str]:
    """Return the words beside a taxonomy's that are like one of its labels, if all of them are."""
    strange = [word for word in own if word not in near]
    free = [label for label in near.names if near.index(label) not in {near.find(word) for word in own}]
    close = {word: get_close_matches(plain_word(word), free, n=1, cutoff=_LIKE) for word in strange}
    return {word: found[0] for word, found in close.items()} if all(close.values()) else {}


def _renamed(words: Iterable[str], known: Taxonomy, how: str) -> str:
    pairs = {tidy(word): known.resolve(word) for word in words}
    other = [f"{word} is {label}" for word, label in sorted(pairs.items()) if plain_word(word) != label]
    return (
        f"labels are read as {known.name}: {_some(other)} (to keep your words: {how.format(OWN)})"
        if other
        else ""
    )


def _near_hint(own: list[str], near: Taxonomy, how: str) -> str:
    strange = [word for word in own if word not in near]
    other = [
        f"{word} would be {near.resolve(word)}"
        for word in own
        if word in near and plain_word(word) not in near.names
    ]
    empty = [label for label in near.names if near.index(label) not in {near.find(word) for word in own}]
    like = _misspelt(own, near)
    parts = [f"it lacks {_some(strange)}" if strange else "", _some(other)]
    parts.append(f"nothing is labelled {_some(empty)}" if empty else "")
    parts += [f"did you mean {label!r} by {word!r}?" for word, label in list(like.items())[:_SHOWN]]
    choice = f"to keep them without this hint: {how.format(OWN)}"
    if not strange:
        choice = f"to read them as that: {how.format(near.name)}; {choice}"
    count = "1 label is" if len(own) == 1 else f"{len(own)} labels are"
    said = "; ".join(part for part in parts if part)
    return f"your {count} kept as a taxonomy of your own; {near.name} comes near ({said}); {choice}"


def _some(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
