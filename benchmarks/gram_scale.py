"""What stands in the way of a Gram module: scales at the start, on real images.

For a backbone and its weights, without training: how large the maps and their Gram matrices are, how much of
a matrix is the same for every picture, what the dense layer, SiLU and batch norm make of it; how long h, p, z
and u are; whose gradient is how long at the first step of training, in the published form and in others, and
how far that step moves them.

    python benchmarks/gram_scale.py --data-root DATA/fi8 --weights FILE [--backbone mobilenetv2_100]
        [--backbone-args pad_type=same] [--pool last_map] [--maps 1 2 3] [--images 256] [--json FILE]

Gradients are of the cross-entropy on one batch, batch norms of the backbone in evaluation mode. A gradient
reaches the backbone by two ways, by the pooled vector h and by the maps; they are measured apart. The step is
one of SGD with the whole gradient clipped, taken by the new layers only.
"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from evocative.data.dataset import ImageDataset, collate
from evocative.data.transforms import evaluation_transform, normalize
from evocative.datasets.catalogue import dataset
from evocative.models.create import EmotionModel, create_model
from evocative.models.motiejauskas2026 import GramNeck
from evocative.models.second_order import covariance, gram_matrix, matrix_sqrt, signed_sqrt
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy

LABELS = taxonomy("mikels8")
MATRICES: dict[str, Callable[[Tensor], Tensor]] = {
    "gram": gram_matrix,
    "gram, length 1": lambda maps: signed_sqrt(gram_matrix(maps)),
    "gram, signed_sqrt": lambda maps: signed_sqrt(gram_matrix(maps)) * maps.shape[1] ** 0.5,
    "gram, matrix_sqrt": lambda maps: matrix_sqrt(gram_matrix(maps)),
    "covariance": covariance,
    "covariance, signed_sqrt": lambda maps: signed_sqrt(covariance(maps)) * maps.shape[1] ** 0.5,
    "covariance, matrix_sqrt": lambda maps: matrix_sqrt(covariance(maps)),
}

COLUMNS = {
    "rms": "rms",
    "largest": "largest",
    "condition": "condition",
    "diagonal": "energy_on_diagonal",
    "1st eigen": "energy_in_first_eigenvector",
    "rank": "participation_ratio",
    "constant": "same_for_all_images",
    "gain": "gain",
    "output SD": "preactivation_sd_between_images",
    "bias": "bias_rms",
    "after norm": "kept_by_batch_norm",
    "|r|": "outputs_correlation",
}
"""What is printed of a matrix: `constant` is the share of energy in the mean matrix of all images, `gain`
that of a new dense layer, `output SD` what it gives between images, `after norm` what batch norm's ε leaves
of it, `|r|` the mean correlation between its outputs."""


def forms(maps: tuple[int, ...]) -> dict[str, GramConfig]:
    """Return the networks to compare, by name."""
    published = GramConfig(maps=maps)
    return {
        "plain (v = 0)": GramConfig(),
        "published": published,
        "signed_sqrt": replace(published, normalization="signed_sqrt"),
        "matrix_sqrt": replace(published, normalization="matrix_sqrt"),
        "center, matrix_sqrt": replace(published, normalization="matrix_sqrt", center=True),
        "rank 32": replace(published, rank=32),
        "start zero": replace(published, start="zero"),
        "append": replace(published, backbone_fusion="append"),
        "append, matrix_sqrt": replace(published, backbone_fusion="append", normalization="matrix_sqrt"),
        "residual": replace(published, backbone_fusion="residual"),
        "residual, matrix_sqrt": replace(published, backbone_fusion="residual", normalization="matrix_sqrt"),
    }


@dataclass(frozen=True)
class Seen:
    """What the backbone says of all images (no gradient), and of the first batch (with one)."""

    pooled: Tensor
    maps: list[Tensor]
    labels: Tensor
    batch: tuple[Tensor, list[Tensor]]


def read_images(options: argparse.Namespace) -> tuple[Tensor, Tensor]:
    """Return normalised images and labels, equally many of each emotion, shuffled."""
    table = dataset("fi8").read(options.data_root)
    rng = np.random.default_rng(options.seed)
    each = max(1, options.images // len(LABELS))
    places = [rng.permutation(np.flatnonzero(table.labels == label))[:each] for label in range(len(LABELS))]
    rows = rng.permutation(np.concatenate(places)).tolist()
    preprocessing = Preprocessing(
        size=options.size, fit="squash", mean=tuple(options.mean), sd=tuple(options.sd)
    )
    chosen = ImageDataset(table.select(rows), evaluation_transform(preprocessing), at_least=options.size)
    batch = collate([chosen[index] for index in range(len(chosen))])
    return normalize(batch.images, preprocessing), batch.labels


def config(gram: GramConfig, options: argparse.Namespace) -> ModelConfig:
    return ModelConfig(
        backbone=options.backbone,
        weights=options.weights,
        backbone_args=dict(each.split("=", 1) for each in options.backbone_args),
        pool=options.pool,
        gram=gram,
    )


def look(model: EmotionModel, images: Tensor, labels: Tensor, batch: int) -> Seen:
    """Run the backbone once over everything, and once over a batch with its graph."""
    backbone = model.backbone.eval()
    with torch.no_grad():
        parts = [backbone(each) for each in torch.split(images, 32)]
    pooled = torch.cat([part[0] for part in parts])
    maps = [torch.cat(each) for each in zip(*(part[1] for part in parts), strict=True)]
    return Seen(pooled, maps, labels, backbone(images[:batch]))


def spread(values: Tensor) -> dict[str, float]:
    """Say how large numbers are, and how much each differs between images (rows)."""
    return {
        "mean": values.mean().item(),
        "sd": values.std().item(),
        "largest": values.abs().max().item(),
        "rms": values.square().mean().sqrt().item(),
        "sd_between_images": values.flatten(1).var(0).mean().sqrt().item(),
    }


def spectrum(matrices: Tensor) -> dict[str, float]:
    """Say how a matrix's energy is spread: medians and means over the images."""
    values = torch.linalg.eigvalsh(matrices.double()).clamp_min(0)  # ascending
    energy = matrices.square().sum((1, 2)).double()
    rank = values.sum(1).square() / values.square().sum(1)
    positive = torch.where(values > 1e-6 * values[:, -1:], values, torch.inf).amin(1)
    return {
        "condition": (values[:, -1] / positive).median().item(),
        "participation_ratio": rank.mean().item(),
        "energy_on_diagonal": (matrices.diagonal(dim1=1, dim2=2).square().sum(1) / energy).mean().item(),
        "energy_in_first_eigenvector": (values[:, -1].square() / energy).mean().item(),
        "trace_in_first_eigenvector": (values[:, -1] / values.sum(1)).mean().item(),
    }


def through_dense(matrices: Tensor, seed: int) -> dict[str, float]:
    """Say what a dense layer as torch draws it, SiLU and batch norm make of matrices."""
    torch.manual_seed(seed)
    channels = matrices.shape[1]
    dense = nn.Linear(channels * channels, channels // 2)
    with torch.no_grad():
        before = dense(matrices.flatten(1))
        after = nn.functional.silu(before)
        bias = dense.bias.square().mean().sqrt().item()
    moves = matrices.flatten(1).var(0).sum().sqrt().item()  # length of what differs between images
    return {
        "preactivation_sd_between_images": before.var(0).mean().sqrt().item(),
        "preactivation_rms": before.square().mean().sqrt().item(),
        "bias_rms": bias,
        "gain": before.var(0).mean().sqrt().item() / moves,
        "silu_variance_median": after.var(0).median().item(),  # batch norm adds 1e-5 to it
        "kept_by_batch_norm": (after.var(0) / (after.var(0) + 1e-5)).mean().item(),
        "outputs_correlation": _mean_correlation(after),
    }


def _mean_correlation(values: Tensor) -> float:
    """Mean |r| between outputs: near 1, all of them say the same."""
    r = torch.corrcoef(values.T).abs()
    return ((r.sum() - r.diagonal().sum()) / (len(r) * (len(r) - 1))).item()


def layer(maps: Tensor, seed: int) -> dict[str, Any]:
    """Report one map: its own scale, and that of each second-order form."""
    report: dict[str, Any] = {"shape": list(maps.shape[1:]), "map": spread(maps)}
    for name, form in MATRICES.items():
        matrices = form(maps)
        mean = matrices.mean(0)
        report[name] = {
            **spread(matrices),
            **spectrum(matrices),
            "same_for_all_images": (mean.square().sum() / matrices.square().sum((1, 2)).mean()).item(),
            **through_dense(matrices, seed),
        }
    return report


def meeting(model: EmotionModel, seen: Seen) -> dict[str, Any]:
    """Report the vectors that meet: h, p, each module's two branches, z and u."""
    with torch.no_grad():
        report = {"h": spread(seen.pooled), "u": spread(model.join(seen.pooled, seen.maps))}
        pieces = []
        assert isinstance(model.neck, GramNeck)
        for number, (module, maps) in enumerate(zip(model.neck.gram_modules, seen.maps, strict=True)):
            assert isinstance(module.activation, nn.Module)
            assert isinstance(module.conv, nn.Module)
            report[f"gram branch {number}"] = spread(module.style(maps))  # type: ignore[operator]
            report[f"means branch {number}"] = spread(module.activation(module.conv(maps)).mean((2, 3)))
            pieces.append(module(maps))
        if pieces:
            report["z"] = spread(torch.cat(pieces, dim=1))
        if isinstance(model.neck, GramNeck) and model.neck.projection is not None:
            report["p"] = spread(model.neck.projection(seen.pooled))
    return report


def norm(gradients: list[Tensor | None]) -> float:
    return math.sqrt(sum(each.square().sum().item() for each in gradients if each is not None))


def first_step(
    model: EmotionModel, backbone: nn.Module, seen: Seen, options: argparse.Namespace
) -> dict[str, Any]:
    """Report gradients of the first step: of each part's weights, by which way they reach the backbone."""
    pooled, maps = seen.batch
    given = [each.detach().requires_grad_() for each in (pooled, *maps)]
    assert isinstance(model.neck, GramNeck)
    logits = model.describe(given[0], given[1 : 1 + len(model.neck.gram_modules)]).logits
    assert logits is not None
    loss = nn.functional.cross_entropy(logits, seen.labels[: len(pooled)])
    model.zero_grad()
    torch.autograd.backward(loss)
    parts = _parts(model)
    report: dict[str, Any] = {"loss": loss.item(), "logits_sd": logits.std().item()}
    report["gradients"] = {name: norm([each.grad for each in group]) for name, group in parts.items()}
    report["weights"] = {name: norm([each.detach() for each in group]) for name, group in parts.items()}
    weights = [each for each in backbone.parameters() if each.requires_grad]
    ways = {
        "by h": [(pooled, given[0].grad)],
        "by maps": list(zip(maps, (g.grad for g in given[1:]), strict=True)),
    }
    everything: list[Tensor | None] = [None] * len(weights)
    for way, pairs in ways.items():
        known = [(output, gradient) for output, gradient in pairs if gradient is not None]
        found = _backward(known, weights)
        report["gradients"][f"backbone, {way}"] = norm(found)
        everything = [
            b if a is None else a if b is None else a + b for a, b in zip(everything, found, strict=True)
        ]
    report["gradients"]["backbone"] = norm(everything)
    total = norm([*everything, *(each.grad for group in parts.values() for each in group)])
    report["total"], report["scaled_by_clipping"] = total, min(1.0, options.clip / total)
    report["moved"] = _move(model, given, options.lr * report["scaled_by_clipping"])
    return report


@torch.no_grad()
def _move(model: EmotionModel, given: list[Tensor], lr: float) -> dict[str, float]:
    """Take the step with the new weights, and say how far it moves vectors, in their SDs between images."""

    def vectors() -> dict[str, Tensor]:
        branches = {f"gram branch {n}": each.style(maps) for n, (each, maps) in enumerate(pairs)}  # type: ignore[operator]
        return branches | {"u": model.join(given[0], [maps for _, maps in pairs])}

    assert isinstance(model.neck, GramNeck)
    pairs = list(zip(model.neck.gram_modules, given[1:], strict=False))
    before = vectors()
    for name, weight in model.named_parameters():
        if weight.grad is not None and not name.startswith("backbone."):
            weight.sub_(lr * weight.grad)
    after = vectors()
    return {
        name: ((after[name] - old).square().mean() / old.var(0).mean()).sqrt().item()
        for name, old in before.items()
        if old.any()
    }


def _backward(pairs: list[tuple[Tensor, Tensor]], weights: list[nn.Parameter]) -> list[Tensor | None]:
    if not pairs:
        return [None] * len(weights)
    outputs, gradients = zip(*pairs, strict=True)
    return list(torch.autograd.grad(outputs, weights, gradients, retain_graph=True, allow_unused=True))


def _parts(model: EmotionModel) -> dict[str, list[nn.Parameter]]:
    parts: dict[str, list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if not name.startswith("backbone."):
            parts.setdefault(name.rsplit(".", 1)[0], []).append(weight)
    return parts


def show(report: dict[str, Any]) -> None:
    """Print the numbers that say most."""
    for index, found in report["layers"].items():
        print(f"map {index} {found['shape']}: sd {found['map']['sd']:.3g}")
        print(f"  {'':24}" + "".join(f"{title:>10}" for title in COLUMNS))
        for name in MATRICES:
            print(f"  {name:24}" + "".join(f"{found[name][key]:10.3g}" for key in COLUMNS.values()))
    for name, found in report["forms"].items():
        step = found["first_step"]
        print(f"{name}: loss {step['loss']:.3f}, SD of logits {step['logits_sd']:.2f}")
        _line("SD between images", {key: each["sd_between_images"] for key, each in found["vectors"].items()})
        _line(f"gradient {step['total']:.2f}, clipped × {step['scaled_by_clipping']:.2f}", step["gradients"])
        _line("moved by the step, in SDs", step["moved"])


def _line(title: str, values: dict[str, float]) -> None:
    print(f"    {title}: " + "  ".join(f"{key} {value:.2g}" for key, value in values.items() if value))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, required=True, help="a copy of FI-8")
    parser.add_argument("--backbone", default="mobilenetv2_100")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--backbone-args", nargs="*", default=[], help="as pad_type=same")
    parser.add_argument("--pool", choices=["head", "last_map"], default="head")
    parser.add_argument("--maps", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--batch", type=int, default=32, help="images of the first step")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--mean", type=float, nargs=3, default=[0.5, 0.5, 0.5])
    parser.add_argument("--sd", type=float, nargs=3, default=[0.5, 0.5, 0.5])
    parser.add_argument("--lr", type=float, default=0.02, help="optimizer.lr")
    parser.add_argument("--clip", type=float, default=5.0, help="optimizer.clip_norm")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    images, labels = read_images(options)
    networks = {}
    for name, gram in forms(tuple(options.maps)).items():
        torch.manual_seed(options.seed)
        networks[name] = create_model(config(gram, options), LABELS)
    published = networks["published"]
    seen = look(published, images, labels, options.batch)
    report: dict[str, Any] = {
        "settings": {
            key: str(each) if isinstance(each, Path) else each for key, each in vars(options).items()
        },
        "images": len(images),
        "layers": {
            str(index): layer(maps, options.seed) for index, maps in zip(options.maps, seen.maps, strict=True)
        },
        "forms": {},
    }
    for name, model in networks.items():
        assert isinstance(model.neck, GramNeck)
        maps = seen.maps if len(model.neck.gram_modules) else []
        report["forms"][name] = {
            "vectors": meeting(model, replace(seen, maps=maps)),
            "first_step": first_step(model, published.backbone, seen, options),
        }
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
