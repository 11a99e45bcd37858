"""What training minimises: functions of a batch's output and targets, and their weighted sum.

contrastive_center  intra, inter, contrastive_center (4.18–4.21), and Qi & Su's ratio form
imbalance           class_weights, log_prior, cross_entropy: where some labels are rare
distribution        votes as a distribution over labels, and how far answers are from it
raters              what raters said of a batch's rows: votes, spreads, how many they were
rotation            turn, turned_copies, rotation_loss: by how much was this picture turned
vad                 dimension_loss: valence, arousal, dominance, with gaps
objective           Objective: named terms with weights -> Losses(total, terms); LOSSES
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
