"""Networks: a timm backbone, a paper's neck, heads; made, saved and loaded.

backbone  Backbone: any timm network as pooled vector and feature maps
weights   pretrained weights from a file, strictly
named_maps  maps by the name of the module that gives them
stages    the stem and the groups of blocks, as timm counts them
folding   fold_batch_norm: the same outputs, faster
depthwise use_fast_depthwise: the same network, faster to train on the CPU in bfloat16
second_order  gram_matrix, covariance, signed_sqrt, matrix_sqrt, upper_triangle: functions on tensors
gram      GramModule: texture and colour from feature maps
fusion    how vectors meet: fuse, Residual
necks     what lies between backbone and heads, one a paper:
          motiejauskas2026 GramNeck, motiejauskas2024 SameLayerNeck, zhang2022 ShallowNeck,
          whitened WhitenedNeck, WhitenedGram
          islamnet IslamnetNeck, wscnet WscnetNeck, wildcat WildcatNeck
          kim2018 Kim2018Neck (low_level, gist: hand-made features as layers)
attention ChannelAttention, SpatialAttention, ParallelAttention
heads     EmotionHead, DimensionHead
create    create_model -> EmotionModel -> Output
ensemble  make_ensemble -> EmotionEnsemble: models that answer together
ensemble_config  EnsembleConfig: members, shares, what they have in common
shared_stages  first stages that networks have in common, found, run and stored once
ensemble_folder  write_ensemble: from models' folders to an ensemble's
card      the model card
packing   float16 and int8 for the file of weights
store     save_model, load_model: a folder or the hub, no pickle
hub       downloads, or a clear word that there are none
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.models.attention import ChannelAttention as ChannelAttention
    from evocative.models.attention import ParallelAttention as ParallelAttention
    from evocative.models.attention import SpatialAttention as SpatialAttention
    from evocative.models.backbone import Backbone as Backbone
    from evocative.models.create import EmotionModel as EmotionModel
    from evocative.models.create import Output as Output
    from evocative.models.create import create_model as create_model
    from evocative.models.depthwise import use_fast_depthwise as use_fast_depthwise
    from evocative.models.ensemble import EmotionEnsemble as EmotionEnsemble
    from evocative.models.ensemble import make_ensemble as make_ensemble
    from evocative.models.ensemble_folder import write_ensemble as write_ensemble
    from evocative.models.folding import fold_batch_norm as fold_batch_norm
    from evocative.models.gram import GramModule as GramModule
    from evocative.models.heads import DimensionHead as DimensionHead
    from evocative.models.heads import EmotionHead as EmotionHead
    from evocative.models.islamnet import IslamnetNeck as IslamnetNeck
    from evocative.models.kim2018 import Kim2018Neck as Kim2018Neck
    from evocative.models.low_level import LowLevelFeatures as LowLevelFeatures
    from evocative.models.motiejauskas2024 import SameLayerGramModule as SameLayerGramModule
    from evocative.models.motiejauskas2024 import SameLayerNeck as SameLayerNeck
    from evocative.models.motiejauskas2026 import GramNeck as GramNeck
    from evocative.models.necks import PaperNeck as PaperNeck
    from evocative.models.second_order import covariance as covariance
    from evocative.models.second_order import gram_matrix as gram_matrix
    from evocative.models.second_order import matrix_sqrt as matrix_sqrt
    from evocative.models.second_order import signed_sqrt as signed_sqrt
    from evocative.models.second_order import upper_triangle as upper_triangle
    from evocative.models.store import Loaded as Loaded
    from evocative.models.store import load_model as load_model
    from evocative.models.store import save_model as save_model
    from evocative.models.whitened import WhitenedGram as WhitenedGram
    from evocative.models.whitened import WhitenedNeck as WhitenedNeck
    from evocative.models.wildcat import WildcatNeck as WildcatNeck
    from evocative.models.wscnet import WscnetNeck as WscnetNeck
    from evocative.models.zhang2022 import ShallowGramBranch as ShallowGramBranch
    from evocative.models.zhang2022 import ShallowNeck as ShallowNeck

_EXPORTS = {
    "Backbone": "backbone",
    "ChannelAttention": "attention",
    "DimensionHead": "heads",
    "EmotionEnsemble": "ensemble",
    "EmotionHead": "heads",
    "EmotionModel": "create",
    "GramModule": "gram",
    "GramNeck": "motiejauskas2026",
    "IslamnetNeck": "islamnet",
    "Kim2018Neck": "kim2018",
    "LowLevelFeatures": "low_level",
    "Loaded": "store",
    "Output": "create",
    "PaperNeck": "necks",
    "ParallelAttention": "attention",
    "SameLayerGramModule": "motiejauskas2024",
    "SameLayerNeck": "motiejauskas2024",
    "ShallowGramBranch": "zhang2022",
    "ShallowNeck": "zhang2022",
    "WhitenedGram": "whitened",
    "WhitenedNeck": "whitened",
    "SpatialAttention": "attention",
    "WildcatNeck": "wildcat",
    "WscnetNeck": "wscnet",
    "create_model": "create",
    "fold_batch_norm": "folding",
    "covariance": "second_order",
    "gram_matrix": "second_order",
    "make_ensemble": "ensemble",
    "matrix_sqrt": "second_order",
    "signed_sqrt": "second_order",
    "upper_triangle": "second_order",
    "load_model": "store",
    "save_model": "store",
    "use_fast_depthwise": "depthwise",
    "write_ensemble": "ensemble_folder",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
