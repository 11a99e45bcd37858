"""Fold batch norms into convolutions: the same outputs in evaluation mode, faster.

Outputs are equal to rounding (about 1e-6 of their size a layer). After folding no running statistics are
left: the network is then trained with its batch norms fixed, and their scales are part of the convolutions'
weights.
"""

from collections import Counter

import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from torch import fx, nn

_CONVOLUTIONS = (nn.Conv2d, Conv2dSame)
_NORMS = (nn.BatchNorm2d, BatchNormAct2d)


def fold_batch_norm(module: nn.Module) -> int:
    """Fold, in place, each batch norm into the convolution whose output it alone reads.

    What follows what is read from the traced graph of `module.forward`, not guessed from names. A batch norm
    stays where it is when the graph cannot be traced, when the convolution's output is also read elsewhere,
    when either of the two runs more than once, or when it has no running statistics.

    Returns:
        How many batch norms were folded.
    """
    if not any(type(child) in _NORMS for child in module.modules()):
        return 0
    folded = 0
    for convolution, norm in _pairs(module):
        after = module.get_submodule(norm)
        if _fold(module.get_submodule(convolution), after):
            parent, _, name = norm.rpartition(".")
            setattr(module.get_submodule(parent), name, _rest(after))
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


@torch.no_grad()
def _fold(conv: nn.Module, norm: nn.Module) -> bool:
    """Put a batch norm into a convolution's weights; False, and nothing done, where that cannot be."""
    if not isinstance(conv, _CONVOLUTIONS) or not isinstance(norm, _NORMS):
        return False
    mean, variance = norm.running_mean, norm.running_var
    if type(conv) not in _CONVOLUTIONS or type(norm) not in _NORMS or mean is None or variance is None:
        return False
    scale = (variance.double() + norm.eps).rsqrt()
    if norm.affine:
        scale = scale * norm.weight.double()
    shift = -mean.double() * scale
    if conv.bias is not None:
        shift = shift + conv.bias.double() * scale
    if norm.affine:
        shift = shift + norm.bias.double()
    conv.weight.copy_(conv.weight.double() * scale[:, None, None, None])
    conv.bias = nn.Parameter(shift.to(conv.weight.dtype), requires_grad=conv.weight.requires_grad)
    return True


def _rest(norm: nn.Module) -> nn.Module:
    """Return what a batch norm does besides normalising: timm's kind also drops and activates."""
    parts = [getattr(norm, name, None) for name in ("drop", "act")]
    layers = [part for part in parts if isinstance(part, nn.Module) and not isinstance(part, nn.Identity)]
    if not layers:
        return nn.Identity()
    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)
