"""What training minimises: functions of a batch's output and targets, and their weighted sum.

contrastive_center  intra, inter, contrastive_center (4.18–4.21), and Qi & Su's ratio form
imbalance           class_weights, log_prior, cross_entropy: where some labels are rare
distribution        votes as a distribution over labels, and how far answers are from it
raters              what raters said of a batch's rows: votes, spreads, how many they were
rotation            turn, turned_copies, rotation_loss: by how much was this picture turned
vad                 dimension_loss: valence, arousal, dominance, with gaps
objective           Objective: named terms with weights -> Losses(total, terms); LOSSES
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.losses.contrastive_center import inter as inter
    from evocative.losses.contrastive_center import intra as intra
    from evocative.losses.contrastive_center import qi_su as qi_su
    from evocative.losses.objective import LOSSES as LOSSES
    from evocative.losses.objective import Losses as Losses
    from evocative.losses.objective import Objective as Objective
    from evocative.losses.rotation import rotation_loss as rotation_loss
    from evocative.losses.rotation import turn as turn
    from evocative.losses.rotation import turned_copies as turned_copies
    from evocative.losses.vad import dimension_loss as dimension_loss

_EXPORTS = {
    "LOSSES": "objective",
    "Losses": "objective",
    "Objective": "objective",
    "dimension_loss": "vad",
    "inter": "contrastive_center",
    "intra": "contrastive_center",
    "qi_su": "contrastive_center",
    "rotation_loss": "rotation",
    "turn": "rotation",
    "turned_copies": "rotation",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
