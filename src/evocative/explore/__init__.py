"""What a model has learnt: pictures that it finds emotional, made by evolution, by a generator, by gradients.

judge.py        Judge: a frozen model that looks at pictures; load_judge
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.explore.judge import Judge as Judge
    from evocative.explore.judge import load_judge as load_judge
    from evocative.explore.judge import quantized as quantized

_EXPORTS = {"Judge": "judge", "load_judge": "judge", "quantized": "judge"}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
