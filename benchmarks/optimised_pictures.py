"""What keeps optimised pictures from being adversarial noise: spectrum and random views, taken away in turn.

python benchmarks/optimised_pictures.py OUTPUT [--steps 64] [--pictures 4] [--other MODEL]… [--second MODEL]

Makes pictures for every emotion of the embedded model in several ways (each a made table, made once), then
asks what the model still says of them mirrored, cropped, saved as JPEG, blurred and with noise, and what
other models say. Prints the mean probability of the emotion that was asked for, and the share of pictures
whose strongest emotion it is; writes both to figures.json.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from evocative.data.image import decode
from evocative.explore.fresh_views import FRESH, PLAIN, seen
from evocative.explore.judge import Judge, load_judge
from evocative.explore.made import read_made, write_made
from evocative.generate.goals import default_goals, parse_goal
from evocative.generate.optimised import OptimiseSettings, optimise
from evocative.generate.random_views import STILL, Views

ARMS = {
    "spectrum, views": ("spectrum", Views(), 1),
    "spectrum, no views": ("spectrum", STILL, 0),
    "pixels, views": ("pixels", Views(), 0),
    "pixels, no views": ("pixels", STILL, 0),
    "spectrum, views, two models": ("spectrum", Views(), 0),
}
"""Name -> form, views, and whether it gets as many pictures as asked for (else one an emotion)."""


def make(name: str, judges: list[Judge], folder: Path, asked: argparse.Namespace) -> float:
    form, views, many = ARMS[name]
    goals = [goal for goal in default_goals(judges[0]) for _ in range(asked.pictures if many else 1)]
    goals = [parse_goal(goal.name, *judges) for goal in goals]
    settings = OptimiseSettings(
        steps=asked.steps,
        form=form,  # type: ignore[arg-type]
        decorrelated=form == "spectrum",
        views=views,
    )
    began = time.process_time()
    made = optimise(judges, goals, settings=settings, seed=0)
    rows = pd.DataFrame([goal.targets() for goal in goals])
    rows = rows.assign(source="optimised", model=judges[0].name, seed=0)
    write_made(folder, made.pictures, rows, taxonomy=judges[0].taxonomy)
    return time.process_time() - began


def look(folder: Path, views: list[str], judge: Judge) -> dict[str, tuple[float, float]]:
    """Return of each view the mean probability of what was asked for, and how often it is the strongest."""
    table = read_made(folder)
    images = [np.asarray(decode(table.root / path)) for path in table.frame["path"]]
    pictures = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    found = {}
    for view in views:
        chances = judge.score(seen(pictures, view)).probabilities
        assert chances is not None
        right = chances[np.arange(len(chances)), table.labels]
        found[view] = float(right.mean()), float((chances.argmax(1) == table.labels).mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--pictures", type=int, default=4)
    parser.add_argument("--other", action="append", default=[], help="models that had no say")
    parser.add_argument("--second", help="a model that has a say in the arm of two")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    judge = load_judge(precision="fp32")
    others = {str(number): load_judge(path, precision="fp32") for number, path in enumerate(asked.other)}
    figures = {}
    for name in ARMS:
        judges = [judge]
        if name.endswith("two models"):
            if asked.second is None:
                continue
            judges.append(load_judge(asked.second, precision="fp32"))
        folder = asked.output / name.replace(", ", "-").replace(" ", "-")
        seconds = None if (folder / "pictures.csv").is_file() else make(name, judges, folder, asked)
        found = look(folder, [PLAIN, *FRESH], judge)
        found |= {f"other {key}": look(folder, [PLAIN], other)[PLAIN] for key, other in others.items()}
        figures[name] = {"seconds": seconds, **found}
        told = "  ".join(f"{view} {mean:.2f} ({share:.0%})" for view, (mean, share) in found.items())
        print(f"{name}: {told}", flush=True)
    (asked.output / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
