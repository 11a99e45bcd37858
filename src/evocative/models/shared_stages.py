"""Stages that several networks have in common: run once, and their weights kept once.

Networks that were fine-tuned from one start with their first stages frozen are equal up to there.
`find_shared` sees it by comparison: the steps that a network runs one after the other from the image on, each
of the same structure and with exactly the same numbers. `share` then puts a `Recall` in place of each
such step of the later network: it hands on what the earlier one gave, inside `keeping`.
"""

import copy
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from timm.layers.drop import DropPath
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.named_maps import hand_on

Shared = Mapping[str, int]
"""Names of a network's steps, and the number of the network that runs each instead."""

_KEPT: ContextVar[dict[str, Tensor] | None] = ContextVar("kept", default=None)
_SILENT = (DropPath, nn.Dropout, nn.Dropout2d, nn.Identity)
"""What does nothing in evaluation mode."""


@contextmanager
def keeping() -> Iterator[None]:
    """Keep what shared steps give while several networks run, the earlier ones first."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


class Recall(nn.Module):
    """In place of a step that an earlier network has run: hands on what that one gave."""

    def __init__(self, key: str, *, maps: Mapping[str, str], last: bool) -> None:
        """Take the key of what is kept.

        Args:
            key: Number of the earlier network and name of its step.
            maps: Maps by name that lie inside the step, each with its key.
            last: Whether the next step is the network's own, and may overwrite its input.
        """
        super().__init__()
        self.key, self.maps, self.last = key, dict(maps), last

    def forward(self, _before: Tensor) -> Tensor:
        """Return what the earlier network's step gave of the same images.

        Raises:
            ModelError: No earlier network has run.
        """
        kept = _KEPT.get()
        if kept is None or self.key not in kept:
            raise ModelError(
                "this network shares its first stages with another member of an ensemble and cannot run "
                "alone: run the ensemble, or load the model that the member was made of"
            )
        for name, key in self.maps.items():
            hand_on(name, kept[key])
        return kept[self.key].clone() if self.last else kept[self.key]


def steps(backbone: Backbone, images: Float[Tensor, "B 3 H W"]) -> list[str]:
    """Return the modules that a network runs one after the other, from the image on.

    Each reads what the one before it gave and nothing else; the list ends where this does not hold, and runs
    through sequences into their parts.

    Example:
        >>> steps(Backbone("resnet18").eval(), torch.zeros(1, 3, 64, 64))[:6]
        ['conv1', 'bn1', 'act1', 'maxpool', 'layer1.0', 'layer1.1']
    """
    calls: list[tuple[str, Any, Any]] = []
    handles = [
        module.register_forward_hook(partial(_note, calls=calls, name=name), with_kwargs=True)
        for name, module in _parts(backbone.network, "")
    ]
    try:
        with torch.inference_mode(mode=False), torch.no_grad():
            backbone(images)
    finally:
        for handle in handles:
            handle.remove()
    found: list[str] = []
    current: Any = images
    for name, given, output in calls:
        if given is not current or name in found or not isinstance(output, Tensor):
            break
        found.append(name)
        current = output
    return found


def find_shared(backbones: Sequence[Backbone], images: Float[Tensor, "B 3 H W"]) -> tuple[Shared, ...]:
    """Compare networks step by step from the image on, in evaluation mode.

    Args:
        backbones: None of them shares anything yet.
        images: A few numbers to run them on.

    Returns:
        For each network the steps that an earlier one runs just so, with that one's number.
    """
    first: dict[str, int] = {}
    found = []
    for number, backbone in enumerate(backbones):
        owners = {
            step: first.setdefault(digest, number)
            for step, digest in _digests(backbone.network, steps(backbone, images))
        }
        found.append({step: owner for step, owner in owners.items() if owner != number})
    return tuple(found)


def still_shared(backbones: Sequence[Backbone], shared: Sequence[Shared]) -> tuple[Shared, ...]:
    """Return what of `shared` still holds after networks, each whole again, were changed alike."""
    found = []
    for backbone, plan in zip(backbones, shared, strict=True):
        kept: dict[str, int] = {}
        for step, owner in plan.items():
            own, other = (_digests(each.network, [step]) for each in (backbone, backbones[owner]))
            if list(own) != list(other):
                break
            kept[step] = owner
        found.append(kept)
    return tuple(found)


def share(backbones: Sequence[Backbone], shared: Sequence[Shared]) -> list[RemovableHandle]:
    """Let networks recall the steps that earlier ones run: they lose these weights, in place.

    Args:
        backbones: As `find_shared` saw them, or made alike.
        shared: For each network its steps, in the order in which they run.

    Returns:
        Handles of the hooks that keep what is recalled.

    Raises:
        ModelError: A network has no such step.
    """
    copied: dict[tuple[int, str], bool] = {}
    for backbone, plan in zip(backbones, shared, strict=True):
        for step, owner in plan.items():
            last = step == list(plan)[-1]
            inside = [name for name in backbone.named_maps if f"{name}.".startswith(f"{step}.")]
            for name in (step, *inside):
                ahead = last if name == step else name in backbone.copied_maps
                copied[owner, name] = copied.get((owner, name), False) or ahead
            recall = Recall(f"{owner} {step}", maps={name: f"{owner} {name}" for name in inside}, last=last)
            _replace(backbone.network, step, recall)
    return [
        _part(backbones[owner].network, name).register_forward_hook(
            partial(_keep, key=f"{owner} {name}", copied=ahead)
        )
        for (owner, name), ahead in copied.items()
    ]


def part(backbones: Sequence[Backbone], shared: Sequence[Shared], handles: Sequence[RemovableHandle]) -> None:
    """Undo `share`: each network gets a copy of its steps back, in place."""
    for handle in handles:
        handle.remove()
    for backbone, plan in zip(backbones, shared, strict=True):
        for step, owner in plan.items():
            own = copy.deepcopy(backbones[owner].network.get_submodule(step))
            for module in own.modules():
                module._forward_hooks.clear()  # of the other network's maps
            _replace(backbone.network, step, own)
        backbone.hook_again()


def _parts(network: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield a network's children by name; those of plain sequences in their place."""
    for name, child in network.named_children():
        if type(child) is nn.Sequential and len(child):
            yield from _parts(child, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _digests(network: nn.Module, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each step with a digest of everything up to it: names, structure and numbers."""
    digest = hashlib.sha256()
    for step in names:
        module = network.get_submodule(step)
        digest.update(f"{step}\n".encode())
        for name, inner in module.named_modules():
            if not isinstance(inner, _SILENT):
                digest.update(f"{name} {type(inner).__qualname__} {inner.extra_repr()}\n".encode())
        for key, tensor in module.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                digest.update(f"{key} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
                numbers = tensor.detach().cpu().flatten() + 0  # -0, which averages make of it, becomes 0
                digest.update(numbers.view(torch.uint8).numpy().data)
        yield step, digest.hexdigest()


def _part(network: nn.Module, name: str) -> nn.Module:
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        raise ModelError(
            f"{type(network).__name__} has no module {name!r}, which the ensemble's members are said to "
            "share. Was config.json edited? Make the ensemble anew (evocative ensemble)"
        ) from error


def _replace(network: nn.Module, name: str, module: nn.Module) -> None:
    _part(network, name)
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, module)


def _note(
    _module: nn.Module,
    given: tuple[Any, ...],
    named: dict[str, Any],
    output: Any,
    *,
    calls: list[tuple[str, Any, Any]],
    name: str,
) -> None:
    calls.append((name, given[0] if len(given) == 1 and not named else None, output))


def _keep(_module: nn.Module, _given: Any, output: Tensor, *, key: str, copied: bool) -> None:
    kept = _KEPT.get()
    if kept is not None:
        kept[key] = output.clone() if copied else output
