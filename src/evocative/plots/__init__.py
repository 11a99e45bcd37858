"""Arrays in, pictures out: matplotlib Axes or Figures in one style. No torch, no pyplot, no global state.

A function that draws one thing takes `axes` and returns Axes (their figure is `axes.figure`); one that
arranges several returns a Figure. Names, colours and labels come in with the arrays; save with `style.save`.

    style        the one style: sizes, type, colours that can be read; new figures; saving
    thumbnails   any image as a small array of the proportions that a picture needs

    agreement    predicted against true values of a dimension
    artworks     pictures, the predicted class and its probability above each
    augmented    images, and what training makes of them
    cells        the valence–arousal plane in 4 × 4 cells with emotion words
    centers      distances between class centres, on a common scale
    circumplex   the valence–arousal plane, with points or their density
    confusion    confusion matrix: counts, and shares of each label
    correlations the strongest correlations with intervals, and a matrix of all
    embedding    UMAP coordinates of an embedding, and a map coloured by label
    gaze         pictures with fixations and maps; figures of maps with intervals
    maps         maps of several models side by side, with other images laid over them
    mosaic       pictures in the cells of an archive: a grid, the valence–arousal plane, a cube in slices
    mosaic_map   pictures of an archive without axes: strips by emotion, a map between emotions
    panel        predictions: a row an image: bars, and its place in the valence–arousal plane
    pit          whether predicted SDs are right: histograms that should be flat
    progress     how a search went: coverage, QD score and profile, several runs an arm
    reliability  accuracy over confidence: whether probabilities can be trusted
    roc          ROC curves: one class against all others, and several models
    sheet        sample images, a row a label
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.plots.agreement import plot_agreement as plot_agreement
    from evocative.plots.agreement import plot_agreements as plot_agreements
    from evocative.plots.artworks import Answered as Answered
    from evocative.plots.artworks import plot_artworks as plot_artworks
    from evocative.plots.augmented import plot_augmented as plot_augmented
    from evocative.plots.cells import cell_counts as cell_counts
    from evocative.plots.cells import plot_cells as plot_cells
    from evocative.plots.cells import plot_cells_of as plot_cells_of
    from evocative.plots.centers import center_distances as center_distances
    from evocative.plots.centers import plot_center_distances as plot_center_distances
    from evocative.plots.centers import plot_centers as plot_centers
    from evocative.plots.circumplex import plot_circumplex as plot_circumplex
    from evocative.plots.confusion import plot_confusion as plot_confusion
    from evocative.plots.confusion import plot_confusions as plot_confusions
    from evocative.plots.correlations import plot_correlation_matrix as plot_correlation_matrix
    from evocative.plots.correlations import plot_correlations as plot_correlations
    from evocative.plots.embedding import plot_embedding as plot_embedding
    from evocative.plots.embedding import umap_coordinates as umap_coordinates
    from evocative.plots.embedding import umap_overlay as umap_overlay
    from evocative.plots.gaze import plot_gaze as plot_gaze
    from evocative.plots.gaze import plot_gaze_figures as plot_gaze_figures
    from evocative.plots.maps import Map as Map
    from evocative.plots.maps import Overlay as Overlay
    from evocative.plots.maps import plot_maps as plot_maps
    from evocative.plots.mosaic import plot_cube_mosaic as plot_cube_mosaic
    from evocative.plots.mosaic import plot_mosaic as plot_mosaic
    from evocative.plots.mosaic import plot_plane_mosaic as plot_plane_mosaic
    from evocative.plots.mosaic_map import between_emotions as between_emotions
    from evocative.plots.mosaic_map import plot_emotion_map as plot_emotion_map
    from evocative.plots.mosaic_map import plot_strips as plot_strips
    from evocative.plots.panel import Prediction as Prediction
    from evocative.plots.panel import plot_predictions as plot_predictions
    from evocative.plots.pit import plot_pit as plot_pit
    from evocative.plots.pit import plot_pits as plot_pits
    from evocative.plots.progress import plot_profiles as plot_profiles
    from evocative.plots.progress import plot_progress as plot_progress
    from evocative.plots.progress import plot_search as plot_search
    from evocative.plots.reliability import plot_reliability as plot_reliability
    from evocative.plots.roc import plot_roc as plot_roc
    from evocative.plots.roc import plot_rocs as plot_rocs
    from evocative.plots.sheet import plot_sheet as plot_sheet
    from evocative.plots.style import new_axes as new_axes
    from evocative.plots.style import new_figure as new_figure
    from evocative.plots.style import save as save

_EXPORTS = {
    "Answered": "artworks",
    "Map": "maps",
    "Overlay": "maps",
    "Prediction": "panel",
    "between_emotions": "mosaic_map",
    "cell_counts": "cells",
    "center_distances": "centers",
    "new_axes": "style",
    "new_figure": "style",
    "plot_agreement": "agreement",
    "plot_agreements": "agreement",
    "plot_artworks": "artworks",
    "plot_augmented": "augmented",
    "plot_cells": "cells",
    "plot_cells_of": "cells",
    "plot_center_distances": "centers",
    "plot_centers": "centers",
    "plot_circumplex": "circumplex",
    "plot_confusion": "confusion",
    "plot_confusions": "confusion",
    "plot_correlation_matrix": "correlations",
    "plot_correlations": "correlations",
    "plot_cube_mosaic": "mosaic",
    "plot_embedding": "embedding",
    "plot_emotion_map": "mosaic_map",
    "plot_gaze": "gaze",
    "plot_gaze_figures": "gaze",
    "plot_maps": "maps",
    "plot_mosaic": "mosaic",
    "plot_pit": "pit",
    "plot_pits": "pit",
    "plot_plane_mosaic": "mosaic",
    "plot_predictions": "panel",
    "plot_profiles": "progress",
    "plot_progress": "progress",
    "plot_reliability": "reliability",
    "plot_roc": "roc",
    "plot_rocs": "roc",
    "plot_search": "progress",
    "plot_sheet": "sheet",
    "plot_strips": "mosaic_map",
    "save": "style",
    "umap_coordinates": "embedding",
    "umap_overlay": "embedding",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for (PEP 562)."""
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
