"""Looked: what judges say of ways of making pictures: every picture, by every judge, on every fresh view.

    ways = ways_of([read_made("gan"), read_made("atlas")], real=read_table("validation.csv"))
    looked = look(ways[0], judge, views=tuple(FRESH))
    looked.probabilities["jpeg"]            # (N, K)

One bad image is one bad row: its numbers are NaN and `errors` says why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float32, Int64
from numpy.typing import NDArray
from torch import Tensor

from evocative.data.columns import AXES
from evocative.data.image import decode
from evocative.data.table import Table, concatenate
from evocative.data.transforms import decode_size, evaluation_transform
from evocative.errors import DataError
from evocative.explore.fresh_views import FRESH, PLAIN, seen
from evocative.explore.judge import Judge
from evocative.inference.network import Numbers

REAL: Final = "real"
PEOPLE: Final = "people"
"""Whom real images were made for."""


@dataclass(frozen=True, eq=False)
class Way:
    """Pictures that were made in one way for one model."""

    name: str
    made_for: str
    table: Table

    def __len__(self) -> int:
        return len(self.table)

    @property
    def title(self) -> str:
        """What tables call it: "gan", or "optimised for fi8-0"."""
        return self.name if self.made_for in ("", PEOPLE) else f"{self.name} for {self.made_for}"


@dataclass(frozen=True, eq=False)
class Looked:
    """What one judge says of one way's pictures."""

    way: str
    made_for: str
    judge: str
    names: tuple[str, ...]
    """Labels of the judge's taxonomy; () without an emotion head."""
    asked: Int64[np.ndarray, " N"]
    """Place of the asked emotion among `names`, -1 where none was asked for that the judge knows."""
    targets: Float32[np.ndarray, "N 3"]
    """Valence, arousal, dominance that were asked for; NaN where they were not, or the judge has none."""
    probabilities: Mapping[str, Float32[np.ndarray, "N K"]]
    """By view; NaN in bad rows; (N, 0) without an emotion head."""
    vad: Mapping[str, Float32[np.ndarray, "N 3"]]
    """By view."""
    embedding: Float32[np.ndarray, "N D"]
    """Of the pictures as they are."""
    errors: tuple[str | None, ...]

    @property
    def ok(self) -> Bool[np.ndarray, " N"]:
        """Which pictures could be looked at."""
        return np.array([error is None for error in self.errors], dtype=bool)

    @property
    def own(self) -> bool:
        """Whether the pictures were made for this judge."""
        return self.made_for == self.judge

    def counted(self) -> Bool[np.ndarray, " N"]:
        """Return which rows have an asked emotion and could be looked at."""
        return self.ok & (self.asked >= 0)

    def achieved(self, view: str = PLAIN) -> Bool[np.ndarray, " N"]:
        """Return which pictures' strongest emotion is the asked one; False where none was asked for."""
        found = np.zeros(len(self.asked), dtype=bool)
        rows = self.counted()
        if rows.any():
            found[rows] = self.probabilities[view][rows].argmax(axis=1) == self.asked[rows]
        return found

    def probability(self, view: str = PLAIN) -> Float32[np.ndarray, " N"]:
        """Return the probability of what was asked for, NaN where nothing was."""
        found = np.full(len(self.asked), np.nan, dtype=np.float32)
        rows = np.flatnonzero(self.counted())
        found[rows] = self.probabilities[view][rows, self.asked[rows]]
        return found


def ways_of(tables: Sequence[Table], *, real: Table | None = None, limit: int | None = None) -> list[Way]:
    """Sort made tables' rows by the way they were made and by whom they were made for.

    Args:
        tables: As `read_made` reads them.
        real: Images of people, with what was said of them; it becomes the last way, `real`.
        limit: Pictures of a way at most, evenly spread over its rows sorted by what was asked for.

    Raises:
        DataError: There is no picture at all, or a way is called like the real images.
    """
    found: dict[tuple[str, str], list[Table]] = {}
    for table in tables:
        named = table.frame[["source", "model"]].astype(str)  # models may be called 0, 1 …
        for source, model in map(tuple, named.drop_duplicates().itertuples(index=False)):
            rows = (named["source"] == source) & (named["model"] == model)
            found.setdefault((source, model), []).append(table.select(rows.to_numpy(dtype=bool)))
    if real is None and not any(map(len, tables)):
        raise DataError("there are no pictures to compare: give tables of made pictures")
    if any(source == REAL for source, _ in found):
        raise DataError(f"made pictures call their source {REAL!r}, which is kept for real images; rename it")
    ways = [Way(*key, thinned(_joined(parts), limit)) for key, parts in found.items()]
    return ways if real is None else [*ways, Way(REAL, PEOPLE, thinned(real, limit))]


def thinned(table: Table, limit: int | None) -> Table:
    """Return a table with so many rows at most, evenly spread over its rows sorted by label and place."""
    if limit is None or len(table) <= limit:
        return table
    order = np.argsort(table.labels, kind="stable")
    return table.select(np.sort(order[np.linspace(0, len(table) - 1, limit).round().astype(int)]))


def look(
    way: Way,
    judge: Judge,
    *,
    views: Sequence[str] = tuple(FRESH),
    seed: int = 0,
    watch: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Looked:
    """Ask a judge about a way's pictures, read as `evocative predict` reads them.

    Args:
        way: Whose pictures.
        judge: Who looks.
        views: Of `FRESH`, besides the pictures as they are.
        seed: Of the views.
        watch: Passes batches on as they are done, to show progress.
    """
    shown = (PLAIN, *(view for view in views if view != PLAIN))
    paths, size = way.table.paths, judge.batch_size
    batches: list[dict[str, Numbers]] = []
    errors: list[str | None] = []
    for start in watch(range(0, len(paths), size)):
        pixels, said = _pixels(paths[start : start + size], judge)
        errors += said
        batches.append({v: judge.score(seen(pixels, v, first=start, seed=seed)) for v in shown})
    names = judge.taxonomy.names if judge.taxonomy is not None else ()
    return Looked(
        way=way.name,
        made_for=way.made_for,
        judge=judge.name,
        names=names,
        asked=_asked(way.table, judge),
        targets=_targets(way.table, judge),
        probabilities={v: _rows([b[v].probabilities for b in batches], errors, len(names)) for v in shown},
        vad={v: _rows([b[v].vad for b in batches], errors, len(AXES)) for v in shown},
        embedding=_rows([b[PLAIN].embedding for b in batches], errors, None),
        errors=tuple(errors),
    )


def rows_of(way: Way, looked: Looked) -> pd.DataFrame:
    """Return one row a picture: what was asked for and what this judge says."""
    p = looked.probabilities[PLAIN]
    names = np.array([*looked.names, None], dtype=object)
    strongest = np.where(looked.ok, p.argmax(axis=1), -1) if looked.names else np.full(len(looked.asked), -1)
    columns: dict[str, Any] = {"way": looked.way, "made_for": looked.made_for, "judge": looked.judge}
    columns |= {"path": way.table.frame["path"].to_numpy(dtype=object)}
    columns |= {"asked": names[looked.asked], "emotion": names[strongest]}
    columns |= {f"p_{view}": looked.probability(view) for view in looked.probabilities}
    for place, axis in enumerate(AXES):
        columns[f"asked_{axis}"] = looked.targets[:, place]
        columns[axis] = looked.vad[PLAIN][:, place]
    return pd.DataFrame(columns | {"error": pd.Series(looked.errors, dtype="string")})


def _pixels(paths: Sequence[Any], judge: Judge) -> tuple[Tensor, list[str | None]]:
    """Return the pictures at the judge's size, black where they cannot be read, and why."""
    fit, least = evaluation_transform(judge.preprocessing), decode_size(judge.preprocessing)
    found, errors = [], list[str | None]()
    for path in paths:
        try:
            found.append(fit(decode(path, at_least=least)))
            errors.append(None)
        except DataError as error:
            found.append(torch.zeros((3, judge.size, judge.size), dtype=torch.uint8))
            errors.append(str(error))
    return torch.stack(found), errors


def _rows(
    parts: Sequence[NDArray[np.float32] | None], errors: Sequence[str | None], width: int | None
) -> Float32[np.ndarray, "N W"]:
    there = [part for part in parts if part is not None]
    found = np.concatenate(there) if there else np.full((len(errors), width or 0), np.nan, dtype=np.float32)
    found[[error is not None for error in errors]] = np.nan
    return found


def _asked(table: Table, judge: Judge) -> Int64[np.ndarray, " N"]:
    """Return the asked emotions' places among the judge's labels, by name."""
    labels = table.labels
    if judge.taxonomy is None or table.taxonomy is None:
        return np.full(len(table), -1, dtype=np.int64)
    places = [judge.taxonomy.find(name) for name in table.taxonomy.names]
    lookup = np.array([*(-1 if place is None else place for place in places), -1], dtype=np.int64)
    return np.asarray(lookup[labels])


def _targets(table: Table, judge: Judge) -> Float32[np.ndarray, "N 3"]:
    has = np.array([axis in judge.dimensions for axis in AXES])
    return np.where(has, table.dimensions, np.float32(np.nan)).astype(np.float32)


def _joined(parts: Sequence[Table]) -> Table:
    return parts[0] if len(parts) == 1 else concatenate(parts)
