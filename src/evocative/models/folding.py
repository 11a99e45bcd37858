"""Fold batch norms into convolutions: the same outputs in evaluation mode, faster.

Outputs are equal to rounding (about 1e-6 of their size a layer). After folding no running statistics are
left: the network is then trained with its batch norms fixed, and their scales are part of the convolutions'
weights.
"""

from collections import Counter
from collections.abc import Collection

import torch
from jaxtyping import Float, Float64
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from torch import Tensor, fx, nn

_CONVOLUTIONS = (nn.Conv2d, Conv2dSame)
_NORMS = (nn.BatchNorm2d, BatchNormAct2d)


class ChannelAffine(nn.Module):
    """What a fixed batch norm does: y = w·x + b, a number a channel each."""

    def __init__(self, scale: Float[Tensor, " C"], shift: Float[Tensor, " C"]) -> None:
        """Take w and b; both may learn."""
        super().__init__()
        self.weight, self.bias = nn.Parameter(scale), nn.Parameter(shift)

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B C h w"]:
        """Return y."""
        return maps * self.weight[:, None, None] + self.bias[:, None, None]


def fold_batch_norm(module: nn.Module, *, read: Collection[str] = ()) -> int:
    """Fold, in place, each batch norm into the convolution whose output it alone reads.

    What follows what is read from the traced graph of `module.forward`, not guessed from names. A batch norm
    stays where it is when the graph cannot be traced, when the convolution's output is also read elsewhere,
    when either of the two runs more than once, or when it has no running statistics.

    Args:
        module: A network.
        read: Names of its modules whose output something outside reads, too, as a map before its batch norm.
            A convolution among them keeps its weights, and its batch norm becomes a `ChannelAffine`.

    Returns:
        How many batch norms were folded.
    """
    if not any(type(child) in _NORMS for child in module.modules()):
        return 0
    folded = 0
    for convolution, norm in _pairs(module):
        after = module.get_submodule(norm)
        conv, inside = module.get_submodule(convolution), any(each.startswith(f"{norm}.") for each in read)
        if inside or not _foldable(conv, after):  # the name of what lies inside would be gone
            continue
        parts = _rest(after)
        if convolution in read:
            parts.insert(0, _fixed(conv, after))
        else:
            _fold(conv, after)
        parent, _, name = norm.rpartition(".")
        setattr(module.get_submodule(parent), name, _joined(parts))
        folded += 1
    return folded


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Stop at convolutions and norms, timm's kinds included."""
        return isinstance(m, _CONVOLUTIONS + _NORMS) or super().is_leaf_module(m, module_qualified_name)


def _pairs(module: nn.Module) -> list[tuple[str, str]]:
    """Return the names of modules that follow each other, each running once, nothing else reading between."""
    training = module.training
    try:
        nodes = list(_Tracer().trace(module.eval()).nodes)
    except Exception:  # a network that branches on its input, whatever it raises: nothing is folded
        return []
    finally:
        module.train(training)
    calls = Counter(str(node.target) for node in nodes if node.op == "call_module")
    pairs = []
    for node in nodes:
        before = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) != 1:
            continue
        first, second = str(before.target), str(node.target)
        if calls[first] == calls[second] == 1:
            pairs.append((first, second))
    return pairs


def _foldable(conv: nn.Module, norm: nn.Module) -> bool:
    """Say whether these two are a convolution and a batch norm with statistics, of kinds that are known."""
    if type(conv) not in _CONVOLUTIONS or type(norm) not in _NORMS:
        return False
    return norm.running_mean is not None and norm.running_var is not None


@torch.no_grad()
def _affine(norm: nn.Module) -> tuple[Float64[Tensor, " C"], Float64[Tensor, " C"]]:
    """Return w and b of what a batch norm does in evaluation mode: y = w·x + b."""
    mean, variance = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
    scale = (variance.double() + float(norm.eps)).rsqrt()  # type: ignore[arg-type]
    if norm.affine:
        scale = scale * norm.get_parameter("weight").double()
    shift = -mean.double() * scale
    if norm.affine:
        shift = shift + norm.get_parameter("bias").double()
    return scale, shift


@torch.no_grad()
def _fold(conv: nn.Module, norm: nn.Module) -> None:
    """Put a batch norm into a convolution's weights."""
    scale, shift = _affine(norm)
    weight, bias = conv.get_parameter("weight"), conv._parameters["bias"]
    if bias is not None:
        shift = shift + bias.double() * scale
    weight.copy_(weight.double() * scale[:, None, None, None])
    conv.bias = nn.Parameter(shift.to(weight.dtype), requires_grad=weight.requires_grad)


def _fixed(conv: nn.Module, norm: nn.Module) -> ChannelAffine:
    """Return a batch norm as a layer of its own, without statistics; it learns where its convolution does."""
    weight = conv.get_parameter("weight")
    affine = ChannelAffine(*(each.to(weight.dtype) for each in _affine(norm)))
    return affine.requires_grad_(weight.requires_grad)


def _rest(norm: nn.Module) -> list[nn.Module]:
    """Return what a batch norm does besides normalising: timm's kind also drops and activates."""
    parts = [getattr(norm, name, None) for name in ("drop", "act")]
    return [part for part in parts if isinstance(part, nn.Module) and not isinstance(part, nn.Identity)]


def _joined(layers: list[nn.Module]) -> nn.Module:
    """Return one layer that does what these do one after the other."""
    if not layers:
        return nn.Identity()
    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)
