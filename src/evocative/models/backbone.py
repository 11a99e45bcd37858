"""Any timm network as a backbone: one pooled vector and some of its feature maps, in one pass."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import timm
import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.alexnet import NETWORKS, make_own
from evocative.models.folding import fold_batch_norm
from evocative.models.hub import PREFIX, download, is_hub
from evocative.models.kim2018 import Appended
from evocative.models.named_maps import catching, hook, look_at
from evocative.models.stages import frozen_parts
from evocative.models.weights import load_into, read_weights
from evocative.preprocessing import IMAGENET_MEAN, IMAGENET_SD, Preprocessing
from evocative.recipe.kim2018 import Kim2018Config

Pool = Literal["head", "last_map"]
_OURS = (
    "pretrained", "pretrained_cfg", "pretrained_cfg_overlay", "pretrained_strict", "checkpoint_path",
    "cache_dir", "num_classes", "features_only", "out_indices", "in_chans", "drop_path_rate",
)  # fmt: skip
"""Arguments of timm's that are set elsewhere, or would load files."""


class Backbone(nn.Module):
    """A timm network without its classifier.

    Attributes:
        num_features: Length C* of the pooled vector, with what is appended to it.
        made_of: Name, pool and arguments: what it is beside its weights.
        map_indices: timm's number, or the module's name, of each chosen map, as they were asked for.
        map_channels: Channels of each chosen map, in the order in which they were asked for.
        map_strides: Input pixels to one place of each map.
        named_maps: Those of the chosen maps that are modules' names, each once.
        copied_maps: Those of them that a later module overwrites, and which are copied.
        preprocessing: What timm's record says of the weights: size, interpolation, mean and SD. Weights from
            a file may want another.
    """

    def __init__(
        self,
        name: str,
        *,
        maps: Sequence[int | str] = (),
        weights: str | None = None,
        pool: Pool = "head",
        drop_path: float = 0.0,
        backbone_args: Mapping[str, Any] | None = None,
        frozen_stages: int = 0,
        appended: Kim2018Config | None = None,
    ) -> None:
        """Make the network.

        Args:
            name: A network of timm, as `efficientnetv2_rw_s` or `resnet50.a1_in1k`.
            maps: timm's `out_indices` of the maps that `forward` returns, counted from the end where negative
                (-1: the deepest); or a module's name, as `blocks.2.1.conv_pwl`, for what that module gives.
            weights: None, random; `timm`, timm's own from the hub; `hf-hub:org/name`; or a file.
            pool: `head`, the vector that timm's classifier would read; `last_map`, the trunk without its head
                layers, its last feature map averaged over all places.
            drop_path: Stochastic depth.
            backbone_args: Further arguments of `timm.create_model`, as `{"pad_type": "same"}`.
            frozen_stages: The first so many stages (`models.stages`) stay as they are: no gradient, and
                always in evaluation mode.
            appended: Which further features stand behind the pooled vector, if any.

        Raises:
            ModelError: The network, a stage or a map does not exist, an argument is wrong, or weights do not
                fit.
        """
        super().__init__()
        if reserved := sorted(set(_OURS) & set(backbone_args or {})):
            raise ModelError(
                f"backbone_args: {', '.join(reserved)} cannot be given here; they are set by weights, pool, "
                "drop_path and the heads"
            )
        settings = dict(backbone_args or {}) | ({"drop_path_rate": drop_path} if drop_path else {})
        network = _create(name, weights, settings)
        numbered = [each for each in maps if isinstance(each, int)]
        info = _maps_of(network, name, numbered)
        last = len(info) - 1
        everything = set(network.state_dict())
        if pool == "last_map":
            _prune(network, name, last)
        if weights is not None and weights != "timm" and not is_hub(weights):
            _load_file(network, Path(weights), everything)
        self.network = network
        self.made_of: dict[str, Any] = {
            "name": name, "pool": pool, "backbone_args": dict(backbone_args or {})
        }  # fmt: skip
        self.pool: Pool = pool
        self.preprocessing = _preprocessing(network)
        self.map_indices = tuple(maps)
        named = [each for each in maps if isinstance(each, str)]
        seen: dict[int | str, tuple[int, int, bool]] = {}
        seen.update(look_at(network, named, size=self.preprocessing.size) if named else {})
        seen |= {each: (int(info[each]["num_chs"]), int(info[each]["reduction"]), False) for each in numbered}
        self.map_channels = tuple(seen[each][0] for each in maps)
        self.map_strides = tuple(seen[each][1] for each in maps)
        width = getattr(network, "head_hidden_size", network.num_features)
        self.num_features = int(info[last]["num_chs"] if pool == "last_map" else width)
        self._numbers = {each: each % len(info) for each in numbered}
        self.appended = self._appended(appended, info)
        wanted = {*self._numbers.values(), *([last] if pool == "last_map" else [])}
        if self.appended is not None and self.appended.number is not None:
            wanted.add(self.appended.number)
        self._indices = sorted(wanted)
        self.named_maps = tuple(dict.fromkeys(named))
        self.copied_maps = tuple(each for each in self.named_maps if seen[each][2])
        self._handles = hook(network, self.named_maps, copied=self.copied_maps)
        parameters, self._frozen = frozen_parts(network, frozen_stages)
        for parameter in parameters:
            network.get_parameter(parameter).requires_grad_(False)

    def train(self, mode: bool = True) -> "Backbone":
        """Let the network learn, or not; frozen stages stay in evaluation mode."""
        super().train(mode)
        for name in self._frozen if mode else ():
            self.network.get_submodule(name).eval()
        return self

    def forward(
        self, images: Float[Tensor, "B 3 H W"]
    ) -> tuple[Float[Tensor, "B D"], list[Float[Tensor, "B _ _ _"]]]:
        """Return the pooled vector and the chosen maps (B, C, h, w)."""
        with catching() as caught:
            pooled, found = self._run(images)
        numbered = dict(zip(self._indices, found, strict=True))
        if self.appended is not None:
            pooled = torch.cat([pooled.float(), self.appended(images, numbered)], dim=1)
        seen = caught | numbered
        return pooled, [seen[self._number(each)] for each in self.map_indices]

    def fold(self, *, read: Collection[str] = ()) -> int:
        """Fold batch norms into convolutions; see `fold_batch_norm`. Maps stay what they were.

        Args:
            read: Names of further modules whose output is to stay what it is.

        Returns:
            How many were folded.
        """
        folded = fold_batch_norm(self.network, read={*self.named_maps, *read})
        self.hook_again()
        return folded

    def _appended(self, config: Kim2018Config | None, info: Sequence[Mapping[str, Any]]) -> Appended | None:
        """Make what stands behind the pooled vector, and count it."""
        if config is None:
            return None
        number, channels = None, 0
        if config.background is not None:
            _check_maps([config.background], info, str(self.made_of["name"]))
            number = config.background % len(info)
            channels = int(info[number]["num_chs"])
        found = Appended(
            config, channels=channels, number=number, mean=self.preprocessing.mean, sd=self.preprocessing.sd
        )
        self.num_features += found.num_features
        self.made_of["appended"] = found.made_of
        return found

    def hook_again(self) -> None:
        """Hook the modules whose maps are read by name, after modules were replaced."""
        for handle in self._handles:
            handle.remove()
        self._handles = hook(self.network, self.named_maps, copied=self.copied_maps)

    def _number(self, name: int | str) -> int | str:
        """Return timm's own number of a map that was asked for by one, else the module's name."""
        return self._numbers[name] if isinstance(name, int) else name

    def _run(
        self, images: Float[Tensor, "B 3 H W"]
    ) -> tuple[Float[Tensor, "B D"], list[Float[Tensor, "B _ _ _"]]]:
        """Return the pooled vector and timm's numbered maps, in the order of their numbers."""
        if self.pool == "last_map":
            found = self.network.forward_intermediates(
                images, indices=self._indices, stop_early=True, intermediates_only=True
            )
            return found[-1].mean(dim=(2, 3)), found
        if not self._indices:
            features, found = self.network.forward_features(images), []
        else:
            features, found = self.network.forward_intermediates(images, indices=self._indices)
        return self.network.forward_head(features, pre_logits=True), found


def unknown_backbone(name: str) -> str:
    """Say that timm has no network of this name, and which come close; it has too many to list."""
    close = difflib.get_close_matches(name, [*NETWORKS, *timm.list_models()], n=5, cutoff=0.5)
    hint = f"; did you mean {', '.join(close)}?" if close else "."
    return f"unknown backbone {name!r}{hint} timm.list_models() names all {len(timm.list_models())}"


def is_backbone(name: str) -> bool:
    """Say whether timm or `models.alexnet` has a network of this name."""
    return name in NETWORKS or bool(timm.is_model(name))


def _create(name: str, weights: str | None, settings: dict[str, Any]) -> Any:
    if not is_backbone(name):
        raise ModelError(unknown_backbone(name))
    if name not in NETWORKS and (weights == "timm" or is_hub(weights or "")):
        settings = settings | _hub_file(name, str(weights))
    try:
        if name in NETWORKS:
            return make_own(name, weights, settings)
        return timm.create_model(name, num_classes=0, **settings)
    except (TypeError, ValueError, RuntimeError, AssertionError, KeyError) as error:
        raise ModelError(
            f"backbone {name} cannot be made with {_shown(settings)}: {str(error)[:300]}. Check "
            "backbone_args, drop_path and weights"
        ) from error


def _hub_file(name: str, weights: str) -> dict[str, Any]:
    """Return the arguments that make timm load a file which we have downloaded, never a pickle."""
    source = weights
    if weights == "timm":
        record = timm.get_pretrained_cfg(name)
        if record is None or not record.hf_hub_id:
            raise ModelError(
                f"timm has no weights of its own on the hub for {name}: give a file as weights, or none for "
                "random weights"
            )
        source = f"{PREFIX}{record.hf_hub_id}"
    try:
        folder = download(source, patterns=["*.safetensors", "config.json"])
    except ModelError as error:
        raise ModelError(f'weights of {name}: {error} (model.weights = "file.safetensors")') from error
    files = sorted(folder.glob("*.safetensors"), key=lambda file: file.name != "model.safetensors")
    if not files:
        raise ModelError(f"{source}: holds no .safetensors file; give the path of a file of weights instead")
    overlay = {"file": str(files[0]), "hf_hub_id": None, "url": "", "custom_load": False}
    return {"pretrained": True, "pretrained_cfg_overlay": overlay}


def _maps_of(network: Any, name: str, maps: Sequence[int]) -> list[dict[str, Any]]:
    """Return timm's record of the network's maps, once it is sure that it can give them."""
    record = getattr(network, "feature_info", None)
    info = list(getattr(record, "info", record) or [])
    if not info or not hasattr(network, "forward_intermediates"):
        raise ModelError(f"backbone {name}: this network gives no feature maps; choose another of timm's")
    _check_maps(maps, info, name)
    return info


def _check_maps(maps: Sequence[int], info: Sequence[Mapping[str, Any]], name: str) -> None:
    wrong = [index for index in maps if not -len(info) <= index < len(info)]
    if wrong:
        known = ", ".join(f"{number}: {item['num_chs']} channels" for number, item in enumerate(info))
        raise ModelError(f"backbone {name} has no map {', '.join(map(str, wrong))}. Its maps are {known}")


def _prune(network: Any, name: str, last: int) -> None:
    if not hasattr(network, "prune_intermediate_layers"):
        raise ModelError(f'backbone {name}: its head cannot be taken off; use pool = "head"')
    network.prune_intermediate_layers([last], prune_norm=True, prune_head=True)


def _load_file(network: Any, path: Path, everything: set[str]) -> None:
    """Load a file's weights; what only the classifier or the pruned head needs may stand there too."""
    classifier = network.pretrained_cfg.get("classifier") or ()
    names = (classifier,) if isinstance(classifier, str) else tuple(classifier)
    pruned = everything - set(network.state_dict())
    load_into(
        network,
        read_weights(path),
        source=f"weights {path}",
        unused=[*(f"{name}." for name in names), *pruned],
    )


def _preprocessing(network: Any) -> Preprocessing:
    record: dict[str, Any] = network.pretrained_cfg
    interpolation = record.get("interpolation", "bilinear")
    return Preprocessing(
        size=int(record.get("input_size", (3, 224, 224))[-1]),
        interpolation="bicubic" if interpolation == "bicubic" else "bilinear",
        mean=_three(record.get("mean", IMAGENET_MEAN)),
        sd=_three(record.get("std", IMAGENET_SD)),
    )


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _shown(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in settings.items()) or "no further arguments"
