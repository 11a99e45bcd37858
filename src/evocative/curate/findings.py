"""Findings: what a check says of a table's images, one row a finding, and the table without what should go.

    found = merge(find_corrupt(table), find_duplicates(table))
    write_findings(found, "findings.csv")           # to look through; change `action` where it is wrong
    kept = cleaned(table, read_findings("findings.csv"))

No file is ever deleted, moved or changed. The columns are told in docs/curate.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from evocative.data.columns import listing
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError, unknown

Action = Literal["drop", "review", "keep", "relabel"]
"""What is suggested: leave the row out, have a person look, leave it as it is, or give it another label."""
ACTIONS: Final[tuple[str, ...]] = get_args(Action)
COLUMNS: Final = ("path", "kind", "score", "evidence", "action", "cluster")
FORMAT: Final = "1"
"""Version of the file."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or may be, with one image."""

    path: str
    """As the table has it."""
    kind: str
    """What was found: `damaged`, `near_duplicate`, `text`, …"""
    score: float
    """How sure or how strong it is, in [0, 1]."""
    evidence: str
    """What was measured, in words, so that a person can follow."""
    action: Action = "review"
    cluster: str | None = None
    """Name of the images that this one was found together with."""


@dataclass(frozen=True, eq=False)
class Findings:
    """Findings of one table, of one check or of several.

    Raises:
        DataError: A column is missing, a score is not in [0, 1], or an action is unknown.
    """

    frame: pd.DataFrame
    """The `COLUMNS`, then any others; one row a finding, index 0 … N-1."""
    table: str = "table"
    """Name of the table that was looked at."""
    kind: str = "findings"
    """The check: `corrupt`, `duplicates`, `text`, `labels`, or several joined by +."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the check was asked with; plain values, as JSON has them. Of several checks: one mapping each."""
    version: str = FORMAT

    def __post_init__(self) -> None:
        for name in COLUMNS:
            if name not in self.frame.columns:
                raise DataError(f"findings of {self.table}: " + unknown("column", name, self.frame.columns))
        object.__setattr__(self, "frame", _typed(self.frame, self.table))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind, the most frequent first."""
        return {str(kind): int(rows) for kind, rows in self.frame["kind"].value_counts().items()}

    @property
    def dropped(self) -> set[str]:
        """Paths with at least one finding whose action is `drop`."""
        return set(self.frame.loc[self.frame["action"] == "drop", "path"])


def collect(
    findings: Iterable[Finding], *, table: Table, kind: str, settings: Mapping[str, Any] | None = None
) -> Findings:
    """Make findings from single ones.

    Args:
        findings: Any number.
        table: What was looked at.
        kind: The check.
        settings: What it was asked with.

    Example:
        >>> table = Table(pd.DataFrame({"path": ["a.jpg"]}))
        >>> collect(
        ...     [Finding("a.jpg", "blank", 1.0, "one colour", "drop")], table=table, kind="corrupt"
        ... ).counts
        {'blank': 1}
    """
    frame = pd.DataFrame([asdict(one) for one in findings], columns=list(COLUMNS))
    return Findings(frame, table=table.name, kind=kind, settings=dict(settings or {}))


def merge(*findings: Findings) -> Findings:
    """Join findings of several checks of one table; what is said twice in the same words is kept once.

    Raises:
        DataError: There are none, or they are of tables with different names.
    """
    if not findings:
        raise DataError("joining findings needs at least one")
    names = sorted({each.table for each in findings})
    if len(names) > 1:
        raise DataError(f"findings of different tables cannot be joined ({', '.join(names)})")
    if len(findings) == 1:
        return findings[0]
    frame = pd.concat([each.frame for each in findings if len(each)] or [findings[0].frame])
    return Findings(
        frame.drop_duplicates(list(COLUMNS)),
        table=names[0],
        kind="+".join(dict.fromkeys(each.kind for each in findings)),
        settings={each.kind: dict(each.settings) for each in findings},
    )


def cleaned(table: Table, findings: Findings) -> Table:
    """Return the table without the rows that a finding would drop; the files stay where they are.

    Findings of images that the table lacks are passed over, so that a part of a data set can be cleaned by
    the findings of the whole.

    Raises:
        DataError: None of the findings' images is in the table: they are of another one, or of another root.
    """
    paths = table.frame["path"]
    if len(findings) and not paths.isin(findings.frame["path"]).any():
        raise DataError(
            f"{table.name}: none of its images is in the findings (of {findings.table}, such as "
            f"{findings.frame['path'].iloc[0]}); give the table that was looked at"
        )
    return table.select(~paths.isin(findings.dropped).to_numpy(dtype=bool))


def write_findings(findings: Findings, path: str | Path) -> None:
    """Write findings as CSV or Parquet, whole or not at all.

    Raises:
        DataError: The ending is another one, or the file cannot be written.
    """
    about = {
        "table": findings.table,
        "kind": findings.kind,
        "settings": dict(findings.settings),
        "version": findings.version,
    }
    write_rows(findings.frame, about, Path(path))


def read_findings(path: str | Path) -> Findings:
    """Read findings that `write_findings` wrote, or that a person changed.

    Raises:
        DataError: The file cannot be read, lacks a column, or has a score or an action that is none.
    """
    frame, about = read_rows(Path(path))
    settings = about.get("settings", {})
    try:
        found = Findings(
            frame,
            table=str(about.get("table", Path(path).stem)),
            kind=str(about.get("kind", "findings")),
            settings=settings if isinstance(settings, dict) else {},
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return replace(found, version=str(about.get("version", FORMAT)))


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give the columns their types and their places, and refuse what they cannot hold."""
    frame = frame.reset_index(drop=True)
    scores = pd.to_numeric(frame["score"], errors="coerce").astype(np.float64)
    bad = ~scores.between(0, 1).to_numpy(dtype=bool)
    if bad.any():
        raise DataError(
            f"findings of {name}: a score is a number from 0 to 1:"
            + listing([f"{row['path']}: {row['score']}" for _, row in frame[bad].iterrows()])
        )
    wrong = sorted(set(frame["action"].astype(str)) - set(ACTIONS))
    if wrong:
        raise DataError(f"findings of {name}: " + unknown("action", wrong[0], ACTIONS))
    texts = {column: frame[column].astype("string") for column in COLUMNS if column != "score"}
    others = [column for column in frame.columns if column not in COLUMNS]
    return frame.assign(**texts, score=scores)[[*COLUMNS, *others]]
