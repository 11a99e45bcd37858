"""From a recipe's sources to one Table with every row's part in the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from evocative.data.splits import VALIDATION, read_folds, sample, split
from evocative.data.table import Table, check_table, concatenate, read_table
from evocative.datasets import dataset
from evocative.errors import DataError, RecipeError
from evocative.recipe import DataConfig, Source
from evocative.training.targets import check_targets


@dataclass(frozen=True)
class Parts:
    """The rows of a run by their purpose; training rows stand as often as `repeat` or `share` asks."""

    train: Table
    validation: Table
    test: Table


def gather(config: DataConfig, data_root: Path) -> Parts:
    """Read every source, give each row its part, and check all rows.

    Raises:
        DataError: A table has mistakes; all of them are named.
        RecipeError: There is no source, or no row is left to train on.
    """
    if not config.sources:
        raise RecipeError('data.sources: name at least one source, as [[data.sources]] dataset = "fi8"')
    parts: dict[str, list[Table]] = {"train": [], "validation": [], "test": []}
    for source in config.sources:
        table = assign(read_source(source, config, data_root), source, config, data_root)
        check_table(table)
        for name, tables in parts.items():
            rows = table.select((table.frame["split"] == name).to_numpy(dtype=bool))
            tables.append(rows)
    times = _times(config, [len(rows) for rows in parts["train"]])
    parts["train"] = [
        each for rows, factor in zip(parts["train"], times, strict=True)
        for each in _repeated(rows, factor, config.split_seed)
    ]  # fmt: skip
    joined = {name: concatenate(tables) for name, tables in parts.items()}
    if config.fold == "validation" and len(joined["test"]) == 0:
        raise RecipeError(
            'data.fold = "validation", but no file of folds marks a row as validation; hold out a fold by '
            "its number"
        )
    if len(joined["train"]) == 0:
        raise RecipeError("data: no row is left to train on; look at data.split and the tables' split column")
    for name, at_most in config.limit.items():
        joined[name] = sample(joined[name], at_most, seed=config.split_seed)
    check_targets(joined["train"])
    return Parts(**joined)


def _times(config: DataConfig, rows: Sequence[int]) -> list[float]:
    """Return how often each source's training rows are seen in an epoch, at least once."""
    shares = [source.share for source in config.sources]
    if any(share is None for share in shares):
        return [float(source.repeat) for source in config.sources]
    needed = [(share or 0.0) / max(1, count) for share, count in zip(shares, rows, strict=True)]
    least = min([each for each, count in zip(needed, rows, strict=True) if count] or [1.0])
    return [max(1.0, each / least) for each in needed]


def _repeated(rows: Table, times: float, seed: int) -> list[Table]:
    """Return whole copies of a table, and a sample of it for the rest of `times`."""
    whole = int(times + 1e-9)
    rest = round((times - whole) * len(rows))
    return [rows] * whole + ([sample(rows, rest, seed=seed)] if rest > 0 else [])


def read_source(source: Source, config: DataConfig, data_root: Path) -> Table:
    """Read one source below the data root."""
    place = data_root / source.path
    if not place.exists():
        raise DataError(
            f"{place}: there is no such file or folder. data.sources names {source.path!r} relative to "
            "--data-root; give the folder that holds it"
        )
    if source.dataset == "table":
        return read_table(place, taxonomy=config.taxonomy)
    own = {"taxonomy": config.taxonomy} if source.dataset in ("folder", "csv") else {}
    return dataset(source.dataset).read(place, **own)


def assign(table: Table, source: Source, config: DataConfig, data_root: Path) -> Table:
    """Give every row its part: by the fold held out, else by the table's own split, else by shares."""
    if config.fold is not None and source.folds is not None:
        return _hold_out(table, source.folds, config, data_root)
    if "split" in table.frame and table.frame["split"].notna().all():
        return table
    return _share(table, config.split, config)


def _hold_out(table: Table, folds: str, config: DataConfig, data_root: Path) -> Table:
    shipped = Path(str(resources.files("evocative") / "recipes" / "folds" / f"{folds}.csv"))
    path = shipped if shipped.is_file() else data_root / folds
    number = read_folds(path, table)
    fixed = number == VALIDATION
    if config.fold == "validation":
        return concatenate([_rest(table.select(~fixed), config), table.select(fixed).assign(split="test")])
    held = number == config.fold
    if not held.any():
        raise RecipeError(
            f"data.fold: expected one of {sorted(set(number[~fixed].tolist()))}, found {config.fold}"
        )
    parts = [table.select(held).assign(split="test"), table.select(fixed).assign(split="validation")]
    rest = table.select(~held & ~fixed)
    return concatenate([rest.assign(split="train") if fixed.any() else _rest(rest, config), *parts])


def _rest(table: Table, config: DataConfig) -> Table:
    """Share what no fold holds out between training and validation."""
    share = config.split.get("validation", 0.0)
    return _share(table, {"train": 1.0 - share, "validation": share}, config)


def _share(table: Table, shares: dict[str, float], config: DataConfig) -> Table:
    wanted = {name: share for name, share in shares.items() if share > 0}
    return split(table, fractions=wanted, seed=config.split_seed)
