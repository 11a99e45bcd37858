"""One pass over rows without learning: their figures, or their features."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric

from evocative.data.columns import AXES
from evocative.data.dataset import Batch
from evocative.losses.objective import Objective
from evocative.losses.raters import Raters
from evocative.metrics.classification import classification_metrics
from evocative.metrics.dimensional import pearson_r
from evocative.models.create import EmotionModel, Output

Answering = Callable[[Batch], Output]
"""What the network says of a batch: of its images, or of what is stored of them."""


def answers(
    fabric: Fabric, model: Any, batches: Iterable[Batch], answer: Answering
) -> Iterator[tuple[Batch, Output]]:
    """Yield batches with the network's float32 answers to them; the model is left in evaluation mode."""
    model.eval()
    for batch in batches:
        if len(batch.labels) > 0:
            moved = batch.to(fabric.device)
            with torch.no_grad():
                output = answer(moved)
            yield moved, output


@torch.no_grad()
def validate(
    fabric: Fabric, model: Any, objective: Objective, batches: Iterable[Batch], answer: Answering,
    *, raters: Raters | None = None,
) -> dict[str, float]:  # fmt: skip
    """Return loss, accuracy, macro F1 and r for each axis, over the rows of all processes.

    A figure whose targets no row carries is absent.
    """
    inner: EmotionModel = model.module
    objective.eval()
    rows = []
    for batch, output in answers(fabric, model, batches, answer):
        rows.append(
            (output.embedding, output.logits, output.vad, batch.labels, batch.vad, output.scores,
             output.vad_sd, batch.indices)
        )  # fmt: skip
    columns = [gather_rows(fabric, [row[number] for row in rows]) for number in range(8)]
    embedding, logits, vad, labels, targets, _, _, indices = columns
    if embedding is None or labels is None or targets is None:
        return {}
    figures = {}
    moved = [None if column is None else column.to(fabric.device) for column in columns]
    losses = objective(
        moved[0], logits=moved[1], vad=moved[2], labels=moved[3], target_vad=moved[4],
        class_centers=inner.class_centers, scores=moved[5], vad_sd=moved[6],
        raters=None if raters is None or indices is None else raters.rows(indices, device=fabric.device),
    )  # fmt: skip
    figures["loss"] = float(losses.total)
    known = (labels >= 0).numpy()
    if logits is not None and inner.taxonomy is not None and known.any():
        probabilities = logits.softmax(-1).numpy().astype(np.float64)[known]
        result = classification_metrics(labels.numpy()[known], probabilities, names=inner.taxonomy.names)
        figures |= {"accuracy": result.accuracy, "macro_f1": result.macro_f1}
    if vad is not None:
        for number, axis in enumerate(AXES):
            rated = torch.isfinite(targets[:, number]) & torch.isfinite(vad[:, number])
            if rated.sum() > 1:
                figures[f"{axis}_r"] = float(
                    pearson_r(targets[rated, number].numpy(), vad[rated, number].numpy())
                )
    return figures


def gather_rows(fabric: Fabric, pieces: list[torch.Tensor | None]) -> torch.Tensor | None:
    """Join a column over batches and processes, as float32 on the CPU."""
    present = [piece.detach().cpu() for piece in pieces if piece is not None]
    joined = torch.cat(present) if present else None
    if fabric.world_size > 1:
        shares: list[torch.Tensor | None] = [None] * fabric.world_size
        torch.distributed.all_gather_object(shares, joined)
        present = [share for share in shares if share is not None]
        joined = torch.cat(present) if present else None
    return joined.float() if joined is not None and joined.is_floating_point() else joined
