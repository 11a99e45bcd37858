"""Pictures above, their textures from Gram statistics below (Motiejauskas 2026, figure 4.4)."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, new_figure, styled
from evocative.plots.thumbnails import Picture, thumbnail


@styled
def plot_textures(
    images: Sequence[Picture], textures: Sequence[Picture], *, width: float = COLUMN_WIDTH
) -> Figure:
    """Draw each picture as the network sees it, and its texture below it.

    Args:
        images: The pictures, all of one shape.
        textures: As many.
        width: Of the figure, inches.

    Raises:
        DataError: There are no pictures, or not as many textures.
    """
    if not images or len(images) != len(textures):
        raise DataError(f"expected as many textures as pictures, found {len(textures)} and {len(images)}")
    side = width / len(images)
    figure = new_figure(width, 2 * side)
    grid = figure.subplots(2, len(images), squeeze=False)
    for row, pictures in enumerate((images, textures)):
        for axes, picture in zip(grid[row], pictures, strict=True):
            axes.imshow(thumbnail(picture, pixels=640), interpolation="antialiased")
            axes.set_axis_off()
    return figure
