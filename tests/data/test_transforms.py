import pickle
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from evocative.data.find import find_images
from evocative.data.image import decode
from evocative.data.transforms import decode_size, evaluation_transform, normalize, training_transform
from evocative.errors import RecipeError
from evocative.preprocessing import Fit, Interpolation, Preprocessing
from evocative.recipe.settings import Augmentation

SMALL = Preprocessing(size=32)
NOTHING = Augmentation(random_resized_crop=False, flip=False, randaugment_n=0)


def picture(width: int = 90, height: int = 60) -> Image.Image:
    """Smooth colours that differ everywhere."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 15), np.cos(y / 11), np.sin((x + 2 * y) / 23)], axis=-1)
    return Image.fromarray(np.rint(127.5 * (waves + 1)).astype(np.uint8))


def tensor(image: Image.Image) -> torch.Tensor:
    pixels: torch.Tensor = functional.pil_to_tensor(image)
    return pixels


def colors(pixels: torch.Tensor) -> list[int]:
    """The colours (3, N) that occur, one after another."""
    return [int(value) for value in np.unique(pixels.numpy(), axis=1).ravel()]


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_squash_is_torchvisions_antialiased_resize(interpolation: Interpolation) -> None:
    transform = evaluation_transform(replace(SMALL, interpolation=interpolation))
    mode = InterpolationMode(interpolation)
    expected = functional.resize(tensor(picture()), [32, 32], interpolation=mode, antialias=True)
    result = transform(picture())
    assert (result.dtype, result.shape, result.is_contiguous()) == (torch.uint8, (3, 32, 32), True)
    assert (result.int() - expected.int()).abs().max() <= 1


@pytest.mark.parametrize("size", [(90, 60), (60, 90), (61, 90), (32, 32)])
def test_crop_keeps_the_middle_and_the_proportions(size: tuple[int, int]) -> None:
    image = picture(*size).resize((8 * size[0], 8 * size[1]))
    result = evaluation_transform(Preprocessing(size=128, fit="crop"))(image)
    expected = functional.center_crop(functional.resize(image, [128], antialias=True), [128])
    difference = (result.int() - tensor(expected).int()).abs().float()
    assert difference.mean() < 1.5  # torchvision cuts at a whole pixel of the resized image, half a pixel off
    assert difference.max() < 8


@pytest.mark.parametrize(("size", "inner"), [((90, 60), (slice(5, 26), slice(0, 32))),
                                             ((60, 90), (slice(0, 32), slice(5, 26)))])  # fmt: skip
def test_pad_shows_everything_on_the_mean_color(size: tuple[int, int], inner: tuple[slice, slice]) -> None:
    preprocessing = replace(SMALL, fit="pad", mean=(0.2, 0.4, 0.6))
    result = evaluation_transform(preprocessing)(picture(*size))
    height, width = (part.stop - part.start for part in inner)
    expected = functional.resize(tensor(picture(*size)), [height, width], antialias=True)
    assert (result[:, inner[0], inner[1]].int() - expected.int()).abs().max() <= 1
    border = torch.ones(32, 32, dtype=torch.bool)
    border[inner] = False
    assert border.sum() == 11 * 32
    assert colors(result[:, border]) == [51, 102, 153]


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_very_long_pictures_fit(fit: Fit) -> None:
    transform = evaluation_transform(Preprocessing(size=8, fit=fit))
    assert transform(picture(800, 8)).shape == (3, 8, 8)
    assert transform(picture(8, 800)).shape == (3, 8, 8)


def test_normalize_is_torchvisions() -> None:
    images = torch.randint(
        0, 256, (2, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    expected = functional.normalize(images / 255, list(SMALL.mean), list(SMALL.sd))
    torch.testing.assert_close(normalize(images, SMALL), expected, rtol=1e-5, atol=1e-5)
    half = normalize(images, SMALL, dtype=torch.bfloat16)
    assert torch.equal(half, normalize(images, SMALL).to(torch.bfloat16))


def test_normalize_keeps_channels_last_and_its_input() -> None:
    images = torch.full((2, 3, 8, 8), 9, dtype=torch.uint8).to(memory_format=torch.channels_last)
    result = normalize(images, SMALL)
    assert result.is_contiguous(memory_format=torch.channels_last)
    assert bool((images == 9).all())
    assert normalize(images[:0], SMALL).shape == (0, 3, 8, 8)


def test_training_follows_the_dissertations_order() -> None:
    augmentation = Augmentation(randaugment_n=2, randaugment_m=9, color_jitter=0.2)
    steps = [
        v2.RandomResizedCrop(32, scale=(0.08, 1.0), ratio=(0.75, 4 / 3), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandAugment(2, 9),
        v2.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2),
    ]
    transform = training_transform(SMALL, augmentation)
    for seed in range(8):
        torch.manual_seed(seed)
        image: Any = picture()
        for step in steps:
            image = step(image)
        torch.manual_seed(seed)
        assert torch.equal(transform(picture()), tensor(image))


def test_no_augmentation_is_evaluation() -> None:
    for fit in ("squash", "crop", "pad"):
        preprocessing = Preprocessing(size=32, fit=fit)
        plain = evaluation_transform(preprocessing)(picture())
        assert torch.equal(training_transform(preprocessing, NOTHING)(picture()), plain)


def test_flips_half_of_the_time() -> None:
    transform = training_transform(SMALL, replace(NOTHING, flip=True))
    plain = evaluation_transform(SMALL)(picture())
    torch.manual_seed(0)
    flipped = 0
    for _ in range(100):
        result = transform(picture())
        assert torch.equal(result, plain) or torch.equal(result, plain.flip(-1))
        flipped += torch.equal(result, plain.flip(-1))
    assert 35 < flipped < 65


def test_erases_with_the_mean_color() -> None:
    preprocessing = Preprocessing(size=32, mean=(0.2, 0.4, 0.6))
    result = training_transform(preprocessing, replace(NOTHING, erase=1.0))(picture())
    changed = (result != evaluation_transform(preprocessing)(picture())).any(dim=0)
    assert 0.01 < changed.float().mean() < 0.4
    assert colors(result[:, changed]) == [51, 102, 153]


def test_a_seeded_fork_gives_the_same_image_and_leaves_the_generator_alone() -> None:
    transform = training_transform(SMALL, Augmentation(randaugment_m=15, color_jitter=0.3, erase=0.5))
    transform = pickle.loads(pickle.dumps(transform))  # as worker processes get it

    def sample(seed: int) -> torch.Tensor:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            image: torch.Tensor = transform(picture())
            return image

    before = torch.random.get_rng_state()
    samples = [sample(seed) for seed in range(20)]
    np.random.seed(5)  # noqa: NPY002 (other generators must not matter)
    assert all(torch.equal(first, sample(seed)) for seed, first in enumerate(samples))
    assert len({bytes(first.numpy().tobytes()) for first in samples}) == 20
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        ({"scale": (0.0, 1.0)}, "augmentation.scale: expected 0 < low ≤ high ≤ 1"),
        ({"scale": (0.5, 0.4)}, "augmentation.scale"),
        ({"ratio": (2.0, 1.0)}, "augmentation.ratio: expected 0 < low ≤ high"),
        ({"randaugment_n": -1}, "augmentation.randaugment_n: expected 0 or more, found -1"),
        ({"randaugment_m": 31}, "augmentation.randaugment_m: expected 0 to 30, found 31"),
        ({"color_jitter": 1.5, "erase": 2.0}, r"color_jitter: .*\n.*erase: expected 0 to 1, found 2"),
    ],
)
def test_settings_out_of_range_are_refused(mistake: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        training_transform(SMALL, Augmentation(**mistake))


def test_decode_size_keeps_what_the_network_needs() -> None:
    assert decode_size(Preprocessing(size=224)) == 448
    assert decode_size(Preprocessing(size=224), NOTHING) == 448
    assert decode_size(Preprocessing(size=224), Augmentation(scale=(0.5, 1.0))) == 448
    assert decode_size(Preprocessing(size=224), Augmentation()) == 792  # 224 / sqrt(0.08) = 791.96


def test_a_picture_decoded_small_gives_the_same_input(shared_data: Path) -> None:
    transform, at_least = evaluation_transform(SMALL), decode_size(SMALL)
    differences = []
    for path in list(find_images([shared_data / "fi8-original-size"]))[::8]:
        buffer = BytesIO()
        original = decode(path)
        original.resize((original.width * 2, original.height * 2)).save(buffer, "JPEG", quality=92)
        small = decode(buffer.getvalue(), at_least=at_least)
        assert 64 <= min(small.size) < min(original.size)
        difference = transform(small).int() - transform(decode(buffer.getvalue())).int()
        differences.append(difference.abs().float().mean())
    assert torch.stack(differences).mean() < 1  # of 255


def test_zoom_enlarges_the_middle() -> None:
    turned = replace(NOTHING, zoom=(0.1, 0.1))
    result = training_transform(SMALL, turned)(picture(32, 32))
    left = (32 - 32 / 1.1) / 2
    expected = picture(32, 32).resize(
        (32, 32), Image.Resampling.BICUBIC, box=(left, left, 32 - left, 32 - left)
    )
    assert (result.int() - tensor(expected).int()).abs().max() <= 1


def test_zoom_draws_height_and_width_apart_between_its_limits() -> None:
    ramp = np.zeros((64, 64, 3), dtype=np.uint8)
    ramp[:, :, 0] = np.arange(64) * 4
    ramp[:, :, 1] = np.arange(64)[:, None] * 4
    transform = training_transform(Preprocessing(size=64), replace(NOTHING, zoom=(0.05, 0.15)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        slopes = []
        for _ in range(40):
            pixels = transform(Image.fromarray(ramp)).float()
            slopes.append(
                [
                    float((pixels[0, 32, 48] - pixels[0, 32, 16]) / 128),
                    float((pixels[1, 48, 32] - pixels[1, 16, 32]) / 128),
                ]
            )
    growth = 1 / np.array(slopes)
    assert growth.min() >= 1.03
    assert growth.max() <= 1.17
    assert growth.std(axis=0).min() > 0.015
    across, down = growth.T
    centred = (across - across.mean()) * (down - down.mean())
    assert abs(centred.mean()) < 0.6 * across.std() * down.std()  # Pearson's r


def test_rotation_and_vertical_flip_are_torchvisions() -> None:
    both = replace(NOTHING, rotation=108.0, flip_vertical=True)
    transform, image = training_transform(SMALL, both), picture(32, 32)
    fill = [round(255 * mean) for mean in SMALL.mean]
    reference = v2.Compose(
        [
            v2.RandomRotation(108, interpolation=InterpolationMode.BILINEAR, fill=fill),
            v2.RandomVerticalFlip(),
        ]
    )
    for seed in range(4):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            result = transform(image)
            torch.manual_seed(seed)
            assert torch.equal(result, tensor(reference(image)))


@pytest.mark.parametrize("wrong", [{"zoom": (0.2, 0.1)}, {"zoom": (-0.1, 0.1)}, {"rotation": 200.0}])
def test_zoom_and_rotation_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        training_transform(SMALL, replace(NOTHING, **wrong))
