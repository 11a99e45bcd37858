"""Where in a picture an emotion rests, and what of its style speaks for it.

emotion_map.py  EmotionMap (one map of one picture) and MapFunction (images in, a map a label out)
methods.py      map_function: any model's maps, by the name of the method; emotion_maps
cam.py          Grad-CAM, Grad-CAM++, HiResCAM, LayerCAM; score_cam.py: Score-CAM; own_map.py: the model's own
gram_pairs.py   which pairs of channels speak; gram_texture.py: what Gram statistics keep of a picture
randomisation.py  whether maps tell of what a network has learnt
layers.py       where in a network a map can be read; targets.py: what a map speaks for
style.py        Style of an image or a table: style_color, style_harmony, style_composition, style_texture
regions.py      how many regions of one colour: complexity without weights
style_names.py  what each feature of style is called and says; style_reference.py: which are unusual
color_spaces.py sRGB to HSV and CIELAB
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
