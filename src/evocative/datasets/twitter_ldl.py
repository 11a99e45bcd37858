"""Twitter_LDL: 10,045 images with eight votes each for Mikels' eight emotions (Yang, Sun & Sun 2017).

The layout is that of `flickr_ldl`, and so is what could be checked of it, which does not
hold for the numbers of images and votes.
"""

from pathlib import Path

from evocative.datasets.card import IMAGES, DatasetCard, Reading
from evocative.datasets.flickr_ldl import LAYOUT, PAPER, TRAPS, load_votes


def load(root: Path) -> Reading:
    """Read a copy of Twitter_LDL (see `flickr_ldl.load_votes`).

    Raises:
        DataError: There is no list of votes, a list lacks an emotion, or none of its images is there.
    """
    return load_votes(root, "twitter_ldl")


TWITTER_LDL = DatasetCard(
    name="twitter_ldl",
    title="Twitter_LDL: 10,045 images, eight votes each for Mikels' eight emotions",
    paper=PAPER,
    licence="not checked at the source: research use, do not redistribute",
    obtain="Ask the authors for images and votes.",
    layout=LAYOUT,
    load=load,
    taxonomy="mikels8",
    expected={IMAGES: 10_045},
    traps=TRAPS,
)
