"""The files that a recipe names: where they are, and which of them are not there. It costs no torch."""

from pathlib import Path

from evocative.datasets import DATASETS
from evocative.errors import RecipeError, unknown
from evocative.models.hub import is_hub
from evocative.recipe import Recipe


def check_files(recipe: Recipe, *, data_root: Path, weights_root: Path) -> None:
    """Refuse a recipe whose data sets are unknown or whose files are missing.

    Raises:
        RecipeError: All that is wrong with them.
    """
    refuse_mistakes(recipe, wrong_files(recipe, data_root=data_root, weights_root=weights_root))


def refuse_mistakes(recipe: Recipe, mistakes: list[str]) -> None:
    """Raise one error of all mistakes, if there are any.

    Raises:
        RecipeError: There are some.
    """
    if mistakes:
        raise RecipeError(
            "\n".join([f"{recipe.name}: {len(mistakes)} setting(s) to mend", *(f"  {m}" for m in mistakes)])
        )


def wrong_files(recipe: Recipe, *, data_root: Path, weights_root: Path) -> list[str]:
    """Say which data sets are unknown, and which sources and weights are not there."""
    mistakes = []
    for number, source in enumerate(recipe.data.sources):
        if source.dataset != "table" and source.dataset not in DATASETS:
            mistakes.append(f"data.sources.{number}: " + unknown("data set", source.dataset, DATASETS))
        if not (data_root / source.path).exists():
            mistakes.append(f"data.sources.{number}: {source.path!r} is not below --data-root {data_root}")
    return mistakes + _wrong_weights(recipe, weights_root)


def weights_files(recipe: Recipe, weights_root: Path) -> tuple[Path, ...]:
    """Return the file or model folders that the recipe names; none for random weights and a hub's."""
    weights = recipe.model.weights
    if weights is None or weights == "timm":
        return ()
    if isinstance(weights, str):
        return () if is_hub(weights) else (weights_root / weights,)
    return tuple(weights_root / each for each in weights)


def _wrong_weights(recipe: Recipe, weights_root: Path) -> list[str]:
    """Say which weights are not there, or are not what can be averaged."""
    files = weights_files(recipe, weights_root)
    absent = [path for path in files if not path.is_file() and not (path / "config.json").is_file()]
    mistakes = [f"model.weights: there is no {path}; give its folder as --weights-root" for path in absent]
    if isinstance(recipe.model.weights, tuple):
        if not files:
            mistakes.append(
                "model.weights: an empty list; name models to average, or none for random weights"
            )
        mistakes += [f"model.weights: {path} is a file; only models' folders are averaged"
                     for path in files if path.is_file()]  # fmt: skip
    return mistakes
