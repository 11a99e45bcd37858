"""Word norms: how pleasant, exciting and in control people find words (Warriner, Kuperman & Brysbaert 2013).

    lexicon = read_lexicon("Ratings_Warriner_et_al.csv")
    lexicon["joy"].vad                 # valence, arousal and dominance in [-1, 1]
    category(lexicon["grief"].vad, lexicon, labels=taxonomy("mikels8"))

The file is read as published: 13,915 words, about 20 raters each, on 1 to 9. A cell is what it says, so
"null" is a word like others (4.32, 3.05 and 4.48). A spreadsheet has made TRUE and FALSE of two words; they
are found as "true" and "false". Any other norms do as well, as a CSV file with the columns `word`, `valence`,
`arousal`, `dominance` and, where known, `valence_sd` and so on.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError, unknown
from evocative.taxonomy.dimensions import VAD, Scale, scale
from evocative.taxonomy.labels import Taxonomy

WORDS: Final = 13_915
"""Words in the norms of Warriner et al. 2013."""
_PUBLISHED: Final = ("Word", ("V", "A", "D"), "{}.Mean.Sum", "{}.SD.Sum", "{}.Rat.Sum")
_PLAIN: Final = ("word", VAD.names, "{}", "{}_sd", "{}_n")

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Norm:
    """What raters said of a word."""

    word: str
    vad: tuple[float, float, float]
    """Mean valence, arousal and dominance in [-1, 1]."""
    sd: tuple[float, float, float]
    """Standard deviations between raters, on the same scale; NaN where the file has none."""
    raters: tuple[float, float, float]
    """How many raters each has; NaN where the file does not say."""


@dataclass(frozen=True)
class Lexicon:
    """Words with their norms; a word is found as it is written, else in small letters.

    Example:
        >>> words = Lexicon(("joy", "TV"), np.array([[0.8, 0.1, 0.5], [0.2, -0.1, 0.3]]))
        >>> words["Joy"].vad, "tv" in words, "grief" in words
        ((0.8, 0.1, 0.5), True, False)
    """

    words: tuple[str, ...]
    means: Numbers = field(repr=False)
    """(N, 3) in [-1, 1]."""
    sds: Numbers | None = field(default=None, repr=False)
    """(N, 3) on the same scale."""
    raters: Numbers | None = field(default=None, repr=False)
    """(N, 3)."""
    name: str = "lexicon"

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        """Whether the word, so written or in small letters, has norms."""
        return isinstance(word, str) and self.find(word) is not None

    def __getitem__(self, word: str) -> Norm:
        """Return a word's norms.

        Raises:
            DataError: The word has none.
        """
        row = self.find(word)
        if row is None:
            close = get_close_matches(word.lower(), self._lowered, n=5)
            raise DataError(unknown(f"word of {self.name}", word, close))
        parts = (
            tuple(np.full(3, np.nan) if numbers is None else numbers[row])
            for numbers in (self.means, self.sds, self.raters)
        )
        vad, sd, raters = ((float(v), float(a), float(d)) for v, a, d in parts)
        return Norm(self.words[row], vad, sd, raters)

    def find(self, word: str) -> int | None:
        """Return a word's row: as it is written, else in small letters; None where there is none.

        "AIDS" and "aids" both stand in the norms and differ; other capitals (a title's) do not matter.
        """
        row = self._rows.get(word)
        return self._lowered.get(word.lower()) if row is None else row

    def only(self, words: Iterable[str]) -> "Lexicon":
        """Return the lexicon of some words, so that no other one counts in a text.

        Raises:
            DataError: Not one of them has norms.
        """
        rows = sorted({row for row in map(self.find, words) if row is not None})
        if not rows:
            raise DataError(f"{self.name}: not one of the words that alone should count has norms")
        sds, raters = (None if each is None else each[rows] for each in (self.sds, self.raters))
        return Lexicon(
            tuple(self.words[row] for row in rows), self.means[rows], sds=sds, raters=raters, name=self.name
        )

    @cached_property
    def longest(self) -> int:
        """How many parts the longest entry has ("Secretary of State" has three)."""
        return max((len(word.split()) for word in self.words), default=0)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def _lowered(self) -> dict[str, int]:
        """Small letters to rows; where two entries differ in capitals only, the small one counts."""
        rows = {word.lower(): row for row, word in enumerate(self.words)}
        return rows | {word: row for word, row in self._rows.items() if word == word.lower()}


def read_lexicon(path: str | Path, *, ratings: str = "1..9") -> Lexicon:
    """Read word norms from a CSV file.

    Args:
        path: The file of Warriner et al. 2013 as published, or one with the columns `word`, `valence`,
            `arousal`, `dominance`, and optionally `valence_sd` … and `valence_n` ….
        ratings: The scale of the ratings; those of Warriner et al. run from 1 to 9.

    Raises:
        DataError: The file cannot be read, lacks a column, has a word twice, or a number that is none or lies
            outside the scale.
    """
    path = Path(path)
    columns, rows = _cells(path)
    form = next((form for form in (_PUBLISHED, _PLAIN) if form[0] in columns), None)
    if form is None:
        raise DataError(f"{path}: expected a column 'Word' (as published) or 'word'; found {columns[:6]}")
    key, axes, *kinds = form
    words = tuple(row[key] for row in rows)
    if len(set(words)) < len(words) or not words:
        twice = sorted(word for word, count in Counter(words).items() if count > 1)
        raise DataError(f"{path}: expected each word once; found {twice[:5] if words else 'no words'}")
    wanted = [[kind.format(axis) for axis in axes] for kind in kinds]
    lacking = [name for name in wanted[0] if name not in columns]
    if lacking:
        raise DataError(f"{path}: " + unknown("column", lacking[0], columns))
    means = _numbers(path, rows, wanted[0])
    sds, raters = (_numbers(path, rows, names) if names[0] in columns else None for names in wanted[1:])
    steps = scale(ratings)
    steps.check(means, what=f"{path}: ratings")
    return Lexicon(words, steps.to_unit(means), _converted(steps, sds), raters, name=path.stem)


def _converted(steps: Scale, sds: Numbers | None) -> Numbers | None:
    return None if sds is None else steps.sd_to_unit(sds)


def _cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader.fieldnames or []), list(reader)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected a CSV file of norms") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is not a sound CSV file in UTF-8 ({error})") from error


def _numbers(path: Path, rows: list[dict[str, str]], names: list[str]) -> Numbers:
    numbers = np.empty((len(rows), len(names)))
    for place, row in enumerate(rows):
        for axis, name in enumerate(names):
            try:
                numbers[place, axis] = float(row[name])
            except (KeyError, TypeError, ValueError):
                raise _no_number(path, place, name, row) from None
            if not isfinite(numbers[place, axis]):  # would spread to every text with the word
                raise _no_number(path, place, name, row)
    return numbers


def _no_number(path: Path, place: int, name: str, row: dict[str, str]) -> DataError:
    return DataError(f"{path}: row {place + 1}: column {name} must hold a number, found {row.get(name)!r}")


def label_points(lexicon: Lexicon, labels: Taxonomy) -> Numbers:
    """Return the norms of the labels' own names, (K, 3), in the taxonomy's order.

    Raises:
        DataError: A label is no word of the lexicon.
    """
    lacking = [name for name in labels.names if name not in lexicon]
    if lacking:
        raise DataError(
            f"{lexicon.name} has no norms of {', '.join(lacking)}, so that the labels of {labels.name} have "
            "no place among valence, arousal and dominance; take another taxonomy"
        )
    return np.array([lexicon[name].vad for name in labels.names])


def category(vad: ArrayLike, lexicon: Lexicon, *, labels: Taxonomy) -> list[str | None] | str | None:
    """Return the label whose name lies nearest (Euclidean) to valence, arousal and dominance.

    Args:
        vad: (3,) or (N, 3) in [-1, 1].
        lexicon: Whose norms of the labels' names are the labels' places.
        labels: The labels to choose from.

    Returns:
        A label, or N of them; None where a dimension is missing.

    Cybulski 2019 says that the IESN data have a "categorical emotion according to the VAD values"; no rule is
    printed. This one is ours. Of the four texts printed with both in figure 1 of Zhao et al. 2016
    (User-centric affective computing of image emotion perceptions, AAAI) it gives two: excitement and fear.
    It calls amusement what they call awe, and disgust what they call fear, so that theirs is another rule.

    Raises:
        DataError: A label is no word of the lexicon.
    """
    values = np.asarray(vad, dtype=np.float64)
    rows = values.reshape(-1, 3)
    distances = np.linalg.norm(rows[:, None, :] - label_points(lexicon, labels)[None], axis=-1)
    nearest = np.nan_to_num(distances, nan=np.inf).argmin(axis=1)
    names = [
        labels.names[place] if np.isfinite(row).all() else None
        for row, place in zip(rows, nearest, strict=True)
    ]
    return names if values.ndim > 1 else names[0]
