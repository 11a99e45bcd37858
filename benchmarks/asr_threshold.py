"""Time and peak memory of the exact ASR threshold, against scipy's pdist and a selection.

Each measurement is a process of its own, ours and theirs in turns, with the same embedding (17,716 × 136, as
large as the test set of EmoSet-118K at v = 3). Peak memory is the growth of the largest resident set from the
moment when the embedding and all libraries are there. Both must give the same number.

    python benchmarks/asr_threshold.py [--rows N] [--columns D] [--repeats 3] [--threads 1] [--json FILE]
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Result = dict[str, Any]
METHODS = ("evocative", "pdist + partition", "pdist + quantile")


def embedding_of_classes(n_rows: int, n_columns: int, dtype: str) -> NDArray[np.floating]:
    """Draw eight overlapping classes, of the shares of FI-8, in an embedding (n_rows, n_columns)."""
    rng = np.random.default_rng(0)
    shares = np.array([0.21, 0.13, 0.23, 0.12, 0.05, 0.07, 0.04, 0.15])
    labels = rng.choice(8, n_rows, p=shares / shares.sum())
    centers = rng.normal(size=(8, n_columns))
    return (centers[labels] + rng.normal(size=(n_rows, n_columns))).astype(dtype)


def measure(method: str, n_rows: int, n_columns: int, dtype: str) -> Result:
    """Find the threshold once, in this process."""
    from scipy.spatial.distance import pdist

    from evocative.metrics.clustering import asr_threshold

    embedding = embedding_of_classes(n_rows, n_columns, dtype)
    asr_threshold(embedding[:50])  # what is loaded on the first call is not counted
    pdist(embedding[:50])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if method == "evocative":
        threshold = asr_threshold(embedding)
    else:
        distances = pdist(embedding)
        k = -(-distances.size // 10)
        if method == "pdist + partition":
            distances.partition(k - 1)
            threshold = float(distances[k - 1])
        else:
            threshold = float(np.quantile(distances, (k - 1) / (distances.size - 1), method="nearest"))
    seconds = time.perf_counter() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"method": method, "seconds": seconds, "peak_mb": grown * 1024 / 1e6, "threshold": threshold}


def alternate(arguments: argparse.Namespace, dtype: str) -> list[Result]:
    """Measure every method in turns, each in a process of its own."""
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(arguments.threads)
    )
    results = []
    for turn in range(arguments.repeats):
        for method in METHODS:
            command = [sys.executable, __file__, "--measure", method, "--dtype", dtype]
            command += ["--rows", str(arguments.rows), "--columns", str(arguments.columns)]
            output = subprocess.run(
                command, check=True, capture_output=True, text=True, env=os.environ | threads
            )
            results.append(json.loads(output.stdout) | {"turn": turn, "dtype": dtype})
            print(
                f"  {dtype} {method:18s} {results[-1]['seconds']:7.2f} s {results[-1]['peak_mb']:8.0f} MB",
                flush=True,
            )
    return results


def summarise(results: list[Result]) -> Result:
    """Return medians by method, ratios, and whether all agree to the last bit."""
    median = {
        method: {
            "seconds": statistics.median(r["seconds"] for r in results if r["method"] == method),
            "peak_mb": max(r["peak_mb"] for r in results if r["method"] == method),
        }
        for method in METHODS
    }
    ours, theirs = median["evocative"], median["pdist + partition"]
    return {
        "median": median,
        "time_ratio": ours["seconds"] / theirs["seconds"],
        "memory_ratio": ours["peak_mb"] / theirs["peak_mb"],
        "same_to_the_bit": len({r["threshold"] for r in results}) == 1,
        "threshold": results[0]["threshold"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=17716)
    parser.add_argument("--columns", type=int, default=136)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.rows, arguments.columns, arguments.dtype)))
        return
    report: Result = {
        "rows": arguments.rows,
        "columns": arguments.columns,
        "threads": arguments.threads,
        "machine": {
            "processor": platform.machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }
    for dtype in ("float32", "float64"):
        results = alternate(arguments, dtype)
        report[dtype] = summarise(results) | {"runs": results}
        told = report[dtype]
        print(
            f"{dtype}: ours / pdist + partition: time {told['time_ratio']:.3f}, "
            f"memory {told['memory_ratio']:.3f}; "
            f"same to the bit: {told['same_to_the_bit']}; threshold {told['threshold']!r}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
