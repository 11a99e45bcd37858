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
folder_config  what config.json must hold, every mistake at once
digests   what it keeps of itself and of the weights, so that a change is told
hub       downloads, or a clear word that there are none
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
