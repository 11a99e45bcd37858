"""From a recipe to a model folder: the loop, and everything that lets it go on after a crash.

finished = run(load("default"), data_root=Path("data"), output=Path("runs/default"))

run.py         run: check everything, prepare, train, keep what was learnt; check(recipe)
prepare.py     network, optimiser and batches: of images, or of stored features
fit.py         the loop: batches in, weights out
sources.py     a recipe's sources as one Table, each row with its part in the run
loaders.py     which rows a process sees, and when
launch.py      devices, precision and processes
folder.py      a run's folder: resolved recipe, versions
checkpoint.py  a run's state on disk, written whole or not at all
log.py         JSON lines, TensorBoard, and the progress bar
optimizer.py   optimisers with a learning rate for each group, and clipping
mixing.py      mixup and CutMix
ema.py         a moving average of the weights
schedule.py    learning rates as pure functions of the step
stored.py      training on stored features
frozen.py      embeddings of the frozen network, computed once
go_on.py       going on from an earlier model
head_start.py  heads fitted to frozen features
rating_ridge.py  ridge regression of mean ratings: bands, and what a theme shares
whitening.py   statistics that whiten maps, fitted before the heads
targets.py     what rows can be learnt from; a row without anything is named
idle.py        losses that could not act, named before any work
style_svm.py   the hand-crafted baseline: style and a support vector machine
averaging.py   fine-tuned weights averaged with their start
validate.py    one pass over rows without learning
calibrate.py   predicted SDs brought to the size of errors on held-out rows
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
