"""A text's valence, arousal and dominance: the mean of its words' norms.

    rating = TextReader(read_lexicon(file)).rate("A storm of grief, and then calm")
    rating.vad, rating.known, rating.words       # three numbers, 3 of 7 words

Text is cut into words and lemmas found by simplemma (Barbaresi; extra `text`). A word counts as it is
written if it has norms so, else by its lemma: "exciting" and "scared" have norms of their own, "paintings"
has those of painting. Entries of several words ("coral snake") are found before their parts; a compound
("blue-black") that has no norms is taken apart.

Figure 1 of Zhao et al. 2016 (User-centric affective computing of image emotion perceptions, AAAI) prints
comments with their figures, and these are Warriner's: "Exciting drama at its best" has those of the word
exciting alone, "it really frightened me! My little daughter just looked scared" the mean of frightened and
scared (2.625 and 3.625; the arousal, printed as 5.805, is 5.855). So words are taken as they are written, and
only words of emotion counted there; their list is not published. Here all known words count; `Lexicon.only`
keeps those of a list, and gives the printed figures.

Differs from the paper in: which words count (above). Forms of be, have and do and the modal verbs (Quirk et
al. 1985, A Comprehensive Grammar of the English Language, 3.21) say how a sentence is built and not what it
is of: they never count, though the norms have entries that are written so ("be", "will", "can", "may").

Negation is not in the source and changes no figure here: "not happy" has the norms of happy. `TextRating`
says that a text is negated, and how many entries stand in such a sentence, so that no label is drawn from
them.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evocative.errors import MissingExtra
from evocative.taxonomy.lexicon import Lexicon
from evocative.taxonomy.negation import denied, sentences

FUNCTION_VERBS: Final = frozenset(
    """
    be am is are was were been being have has had having do does did done doing
    can could may might must shall should will would ought ca wo sha ai
    """.split()  # noqa: SIM905
)
"""The primary verbs of English with their forms, and the modal verbs (Quirk et al. 1985, 3.21); the last four
are what is left of can't, won't, shan't and ain't."""
_PARTS: Final = re.compile(r"[-_/'’#]+")
_WORD: Final = re.compile(r"[^\W\d_]{2,}|[aAI](?![^\W_])")
"""Two letters or more; of single letters, which are most often initials, the two that are words."""
_CONTRACTED: Final = re.compile(r"n['’ʼ]t$", re.IGNORECASE)
"""The second part of isn't, which is taken off as in the Penn Treebank: is + n't, ca + n't, wo + n't."""


@dataclass(frozen=True)
class TextRating:
    """What a text's words say."""

    vad: tuple[float, float, float]
    """Mean valence, arousal and dominance in [-1, 1]; NaN without a known word."""
    sd: tuple[float, float, float]
    """Standard deviation of ratings of the text's words, on the same scale: between raters and between words
    (law of total variance); NaN without a known word or without deviations in the lexicon."""
    words: int
    known: int
    """How many of the words have norms (an entry of two words counts two)."""
    found: tuple[str, ...]
    """The entries that were averaged, in the text's order, repeated as they are."""
    negated: bool
    """Whether the text holds a negation, which the mean knows nothing of."""
    denied: int = 0
    """How many of the entries stand in a sentence with a negation."""

    between: float = float("nan")
    """Standard deviation of valence between the entries alone: 0 with one, NaN without."""
    opposed: float = float("nan")
    """Share of the weaker side: of the entries' summed |valence|, what is of the other sign than most of it.
    0: all are pleasant, or all unpleasant; 0.5: as much of one as of the other; NaN without entries."""


class TextReader:
    """Rates texts by a lexicon; keeps each word's lemma."""

    def __init__(self, lexicon: Lexicon, *, language: str = "en") -> None:
        """Open the lemmatiser.

        Args:
            lexicon: The norms.
            language: The texts' and the norms' language, by simplemma's code. Negations and function verbs
                are known for English alone.

        Raises:
            MissingExtra: simplemma is not installed.
        """
        try:
            import simplemma
        except ImportError as error:
            raise MissingExtra("simplemma", "text") from error
        self.lexicon = lexicon
        self.language = language
        self._english = language == "en"
        self._split = simplemma.simple_tokenizer
        self._lemmatize = simplemma.lemmatize

    def words(self, text: str) -> list[str]:
        """Return a text's words, as they are written; numbers, punctuation and single letters are none.

        What has norms stays whole ("t-shirt"), else its parts are words.
        """
        found: list[str] = []
        for token in self._split(text):
            whole = token.strip("#_'’-")
            if whole in self.lexicon:
                found.append(whole)
            else:
                plain = _CONTRACTED.sub("", whole)
                found += [part for part in _PARTS.split(plain) if _WORD.match(part)]
        return found

    def rate(self, text: str) -> TextRating:
        """Return the mean of the known words' norms, and how many were known.

        Args:
            text: Any text; an empty one has no words.
        """
        rows: list[int] = []
        words = known = negated = 0
        for sentence in sentences(text):
            found, count, covered = self._entries(sentence)
            rows += found
            words += count
            known += covered
            negated += len(found) if self._english and denied(sentence) else 0
        anywhere = self._english and denied(text)
        return _rating(self.lexicon, rows, words=words, known=known, negated=anywhere, denied=negated)

    def _entries(self, sentence: str) -> tuple[list[int], int, int]:
        """Return the rows of a sentence's entries, how many words it has and how many the entries cover."""
        words = self.words(sentence)
        rows, known, place = [], 0, 0
        while place < len(words):
            row, length = self._entry(words, place)
            if row is not None:
                rows.append(row)
                known += length
            place += length
        return rows, len(words), known

    def _entry(self, words: list[str], place: int) -> tuple[int | None, int]:
        """Return the row of the longest entry that begins at a word, and how many words it has."""
        for length in range(min(self.lexicon.longest, len(words) - place), 1, -1):
            *first, last = words[place : place + length]
            for end in (last, self._lemma(last)):
                row = self.lexicon.find(" ".join([*first, end]))
                if row is not None:
                    return row, length
        word = words[place]
        if self._english and word.lower() in FUNCTION_VERBS:
            return None, 1
        row = self.lexicon.find(word)
        return self.lexicon.find(self._lemma(word)) if row is None else row, 1

    def _lemma(self, word: str) -> str:
        return self._lemmatize(word.lower(), self.language)


def _rating(
    lexicon: Lexicon, rows: list[int], *, words: int, known: int, negated: bool, denied: int
) -> TextRating:
    found = tuple(lexicon.words[row] for row in rows)
    if not rows:
        lost = (float("nan"),) * 3
        return TextRating(lost, lost, words, known, found, negated)
    means = lexicon.means[rows]
    within = np.full(3, np.nan) if lexicon.sds is None else (lexicon.sds[rows] ** 2).mean(axis=0)
    sds = np.sqrt(within + means.var(axis=0))
    v, a, d = (float(value) for value in means.mean(axis=0))
    v_sd, a_sd, d_sd = (float(value) for value in sds)
    between = float(means[:, 0].std())
    return TextRating(
        (v, a, d), (v_sd, a_sd, d_sd), words, known, found, negated, denied,
        between=between, opposed=opposition(means[:, 0]),
    )  # fmt: skip


def opposition(valences: NDArray[np.float64]) -> float:
    """Return which share of summed |valence| is of the sign of the weaker side, in [0, 0.5]; 0 if all are 0.

    Example:
        >>> round(opposition(np.array([0.6, 0.2, -0.2])), 3)
        0.2
    """
    pleasant, unpleasant = valences.clip(min=0).sum(), -valences.clip(max=0).sum()
    total = pleasant + unpleasant
    return float(min(pleasant, unpleasant) / total) if total else 0.0
