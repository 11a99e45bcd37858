"""Images a second of an ensemble that shares its first stages, of one that does not, and of its first member.

The three take the same batches in turn, so that whatever else the machine does strikes all alike; processor
time is counted, of one thread.

    python benchmarks/ensemble.py MODEL MODEL... [--images 200] [--batch 20] [--precision bf16]
"""

import argparse
import time

import torch

from evocative.inference.network import Network
from evocative.inference.precision import resolve_precision
from evocative.models.create import EmotionModel
from evocative.models.ensemble import EmotionEnsemble, make_ensemble
from evocative.models.store import load_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    torch.set_num_threads(1)
    loaded = [load_model(folder) for folder in options.models]
    models = [each.single("MODEL") for each in loaded]
    kinds: dict[str, EmotionModel | EmotionEnsemble] = {
        "first member": models[0],
        "not shared": make_ensemble(models).apart(),
        "shared": make_ensemble(models),
    }
    device, preprocessing = torch.device("cpu"), loaded[0].preprocessing
    precision = resolve_precision(options.precision, device)
    networks = {
        name: Network(model, preprocessing, device=device, precision=precision)
        for name, model in kinds.items()
    }
    size = preprocessing.size
    images = torch.randint(0, 256, (options.batch, 3, size, size), dtype=torch.uint8)
    said = {name: network.compute(images) for name, network in networks.items()}
    equal = (said["shared"].embedding == said["not shared"].embedding).all()
    spent = dict.fromkeys(networks, 0.0)
    rounds = -(-options.images // options.batch)
    for _ in range(rounds):
        for name, network in networks.items():
            begin = time.process_time()
            network.compute(images)
            spent[name] += time.process_time() - begin
    for name, seconds in spent.items():
        numbers = sum(tensor.numel() for tensor in kinds[name].state_dict().values())
        speed = rounds * options.batch / seconds
        print(f"{name:<14}{speed:8.1f} images/s {precision:>6}   {numbers / 1e6:.2f} million numbers stored")
    print(f"the same answers, shared or not: {bool(equal)}")


if __name__ == "__main__":
    main()
