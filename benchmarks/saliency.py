"""How fast maps are held against fixations, against formulas written out, and whether pysaliency agrees.

    python benchmarks/saliency.py [--maps 100] [--size 800x600] [--json RESULT.json]
    python benchmarks/saliency.py --write CASES.npz
    OTHER_PYTHON benchmarks/saliency_pysaliency.py CASES.npz > REFERENCE.json
    python benchmarks/saliency.py --cases CASES.npz --reference REFERENCE.json [--json RESULT.json]

Maps are smooth noise with ties (a tenth of the maps has 256 grey values), 150 fixations each, 1,500 on
others. The naive versions follow the definitions threshold by threshold and split by split, as the
benchmark's Matlab code does, in numpy. Both ways take each map in alternation, on one thread; trust the
ratios.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from evocative.evaluate.fixation_maps import fixation_density
from evocative.metrics.saliency import cc, kl, nss, sim
from evocative.metrics.saliency_auc import auc_borji, auc_judd, auc_shuffled

EPS = 2.2204e-16
Case = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]
Ways = dict[str, Callable[[], float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Time metrics of saliency, and compare them with pysaliency's."
    )
    parser.add_argument("--maps", type=int, default=100)
    parser.add_argument("--size", default="800x600", help="width x height")
    parser.add_argument("--write", type=Path, help="write the cases here, and stop")
    parser.add_argument("--cases", type=Path, help="cases that were written")
    parser.add_argument("--reference", type=Path, help="what pysaliency said of these cases")
    parser.add_argument("--json", type=Path, help="also write the result here")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    if options.write:
        write(
            [make_case(seed, height, width) for seed in range(options.seed, options.seed + options.maps)],
            options.write,
        )
        return
    result = (
        agree(options.cases, options.reference) if options.reference else race(options.maps, height, width)
    )
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def make_case(seed: int, height: int, width: int) -> Case:
    """Return a map, unique fixations that like it a little, their density, and fixations elsewhere."""
    rng = np.random.default_rng(seed)
    values = gaussian_filter(rng.random((height, width)), 0.02 * width).astype(np.float32)
    values = (values - values.min()) / (values.max() - values.min())
    if seed % 10 == 0:
        values = np.round(255 * values) / 255
    odds = values.ravel().astype(np.float64) ** 2
    flat = rng.choice(values.size, 150, replace=False, p=odds / odds.sum())
    places = np.stack(np.divmod(np.sort(flat), width), axis=1)
    others = np.stack(np.divmod(np.sort(rng.choice(values.size, 1500, replace=False)), width), axis=1)
    density = fixation_density(places, height, width, sigma=0.03 * width)
    return values.astype(np.float32), places, density, others


def write(cases: list[Case], path: Path) -> None:
    arrays: dict[str, Any] = {"maps": np.stack([case[0] for case in cases])}
    arrays["densities"] = np.stack([case[2] for case in cases])
    for number, case in enumerate(cases):
        arrays[f"fixations{number}"], arrays[f"others{number}"] = case[1], case[3]
    np.savez(path, **arrays)


def race(count: int, height: int, width: int) -> dict[str, Any]:
    """Time both ways on the same maps; the figures of each pair must be the same."""
    seconds: dict[str, list[list[float]]] = {}
    for seed in range(count):
        case = make_case(seed, height, width)
        quick, slow = ours(case), naive(case)
        for name, ways in {name: (quick[name], slow[name]) for name in quick}.items():
            spent, figures = [0.0, 0.0], [0.0, 0.0]
            for place in (0, 1) if seed % 2 else (1, 0):
                start = perf_counter()
                figures[place] = ways[place]()
                spent[place] = perf_counter() - start
            if name not in ("auc_borji", "auc_shuffled"):  # the draws are others
                assert abs(figures[0] - figures[1]) < 1e-5, (name, figures)
            else:
                assert abs(figures[0] - figures[1]) < 0.03, (name, figures)
            seconds.setdefault(name, []).append(spent)
    times = {name: np.array(each) for name, each in seconds.items()}
    times["all"] = np.sum(list(times.values()), axis=0)
    return {
        "maps": count,
        "size": f"{width}x{height}",
        "milliseconds": {name: round(1000 * float(np.median(each[:, 0])), 3) for name, each in times.items()},
        "ratio": {name: round(float(np.median(each[:, 1] / each[:, 0])), 2) for name, each in times.items()},
    }


def ours(case: Case) -> Ways:
    values, places, density, others = case
    return {
        "auc_judd": lambda: auc_judd(values, places),
        "auc_borji": lambda: auc_borji(values, places),
        "auc_shuffled": lambda: auc_shuffled(values, places, others),
        "nss": lambda: nss(values, places),
        "cc": lambda: cc(values, density),
        "sim": lambda: sim(values, density),
        "kl": lambda: kl(values, density),
    }


def naive(case: Case) -> Ways:
    """The definitions, in float64 as Matlab has them."""
    values, places, density, others = case
    rng = np.random.default_rng(1)

    def standard(one: Any) -> Any:
        return (one - one.mean()) / one.std(ddof=1)

    def stretched(one: Any) -> Any:
        one = (one - one.min()) / (one.max() - one.min())
        return one / one.sum()

    def divergence() -> float:
        share, truth = values.astype(np.float64), density.astype(np.float64)
        share, truth = share / share.sum(), truth / truth.sum()
        return float((truth * np.log(EPS + truth / (share + EPS))).sum())

    return {
        "auc_judd": lambda: judd(values.astype(np.float64), places),
        "auc_borji": lambda: split_auc(values, places, lambda k: rng.integers(values.size, size=k)),
        "auc_shuffled": lambda: split_auc(
            values, places, lambda k: rng.permutation(others[:, 0] * values.shape[1] + others[:, 1])[:k]
        ),
        "nss": lambda: float(standard(values.astype(np.float64))[places[:, 0], places[:, 1]].mean()),
        "cc": lambda: float(np.corrcoef(values.ravel().astype(float), density.ravel().astype(float))[0, 1]),
        "sim": lambda: float(
            np.minimum(stretched(values.astype(np.float64)), stretched(density.astype(np.float64))).sum()
        ),
        "kl": divergence,
    }


def judd(values: NDArray[np.float64], places: NDArray[np.int64]) -> float:
    at = np.sort(values[places[:, 0], places[:, 1]])[::-1]
    n, k = values.size, len(at)
    true, false = [0.0], [0.0]
    for i, threshold in enumerate(at, start=1):
        true.append(i / k)
        false.append((np.sum(values >= threshold) - i) / (n - k))
    return float(np.trapezoid([*true, 1.0], [*false, 1.0]))


def split_auc(values: NDArray[np.float32], places: NDArray[np.int64], draw: Callable[[int], Any]) -> float:
    values = (values - values.min()) / (values.max() - values.min())
    at = values[places[:, 0], places[:, 1]].astype(np.float64)
    areas = []
    for _ in range(100):
        away = values.ravel()[draw(len(at))].astype(np.float64)
        highest = max(at.max(), away.max())
        thresholds = np.arange(0, highest + 1e-12, 0.1)[::-1]
        true = [0.0, *(np.mean(at >= each) for each in thresholds), 1.0]
        false = [0.0, *(np.mean(away >= each) for each in thresholds), 1.0]
        areas.append(np.trapezoid(true, false))
    return float(np.mean(areas))


def agree(cases: Path, reference: Path) -> dict[str, Any]:
    """Return the largest differences from what pysaliency said, where definitions agree."""
    arrays, said = np.load(cases), json.loads(reference.read_text(encoding="utf-8"))["figures"]
    worst: dict[str, float] = {}
    for number, (values, density) in enumerate(zip(arrays["maps"], arrays["densities"], strict=True)):
        places, others = arrays[f"fixations{number}"], arrays[f"others{number}"]
        found = {
            "nss": nss(values, places, ddof=0),
            "cc": cc(values, density),
            "sim": sim(values, density, stretch=False),
            "kl": kl(values, density),
            "auc": auc_judd(values, places, ties="half"),
            "auc_judd": auc_judd(values, places),
            "auc_uniform": auc_borji(values, places, step=None),
            "auc_shuffled_exact": auc_shuffled(values, places, others, step=None),
        }
        for name, figure in found.items():
            worst[name] = max(worst.get(name, 0.0), abs(figure - said[number][name]))
    return {
        "maps": len(said),
        "largest_difference": {name: float(f"{each:.2g}") for name, each in worst.items()},
    }


if __name__ == "__main__":
    main()
