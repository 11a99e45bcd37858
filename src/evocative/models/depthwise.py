"""Depthwise convolutions that learn at a bearable pace on the CPU in bfloat16.

Forward, torch's depthwise convolution is fast in bfloat16. Backward it falls into a reference path for
kernels of 5×5 and above, and for strides of 2: two to nine times slower than it need be, so that a step of
EfficientNet-B0 waits mostly for these. Here both gradients are written as convolutions with a fast path:

- of the input: the output's gradient, zeros between its places where the stride was 2, convolved with the
  mirrored kernel (Dumoulin & Visin 2016, relationships 13 and 14);
- of the kernel: as 3×3 blocks, each the kernel gradient of a convolution of stride 1 on a shifted input.

The forward pass is torch's own, to the bit. Anything else than the CPU in bfloat16 is torch's own altogether.
"""

from types import MethodType
from typing import Any

import torch
from jaxtyping import Float
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.padding import pad_same
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F  # as torch's own pages call it

_BLOCK = 3
"""Side of the kernels whose gradient torch computes fast."""
_PIECE = 1_000_000
"""Numbers of the input that go backward at once, so that what is made on the way stays in the cache."""


def use_fast_depthwise(network: nn.Module) -> int:
    """Let a network's slow depthwise convolutions learn by `depthwise_conv2d`, in place.

    Parameters, names, types and answers stay; a deep copy is independent. Whether a call takes the fast path
    is decided at the call: on the CPU, in bfloat16 (autocast counts), when a gradient is wanted.

    Args:
        network: Any; `nn.Conv2d` and timm's `Conv2dSame` in it are looked at.

    Returns:
        How many convolutions were changed.

    Example:
        >>> use_fast_depthwise(nn.Sequential(nn.Conv2d(8, 8, 5, groups=8), nn.Conv2d(8, 8, 3, groups=8)))
        1
    """
    slow = [module for module in network.modules() if is_slow(module)]
    for module in slow:
        module.forward = MethodType(_forward, module)  # bound: a deep copy binds it to the copy
    return len(slow)


def is_slow(module: nn.Module) -> bool:
    """Say whether torch's backward of this layer is slow in bfloat16 and `depthwise_conv2d` can stand in."""
    if not isinstance(module, nn.Conv2d) or type(module) not in (nn.Conv2d, Conv2dSame):
        return False
    plain = module.dilation == (1, 1) and module.padding_mode == "zeros"
    depthwise = module.groups == module.in_channels == module.out_channels > 1
    if not plain or not depthwise or isinstance(module.padding, str):
        return False
    (side, width), (step, beside) = module.kernel_size, module.stride
    if side != width or step != beside or not max(module.padding) < side:
        return False
    return (side >= 5 and step <= side) or (side == _BLOCK and step == 2)


def depthwise_conv2d(
    images: Float[Tensor, "B C H W"],
    weight: Float[Tensor, "C 1 k k"],
    bias: Float[Tensor, " C"] | None = None,
    *,
    stride: int = 1,
    padding: tuple[int, int] = (0, 0),
) -> Float[Tensor, "B C h w"]:
    """Convolve each channel with its own kernel; the gradients take the paths that the module describes.

    Args:
        images: Of any floating type, best in channels-last memory.
        weight: Of the same type; k ≥ 1.
        bias: Likewise, or None.
        stride: From 1 to k, in both directions.
        padding: Zeros above and below, and at either side; each below k.

    Returns:
        What `torch.nn.functional.conv2d` returns. Second derivatives are not to be had.
    """
    result: Tensor = _Depthwise.apply(images, weight, bias, stride, padding)
    return result


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917  (autograd's own signature)
        ctx: Any,
        images: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int,
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(images, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(images, weight, bias, stride, padding, 1, len(weight))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        images, weight = ctx.saved_tensors
        wanted = ctx.needs_input_grad[:2]
        of_images = torch.empty_like(images) if wanted[0] else None
        of_weight = torch.zeros_like(weight, dtype=_sum_type(weight)) if wanted[1] else None
        share = max(1, _PIECE // max(1, images[0].numel()))
        for first in range(0, len(images), share):
            part, rows = images[first : first + share], slice(first, first + share)
            spread = _spread(gradient[rows], like=part, weight=weight, stride=ctx.stride, padding=ctx.padding)
            if of_images is not None:
                of_images[rows] = _image_gradient(spread, weight, padding=ctx.padding)
            if of_weight is not None:
                of_weight += _kernel_gradient(spread, part, weight, padding=ctx.padding)
        return (
            of_images,
            None if of_weight is None else of_weight.to(weight.dtype),
            gradient.sum(dim=(0, 2, 3)) if ctx.needs_input_grad[2] else None,
            None,
            None,
        )


def _sum_type(weight: Tensor) -> torch.dtype:
    """Return the type in which pieces of a batch are summed."""
    return torch.promote_types(weight.dtype, torch.float32)


def _spread(
    gradient: Float[Tensor, "B C h w"],
    *,
    like: Float[Tensor, "B C H W"],
    weight: Float[Tensor, "C 1 k k"],
    stride: int,
    padding: tuple[int, int],
) -> Float[Tensor, "B C _ _"]:
    """Return the output's gradient as it would be at stride 1: zeros at the places that were left out."""
    if stride == 1:
        return gradient.contiguous(memory_format=torch.channels_last)
    side, (above, beside) = weight.shape[-1], padding
    height, width = like.shape[2] + 2 * above - side + 1, like.shape[3] + 2 * beside - side + 1
    spread = torch.empty(
        len(like), len(weight), height, width, dtype=gradient.dtype, memory_format=torch.channels_last
    ).zero_()
    spread[:, :, ::stride, ::stride] = gradient
    return spread


def _image_gradient(
    gradient: Float[Tensor, "B C h w"], weight: Float[Tensor, "C 1 k k"], *, padding: tuple[int, int]
) -> Float[Tensor, "B C H W"]:
    """Convolve a gradient at stride 1 with the mirrored kernel."""
    side = weight.shape[-1]
    inner = (side - 1 - padding[0], side - 1 - padding[1])
    return F.conv2d(gradient, weight.flip(2, 3), None, 1, inner, 1, len(weight))


def _kernel_gradient(
    gradient: Float[Tensor, "B C h w"],
    images: Float[Tensor, "B C H W"],
    weight: Float[Tensor, "C 1 k k"],
    *,
    padding: tuple[int, int],
) -> Float[Tensor, "C 1 k k"]:
    """Return the kernel's gradient, block by block; the last blocks may hang over and are cut."""
    channels, side = len(weight), weight.shape[-1]
    blocks = -(-side // _BLOCK)
    over, (above, beside) = blocks * _BLOCK - side, padding
    padded = (
        F.pad(images, (beside, beside + over, above, above + over)) if over or above or beside else images
    )
    like = weight.new_empty(channels, 1, _BLOCK, _BLOCK)
    rows, columns = gradient.shape[2] + _BLOCK - 1, gradient.shape[3] + _BLOCK - 1
    found = []
    for top in range(0, blocks * _BLOCK, _BLOCK):
        row = []
        for left in range(0, blocks * _BLOCK, _BLOCK):
            part = padded[:, :, top : top + rows, left : left + columns]
            row.append(_block_gradient(gradient, part.contiguous(memory_format=torch.channels_last), like))
        found.append(torch.cat(row, dim=3))
    return torch.cat(found, dim=2)[:, :, :side, :side].contiguous()


def _block_gradient(
    gradient: Float[Tensor, "B C h w"], images: Float[Tensor, "B C H W"], like: Float[Tensor, "C 1 3 3"]
) -> Float[Tensor, "C 1 3 3"]:
    """Return the gradient of a 3×3 kernel of which only the shape is used."""
    _, block, _ = torch.ops.aten.convolution_backward(
        gradient, images, like, None, [1, 1], [0, 0], [1, 1], False, [0, 0], len(like), [False, True, False]
    )
    result: Tensor = block
    return result


def _forward(self: nn.Conv2d, images: Tensor) -> Tensor:
    """Stand in for a convolution's `forward`."""
    if not _pays(self, images):
        return type(self).forward(self, images)
    low = images.to(torch.bfloat16)
    padding = (int(self.padding[0]), int(self.padding[1]))
    if isinstance(self, Conv2dSame):
        low, padding = pad_same(low, list(self.kernel_size), list(self.stride)), (0, 0)
    bias = None if self.bias is None else self.bias.to(torch.bfloat16)
    return depthwise_conv2d(
        low, self.weight.to(torch.bfloat16), bias, stride=int(self.stride[0]), padding=padding
    )


def _pays(conv: nn.Conv2d, images: Tensor) -> bool:
    """Say whether a call has a gradient to compute on the CPU in bfloat16."""
    if images.device.type != "cpu" or not torch.is_grad_enabled() or images.ndim != 4:
        return False
    if not (images.requires_grad or conv.weight.requires_grad):
        return False
    if torch.is_autocast_enabled("cpu"):
        return torch.get_autocast_dtype("cpu") == torch.bfloat16 and images.dtype != torch.float64
    return images.dtype == conv.weight.dtype == torch.bfloat16
