"""What pysaliency says of the maps that `saliency.py --write` wrote: run by a Python that has pysaliency.

    python benchmarks/saliency_pysaliency.py CASES.npz > REFERENCE.json

pysaliency 0.2.22 needs setuptools below 81 and torch: a separate environment, hence a file of its own.
"""

import json
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from pysaliency import metrics
from pysaliency.roc import general_roc


def main() -> None:
    if not hasattr(np, "trapz"):  # gone in numpy 2.4, and pysaliency 0.2.22 calls it
        setattr(np, "trapz", np.trapezoid)  # noqa: B010
    cases = np.load(sys.argv[1])
    general_roc(np.array([1.0]), np.array([0.0]))  # numba compiles
    found: list[dict[str, float]] = []
    seconds: dict[str, float] = {}
    for number, (values, density) in enumerate(zip(cases["maps"], cases["densities"], strict=True)):
        places, others = cases[f"fixations{number}"], cases[f"others{number}"]
        found.append(of_case(values.astype(np.float64), density.astype(np.float64), places, others, seconds))
    print(json.dumps({"figures": found, "seconds": seconds}))


def of_case(
    values: Any, density: Any, places: Any, others: Any, seconds: dict[str, float]
) -> dict[str, float]:
    rest = np.ones(values.shape, bool)
    rest[places[:, 0], places[:, 1]] = False
    at, away = values[places[:, 0], places[:, 1]], values[others[:, 0], others[:, 1]]
    ways: dict[str, Callable[[], Any]] = {
        "nss": lambda: metrics.NSS(values, places[:, 1], places[:, 0]).mean(),
        "cc": lambda: metrics.CC(values, density),
        "sim": lambda: metrics.SIM(values, density),
        "kl": lambda: metrics.MIT_KLDiv(values, density),
        "auc": lambda: general_roc(at, values[rest])[0],
        "auc_judd": lambda: general_roc(at, values[rest], judd=1)[0],
        "auc_uniform": lambda: general_roc(at, values.ravel())[0],
        "auc_shuffled_exact": lambda: general_roc(at, away)[0],
    }
    figures = {}
    for name, way in ways.items():
        start = perf_counter()
        figures[name] = float(way())
        seconds[name] = seconds.get(name, 0.0) + perf_counter() - start
    return figures


if __name__ == "__main__":
    main()
