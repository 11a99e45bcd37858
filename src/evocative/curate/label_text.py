"""Labels from text: an image's title, tags and description, and what viewers wrote of it, by word norms.

As in the IESN data (Zhao et al. 2016, Predicting personalized emotion perceptions of social images): what
the uploader wrote tells the emotion that was meant to be felt, comments tell the emotions that were felt, and
the two stay apart. A person then looks through the labels, the doubtful ones first. How texts are rated, and
where that differs from the papers, stands in `evocative.taxonomy.text`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evocative.data.columns import AXES, SD_COLUMNS
from evocative.data.table import Table
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import Taxonomy
from evocative.taxonomy.lexicon import Lexicon, category
from evocative.taxonomy.text import TextRating, TextReader, opposition

Numbers = NDArray[np.float64]

COMMENTS: Final = "comments_"
"""Begins the names of the columns that viewers' comments make."""


@dataclass(frozen=True)
class Doubts:
    """When a person should look at a text's figures first; the bounds are ours, no paper gives any."""

    known: int = 2
    """Fewer known words than this."""
    share: float = 0.25
    """A smaller share of known words than this, in [0, 1]."""
    mixed: float = 0.5
    """A larger standard deviation of valence between the words than this."""
    opposed: float = 1 / 3
    """A larger share of the weaker side than this; see `TextRating.opposed`."""
    neutral: float = 0.1
    """A valence nearer to 0 than this."""

    def of(self, rating: TextRating) -> list[str]:
        """Return what is doubtful about a text's figures, a few words each."""
        if not rating.known:
            return ["no known word"]
        doubts = {
            f"fewer than {self.known} known words": rating.known < self.known,
            "most words are unknown": rating.known < self.share * rating.words,
            "a negation": rating.negated,
            "pleasant and unpleasant words": self.contradict(rating.between, rating.opposed),
            "neither pleasant nor unpleasant": abs(rating.vad[0]) < self.neutral,
        }
        return [reason for reason, holds in doubts.items() if holds]

    def contradict(self, between: float, opposed: float) -> bool:
        """Return whether pleasant and unpleasant evidence stand against each other."""
        return between > self.mixed or opposed > self.opposed

    def evidence(self, rating: TextRating) -> bool:
        """Return whether a label may be drawn from a text: some word counts, none denied or contradicted."""
        return bool(
            rating.known and not rating.denied and not self.contradict(rating.between, rating.opposed)
        )


def label_text(
    table: Table,
    lexicon: Lexicon,
    columns: Sequence[str],
    *,
    labels: Taxonomy | None = None,
    prefix: str = "",
    doubts: Doubts | None = None,
) -> Table:
    """Give each row valence, arousal and dominance of its text.

    Args:
        table: Any; its own columns stay.
        lexicon: Norms of words.
        columns: Whose texts are read, one after the other, as one.
        labels: Also give the label that is nearest (`evocative.taxonomy.lexicon.category`). A text has none
            if a sentence with one of its known words is negated, if pleasant and unpleasant words contradict
            each other, or if its valence is near 0 and the nearest label is not a neutral one.
        prefix: Begins the names of the new columns, for a table that has dimensions already.
        doubts: When figures are uncertain.

    Returns:
        The table with `valence`, `arousal`, `dominance`, their `_sd` (between raters and words), `words`,
        `known_words`, `found_words` (joined by `; `), `uncertain` (true or false), `doubts` (joined by `; `)
        and, with `labels`, `label`. A row without a known word has none of these figures, and is uncertain.

    Raises:
        DataError: A column is missing, the table has columns of the new names already, or is of another
            taxonomy.
    """
    texts = _texts(table, columns)
    reader, rules = TextReader(lexicon), doubts or Doubts()
    ratings = [reader.rate(text) for text in texts]
    reasons = [rules.of(rating) for rating in ratings]
    new = _dimensions(np.array([[*rating.vad, *rating.sd] for rating in ratings]).reshape(-1, 6))
    new["words"] = [rating.words for rating in ratings]
    new["known_words"] = [rating.known for rating in ratings]
    new["found_words"] = _joined([rating.found for rating in ratings])
    new["uncertain"] = [bool(some) for some in reasons]
    new["doubts"] = _joined(reasons)
    if labels is not None:
        sure = [rules.evidence(rating) for rating in ratings]
        new["label"] = _category(new, lexicon, labels, sure=sure, neutral=rules.neutral)
    return _joined_to(table, new, prefix, labels)


def label_comments(
    table: Table,
    lexicon: Lexicon,
    column: str,
    *,
    separator: str = "\n",
    labels: Taxonomy | None = None,
    doubts: Doubts | None = None,
) -> Table:
    """Give each row the mean of its comments: each viewer's words first, then the viewers.

    Args:
        table: Any.
        lexicon: Norms of words.
        column: Comments, parted by `separator`.
        separator: Stands between two comments.
        labels: Also give the label that is nearest to the mean of the comments that are evidence: whose known
            words are neither denied nor contradict each other. There is none if pleasant and unpleasant
            comments contradict each other, or if their mean valence is near 0 and the label is not neutral.
        doubts: What counts as contradicting and near.

    Returns:
        The table with `comments_valence` and so on (means of comments that have a known word),
        `comments_valence_sd` (standard deviation between comments, with n - 1; missing with fewer than two),
        `comments_n` (such comments), and, with `labels`, `comments_label`.

    Raises:
        DataError: The column is missing, the table has columns of the new names already, or nothing stands
            between comments.
    """
    if not separator:
        raise DataError("comments: expected a separator of one character or more, found none")
    reader, rules = TextReader(lexicon), doubts or Doubts()
    cells = [[reader.rate(comment) for comment in cell.split(separator)] for cell in _texts(table, [column])]
    felt = [_points([rating for rating in ratings if rating.known]) for ratings in cells]
    new = _dimensions(np.array([_mean_and_sd(points) for points in felt]).reshape(-1, 6))
    new["n"] = [len(points) for points in felt]
    if labels is not None:
        evidence = [_points([rating for rating in ratings if rules.evidence(rating)]) for ratings in cells]
        means = _dimensions(np.array([_mean_and_sd(points) for points in evidence]).reshape(-1, 6))
        sure = [len(points) > 0 and not _opposed(points, rules) for points in evidence]
        new["label"] = _category(means, lexicon, labels, sure=sure, neutral=rules.neutral)
    return _joined_to(table, new, COMMENTS, labels)


def _points(ratings: Sequence[TextRating]) -> Numbers:
    """Return valence, arousal and dominance of comments, (N, 3)."""
    return np.array([rating.vad for rating in ratings], dtype=np.float64).reshape(-1, 3)


def _mean_and_sd(points: Numbers) -> Numbers:
    """Return means and standard deviations (with n - 1) of comments, (6,); NaN where there are too few."""
    figures = np.full(6, np.nan)
    if len(points):
        figures[:3] = points.mean(axis=0)
    if len(points) > 1:
        figures[3:] = points.std(axis=0, ddof=1)
    return figures


def _opposed(points: Numbers, rules: Doubts) -> bool:
    """Return whether comments contradict each other, by the rule that holds for words."""
    return rules.contradict(float(points[:, 0].std()), opposition(points[:, 0]))


def _texts(table: Table, columns: Sequence[str]) -> list[str]:
    """Return each row's text: the columns' cells, a line each; missing cells have no words."""
    for name in columns:
        if name not in table.frame.columns:
            raise DataError(f"{table.name}: " + unknown("column", name, map(str, table.frame.columns)))
    if not columns:
        raise DataError(f"{table.name}: name one column with text at least")
    cells = table.frame[list(columns)].astype("string").fillna("")
    return ["\n".join(row) for row in cells.itertuples(index=False)]


def _dimensions(figures: np.ndarray) -> pd.DataFrame:
    """Name six columns of figures."""
    return pd.DataFrame(figures, columns=[*AXES, *SD_COLUMNS])


def _joined(lists: Sequence[Sequence[str]]) -> "pd.Series[str]":
    return pd.Series(["; ".join(each) or pd.NA for each in lists], dtype="string")


def _category(
    new: pd.DataFrame, lexicon: Lexicon, labels: Taxonomy, *, sure: Sequence[bool], neutral: float
) -> "pd.Series[str]":
    """Return the nearest labels, where there is evidence for one."""
    points = new[list(AXES)].to_numpy()
    found = category(points, lexicon, labels=labels)
    sentiments = {label.name: label.sentiment for label in labels}
    kept = [
        label if label and some and (abs(valence) >= neutral or sentiments[label] == "neutral") else None
        for label, some, valence in zip(found or [], sure, points[:, 0], strict=True)
    ]
    return pd.Series(kept, index=new.index, dtype="string")


def _joined_to(table: Table, new: pd.DataFrame, prefix: str, labels: Taxonomy | None) -> Table:
    """Join new columns to a table that has none of them."""
    new = new.rename(columns=lambda name: f"{prefix}{name}")
    there = [name for name in new.columns if name in table.frame.columns]
    if there:
        raise DataError(
            f"{table.name}: there is a column {there[0]!r} already; choose another prefix for what the text "
            "says, or leave the column out first"
        )
    taxonomy = table.taxonomy
    if labels is not None and not prefix:
        if taxonomy not in (None, labels):
            raise DataError(f"{table.name}: its labels are of another taxonomy than {labels.name}")
        taxonomy = labels
    frame = pd.concat([table.frame, new.set_axis(table.frame.index, axis="index")], axis="columns")
    return Table(frame, taxonomy=taxonomy, root=table.root, name=table.name)
