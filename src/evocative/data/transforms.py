"""Images to tensors of one size: the same way for evaluation, at random for training.

    transform = evaluation_transform(preprocessing)
    image = decode("photo.jpg", at_least=decode_size(preprocessing))
    images = torch.stack([transform(image)])                 # uint8 (1, 3, S, S)
    inputs = normalize(images, preprocessing)                # float32, zero mean, on whatever device

Tensors stay uint8 until they are on the device: a quarter of the memory between processes and over the bus.
All that is random draws from torch's global generator: who seeds it (`torch.random.fork_rng`) gets the same
image again.
"""

from collections.abc import Callable
from functools import partial
from math import ceil, sqrt
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from evocative.errors import RecipeError
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import Augmentation

_RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def evaluation_transform(preprocessing: Preprocessing) -> Callable[[Image.Image], UInt8[Tensor, "3 S S"]]:
    """Make the transform for evaluation and prediction: nothing random.

    Returns:
        A function from an RGB image to a tensor (3, S, S) of uint8. It can be pickled.
    """
    return partial(_evaluate, preprocessing=preprocessing)


def training_transform(
    preprocessing: Preprocessing, augmentation: Augmentation
) -> Callable[[Image.Image], UInt8[Tensor, "3 S S"]]:
    """Make the transform for training (Motiejauskas 2026, section 4.4).

    In this order: random resized crop (else the fit of evaluation), zoom, rotation, flips, RandAugment (Cubuk
    2020, as torchvision has it, magnitudes 0 to 30), color jitter (brightness, contrast, saturation), random
    erasing with the mean colour.

    Returns:
        A function from an RGB image to a tensor (3, S, S) of uint8. It can be pickled.

    Raises:
        RecipeError: A setting is out of range.
    """
    _check(augmentation)
    return partial(
        _augment,
        steps=_steps(preprocessing, augmentation),
        eraser=_eraser(preprocessing, augmentation),
    )


def decode_size(preprocessing: Preprocessing, augmentation: Augmentation | None = None) -> int:
    """Return the shorter side that decoding must keep (`decode(…, at_least=…)`), in pixels.

    Twice the network's input: from there on a JPEG decoded at a fraction of its size gives the same input to
    about half a grey level of 255 on average (measured on photographs of OSIE). For random crops also so much
    that the smallest square crop need not be enlarged.

    Args:
        preprocessing: Of the network.
        augmentation: Of training; None for evaluation.
    """
    least = 2 * preprocessing.size
    if augmentation is None or not augmentation.random_resized_crop:
        return least
    return max(least, ceil(preprocessing.size / sqrt(augmentation.scale[0])))


def normalize(
    images: UInt8[Tensor, "B 3 S S"], preprocessing: Preprocessing, *, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "B 3 S S"]:
    """Bring pixel values 0 to 255 to the mean and standard deviation that the weights expect.

    Args:
        images: On any device; their memory format (channels last) is kept.
        preprocessing: Of the network.
        dtype: Of the result; the arithmetic is done in float32.
    """
    mean, sd = (
        torch.tensor(values, dtype=torch.float32).to(images.device, non_blocking=True).view(3, 1, 1) * 255
        for values in (preprocessing.mean, preprocessing.sd)
    )
    return images.to(torch.float32).sub_(mean).div_(sd).to(dtype)


def _evaluate(image: Image.Image, preprocessing: Preprocessing) -> UInt8[Tensor, "3 S S"]:
    return _to_tensor(_fit(image, preprocessing))


def _augment(
    image: Image.Image,
    steps: tuple[Callable[[Image.Image], Image.Image], ...],
    eraser: Callable[[Tensor], Tensor] | None,
) -> UInt8[Tensor, "3 S S"]:
    for step in steps:
        image = step(image)
    tensor = _to_tensor(image)
    return tensor if eraser is None else eraser(tensor)


def _fit(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Resize to size × size as the preprocessing says, anti-aliased."""
    size, (width, height) = preprocessing.size, image.size
    resampling = _RESAMPLING[preprocessing.interpolation]
    if preprocessing.fit == "pad":
        scale = size / max(width, height)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        canvas = Image.new("RGB", (size, size), _mean_color(preprocessing))
        part = image.resize(inner, resampling, reducing_gap=3.0)
        canvas.paste(part, ((size - inner[0]) // 2, (size - inner[1]) // 2))
        return canvas
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side) if preprocessing.fit == "crop" else None
    return image.resize((size, size), resampling, box=box, reducing_gap=3.0)


def _zoom(image: Image.Image, shares: tuple[float, float], preprocessing: Preprocessing) -> Image.Image:
    """Enlarge an image around its centre, height and width by shares of their own, and cut off the rest."""
    low, high = shares
    across, down = (1 + low + (high - low) * torch.rand(2)).tolist()
    width, height = image.size
    left, top = (width - width / across) / 2, (height - height / down) / 2
    box = (left, top, width - left, height - top)
    return image.resize(image.size, _RESAMPLING[preprocessing.interpolation], box=box)


def _to_tensor(image: Image.Image) -> UInt8[Tensor, "3 S S"]:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def _mean_color(preprocessing: Preprocessing) -> tuple[int, int, int]:
    red, green, blue = (round(255 * mean) for mean in preprocessing.mean)
    return red, green, blue


def _steps(preprocessing: Preprocessing, augmentation: Augmentation) -> tuple[Any, ...]:
    """Make torchvision's transforms for Pillow images: RandAugment is twice as fast on them as on tensors."""
    from torchvision.transforms import InterpolationMode, v2

    crop = v2.RandomResizedCrop(
        preprocessing.size,
        scale=augmentation.scale,
        ratio=augmentation.ratio,
        interpolation=InterpolationMode(preprocessing.interpolation),
        antialias=True,
    )
    steps: list[Any] = [
        crop if augmentation.random_resized_crop else partial(_fit, preprocessing=preprocessing)
    ]
    if augmentation.zoom[1]:
        steps.append(partial(_zoom, shares=augmentation.zoom, preprocessing=preprocessing))
    if augmentation.rotation:
        mode, fill = InterpolationMode.BILINEAR, list(_mean_color(preprocessing))
        steps.append(v2.RandomRotation(augmentation.rotation, interpolation=mode, fill=fill))
    if augmentation.flip:
        steps.append(v2.RandomHorizontalFlip())
    if augmentation.flip_vertical:
        steps.append(v2.RandomVerticalFlip())
    if augmentation.randaugment_n:
        steps.append(v2.RandAugment(augmentation.randaugment_n, augmentation.randaugment_m))
    if augmentation.color_jitter:
        strength = augmentation.color_jitter
        steps.append(v2.ColorJitter(brightness=strength, contrast=strength, saturation=strength))
    return tuple(steps)


def _eraser(preprocessing: Preprocessing, augmentation: Augmentation) -> Any:
    from torchvision.transforms import v2

    if not augmentation.erase:
        return None
    return v2.RandomErasing(p=augmentation.erase, value=list(_mean_color(preprocessing)))


def _check(augmentation: Augmentation) -> None:
    scale, ratio = augmentation.scale, augmentation.ratio
    expected = {
        "scale": (0 < scale[0] <= scale[1] <= 1, "0 < low ≤ high ≤ 1"),
        "ratio": (0 < ratio[0] <= ratio[1], "0 < low ≤ high"),
        "zoom": (0 <= augmentation.zoom[0] <= augmentation.zoom[1] <= 1, "0 ≤ low ≤ high ≤ 1"),
        "rotation": (0 <= augmentation.rotation <= 180, "0 to 180 degrees"),
        "randaugment_n": (augmentation.randaugment_n >= 0, "0 or more"),
        "randaugment_m": (0 <= augmentation.randaugment_m <= 30, "0 to 30"),
        "color_jitter": (0 <= augmentation.color_jitter <= 1, "0 to 1"),
        "erase": (0 <= augmentation.erase <= 1, "0 to 1"),
    }
    mistakes = [
        f"augmentation.{name}: expected {what}, found {getattr(augmentation, name)}"
        for name, (well, what) in expected.items()
        if not well
    ]
    if mistakes:
        raise RecipeError("\n".join(mistakes))
