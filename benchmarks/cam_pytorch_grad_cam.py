"""Class activation maps against pytorch-grad-cam 1.5: do both draw the same map, and how long does each take?

    python benchmarks/cam_pytorch_grad_cam.py IMAGE… [--output cams.json]

needs grad-cam (MIT) beside evocative, which does not depend on it. Both are asked for all emotions of the
embedded model on the same tensors, in turns; the peer takes one target a call, so that it is called once an
emotion. Maps are compared at the layer's own resolution, before anyone stretches them: the largest absolute
difference, in units of the larger map's maximum.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from evocative.data.atomic import replacing
from evocative.data.image import decode
from evocative.data.transforms import evaluation_transform, normalize
from evocative.explain.cam import cam
from evocative.explain.layers import last_layer
from evocative.inference.predictor import load

PEERS = {"grad-cam": GradCAM, "grad-cam++": GradCAMPlusPlus, "hirescam": HiResCAM, "layercam": LayerCAM}


class Logits(torch.nn.Module):
    """The model as the peer wants it: pictures in, logits out."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> Any:
        """Return logits."""
        return self.model(images).logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    predictor = load(precision="fp32")
    model, transform = predictor.network, evaluation_transform(predictor.preprocessing)
    images = normalize(
        torch.stack([transform(decode(path)) for path in args.images]), predictor.preprocessing
    )
    results = {name: compared(model, images, name, repeats=args.repeats) for name in PEERS}
    for name, found in results.items():
        print(
            f"{name:11} largest difference {found['difference']:.2e}; "
            f"ours {found['ours']:.3f} s, peer {found['peer']:.3f} s, ratio {found['ratio']:.2f}"
        )
    if args.output:
        with replacing(args.output) as path:
            path.write_text(json.dumps({"images": len(images), "methods": results}, indent=2) + "\n")


def compared(model: Any, images: torch.Tensor, method: str, *, repeats: int) -> dict[str, float]:
    """Return the largest difference of the maps, and seconds for all emotions of all images (medians)."""
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(repeats):
        start = time.perf_counter()
        ours = cam(model, method)(images).numpy()
        seconds["ours"].append(time.perf_counter() - start)
        start = time.perf_counter()
        theirs = peer(model, images, method)
        seconds["peer"].append(time.perf_counter() - start)
    scale = np.maximum(ours.max(axis=(2, 3)), theirs.max(axis=(2, 3)))[:, :, None, None]
    difference = np.abs(ours - theirs) / np.where(scale > 0, scale, 1)
    mine, other = np.median(seconds["ours"]), np.median(seconds["peer"])
    return {
        "difference": float(difference.max()),
        "ours": float(mine),
        "peer": float(other),
        "ratio": float(other / mine),
    }


def peer(model: Any, images: torch.Tensor, method: str) -> Any:
    """Return the peer's maps (B, K, h, w), negative values cut off, before it enlarges and stretches them."""
    layer = model.backbone.network.get_submodule(last_layer(model.backbone.network))
    maker = PEERS[method](Logits(model), [layer])
    found = []
    for label in range(len(model.taxonomy)):
        targets = [ClassifierOutputTarget(label)] * len(images)
        given = images.clone().requires_grad_()
        said = maker.activations_and_grads(given)
        maker.model.zero_grad()
        sum(target(one) for target, one in zip(targets, said, strict=True)).backward()
        activations = maker.activations_and_grads.activations[0].detach().numpy()
        gradients = maker.activations_and_grads.gradients[0].detach().numpy()
        found.append(maker.get_cam_image(given, layer, targets, activations, gradients, False))
    return np.maximum(np.stack(found, axis=1), 0)


if __name__ == "__main__":
    main()
