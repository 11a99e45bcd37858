"""From a row to a tensor: tables of labelled images, and what turns their files into batches.

table.py       Table, and reading, writing, checking and joining tables                        (no torch)
columns.py     the columns that a table may have, and their types                              (no torch)
check.py       every mistake of a table, at once                                               (no torch)
storage.py     rows and their metadata in CSV and Parquet                                      (no torch)
splits.py      train, validation and test; folds; stratified, whole groups together            (no torch)
content.py     a file named by its content                                                      (no torch)
content_store.py  what was found out about each image, kept by its content           (no torch)
atomic.py      files that are either written whole or not at all                               (no torch)
csv_file.py    rows of cells as CSV, which spreadsheets do not run and readers take back exactly  (no torch)
find.py        the images of folders, each once; what was passed over is counted                (no torch)
opening.py     files of other people's folders, opened without waiting for anybody             (no torch)
image.py       decode anything safely                                                          (no torch)
formats.py     what an untrusted image file is, and opening it quietly                        (no torch)
pixels.py      pixels of any mode to 8-bit RGB                                                 (no torch)
tiff.py        the directories that TIFF files and EXIF blocks are made of                    (no torch)
transforms.py  images to tensors of one size, for training and for evaluation
dataset.py     samples, batches, and loaders that give the same images whatever the workers
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
