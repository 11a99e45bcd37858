"""WEBEmo sadness: 61,074 stock photographs without text, 46 % of them sad (Motiejauskas 2026, section 3.5.1).

Built from WEBEmo: images in which text was found are taken out (220,854 to 186,777), both classes are
undersampled to 28,059 of sadness and 33,015 of others, and the rest is split 80/10/10.

What the text leaves open, and how it is read here:
- Which labels are sadness is not stated. Its 28,059 images exceed the 25,847 of sadness in table 3.3, and the
  owners' finest class sadness has about 23,600 in all of WEBEmo before any loss (4,715 in their test list,
  which holds a fifth of all), so it is taken for the owners' family of six classes (`family="six"`); `seven`
  adds confusion, which public loaders put there, `one` is the finest class alone.
- How the undersampling was done, and which images it drew, is not published: ours is random, and seeded.
- 3,284 others and 2,823 of sadness are printed for validation and for test, 6,107; with 26,445 and 22,413 in
  training that makes 61,072. One class has one image more in each: 6,108 vectors are drawn in figure 5.1.
- The printed splits are not stratified (45.9 % sadness in training, 46.2 % in the others); ours are.
- The same picture stands under several of WEBEmo's labels. Here it comes once, and not at all if its labels
  disagree about sadness (`repeats="keep"` leaves all rows).
"""

from math import nan
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from evocative.data.splits import split
from evocative.data.table import Table, read_table
from evocative.datasets.card import IMAGES, DatasetCard, LeftOut, Option, Reading
from evocative.datasets.sadness import draw, sadness_labels
from evocative.datasets.webemo import load as load_webemo
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import taxonomy

Family = Literal["six", "seven", "one"]

NUMBERS: Final = {"others": 33_015, "sadness": 28_059}
"""Training, validation and test together, with the others as the total needs them."""
FRACTIONS: Final = {"train": 0.8, "validation": 0.1, "test": 0.1}
TEXT_FILES: Final = ("text.parquet", "text.csv")
"""Where a copy of WEBEmo may keep what was found of text."""
_DOUBTFUL: Final = 0.5


def load(
    root: Path,
    *,
    findings: Path | None = None,
    text: str = "text",
    family: Family = "six",
    repeats: Literal["once", "keep"] = "once",
    seed: int = 0,
) -> Reading:
    """Build the data set from WEBEmo and what was found out about text in its images.

    Args:
        root: A copy of WEBEmo (see `webemo`), or a table that was prepared of one (with split=none, else
            pictures of its test part are missing in training and their labels cannot be compared).
        findings: A table with the columns `path`, as in WEBEmo's, and the one that `text` names. None:
            `text.parquet` or `text.csv` in the copy, or else the table at `root` has that column itself.
        text: The column that says whether an image holds text: true or false, or a probability, text from
            .5 on. Rows without a finding are left out. `none` skips the filter.
        family: Which of the owners' fine classes count as sadness.
        repeats: What becomes of a picture under several labels.
        seed: Of the draw and of the split.

    Returns:
        Rows labelled others or sadness, with their split and WEBEmo's labels.

    Raises:
        DataError: WEBEmo or the findings cannot be read, there is no column of findings, or nothing is left
            of one class.
    """
    if findings is None and text != "none":
        findings = next((root / name for name in TEXT_FILES if (root / name).is_file()), None)
    reading = load_webemo(root, split="none") if root.is_dir() else Reading(read_table(root))
    table, left_out = reading.table, list(reading.left_out)
    if "webemo25" not in table.frame.columns:
        raise DataError(
            f"{root}: " + unknown("column", "webemo25", table.frame.columns) + "; expected a table of "
            "evocative prepare webemo"
        )
    if text != "none":
        found = _findings(table, findings, text)
        left_out += _without_finding(table, found)
        table = table.select((found < _DOUBTFUL).to_numpy(dtype=bool))
    table = _two_classes(table, family)
    if repeats == "once":
        table = _once(table)
    table = draw(table, NUMBERS, seed=seed)
    return Reading(split(table, fractions=FRACTIONS, seed=seed), tuple(left_out))


def _findings(table: Table, findings: Path | None, column: str) -> "pd.Series[float]":
    """Return for each row how surely it holds text, from 0 to 1; NaN where nothing is known."""
    frame, where = table.frame, table.name
    if findings is not None:
        found = read_table(findings, check=False)
        frame, where = found.frame, str(findings)
    if column not in frame.columns:
        raise DataError(
            f"{where}: "
            + unknown("column", column, map(str, frame.columns))
            + "; look for text in the images "
            "first and name the file (findings) and the column (text) that says so, or skip the filter by "
            "text=none, which is not what the dissertation does"
        )
    values = _numbers(frame[column])
    bad = frame[column].notna() & ~values.between(0, 1)
    if bad.any():
        row = int(bad.to_numpy(dtype=bool).argmax())
        raise DataError(
            f"{where}: column {column} must hold true, false or a probability; {int(bad.sum())} cells do "
            f"not, the first in row {row + 1}: {frame[column].iloc[row]!r}"
        )
    if findings is None:
        return values
    known = dict(zip(frame["path"], values, strict=True))
    found_at = pd.Series([known.get(path, nan) for path in table.frame["path"]], dtype="float64")
    if len(table) and found_at.isna().all():
        raise DataError(
            f"{where}: none of WEBEmo's {len(table)} images has a finding; expected paths such as "
            f"{table.frame['path'].iloc[0]!r}, found such as {frame['path'].iloc[0]!r}"
        )
    return found_at


def _numbers(column: "pd.Series[Any]") -> "pd.Series[float]":
    words = {"true": "1", "false": "0", "yes": "1", "no": "0", "text": "1", "others": "0"}
    plain = column.astype("string").str.strip().str.lower()
    numbers: pd.Series[float] = pd.to_numeric(plain.replace(words), errors="coerce").astype("float64")
    return numbers


def _without_finding(table: Table, found: "pd.Series[float]") -> list[LeftOut]:
    paths = table.frame["path"][found.isna().to_numpy(dtype=bool)]
    return [LeftOut(path, "nobody looked whether it holds text") for path in paths]


def _two_classes(table: Table, family: Family) -> Table:
    """Label the rows others or sadness, from the owners' fine classes."""
    fine = table.assign(label=table.frame["webemo25"])
    fine = Table(fine.frame, taxonomy=taxonomy("webemo25"), root=table.root, name="webemo_sadness")
    two = sadness_labels(fine)
    named = fine.frame["label"]
    if family == "seven":
        return two.assign(label=two.frame["label"].mask(named == "confusion", "sadness"))
    if family == "one":
        return two.assign(label=two.frame["label"].where(named == "sadness", "others"))
    return two


def _once(table: Table) -> Table:
    """Keep one row a picture, and no picture whose rows disagree."""
    if "group" not in table.frame.columns:
        return table
    group = table.frame["group"].fillna(table.frame["path"])
    labels = table.frame["label"].groupby(group).transform("nunique")
    return table.select(((labels == 1) & ~group.duplicated()).to_numpy(dtype=bool))


WEBEMO_SADNESS = DatasetCard(
    name="webemo_sadness",
    title="WEBEmo sadness: 61,074 of WEBEmo's photographs without text, sadness (46 %) against others",
    paper="Motiejauskas & Dzemyda 2024, EfficientNet convolutional neural network with Gram matrices modules "
    "for predicting sadness emotion, IJCCC 19(5), doi:10.15837/ijccc.2024.5.6697; Motiejauskas 2026, 3.5.1",
    licence="that of WEBEmo",
    obtain="Not published: built from a copy of WEBEmo, filtered by what was found of text in its images.",
    layout="ROOT is a copy of WEBEmo, and text.parquet or text.csv in it, or findings=FILE, a table with "
    "path and text; or ROOT is a prepared table of WEBEmo with a column text",
    load=load,
    taxonomy="sadness2",
    expected={**NUMBERS, IMAGES: 61_074},
    options={
        "findings": Option("table of what was found of text, with the columns path and text", kind=Path),
        "text": Option("the column: true, false or a probability; none skips the filter", default="text"),
        "family": Option(
            "which fine classes are sadness: the owners' six, these and confusion, or sadness alone",
            choices=("six", "seven", "one"),
            default="six",
        ),
        "repeats": Option(
            "a picture under several labels comes once, and never under both; or keep all rows",
            choices=("once", "keep"),
            default="once",
        ),
        "seed": Option("of the draw and of the split", default="0", kind=int),
    },
    traps=(
        "Expected: training 26,445 others and 22,413 of sadness; validation and test 3,285 and 2,823 each. "
        "The text prints 3,284, which makes 61,072 instead of the 61,074 that it names. Ours are stratified, "
        "so a full copy has 26,412 and 22,447 in training.",
        "Before the draw the dissertation has 220,854 images, 186,777 without text. Another text detector "
        "leaves others.",
        "Its images are drawn at random and not listed: figures on ours compare as on a sample of the same.",
        "Its sadness (28,059) exceeds that of its table 3.3 (25,847), so it is a wider group; see family.",
        "A copy with fewer images gets both classes in the same proportion, fewer of each.",
    ),
)
