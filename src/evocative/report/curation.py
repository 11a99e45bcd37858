"""The page of findings: every kind with thumbnails, to be looked through; one file that needs no network.

    write_findings_page(findings, table, "findings.html")

What is to be dropped comes first, among the kinds and within each, then the most certain findings; copies of
one picture stand side by side. What is not shown for lack of room is counted.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from os import cpu_count
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evocative.curate.findings import ACTIONS, COLUMNS, Findings
from evocative.data.atomic import replacing
from evocative.data.image import decode
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.report.html import style

PIXELS: Final = 176
"""The longer side of a thumbnail."""
TOLD: Final[Mapping[str, str]] = {
    "unreadable": "Cannot be decoded at all, or is too small or too narrow to be judged.",
    "single_colour": "Nearly all pixels have one colour.",
    "placeholder": "Many files are nearly one picture of few colours: what stands for a lost one.",
    "extreme_size": "Very few pixels, or very many.",
    "extreme_proportions": "Much longer than wide, or much wider than high.",
    "exact_duplicate": "The same file or the same pixels more than once.",
    "near_duplicate": "One picture more than once: re-encoded, scaled, cut, mirrored or turned a little.",
    "label_conflict": "Copies of one picture that bear different labels.",
    "leak": "Copies of one picture in more than one split.",
    "group_leak": "Pictures of one group in more than one split.",
    "text": "Shows text, which tells what the picture itself does not.",
    "label": "Answers of networks that have not seen the picture contradict its label.",
}
"""What is said of each known kind."""


_MOST_FIRST: Final = ("drop", "relabel", "review", "keep")
_IN_EVIDENCE: Final = ("label", "likely")
"""Columns of findings whose evidence says the same in words: the card tells them once."""


@dataclass(frozen=True)
class Card:
    """One finding as the page shows it."""

    path: str
    about: str
    """Label and split, where the table has them."""
    score: float
    action: str
    evidence: str
    thumbnail: str
    """JPEG in base64; empty where the image cannot be decoded."""


@dataclass(frozen=True)
class Bundle:
    """Findings that belong together, or all those that stand alone."""

    cluster: str | None
    cards: list[Card]
    hidden: int
    """Findings of the cluster that are not shown."""


@dataclass(frozen=True)
class Section:
    """One kind of finding."""

    kind: str
    told: str
    counts: Mapping[str, int]
    """Findings by suggested action."""
    total: int
    bundles: list[Bundle]
    hidden: int


def write_findings_page(
    findings: Findings,
    table: Table,
    path: str | Path,
    *,
    per_kind: int = 120,
    per_cluster: int = 8,
    workers: int | None = None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> None:
    """Write the page, whole or not at all.

    Args:
        findings: Of the table; those of images that the table lacks are shown without a thumbnail.
        table: Where the images lie, and their labels and splits.
        path: The file, which ends in .html.
        per_kind: Findings of each kind that are shown at most.
        per_cluster: Findings of each cluster that are shown at most.
        workers: Threads that decode; None takes one a core, up to 8.
        watch: Passes images on as they are done, to show progress.

    Raises:
        DataError: The ending is another one, nothing is to be shown, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise DataError(f"{path}: a page ends in .html, not in {path.suffix or 'nothing'}")
    if per_kind < 1 or per_cluster < 1:
        raise DataError(f"a page shows at least 1 finding, not {per_kind} a kind and {per_cluster} a cluster")
    chosen = {
        kind: _chosen(findings.frame[findings.frame["kind"] == kind], per_kind, per_cluster)
        for kind in _by_urgency(findings)
    }
    wanted = sorted({name for bundles in chosen.values() for rows, _ in bundles for name in rows["path"]})
    shown = _thumbnails(wanted, table, workers, watch)
    about = _about(table, wanted)
    sections = [_section(kind, findings, bundles, shown, about) for kind, bundles in chosen.items()]
    page = _environment().get_template("curation.html.j2").render(
        findings=findings, images=len(table), sections=sections, actions=ACTIONS, style=Markup(style()),  # noqa: S704
        concerned=findings.frame["path"].nunique(), dropped=len(findings.dropped),
    )  # fmt: skip
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


_Chosen = list[tuple[pd.DataFrame, int]]
"""Rows that are shown together, and how many more of their cluster there are."""


def _by_urgency(findings: Findings) -> list[str]:
    """Return the kinds of finding: those that suggest to drop first, else in the order found."""
    first = _urgency(findings.frame).groupby(findings.frame["kind"], sort=False).min()
    return sorted(findings.counts, key=lambda kind: int(first[kind]))


def _urgency(frame: pd.DataFrame) -> "pd.Series[int]":
    """Return 0 for what is to be dropped, and more for what changes less."""
    order = {action: place for place, action in enumerate(_MOST_FIRST)}
    return frame["action"].map(lambda action: order.get(str(action), len(order))).astype("int64")


def _chosen(frame: pd.DataFrame, per_kind: int, per_cluster: int) -> _Chosen:
    """Choose what is shown of one kind: the most urgent first, then certain, clusters before the rest.

    A cluster is as urgent as its most urgent row.
    """
    frame = frame.sort_values("score", ascending=False, kind="stable")
    urgency = _urgency(frame)
    level = urgency.groupby(frame["cluster"]).transform("min").fillna(urgency)
    found: _Chosen = []
    room = per_kind
    for place in sorted(level.unique()):
        rows = frame[level == place]
        for _, together in rows.dropna(subset=["cluster"]).groupby("cluster", sort=False):
            if room < 1:
                break
            kept_first = together.sort_values("action", key=lambda names: names == "drop", kind="stable")
            shown = kept_first.head(min(per_cluster, max(room, 2)))
            found.append((shown, len(together) - len(shown)))
            room -= len(shown)
        alone = rows[rows["cluster"].isna()].head(max(room, 0))
        found += [(alone, 0)] if len(alone) else []
        room -= len(alone)
    return found


def _section(
    kind: str,
    findings: Findings,
    bundles: _Chosen,
    shown: Mapping[str, str],
    about: Mapping[str, Mapping[str, str]],
) -> Section:
    frame = findings.frame[findings.frame["kind"] == kind]
    actions = {str(name): int(count) for name, count in frame["action"].value_counts().items()}
    built = []
    for rows, more in bundles:
        cluster = rows["cluster"].iloc[0]
        cards = list(_cards(rows, shown, about))
        built.append(Bundle(None if pd.isna(cluster) else str(cluster), cards, more))
    visible = sum(len(bundle.cards) for bundle in built)
    return Section(kind, TOLD.get(kind, ""), actions, len(frame), built, len(frame) - visible)


def _cards(
    rows: pd.DataFrame, shown: Mapping[str, str], about: Mapping[str, Mapping[str, str]]
) -> Iterator[Card]:
    others = [name for name in rows.columns if name not in (*COLUMNS, *_IN_EVIDENCE)]
    for row in rows.to_dict("records"):
        path = str(row["path"])
        told = {name for name in _IN_EVIDENCE if name in row and not pd.isna(row[name])}
        known = " · ".join(value for name, value in about.get(path, {}).items() if name not in told)
        more = "".join(f"; {name}: {row[name]}" for name in others if not pd.isna(row[name]))
        yield Card(
            path, known, float(row["score"]), str(row["action"]), f"{row['evidence']}{more}",
            shown.get(path, ""),
        )  # fmt: skip


def _about(table: Table, wanted: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return label, split and group of images, by path."""
    names = [name for name in ("label", "split", "group") if name in table.frame.columns]
    rows = table.frame.loc[table.frame["path"].isin(list(wanted)), ["path", *names]]
    return {
        str(row["path"]): {name: str(row[name]) for name in names if not pd.isna(row[name])}
        for row in rows.to_dict("records")
    }


def _thumbnails(
    wanted: list[str],
    table: Table,
    workers: int | None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None,
) -> dict[str, str]:
    """Return small JPEG images in base64, by path; an image that cannot be decoded is left out."""

    def one(name: str) -> str:
        try:
            image = decode(table.root / name, at_least=PIXELS)
        except DataError:
            return ""
        image.thumbnail((PIXELS, PIXELS))
        stream = BytesIO()
        image.save(stream, "JPEG", quality=80)
        return base64.b64encode(stream.getvalue()).decode("ascii")

    with ThreadPoolExecutor(workers or min(8, cpu_count() or 1)) as pool:
        made = pool.map(one, wanted)
        return dict(zip(wanted, watch(made) if watch else made, strict=True))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evocative.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    return environment
