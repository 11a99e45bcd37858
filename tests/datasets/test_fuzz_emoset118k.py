"""Whatever lists, info.json and annotations hold: a reading or a refusal, and no entry without a word."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.data.fuzzing import changed, executions

from evocative.datasets.emoset118k import EMOSET118K
from evocative.errors import EvocativeError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]
NAMES = taxonomy("mikels8").names
FILES: dict[str, Any] = {
    "train.json": [["awe", "awe_1", "image/awe_1.jpg", "annotation/awe_1.json"]],
    "val.json": [["awe", "annotation/awe_1.json", "image/awe_1.jpg"], ["fear", 7, "x.jpg", "y.json"]],
    "info.json": {"emotion": {"label2idx": {name: place for place, name in enumerate(NAMES)}}},
    "annotation/awe_1.json": {
        "scene": "lake",
        "brightness": 0.5,
        "object": ["Tree", "Lake"],
        "human_action": "x",
    },
}


def test_changed_json_is_read_or_refused(plant: Plant) -> None:
    root = plant(["image/awe_1.jpg"])
    (root / "annotation").mkdir()
    taken = 0
    for run in executions():
        chance = random.Random(run)
        files = {name: value for name, value in FILES.items() if chance.random() < 0.95}
        for _ in range(chance.randint(1, 3)):
            name = chance.choice(list(FILES))
            files[name] = changed(files.get(name, FILES[name]), chance)
        for name in FILES:
            (root / name).unlink(missing_ok=True)
            if name in files:
                (root / name).write_text(json.dumps(files[name]), encoding="utf-8")
        try:
            reading = EMOSET118K.load(root)
        except EvocativeError:
            continue
        taken += 1
        entries = sum(len(files.get(name, [])) for name in ("train.json", "val.json"))
        told = [one for one in reading.left_out if "entry" in one.path or "image is missing" in one.reason]
        assert len(reading.table) + len(told) == entries, files
    assert taken > 0
