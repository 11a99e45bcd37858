"""report.json: strict, complete, and read again."""

import json
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from evocative.errors import DataError
from evocative.evaluate.report import Figure, read_report, write_json
from evocative.evaluate.suite import evaluate

PARTS = {
    "provenance",
    "intervals",
    "counts",
    "classification",
    "calibration",
    "clustering",
    "cross_sentiment",
    "dimensions",
    "pictures",
    "absent",
    "format",
    "trained_on",
}


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_fields_are_those_of_the_docs(make: Any, tmp_path: Path) -> None:
    write_json(evaluate(make(40), bootstrap=5), tmp_path / "report.json")
    values = strict((tmp_path / "report.json").read_text())
    assert set(values) == PARTS
    told = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")

    def names(part: Any) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(names, part))
        return set().union(part, *map(names, part.values())) if isinstance(part, dict) else set()

    for field in names({**values, "provenance": {**values["provenance"], "preprocessing": None}}):
        assert f"`{field}`" in told, f"docs/report.md does not tell of {field}"


def test_what_is_undefined_is_null_in_the_file_and_nan_in_python(make: Any, tmp_path: Path) -> None:
    write_json(evaluate(make(40, label=["awe"] * 40), bootstrap=5), tmp_path / "report.json")
    values = strict((tmp_path / "report.json").read_text())
    assert values["clustering"]["ari"] == {"value": None, "low": None, "high": None, "n": 40}
    found = read_report(tmp_path)
    assert found.clustering is not None
    assert str(found.clustering.ari) == "–"
    assert found.to_dict() == values


def test_a_figure_reads_well() -> None:
    assert str(Figure(0.7188, 0.704, 0.7336, 3407)) == "0.719 [0.704, 0.734]"
    assert str(Figure(0.5, nan, nan, 3)) == "0.500"
    assert str(Figure(inf, 0, 1, 3)) == "–"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such report"),
        ("{", "cannot be read as JSON"),
        ("[]", "expected a report, found list"),
        ('{"format": 2}', "format 1, found 2"),
        ('{"format": 1}', "no report: provenance: Field required"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)
    with pytest.raises(DataError, match=said):
        read_report(tmp_path)


def test_fields_of_later_versions_are_left_alone(make: Any) -> None:
    report = evaluate(make(12), bootstrap=0)
    assert type(report).from_dict({**report.to_dict(), "later": 1}).to_dict() == report.to_dict()
