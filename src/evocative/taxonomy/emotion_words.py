"""Where emotion words lie: published coordinates of words among valence, arousal and dominance.

    RUSSELL_1980            28 adjectives on the circle, valence and arousal; no SD is given for the angles
    RUSSELL_MEHRABIAN_1977  some of the 151 terms, valence, arousal and dominance
    word_places             any words by a lexicon's norms (Warriner et al. 2013), with SD
    label_places            the labels of a taxonomy by either

How the numbers were read. The papers were not at hand, so they are those that others quote. Fifteen angles of
Russell 1980 agree in two quotations; the others (marked below) were found in no second one. Of Russell &
Mehrabian 1977 there stand the terms whose means were found quoted; its table also gives SDs, which were not
found, so none stand here: whoever has the paper can write them into a CSV file (`read_lexicon` takes `word`,
`valence`, `valence_sd` …) and use `word_places`. Mikels et al. 2005 rate categories of images, not words.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from evocative.errors import DataError, unknown
from evocative.taxonomy.circumplex import EmotionPlaces
from evocative.taxonomy.dimensions import VA, VAD

if TYPE_CHECKING:
    from evocative.taxonomy.labels import Taxonomy
    from evocative.taxonomy.lexicon import Lexicon

ANGLES: Final[dict[str, float]] = {
    "happy": 7.8,
    "delighted": 24.9,
    "excited": 48.6,
    "astonished": 69.8,
    "aroused": 73.8,
    "tense": 92.8,
    "alarmed": 96.5,
    "angry": 99.0,  # no second quotation, as of afraid, annoyed, distressed and frustrated
    "afraid": 116.0,
    "annoyed": 123.0,
    "distressed": 138.0,
    "frustrated": 141.0,
    "miserable": 188.7,
    "sad": 207.5,
    "gloomy": 209.0,  # no second quotation, as of depressed and bored
    "depressed": 210.0,
    "bored": 242.0,
    "droopy": 256.6,
    "tired": 267.7,
    "sleepy": 271.9,
    "calm": 316.2,
    "relaxed": 318.0,  # no second quotation, as of satisfied, at ease and content
    "satisfied": 319.0,
    "at ease": 321.0,
    "content": 323.0,
    "serene": 328.6,
    "glad": 349.0,  # no second quotation
    "pleased": 353.2,
}
"""Words and their angle in degrees, from pleasant (0) towards aroused (90): Russell 1980, figure 2."""

_TERMS: Final[dict[str, tuple[float, float, float]]] = {
    "angry": (-0.51, 0.59, 0.25),
    "arrogant": (0.00, 0.34, 0.48),
    "awed": (0.18, 0.40, -0.38),
    "bored": (-0.65, -0.62, -0.33),
    "carefree": (0.78, 0.25, 0.41),
    "confused": (-0.53, 0.27, -0.32),
    "curious": (0.22, 0.62, -0.01),
    "depressed": (-0.72, -0.29, -0.41),
    "dignified": (0.55, 0.22, 0.61),
    "discouraged": (-0.61, -0.15, -0.29),
    "disgusted": (-0.60, 0.35, 0.11),
    "displeased": (-0.55, 0.16, -0.05),
    "elated": (0.50, 0.42, 0.23),
    "enraged": (-0.44, 0.72, 0.32),
    "excited": (0.62, 0.75, 0.38),
    "fearful": (-0.64, 0.60, -0.43),
    "friendly": (0.69, 0.35, 0.30),
    "frustrated": (-0.64, 0.52, 0.35),
    "happy": (0.81, 0.51, 0.46),
    "hopeful": (0.51, 0.23, 0.14),
    "humiliated": (-0.63, 0.43, -0.38),
    "in love": (0.82, 0.65, -0.05),
    "inhibited": (-0.54, -0.04, -0.41),
    "interested": (0.64, 0.51, 0.17),
    "joyful": (0.76, 0.48, 0.35),
    "loved": (0.87, 0.54, -0.18),
    "puzzled": (-0.41, 0.48, -0.33),
    "regretful": (-0.52, 0.02, -0.21),
    "relaxed": (0.68, -0.46, 0.06),
    "respectful": (0.38, 0.13, -0.08),
    "sad": (-0.63, -0.27, -0.33),
    "shy": (-0.15, 0.06, -0.34),
    "sleepy": (0.20, -0.70, -0.44),
    "surprised": (0.40, 0.67, -0.13),
    "thankful": (0.61, 0.10, -0.13),
    "triumphant": (0.69, 0.57, 0.63),
    "unconcerned": (-0.13, -0.41, 0.08),
    "untroubled": (0.79, -0.01, 0.33),
    "violent": (-0.50, 0.62, 0.38),
}
"""Mean valence (there: pleasure), arousal and dominance in [-1, 1], Russell & Mehrabian 1977."""

RUSSELL_1980: Final = EmotionPlaces(
    name="russell1980",
    labels=tuple(ANGLES),
    means=np.array([[np.cos(np.deg2rad(a)), np.sin(np.deg2rad(a))] for a in ANGLES.values()]),
    axes=VA.names,
    source="Russell 1980, A circumplex model of affect, JPSP 39(6), figure 2: angles on a circle of radius 1",
)
RUSSELL_MEHRABIAN_1977: Final = EmotionPlaces(
    name="russell1977",
    labels=tuple(_TERMS),
    means=np.array(list(_TERMS.values())),
    axes=VAD.names,
    source="Russell & Mehrabian 1977, Evidence for a three-factor theory of emotions, J. Res. Personality "
    "11(3): means of terms as quoted by others; SDs not found",
)
PUBLISHED: Final = {one.name: one for one in (RUSSELL_1980, RUSSELL_MEHRABIAN_1977)}
"""Published coordinates by name."""

ADJECTIVES: Final[dict[str, tuple[str, ...]]] = {
    "anger": ("angry",),
    "awe": ("awed",),
    "boredom": ("bored",),
    "contentment": ("content",),
    "disgust": ("disgusted",),
    "excitement": ("excited",),
    "fear": ("fearful", "afraid"),
    "happiness": ("happy",),
    "joy": ("joyful",),
    "love": ("loved",),
    "sadness": ("sad",),
    "surprise": ("surprised", "astonished"),
}
"""Labels to the adjectives of the papers: the first that a paper has. Amusement and trust have none."""

_KIM: Final = """
frustrated alarmed afraid angry | afraid angry distressed | astonished pleased excited
depressed afraid gloomy | afraid angry aroused | pleased content satisfied excited
depressed gloomy annoyed | gloomy tense bored | tense at_ease serene tired
depressed bored gloomy | bored tired depressed | at_ease tired serene
"""
_KIM_PLEASANT: Final = """
excited delighted glad
happy excited glad delighted
serene glad delighted
glad serene happy
"""
CELLS: Final[tuple[tuple[tuple[str, ...], ...], ...]] = tuple(
    tuple(tuple(word.replace("_", " ") for word in cell.split()) for cell in (*row.split("|"), last))
    for row, last in zip(_KIM.strip().splitlines(), _KIM_PLEASANT.strip().splitlines(), strict=True)
)
"""Words of the 4 × 4 cells of the valence–arousal plane, 1 to 9, as Kim et al. 2018's network places them.

Rows from high to low arousal, columns from low to high valence (Cybulski 2019, figure 1).
"""


def published(name: str) -> EmotionPlaces:
    """Return published coordinates by name.

    Raises:
        DataError: There are none of that name.
    """
    if name not in PUBLISHED:
        raise DataError(
            unknown("published coordinates", name, PUBLISHED) + "; or give a file of word norms (a CSV)"
        )
    return PUBLISHED[name]


def word_places(lexicon: "Lexicon", words: Sequence[str]) -> EmotionPlaces:
    """Return the places of words by a lexicon's norms: means and, where the lexicon has them, SD of raters.

    Raises:
        DataError: A word has no norms.
    """
    norms = [lexicon[word] for word in words]
    sds = np.array([norm.sd for norm in norms], dtype=np.float64)
    return EmotionPlaces(
        name=lexicon.name,
        labels=tuple(words),
        means=np.array([norm.vad for norm in norms], dtype=np.float64),
        axes=VAD.names,
        sds=sds if np.isfinite(sds).all() else None,
        source=f"norms of the words themselves, {lexicon.name}",
    )


def label_places(
    labels: "Taxonomy | Sequence[str]",
    places: "EmotionPlaces | Lexicon",
    *,
    words: Mapping[str, Sequence[str]] = ADJECTIVES,
) -> EmotionPlaces:
    """Return where the labels of a taxonomy lie, in its order and under its names.

    A label is looked up by its own name, then by its adjectives.

    Args:
        labels: A taxonomy, or names.
        places: Published coordinates, or a lexicon.
        words: What to look for where a label's name is not found.

    Raises:
        DataError: Labels have no place; all are named.

    Example:
        >>> label_places(["anger", "sadness"], RUSSELL_MEHRABIAN_1977).place("sadness").tolist()
        [-0.63, -0.27, -0.33]
    """
    names = tuple(getattr(labels, "names", None) or labels)
    known = places.labels if isinstance(places, EmotionPlaces) else places
    found = {name: next((w for w in (name, *words.get(name, ())) if w in known), None) for name in names}
    lacking = [name for name, word in found.items() if word is None]
    if lacking:
        raise DataError(
            f"{places.name} has no place for {', '.join(lacking)}: take other coordinates (a lexicon as "
            "Warriner's has most nouns) or another taxonomy"
        )
    chosen = [word for word in found.values() if word is not None]
    some = places.only(chosen) if isinstance(places, EmotionPlaces) else word_places(places, chosen)
    return some.renamed(names)
