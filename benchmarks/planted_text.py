"""Write words on photographs: images with text for the recipe text-filter where no labelled ones are at hand.

    plant(image, np.random.default_rng(0))                  # 1 to 3 captions, signs or numbers
    plant(image, np.random.default_rng(0), words=False)     # panels alike, with marks in place of letters

Letters are 9 to 60 pixels high in an image 400 wide (log-uniform), in the fonts that come with matplotlib
(DejaVu, STIX, Computer Modern), of a colour that differs from what lies below, turned by up to 20°, seen
askew by up to 15 % of the panel's sides, a little transparent, and a little blurred. Half of them stand on a
filled panel. Without words the panel bears strokes, discs, frames and arcs drawn from the same colours, sizes
and places, so that a network cannot tell by something having been drawn.
"""

from pathlib import Path
from typing import Final

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_VOCABULARY: Final = """
open exit sale stop taxi hotel school police market love happy home new york coffee cafe bank street parking
welcome thank you free best world music summer park station news bus tea milk bread wine shop house family
time life dream peace hope great big city north west road closed danger please no smoking photo studio
copyright team champion football express press live now your our the and for with from birthday merry
christmas happy new year mother father keep calm never give up
"""
WORDS: Final = tuple(_VOCABULARY.split())
FONTS: Final = tuple(
    sorted(
        path
        for path in (Path(matplotlib.get_data_path()) / "fonts" / "ttf").glob("*.ttf")
        if path.name.startswith(("DejaVu", "STIXGeneral", "cmr10", "cmss10", "cmtt10"))
        and "Display" not in path.name
    )
)


def plant(image: Image.Image, random: np.random.Generator, *, words: bool = True) -> Image.Image:
    """Return an RGB image with 1 to 3 captions on it; without `words`, with marks that nobody can read."""
    image = image.convert("RGB")
    for _ in range(1 + min(2, int(random.geometric(0.6)) - 1)):
        piece = _panel(image, random, words=words)
        piece = _askew(piece, random)
        free = [max(1, whole - part) for whole, part in zip(image.size, piece.size, strict=True)]
        place = (int(random.integers(free[0])), int(random.integers(free[1])))
        image.paste(piece, place, piece)
    return image


def phrase(random: np.random.Generator) -> str:
    """Return one to three words, or a number, in lower, upper or title case."""
    if random.random() < 0.15:
        return f"{random.integers(1, 10 ** int(random.integers(2, 6)))}"
    text = " ".join(random.choice(WORDS) for _ in range(int(random.integers(1, 4))))
    case = random.random()
    return text.upper() if case < 0.45 else text.title() if case < 0.8 else text


def _panel(image: Image.Image, random: np.random.Generator, *, words: bool) -> Image.Image:
    """Return an RGBA panel with letters, or marks, that fits into the image."""
    height = float(np.exp(random.uniform(np.log(9), np.log(60)))) * image.width / 400
    text = phrase(random)
    font = ImageFont.truetype(str(FONTS[random.integers(len(FONTS))]), max(6, round(height / 0.73)))
    left, top, right, bottom = font.getbbox(text)
    margin = max(2, round(0.35 * height))
    size = (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin)
    ink, ground = _colours(image, random)
    alpha = int(random.integers(170, 256))
    panel = Image.new("RGBA", size, (*ground, alpha if random.random() < 0.5 else 0))
    draw = ImageDraw.Draw(panel)
    if words:
        draw.text((margin - left, margin - top), text, font=font, fill=(*ink, alpha))
    else:
        _marks(draw, size, random, fill=(*ink, alpha))
    shrink = min(1.0, 0.9 * image.width / size[0], 0.9 * image.height / size[1])
    shrunk = (max(1, int(size[0] * shrink)), max(1, int(size[1] * shrink)))
    panel = panel.resize(shrunk, Image.Resampling.LANCZOS)
    return panel.filter(ImageFilter.GaussianBlur(float(random.uniform(0, 0.8)) * height / 30))


def _marks(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], random: np.random.Generator, *, fill: tuple[int, ...]
) -> None:
    width, height = size
    for _ in range(int(random.integers(1, 7))):
        x, y = (int(random.integers(0, max(1, side - 2))) for side in size)
        far_x, far_y = (int(random.integers(low, side + 1)) for low, side in ((x, width), (y, height)))
        kind = random.integers(4)
        stroke = max(1, height // int(random.integers(8, 25)))
        if kind == 0:
            draw.ellipse((x, y, far_x, far_y), fill=fill)
        elif kind == 1:
            draw.rectangle((x, y, far_x, far_y), outline=fill, width=stroke)
        elif kind == 2:
            draw.line((x, int(random.integers(height)), far_x, int(random.integers(height))), fill, stroke)
        else:
            draw.arc((x, y, far_x, far_y), 0, int(random.integers(60, 300)), fill=fill, width=stroke)


def _colours(
    image: Image.Image, random: np.random.Generator
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return two colours whose lightness differs by 90 of 255 or more, the first unlike the image's mean."""
    mean = float(np.asarray(image.convert("L").resize((8, 8))).mean())
    while True:
        ink, ground = random.integers(0, 256, 3), random.integers(0, 256, 3)
        if random.random() < 0.5:
            ink = np.full(3, 255 if mean < 128 else 0)
        light = [float(np.dot(colour, (0.299, 0.587, 0.114))) for colour in (ink, ground)]
        if abs(light[0] - light[1]) >= 90 and abs(light[0] - mean) >= 60:
            break
    return tuple(map(int, ink)), tuple(map(int, ground))  # type: ignore[return-value]


def _askew(panel: Image.Image, random: np.random.Generator) -> Image.Image:
    width, height = panel.size
    moved = random.uniform(0, 0.15, (4, 2)) * (min(width, 4 * height), height)
    signs = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)])
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)]) + signs * moved
    quad = tuple(float(value) for value in corners.ravel())
    panel = panel.transform(panel.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    angle = float(np.clip(random.normal(0, 8), -20, 20))
    return panel.rotate(angle, Image.Resampling.BICUBIC, expand=True)
