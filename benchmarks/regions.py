"""Count regions of one colour in a data set's pictures, as columns that errors are held against.

    python benchmarks/regions.py oasis DATA/oasis regions.csv
    evocative evaluate-dimensions RUN… --columns regions.csv --against regions_coherent …

An image that cannot be read is a row without numbers.
"""

import sys
from pathlib import Path

import pandas as pd

from evocative.data.atomic import replacing
from evocative.datasets import dataset
from evocative.errors import DataError
from evocative.explain.regions import regions_of


def main(name: str, root: str, output: str) -> None:
    """Write path and columns of the images of a data set."""
    table = dataset(name).read(Path(root))
    rows: list[dict[str, float | str]] = []
    for path, file in zip(table.frame["path"], table.paths, strict=True):
        try:
            rows.append({"path": str(path), **regions_of(file).to_dict()})
        except DataError as error:
            print(error, file=sys.stderr)
            rows.append({"path": str(path)})
    with replacing(Path(output)) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
