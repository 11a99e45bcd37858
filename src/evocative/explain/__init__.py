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

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.explain.emotion_map import EmotionMap as EmotionMap
    from evocative.explain.emotion_map import MapFunction as MapFunction
    from evocative.explain.methods import emotion_maps as emotion_maps
    from evocative.explain.methods import map_function as map_function
    from evocative.explain.style import Style as Style
    from evocative.explain.style import StyleTable as StyleTable
    from evocative.explain.style import style_of as style_of
    from evocative.explain.style import style_of_table as style_of_table

_EXPORTS = {
    "emotion_maps": "methods",
    "map_function": "methods",
    "EmotionMap": "emotion_map",
    "MapFunction": "emotion_map",
    "Style": "style",
    "StyleTable": "style",
    "style_of": "style",
    "style_of_table": "style",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
