"""A table as it was printed: its rows and figures, how each row is trained, and what is odd about it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from pydantic import ConfigDict

Unit = Literal["fraction", "percent", "count"]
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Column:
    """A figure of a table."""

    __pydantic_config__ = _STRICT

    title: str = ""
    """As printed above the column; empty: the figure's own name."""
    unit: Unit = "fraction"
    """How it is printed; everything is computed as a fraction or a count."""
    digits: int = 4
    """Decimals of the printed values."""
    better: Literal["higher", "lower", ""] = "higher"
    """Which way is better; empty where that cannot be said."""

    def shown(self, value: float, *, spread: bool = False) -> str:
        """Return a printed value as the paper has it; a `spread` keeps the further decimals that it has.

        Args:
            value: In the unit of the column.
            spread: A standard deviation in place of a value.

        Example:
            >>> Column(unit="percent", digits=3).shown(82.52), Column(unit="count").shown(3407)
            ('82.520', '3,407')
            >>> Column().shown(0.00053, spread=True)
            '0.00053'
        """
        if self.unit == "count":
            return f"{round(value):,}"
        exponent = Decimal(str(value)).as_tuple().exponent
        decimals = -exponent if spread and isinstance(exponent, int) else 0
        return f"{value:.{max(self.digits, decimals if decimals < 7 else 0)}f}"

    @property
    def factor(self) -> float:
        """What a computed figure is multiplied by to be in the unit of the column."""
        return 100.0 if self.unit == "percent" else 1.0


@dataclass(frozen=True)
class Row:
    """A row: a network trained on a data set, and what was printed of it."""

    __pydantic_config__ = _STRICT

    name: str
    paper: dict[str, float] = field(default_factory=dict)
    """Printed values by figure, in the unit of the column; a figure that is not printed is not here."""
    sd: dict[str, float] = field(default_factory=dict)
    """Printed standard deviations over runs."""
    data: str = ""
    """Data set that is trained on, by its name in `evocative datasets`; empty: the table's."""
    test: str = ""
    """Data set that is tested on, all its rows, its labels read by the taxonomies' published mapping where
    they are others; empty: the test rows of `data`."""
    options: dict[str, str] = field(default_factory=dict)
    """Of the data set that is tested on, as `evocative prepare --set` has them."""
    recipe: str = ""
    """Empty: the table's."""
    set: dict[str, Any] = field(default_factory=dict)
    """Settings of the recipe for this row, over the table's."""
    runs: int | None = None
    """How many runs the printed values are of; None: the table's."""
    theta: float = 0.0
    """Threshold of top-2 cross-sentiment (4.12)."""
    tested: int | None = None
    """How many images the printed values are of, where that is printed."""
    fixed: bool = False
    """A network of its own, in which no other backbone is put, and which is no choice among others."""
    printed_only: bool = False
    """A value that others printed, of a method that is not ours to train: it stands beside the others."""


@dataclass(frozen=True)
class PublishedTable:
    """A table of a paper, as data."""

    __pydantic_config__ = _STRICT

    title: str
    source: str
    """Author and year."""
    place: str
    """Number and section."""
    columns: dict[str, Column]
    """By the figure's name: one of `FIGURES`, or of a label, as `f1/sadness`: one of `OF_A_LABEL`."""
    rows: tuple[Row, ...]
    name: str = ""
    """The file's name; what the command calls it."""
    recipe: str = ""
    """Of all rows that name none."""
    data: str = ""
    """Of all rows that name none."""
    gaze: tuple[str, ...] = ()
    """Folders of gaze data that networks' maps are held against; the first one below the data root is taken.
    Columns are then of `GAZE_FIGURES`."""
    set: dict[str, Any] = field(default_factory=dict)
    """Settings of the recipe for every row."""
    runs: int = 1
    """How many runs the printed values are of."""
    choose: bool = False
    """Whether the rows are candidates of which the paper takes the best on test rows: which one validation
    rows would choose is said then."""
    rows_are: Literal["settings", "backbones"] = "settings"
    """`backbones`: another network comes in beside the printed ones, not in their place."""
    readings: tuple[str, ...] = ()
    """What the paper leaves open, and how it is read here."""
    oddities: tuple[str, ...] = ()
    """What in the paper contradicts itself."""

    def data_of(self, row: Row) -> str:
        """Return the data set that a row is trained on."""
        return row.data or self.data

    def recipe_of(self, row: Row) -> str:
        """Return the recipe of a row."""
        return row.recipe or self.recipe

    def runs_of(self, row: Row) -> int:
        """Return how many runs the printed values of a row are of."""
        return row.runs or self.runs

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every data set that the table needs, those that are trained on first."""
        trained = [self.data_of(row) for row in self.rows]
        return tuple(dict.fromkeys([*trained, *(row.test for row in self.rows if row.test)]))


COUNTS = {
    "eligible": "eligible",
    "positive_negative": "pos-neg",
    "negative_positive": "neg-pos",
    "positive_positive": "pos-pos",
    "negative_negative": "neg-neg",
}
"""Counts of top-2 cross-sentiment, and how the tables call them."""
FIGURES = (
    "accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc", "ari", "nmi", "asr",
    "cross", *COUNTS,
)  # fmt: skip
"""What a column may be, besides figures of a label."""
GAZE_FIGURES = ("auc_judd", "auc_borji", "auc_shuffled", "nss", "cc", "sim", "kl", "emd")
"""What a column of a table with `gaze` may be."""
OF_A_LABEL = ("precision", "recall", "f1", "roc_auc", "support")
