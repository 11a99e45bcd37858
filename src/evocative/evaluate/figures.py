"""Every figure of a report by one name, as comparisons and tables call it.

accuracy, macro_f1, …, cross_sentiment, cross_sentiment@0.3, ari, nmi, asr, ece, …, valence_r, …
precision[awe], recall[awe], f1[awe], roc_auc[awe]                            of one label
"""

from collections.abc import Iterator
from typing import Final

from evocative.evaluate.report import Figure, Report

WORDS: Final = {
    "accuracy": "accuracy", "macro_precision": "macro precision", "macro_recall": "macro recall",
    "macro_f1": "macro F1", "macro_roc_auc": "macro ROC-AUC", "ari": "ARI", "nmi": "NMI", "asr": "ASR",
    "ece": "ECE", "nll": "NLL", "brier": "Brier score",
}  # fmt: skip
"""How people call figures whose name does not say it."""
_KINDS: Final = {"r": "r", "rho": "ρ", "ccc": "CCC", "mae": "MAE", "rmse": "RMSE"}
_OF_LABELS: Final = {"f1": "F1", "roc_auc": "ROC-AUC"}
_LOWER: Final = ("asr", "ece", "nll", "brier")


def figures_of(report: Report) -> dict[str, Figure]:
    """Return every figure that was measured, the main ones first, those of single labels last."""
    return dict([*_of_labels(report), *_of_others(report), *_of_each_label(report)])


def words(name: str) -> str:
    """Return how people call a figure.

    Example:
        >>> words("valence_ccc"), words("cross_sentiment@0.3"), words("f1[awe]"), words("top-5")
        ('valence CCC', 'cross-sentiment, θ = 0.3', 'F1 of awe', 'top-5')
    """
    figure, bracket, label = name.partition("[")
    if bracket:
        return f"{_OF_LABELS.get(figure, figure)} of {label.rstrip(']')}"
    figure, at, theta = name.partition("@")
    if figure == "cross_sentiment":
        return "cross-sentiment" + (f", θ = {theta}" if at else "")
    axis, _, kind = name.rpartition("_")
    return f"{axis} {_KINDS[kind]}" if axis and kind in _KINDS else WORDS.get(name, name)


def lower_is_better(name: str) -> bool:
    """Say whether less of a figure is better."""
    return name in _LOWER or name.startswith("cross_sentiment") or name.endswith(("_mae", "_rmse"))


def is_at_most_one(name: str) -> bool:
    """Say whether a figure cannot exceed 1: a share, an index or a correlation, no error and no loss."""
    return name not in ("nll", "brier") and not name.endswith(("_mae", "_rmse"))


def is_of_one_label(name: str) -> bool:
    """Say whether a figure is of a single label."""
    return name.endswith("]")


def _of_labels(report: Report) -> Iterator[tuple[str, Figure]]:
    found = report.classification
    for name in ("accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc"):
        if found is not None:
            yield name, getattr(found, name)
    for one in report.cross_sentiment:
        yield "cross_sentiment" + (f"@{one.theta:g}" if one.theta else ""), one.rate


def _of_others(report: Report) -> Iterator[tuple[str, Figure]]:
    for part, names in (
        (report.clustering, ("ari", "nmi", "asr")),
        (report.calibration, ("ece", "nll", "brier")),
    ):
        if part is not None:
            yield from ((name, getattr(part, name)) for name in names)
    for axis in report.dimensions:
        yield f"{axis.name}_r", axis.pearson_r
        yield f"{axis.name}_rho", axis.spearman_rho
        yield from ((f"{axis.name}_{name}", getattr(axis, name)) for name in ("ccc", "mae", "rmse"))


def _of_each_label(report: Report) -> Iterator[tuple[str, Figure]]:
    for one in () if report.classification is None else report.classification.classes:
        for name in ("precision", "recall", "f1", "roc_auc"):
            yield f"{name}[{one.name}]", getattr(one, name)
