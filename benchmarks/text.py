"""Which images show text: recall, false alarms and speed of the detectors, at one size of image.

The verdicts (benchmarks/data/text_verdicts.csv) were made by looking at contact sheets: `text` where words,
digits or script can be read or plainly seen at 400 × 320, `doubtful` where there is a logo or writing too
small to read, `none`. Half of each is to choose settings on, half to report on; doubtful ones count apart.
Every image is fitted into 400 × 320 first: the street images are 1280 × 720, and size would give them away.

    python benchmarks/text.py DATA [--model FOLDER] [--full-size] [--every N] [--json FILE]

DATA holds oasis/images and text-positive. One thread, whose own time counts; the rival is rapidocr's whole
pipeline as it comes.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from scipy.stats import binomtest

from evocative.curate.ocr import OcrDetector, Read, strength

VERDICTS = Path(__file__).parent / "data" / "text_verdicts.csv"
FOLDERS = {"oasis": "oasis/images", "text-positive": "text-positive"}
SIZE = (400, 320)
Look = Callable[[Image.Image], tuple[float, float]]
"""Returns a score with text from .5 on, and how many boxes there were."""


def ours() -> Look:
    detector = OcrDetector()

    def look(image: Image.Image) -> tuple[float, float]:
        reads = detector.read(image)
        e = strength(reads, detector.settings.sure)
        return e / (e + detector.settings.threshold), len(reads)

    return look


def whole_pipeline() -> Look:
    """Return rapidocr as it comes: text is what is recognised with its own threshold of .5."""
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def look(image: Image.Image) -> tuple[float, float]:
        found, _ = engine(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
        e = strength([Read(text, float(confidence), 0.0) for _, text, confidence in found or []])
        return e / (e + 1.2), len(found or [])

    return look


def classifier(folder: str) -> Look:
    from evocative.inference.predictor import load

    predictor = load(folder, workers=1, batch_size=1)

    def look(image: Image.Image) -> tuple[float, float]:
        return (predictor.predict(image).probabilities or {})["text"], 0

    return look


def measure(
    looks: dict[str, Look], data: Path, verdicts: pd.DataFrame, *, fit: bool
) -> dict[str, pd.DataFrame]:
    """Look at every image once with each detector, in turns, so that a busy machine is busy for all alike."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in looks}
    for number, row in verdicts.reset_index(drop=True).iterrows():
        image = Image.open(data / FOLDERS[row["set"]] / row["file"]).convert("RGB")
        if fit:
            image.thumbnail(SIZE, Image.Resampling.LANCZOS)
        for name in list(looks)[:: 1 if int(str(number)) % 2 else -1]:
            start = time.process_time()
            score, boxes = looks[name](image)
            seconds = time.process_time() - start
            rows[name].append({"score": score, "boxes": boxes, "seconds": seconds})
    plain = verdicts.reset_index(drop=True)
    return {name: pd.concat([plain, pd.DataFrame(each)], axis="columns") for name, each in rows.items()}


def share(hits: "pd.Series[bool]") -> dict[str, Any]:
    """Return a share with Wilson's 95 % interval."""
    if not len(hits):
        return {"n": 0}
    interval = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    return {
        "share": float(hits.mean()), "low": float(interval.low), "high": float(interval.high),
        "hits": int(hits.sum()), "n": len(hits),
    }  # fmt: skip


def figures(looked: pd.DataFrame) -> dict[str, Any]:
    found = looked["score"] >= 0.5
    result: dict[str, Any] = {"images_per_second": len(looked) / float(looked["seconds"].sum())}
    for half in ("choose", "report"):
        here = looked["half"] == half
        positive, none = looked["verdict"] == "text", looked["verdict"] == "none"
        streets = looked["set"] == "text-positive"
        result[half] = {
            "recall": share(found[here & positive]),
            "recall_streets": share(found[here & positive & streets]),
            "false_alarms": share(found[here & none]),
            "any_box_without_text": share(looked.loc[here & none, "boxes"] > 0),
            "doubtful_found": share(found[here & (looked["verdict"] == "doubtful")]),
        }
    wrong = looked[(found & (looked["verdict"] == "none")) | (~found & (looked["verdict"] == "text"))]
    result["wrong"] = [f"{row['file']}: {row['verdict']}, {row['score']:.2f}" for _, row in wrong.iterrows()]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", help="a model of the recipe text-filter, measured on the same images")
    parser.add_argument("--full-size", action="store_true", help="images as they are, for comparison only")
    parser.add_argument("--only", choices=["ours", "whole pipeline", "classifier"])
    parser.add_argument(
        "--every", type=int, default=1, help="only every n-th image, for a quick look at speed"
    )
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    makers = {"ours": ours, "whole pipeline": whole_pipeline}
    looks: dict[str, Callable[[], Look]] = dict(makers)
    if arguments.model:
        looks["classifier"] = lambda: classifier(arguments.model)
    verdicts = pd.read_csv(VERDICTS).iloc[:: arguments.every]
    chosen = {name: make() for name, make in looks.items() if arguments.only in (None, name)}
    looked = measure(chosen, arguments.data, verdicts, fit=not arguments.full_size)
    results = {name: figures(each) for name, each in looked.items()}
    print(json.dumps(results, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
