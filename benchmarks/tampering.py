"""What is done to a picture to make a copy of it: each kind a function of the picture and a generator."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageOps

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def encoded(quality: int) -> Change:
    """Write as JPEG of this quality, and read again."""

    def change(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return change


def scaled(factor: float) -> Change:
    return lambda image, rng: image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC
    )


def cropped(share: float) -> Change:
    """Cut a share off the width and off the height, divided at random between the two sides."""

    def change(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        width, height = image.size
        x, y = rng.random(2) * share
        kept = 1 - share
        return image.crop(
            (round(x * width), round(y * height), round((x + kept) * width), round((y + kept) * height))
        )

    return change


def rotated(degrees: int) -> Change:
    """Turn one way or the other; the corners become black."""
    return lambda image, rng: image.rotate(int(rng.choice([-degrees, degrees])), Image.Resampling.BICUBIC)


def mirrored(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def bordered(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add a black or white border, 5 % of the shorter side wide."""
    return ImageOps.expand(image, round(0.05 * min(image.size)), str(rng.choice(["black", "white"])))


def captioned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add a white strip with a line of writing below, 12 % of the height."""
    strip = round(0.12 * image.height)
    larger = ImageOps.expand(image, (0, 0, 0, strip), "white")
    place = (0.05 * image.width, image.height + 0.2 * strip)
    ImageDraw.Draw(larger).text(place, "when the weekend begins", fill="black", font_size=0.5 * strip)
    return larger


def grey(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.convert("L").convert("RGB")


def squashed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Scale to 224 × 224, whatever the proportions were."""
    return image.resize((224, 224), Image.Resampling.BICUBIC)


SOUGHT: dict[str, Change] = {
    "re-encoded at quality 30": encoded(30),
    "resized to half": scaled(0.5),
    "3 % cropped": cropped(0.03),
    "mirrored": mirrored,
    "5° rotated": rotated(5),
}
"""What the check is made for."""
OTHERS: dict[str, Change] = {
    "re-encoded at quality 10": encoded(10),
    "squashed to 224 × 224": squashed,
    "grey": grey,
    "border of 5 % added": bordered,
    "caption strip added": captioned,
    "10 % cropped": cropped(0.1),
    "15° rotated": rotated(15),
}
"""What it was neither made for nor tuned on."""
