"""Shares: the predictions of several processes, merged to the rows that one process gives."""

from collections.abc import Sequence

import pandas as pd

from evocative.data.columns import listing
from evocative.errors import DataError
from evocative.inference.predictions import Predictions


def merge(predictions: Sequence[Predictions], order: Sequence[str]) -> Predictions:
    """Put the shares of several processes together: the same rows as from one process.

    An image that several shares have, as distributed samplers repeat some to fill the last batch, is taken
    from the first.

    Args:
        predictions: One a process; a share may have no rows.
        order: The path of each row wanted, in order.

    Raises:
        DataError: There is no share, the shares are of different models, an image is in no share, or a share
            has images that were not asked for.

    Example:
        >>> from evocative.taxonomy.labels import taxonomy
        >>> def share(*paths: str) -> Predictions:
        ...     return Predictions(pd.DataFrame({"path": paths, "valence": [0.5] * len(paths)}))
        >>> merge([share("b.jpg"), share("a.jpg", "b.jpg")], ["a.jpg", "b.jpg"]).paths
        ['a.jpg', 'b.jpg']
    """
    if not predictions:
        raise DataError("merging needs at least one share of predictions")
    first = predictions[0]
    others = [share.name for share in predictions if share.metadata != first.metadata]
    if others:
        raise DataError(
            f"shares of one evaluation come from one model: {', '.join(others)} has other metadata than "
            f"{first.name}"
        )
    frames = [share.frame for share in predictions if len(share)] or [first.frame]
    rows = pd.concat(frames, ignore_index=True).drop_duplicates("path", ignore_index=True)
    place = {str(path): number for number, path in enumerate(rows["path"])}
    problems = _listed(
        "images have no prediction in any share", [path for path in order if path not in place]
    )
    problems += _listed(
        "predictions are of images that were not asked for", sorted(place.keys() - set(order))
    )
    if problems:
        raise DataError(f"{first.name}: " + "; ".join(problems))
    frame = rows.iloc[[place[path] for path in order]]
    return Predictions(frame, metadata=first.metadata, name=first.name)


def _listed(what: str, paths: list[str]) -> list[str]:
    return [f"{len(paths)} {what}:" + listing(paths)] if paths else []
