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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
