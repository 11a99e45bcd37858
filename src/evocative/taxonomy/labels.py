"""Emotion labels, each with its sentiment and colour, and the taxonomies that they form.

Everything is looked up by name: an index means something only within one taxonomy, whose order differs
from that of the next paper. Names are lower-case nouns; looking up also takes the spellings of published
data sets.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from evocative.errors import DataError, unknown
from evocative.taxonomy import trees
from evocative.taxonomy.colors import COLORS, shades, spare_colors
from evocative.taxonomy.spelling import SPELLINGS
from evocative.taxonomy.spelling import plain_word as _plain

Sentiment = Literal["positive", "negative", "neutral"]

Families = dict[str, list[tuple[str, str]]]
"""Each primary emotion's descendants on one level, as (label, parent)."""


@dataclass(frozen=True)
class Label:
    """One emotion of a taxonomy."""

    name: str
    """As it stands in tables and predictions."""
    sentiment: Sentiment | None = None
    """None where nobody has said."""
    color: str = "#000000"
    """`#RRGGBB`."""
    parent: str | None = None
    """The label above it in the next coarser level of its hierarchy, if it has one."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise DataError(f"a label's name must be a word, not {self.name!r}")
        if self.sentiment is not None and self.sentiment not in get_args(Sentiment):
            raise DataError(
                f"label {self.name!r}: " + unknown("sentiment", self.sentiment, get_args(Sentiment))
            )
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", str(self.color)):
            raise DataError(f"label {self.name!r}: the colour must be #RRGGBB, not {self.color!r}")


@dataclass(frozen=True)
class Taxonomy:
    """An ordered set of labels: what a table is labelled with and what a model's outputs mean.

    Example:
        >>> mikels = taxonomy("mikels8")
        >>> mikels.index("awe"), mikels.sentiment("awe"), "Awe" in mikels
        (1, 'positive', True)
    """

    name: str
    labels: tuple[Label, ...]
    source: str = ""
    """Where the labels were published."""

    def __post_init__(self) -> None:
        if not self.labels:
            raise DataError(f"taxonomy {self.name!r} has no labels: name at least one")
        seen: set[str] = set()
        for label in self.labels:
            if _plain(label.name) in seen:
                raise DataError(
                    f"taxonomy {self.name!r} has the label {label.name!r} twice (upper and lower case count "
                    "as the same): give every emotion one name"
                )
            seen.add(_plain(label.name))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def sentiments(self) -> tuple[Sentiment | None, ...]:
        """The labels' sentiments, in order."""
        return tuple(label.sentiment for label in self.labels)

    @property
    def colors(self) -> tuple[str, ...]:
        """The labels' colours, in order."""
        return tuple(label.color for label in self.labels)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {_plain(label.name): index for index, label in enumerate(self.labels)}

    def find(self, name: str) -> int | None:
        """Return the position of the label that a name means, or None.

        Upper and lower case, blanks around it and Unicode forms do not matter, and `1.0` is 1; where no label
        has the name itself, the spellings of published data sets are tried (`happy` finds happiness).
        """
        plain = _plain(name)
        for candidate in (plain, *SPELLINGS.get(plain, ())):
            position = self._positions.get(candidate)
            if position is not None:
                return position
        return None

    def index(self, name: str) -> int:
        """Return the position of the label that a name means (see `find`), from 0.

        Raises:
            DataError: No label has that name.
        """
        position = self.find(name)
        if position is None:
            raise DataError(unknown(f"emotion of the taxonomy {self.name!r}", name, self.names))
        return position

    def resolve(self, name: str) -> str:
        """Return this taxonomy's own name for what a name means.

        Raises:
            DataError: No label has that name.
        """
        return self.labels[self.index(name)].name

    def sentiment(self, name: str) -> Sentiment | None:
        """Return the sentiment of a label, None where nobody has said.

        Raises:
            DataError: No label has that name.
        """
        return self.labels[self.index(name)].sentiment

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; `from_dict` reads them."""
        labels = [
            {"name": label.name, "sentiment": label.sentiment, "color": label.color, "parent": label.parent}
            for label in self.labels
        ]
        return {"name": self.name, "source": self.source, "labels": labels}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Taxonomy":
        """Read what `to_dict` wrote.

        Raises:
            DataError: It is not the description of a taxonomy.
        """
        try:
            labels = tuple(Label(**label) for label in values["labels"])
            return cls(name=str(values["name"]), labels=labels, source=str(values.get("source", "")))
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(
                "this does not describe a taxonomy: expected a name and labels with name, sentiment, color "
                f"and parent, found {values!r:.200}"
            ) from error

    @classmethod
    def custom(cls, name: str, names: Iterable[str]) -> "Taxonomy":
        """Make a taxonomy of a user's own classes, in the order given.

        A name that is known from a published taxonomy gets the sentiment and, unless another class has it
        already, the colour that it has there; others get no sentiment and a spare colour.

        Raises:
            DataError: There are no names, or one is empty or comes twice.

        Example:
            >>> Taxonomy.custom("mine", ["sadness", "others"]).sentiments
            ('negative', None)
        """
        bare = cls(name, tuple(Label(each) for each in names), "the user's own classes")
        known = [_known(label.name) for label in bare]
        colors: list[str | None] = []
        for match in known:
            colors.append(match.color if match is not None and match.color not in colors else None)
        spare = iter(spare_colors([color for color in colors if color], colors.count(None)))
        labels = (
            Label(label.name, match.sentiment if match else None, color or next(spare))
            for label, match, color in zip(bare, known, colors, strict=True)
        )
        return cls(name, tuple(labels), bare.source)


def _known(name: str) -> Label | None:
    """Return what the first published taxonomy that knows a name says of it."""
    for known in TAXONOMIES.values():
        position = known.find(name)
        if position is not None:
            return known.labels[position]
    return None


def taxonomy(name: str) -> Taxonomy:
    """Return a published taxonomy by its name (the keys of `TAXONOMIES`).

    Raises:
        DataError: There is none of that name.
    """
    if name not in TAXONOMIES:
        raise DataError(unknown("taxonomy", name, TAXONOMIES))
    return TAXONOMIES[name]


def guess(names: Iterable[str]) -> Taxonomy | None:
    """Return the published taxonomy that a set of class names can be read in, or None.

    This is a guess: it takes a part of a taxonomy for the whole, and joy for happiness. What becomes of a
    person's own labels is decided by `recognise.taxonomy_of`. The taxonomy with exactly these labels is
    preferred, then the smallest that contains them; own names are preferred to other spellings (see
    `Taxonomy.find`). Order and repetition of the names do not matter.

    Example:
        >>> guess(["Angry", "Happy", "Sad", "Surprise", "Disgust", "Fear", "Neutral"]).name
        'caer7'
    """
    wanted = {_plain(name) for name in names}
    if not wanted:
        return None
    by_size = sorted(TAXONOMIES.values(), key=len)
    own = [known for known in by_size if wanted <= set(known.names)]
    spelled = [known for known in by_size if _spells(known, wanted)]
    exact = [known for known in own + spelled if len(known) == len(wanted)]
    return next(iter(exact + own + spelled), None)


def _spells(known: Taxonomy, wanted: set[str]) -> bool:
    """Say whether each name means a label of the taxonomy, and no two the same."""
    found = {known.find(name) for name in wanted}
    return None not in found and len(found) == len(wanted)


def _flat(name: str, source: str, sentiments: dict[Sentiment, str], order: str = "") -> Taxonomy:
    """Make a taxonomy without levels from its words by sentiment, in that order or the given one."""
    of_word = {word: sentiment for sentiment, words in sentiments.items() for word in words.split()}
    words = order.split() or list(of_word)
    return Taxonomy(name, tuple(Label(word, of_word[word], COLORS[word]) for word in words), source)


def _level(name: str, source: str, families: Families, *, order: str = "") -> Taxonomy:
    """Make one level of a hierarchy."""
    labels = {
        word: Label(word, "negative" if primary in trees.NEGATIVE else "positive", color, parent)
        for primary, pairs in families.items()
        for (word, parent), color in zip(pairs, shades(COLORS[primary], len(pairs)), strict=True)
    }
    words = sorted(labels) if order == "alphabetical" else list(labels)
    return Taxonomy(name, tuple(labels[word] for word in words), source)


def _second(tree: trees.Tree) -> Families:
    return {primary: [(word, primary) for word in groups] for primary, groups in tree.items()}


def _third(tree: trees.Tree) -> Families:
    return {
        primary: [(word, group) for group, words in groups.items() for word in words]
        for primary, groups in tree.items()
    }


def _wikiart() -> Taxonomy:
    """Make the twenty emotions of WikiArt Emotions, in the order of the owners' columns."""
    groups: dict[Sentiment, str] = {
        "positive": "gratitude happiness humility love optimism trust",
        "negative": "anger arrogance disgust fear pessimism regret sadness shame",
        "neutral": "agreeableness anticipation disagreeableness shyness surprise",
    }
    of_word = {word: sentiment for sentiment, words in groups.items() for word in words.split()}
    of_word |= {"neutral": "neutral"}
    hues = {
        word: shade
        for primary, words in trees.WIKIART_HUES.items()
        for word, shade in zip(words.split(), shades(COLORS[primary], 3), strict=True)
    }
    words = [*sorted(of_word.keys() - {"neutral"}), "neutral"]
    return Taxonomy("wikiart20", tuple(Label(word, of_word[word], hues[word]) for word in words), _WIKIART)


_WIKIART = (
    "Mohammad & Kiritchenko 2018, WikiArt Emotions, LREC; their other or mixed emotions are neutral "
    "(the grouping was not checked in full at the source)"
)
_PANDA = "Panda et al. 2018, Contemplating visual emotions, ECCV (WEBEmo, category.txt)"
_PARROTT = "Parrott 2001, Emotions in Social Psychology, after Shaver et al. 1987"
_PLUTCHIK = "Plutchik 2001, The nature of emotions, American Scientist 89(4)"
_SENTIMENT = "sentiment polarity, Zhao et al. 2021, doi:10.3745/JIPS.01.0082"
_WEBEMO7: dict[Sentiment, str] = {"positive": "joy love surprise", "negative": "anger confusion fear sadness"}

TAXONOMIES: dict[str, Taxonomy] = {
    "mikels8": _flat(
        "mikels8",
        "Mikels et al. 2005, doi:10.3758/BF03192732",
        {"positive": "amusement awe contentment excitement", "negative": "anger disgust fear sadness"},
    ),
    "ekman6": _flat(
        "ekman6",
        "Ekman 1992, doi:10.1080/02699939208411068; sentiments as in Zhao et al. 2020 (VAANet), AAAI",
        {"positive": "happiness surprise", "negative": "sadness anger disgust fear"},
        "happiness sadness anger disgust fear surprise",
    ),
    "caer7": _flat(
        "caer7",
        "Lee et al. 2019, Context-aware emotion recognition networks, ICCV (CAER-S)",
        {"positive": "happiness surprise", "negative": "anger disgust fear sadness", "neutral": "neutral"},
        "anger disgust fear happiness neutral sadness surprise",
    ),
    "plutchik8": _flat(
        "plutchik8",
        f"{_PLUTCHIK}; sentiments as in Zhao et al. 2020 (VAANet), AAAI",
        {"positive": "joy trust surprise anticipation", "negative": "fear sadness disgust anger"},
        "joy trust fear surprise sadness disgust anger anticipation",
    ),
    "plutchik24": _level(
        "plutchik24",
        f"{_PLUTCHIK}; sentiments are those of the primaries",
        {primary: [(word, primary) for word in words] for primary, words in trees.PLUTCHIK.items()},
    ),
    "parrott6": _flat(
        "parrott6",
        _PARROTT,
        {"positive": "love joy surprise", "negative": "anger sadness fear"},
    ),
    "parrott25": _level("parrott25", _PARROTT, _second(trees.PARROTT)),
    "parrott-tertiary": _level("parrott-tertiary", _PARROTT, _third(trees.PARROTT)),
    "sentiment2": _flat("sentiment2", _SENTIMENT, {"positive": "positive", "negative": "negative"}),
    "sentiment3": _flat(
        "sentiment3", _SENTIMENT, {"positive": "positive", "negative": "negative", "neutral": "neutral"}
    ),
    "sadness2": Taxonomy(
        "sadness2",
        (Label("others", None, COLORS["others"]), Label("sadness", "negative", COLORS["sadness"])),
        "Motiejauskas & Dzemyda 2024, doi:10.15837/ijccc.2024.5.6697: sadness against all other emotions",
    ),
    "webemo2": _flat("webemo2", _PANDA, {"positive": "positive", "negative": "negative"}),
    "webemo7": Taxonomy(
        "webemo7",
        tuple(
            Label(label.name, label.sentiment, label.color, parent=label.sentiment)
            for label in _flat("", "", _WEBEMO7, "anger confusion fear joy love sadness surprise")
        ),
        _PANDA,
    ),
    "webemo8": _flat(
        "webemo8",
        "Motiejauskas 2026, table 3.3 (how WEBEmo's 25 classes fall into these eight is not published)",
        {
            "positive": "happiness surprise satisfaction excitement",
            "negative": "anger disgust fear sadness",
        },
    ),
    "webemo25": _level("webemo25", _PANDA, _second(trees.WEBEMO), order="alphabetical"),
    "wikiart20": _wikiart(),
}
"""The published taxonomies by name; `docs/taxonomy.md` shows them all."""
