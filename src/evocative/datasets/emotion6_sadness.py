"""Emotion-6 of WEBEmo's owners (Panda et al. 2018), sadness against others. It is not Peng's Emotion6.

The archive holds `images/<emotion>/<group>/<word>/<image>`, three levels of words that were searched for: so
read two public programs that unpack it. One of them moves `anger/digust`, spelt so, to an emotion of its
own, and deletes `anger/rage/rage/287.jpg`, which seems not to be decodable. The archive itself was not seen;
8,350, as its size is told, was not checked at the source.

Motiejauskas & Dzemyda 2024 (table 6) test on 1,372 of the images, 888 others and 484 of sadness. Which ones
is not published: all are read by default, `size="printed"` makes a seeded draw.
"""

from pathlib import Path
from typing import Final

from evocative.datasets.card import IMAGES, DatasetCard, Option, Reading
from evocative.datasets.unbiasedemo import SADNESS_OPTIONS, Labels, Size, as_asked, six_emotions

PRINTED: Final = {"others": 888, "sadness": 484}
"""The images of table 6 of Motiejauskas & Dzemyda 2024, by class."""


def load(root: Path, *, labels: Labels = "sadness", size: Size = "all", seed: int = 0) -> Reading:
    """Read a copy: `images/<emotion>/<group>/<word>/<image>`, or the same without `images`.

    Args:
        root: The folder that holds `images`, or the emotions' folders themselves.
        labels: Sadness against others, or the owners' six.
        size: With `sadness`, all images, or as many of each class as the papers test on.
        seed: Of that draw.

    Returns:
        Rows with `path`, `label`, `emotion` (one of the six), `emotion_group` and `emotion_word`.

    Raises:
        DataError: There is no folder, or not one of the six emotions in it, or `printed` with six labels.
    """
    columns = ("emotion_group", "emotion_word")
    reading = six_emotions(root, name="emotion6_sadness", columns=columns)
    return as_asked(reading, PRINTED, labels=labels, size=size, seed=seed)


EMOTION6_SADNESS = DatasetCard(
    name="emotion6_sadness",
    title="Emotion-6 of WEBEmo's owners: 8,350 images, sadness against others or six emotions",
    paper="Panda, Zhang, Li, Lee, Lu & Roy-Chowdhury 2018, Contemplating visual emotions: understanding and "
    "overcoming dataset bias, ECCV",
    licence="not checked at the source: pictures of Google, research use, do not redistribute",
    obtain="An archive at the owners' project page, with a second archive, images, inside.",
    layout="images/<emotion>/<group>/<word>/<image>",
    load=load,
    taxonomy="sadness2",
    expected={IMAGES: 8_350},
    drawn={**PRINTED, IMAGES: 1_372},
    options={
        "labels": Option(
            "sadness against others, or the owners' six", choices=("sadness", "six"), default="sadness"
        ),
        **SADNESS_OPTIONS,
    },
    traps=(
        "It is not Emotion6 of Peng et al. 2015 (emotion6): other images, other labels; papers mix them up.",
        "The papers test on 484 of sadness and 888 others, and do not say which, out of "
        "several times as many. size=printed draws as many.",
        "The number of images, 8,350, was not checked at the source.",
        "Labels are search words. anger/digust is spelt so; disgust stands under anger, as in Parrott.",
        "anger/rage/rage/287.jpg is deleted by a public program before training: probably not decodable.",
    ),
)
