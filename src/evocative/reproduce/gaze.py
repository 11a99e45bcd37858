"""Tables whose figures are of maps: what a table's networks draw, held against where people looked.

A table names folders of gaze data (`PublishedTable.gaze`); the first that lies below the data root is taken.
Beside the networks stand what the evaluation of gaze always has: a centre prior, where people looked in other
images, and an emotion-free saliency map.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np

from evocative.data.atomic import replacing
from evocative.data.content import content_digests
from evocative.data.kept import kept
from evocative.datasets.gaze import GazeData, read_gaze
from evocative.errors import ModelError
from evocative.evaluate.gaze import evaluate_gaze
from evocative.evaluate.gaze_report import FIGURES, GazeReport, GazeSettings
from evocative.evaluate.model_maps import ModelMaps
from evocative.evaluate.report import Figure
from evocative.inference.predictor import load
from evocative.reproduce.published import PublishedTable, Row
from evocative.reproduce.result import Cell, Reproduction
from evocative.study.jobs import Job
from evocative.study.work import Places

OURS = "ours"
QUICK = 10
"""Images that `--quick` takes."""
RULES = 2
"""Of the figures; a change makes those that are kept beside a run strangers. 2: AUC-Judd's ties."""


def find_gaze(table: PublishedTable, data_root: Path) -> Path | None:
    """Return the first folder of the table's gaze data that is there; None where none is."""
    return next((data_root / name for name in table.gaze if (data_root / name).is_dir()), None)


def lacking(table: PublishedTable, data_root: Path) -> list[str]:
    """Say which gaze data a table wants, where none of it is there."""
    if not table.gaze or find_gaze(table, data_root) is not None:
        return []
    names = " or ".join(f"{name}/" for name in table.gaze)
    return [f"gaze data: missing; lay {names} below the data root, as `evocative evaluate-gaze` takes it"]


@dataclass
class Gaze:
    """Gaze data, read once, and how networks do on it."""

    folder: Path
    places: Places
    columns: Sequence[str]
    bootstrap: int = 1000
    quick: bool = False
    _baselines: dict[str, dict[str, Figure]] = field(default_factory=dict)

    @cached_property
    def data(self) -> GazeData:
        """The images; where it is to be quick, maps are held against the first few of them only.

        Raises:
            DataError: The folder holds no gaze data.
        """
        return read_gaze(self.folder)

    @property
    def settings(self) -> GazeSettings:
        """What is computed of each network's maps."""
        return GazeSettings(
            emd="emd" in self.columns,
            ceiling=False,
            bootstrap=self.bootstrap,
            limit=QUICK if self.quick else None,
        )

    @cached_property
    def content(self) -> str:
        """A digest of images, densities and fixations: figures that are kept are of these alone."""
        images, found = self.data.images, hashlib.sha256()
        files = [file for image in images for file in (image.path, image.density_file) if file is not None]
        for digest in content_digests(files):
            found.update(str(digest).encode())
        for viewer in (each for image in images for each in image.viewers):
            found.update(f"{len(viewer)}:".encode() + np.ascontiguousarray(viewer).tobytes())
        return found.hexdigest()

    def figures(self, job: Job) -> dict[str, Figure]:
        """Return how the map of a finished run's network does, kept beside the run.

        The map is that of the emotion which the network predicts: its own, or a class activation map.

        Raises:
            ModelError: The network is not kept.
        """
        path = job.folder / f"gaze-{self.folder.name}.json"
        basis = [RULES, self.data.name, self.content, asdict(self.settings)]
        earlier = kept(path, partial(_kept_figures, basis=basis))
        if earlier is not None:
            self._baselines |= earlier[1]
            return earlier[0]
        report = self._evaluate(job)
        found = {part.name: _figures(part.figures) for part in report.maps}
        ours = found.pop(OURS, {})
        self._baselines |= found
        with replacing(path) as file:
            content = {"basis": basis, "figures": _plain(ours),
                       "baselines": {name: _plain(part) for name, part in found.items()}}  # fmt: skip
            file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return ours

    def baselines(self, columns: Mapping[str, Any]) -> list[Reproduction]:
        """Return rows for what stood beside the networks, which nothing trained."""
        return [
            Reproduction(
                row=Row(f"{name} (no network)"),
                cells={column: Cell.of([part[column]]) for column in columns if column in part},
                validation=None,
                rows={},
                runs=1,
                wanted=1,
                trained=False,
            )
            for name, part in self._baselines.items()
        ]

    def _evaluate(self, job: Job) -> GazeReport:
        model = job.folder / "model"
        if not model.is_dir():
            raise ModelError(
                f"{model}: the network is not there any more; remove {job.folder} to train it anew"
            )
        kind = self.places.accelerator
        predictor = load(model, device="cuda" if kind == "gpu" else kind)
        return evaluate_gaze(self.data, {OURS: ModelMaps(predictor)}, self.settings)


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    return {
        name: Figure(one.value, one.low, one.high, one.n)
        for name, one in found.items()
        if name in FIGURES and isfinite(one.value)
    }


def _plain(found: Mapping[str, Figure]) -> dict[str, dict[str, float | None]]:
    return {
        name: {key: value if isfinite(value) else None for key, value in asdict(one).items()}
        for name, one in found.items()
    }


def _kept_figures(
    values: Any, *, basis: Any
) -> tuple[dict[str, Figure], dict[str, dict[str, Figure]]] | None:
    """Return figures and baselines that are kept; None where they are of other data or settings."""
    if values["basis"] != basis:
        return None
    baselines = {name: _read(part) for name, part in values["baselines"].items()}
    return _read(values["figures"]), baselines


def _read(values: Mapping[str, Mapping[str, float | None]]) -> dict[str, Figure]:
    def number(one: Mapping[str, float | None], key: str) -> float:
        found = one[key]
        return nan if found is None else float(found)

    return {
        name: Figure(number(one, "value"), number(one, "low"), number(one, "high"), int(one["n"] or 0))
        for name, one in values.items()
    }
