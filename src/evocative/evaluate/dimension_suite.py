"""Dimensions in depth: figures, the ceiling of the ratings, predicted SDs, residuals, what errors go with.

found = measure_dimensions(rated(files, table), by="category", against=["valence_sd", "edge_density"])
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.errors import DataError
from evocative.evaluate.rated import Rated
from evocative.evaluate.report import Figure
from evocative.evaluate.rows import Draws
from evocative.metrics.ceiling import rating_ceiling
from evocative.metrics.dimensional import dimension_metrics, pearson_r, spearman_rho
from evocative.metrics.uncertainty import pit_values, uncertainty_metrics
from evocative.plain import plain

FEWEST: Final = 5
"""Rows below which a category has no figures of its own."""
OTHER_FILES: Final = "residuals in the other files"
Column = Float64[np.ndarray, " N"]


@dataclass(frozen=True)
class AxisReport:
    """What was measured of one dimension; all in [-1, 1] units."""

    name: str
    figures: Mapping[str, Figure]
    """MAE, RMSE, Pearson's r, Spearman's ρ, CCC."""
    ceiling: Mapping[str, Figure] = field(default_factory=dict)
    """What SD and number of raters allow (`metrics.ceiling`); empty where they are not known."""
    uncertainty: Mapping[str, Figure] = field(default_factory=dict)
    """Of predicted SDs (`metrics.uncertainty`); empty without any."""
    sd_from: str | None = None
    """Where the predicted SDs come from."""
    categories: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    """Category to bias (mean of prediction − target), MAE and r."""
    against: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    """Column to Spearman's ρ with the absolute error, and MAE in the column's lowest and highest quarter."""
    pit: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for strict JSON: what is not finite is None."""
        return {key: _told(value) for key, value in vars(self).items() if key != "pit"}


def measure_dimensions(
    images: Rated,
    *,
    by: str | None = None,
    against: Sequence[str] = (),
    residual_sd: bool = False,
    draws: Draws | None = None,
) -> tuple[AxisReport, ...]:
    """Measure every dimension that is predicted and rated.

    Args:
        images: Predictions and ratings. Raters' SD and number stand in the table's columns `<axis>_sd` and
            `<axis>_n`, predicted SDs in the predictions' `<axis>_sd`.
        by: Column of categories for residuals.
        against: Columns of numbers that errors are held against (complexity, raters' SD, …).
        residual_sd: Where a model predicts no SD, take that of its residuals in the other files (folds): one
            number for all images of a file, so that it can be calibrated but tells no image from another.
        draws: Of the intervals, whole groups at once.

    Raises:
        DataError: A column is not there, nothing is predicted, or residuals of other files are asked of one.
    """
    draws = draws or Draws()
    found = []
    for place, axis in enumerate(AXES):
        truth, said = (
            one[:, place].astype(np.float64) for one in (images.rows.targets, images.rows.dimensions)
        )
        there = np.isfinite(truth) & np.isfinite(said)
        if there.any():
            measured = _Axis(images, axis, there, truth, said, draws)
            found.append(measured.report(by=by, against=against, residual_sd=residual_sd))
    if not found:
        raise DataError("no image has both a target and a prediction of valence, arousal or dominance")
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Axis:
    """One dimension of the images."""

    images: Rated
    name: str
    there: NDArray[np.bool_]
    truth: Column
    said: Column
    draws: Draws

    def report(self, *, by: str | None, against: Sequence[str], residual_sd: bool) -> AxisReport:
        sd, told = self.predicted_sd(residual_sd)
        uncertain = {} if sd is None else self.complete(_uncertainty, self.truth, self.said, sd)
        if told == OTHER_FILES:
            uncertain.pop("spread_r", None)  # one number a file tells no image from another
        return AxisReport(
            self.name,
            figures=self.figures(_accuracy, self.there, self.truth, self.said),
            ceiling=self.ceiling(),
            uncertainty=uncertain,
            sd_from=told,
            categories={} if by is None else self.categories(by),
            against={column: self.held_against(column) for column in against},
            pit=() if sd is None else tuple(pit_values(self.truth, self.said, sd).tolist()),
        )

    def figures(self, metrics: Any, chosen: NDArray[np.bool_], *arrays: Column) -> dict[str, Figure]:
        some = [array[chosen] for array in arrays]
        return self.draws.figures(metrics, *some, groups=self.images.rows.groups_of(chosen))

    def complete(self, metrics: Any, *arrays: Column) -> dict[str, Figure]:
        """Measure the rows of which all arrays are known, so that n is theirs; nothing without any."""
        chosen = self.there & np.logical_and.reduce([np.isfinite(array) for array in arrays])
        return self.figures(metrics, chosen, *arrays) if chosen.any() else {}

    def predicted_sd(self, residual: bool) -> tuple[Column | None, str | None]:
        own = self.images.optional(self.images.frame, f"{self.name}_sd")
        if own is not None or not residual:
            return own, None if own is None else "the model"
        parts = np.unique(self.images.part)
        if len(parts) < 2:
            raise DataError(
                "the SD of residuals is taken from other files (folds) of the model: give two or more"
            )
        errors, sd = self.said - self.truth, np.full(len(self.truth), nan)
        for one in parts:
            others = (self.images.part != one) & self.there
            if others.any():
                sd[self.images.part == one] = np.sqrt(np.mean(errors[others] ** 2))
        return sd, OTHER_FILES

    def ceiling(self) -> dict[str, Figure]:
        table = self.images.table
        sd, n = (self.images.optional(table, f"{self.name}_{what}") for what in ("sd", "n"))
        return {} if sd is None or n is None else self.complete(_ceiling, self.truth, sd, n)

    def categories(self, column: str) -> dict[str, dict[str, Figure]]:
        names = self.images.column(column).astype("string")
        found = {}
        for name in sorted(names.dropna().unique()):
            chosen = self.there & (names == name).fillna(value=False).to_numpy(bool)
            if chosen.sum() >= FEWEST:
                found[str(name)] = self.figures(_residuals, chosen, self.truth, self.said)
        return found

    def held_against(self, column: str) -> dict[str, Figure]:
        values = self.images.numbers(column)
        chosen = self.there & np.isfinite(values)
        if not chosen.any():
            return {name: Figure(nan, nan, nan, 0) for name in ("rho", "mae_low", "mae_high")}
        low, high = np.quantile(values[chosen], [0.25, 0.75])
        errors = np.abs(self.said - self.truth)

        def associated(values: Column, errors: Column) -> dict[str, float]:
            few, many = errors[values <= low], errors[values >= high]
            return {
                "rho": spearman_rho(values, errors),
                "mae_low": float(few.mean()) if few.size else nan,
                "mae_high": float(many.mean()) if many.size else nan,
            }

        return self.figures(associated, chosen, values, errors)


def render_dimensions(reports: Iterable[AxisReport]) -> str:
    """Return the reports as Markdown tables."""
    lines: list[str] = []
    for one in reports:
        n = next(iter(one.figures.values())).n
        lines += [f"### {one.name}, n = {n}", "", "| figure | value |", "|---|---|"]
        lines += [f"| {name} | {figure} |" for name, figure in one.figures.items()]
        lines += [f"| ceiling: {name} | {figure} |" for name, figure in one.ceiling.items()]
        lines += [f"| SD of {one.sd_from}: {name} | {figure} |" for name, figure in one.uncertainty.items()]
        for title, blocks in (("category", one.categories), ("errors against", one.against)):
            if blocks:
                names = list(next(iter(blocks.values())))
                lines += ["", f"| {title} | n | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
                for key, block in blocks.items():
                    cells = [str(block[name]) for name in names]
                    lines.append(f"| {key} | {block[names[0]].n} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def write_dimensions(reports: Sequence[AxisReport], folder: Path) -> list[Path]:
    """Write dimensions.json, dimensions.md and, where SDs are predicted, pit.png.

    Raises:
        DataError: The folder cannot be written.
    """
    texts = {
        "dimensions.json": json.dumps([one.to_dict() for one in reports], indent=2, allow_nan=False) + "\n",
        "dimensions.md": render_dimensions(reports),
    }
    for name, text in texts.items():
        with replacing(folder / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    written = [folder / name for name in texts]
    pits = {one.name: np.array(one.pit) for one in reports if one.pit}
    if pits:
        from evocative.plots.pit import plot_pits
        from evocative.plots.style import save

        written.append(save(plot_pits(pits), folder / "pit.png"))
    return written


def _accuracy(truth: Column, said: Column) -> dict[str, float]:
    return dimension_metrics(truth[:, None], said[:, None], names=["dimension"])[0].figures()


def _uncertainty(truth: Column, said: Column, sd: Column) -> dict[str, float]:
    return uncertainty_metrics(truth, said, sd).figures()


def _ceiling(truth: Column, sd: Column, n: Column) -> dict[str, float]:
    found = rating_ceiling(truth, sd, n).figures()
    return {name: found[name] for name in ("reliability", "r", "ccc", "rmse")}


def _residuals(truth: Column, said: Column) -> dict[str, float]:
    errors = said - truth
    return {
        "bias": float(errors.mean()) if errors.size else nan,
        "mae": float(np.abs(errors).mean()) if errors.size else nan,
        "r": pearson_r(truth, said),
    }


def _told(value: Any) -> Any:
    if isinstance(value, Figure):
        return plain(vars(value))
    if isinstance(value, Mapping):
        return {key: _told(one) for key, one in value.items()}
    return value
