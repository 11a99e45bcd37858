"""From a row to a tensor: tables of labelled images, and what turns their files into batches.

table.py       Table, and reading, writing, checking and joining tables                        (no torch)
columns.py     the columns that a table may have, and their types                              (no torch)
check.py       every mistake of a table, at once                                               (no torch)
delimited.py   cells between commas, semicolons or tabs, as people's programs write them       (no torch)
numerals.py    numbers with decimal commas and groups of thousands                             (no torch)
parquet_rows.py  rows of Parquet files, whoever wrote them                                     (no torch)
storage.py     rows and their metadata in CSV and Parquet                                      (no torch)
splits.py      train, validation and test; folds; stratified, whole groups together            (no torch)
content.py     a file named by its content                                                      (no torch)
content_store.py  what was found out about each image, kept by its content           (no torch)
sealed.py      lines that know whether they are whole                                           (no torch)
kept.py        figures kept beside what they are of, or computed anew                          (no torch)
atomic.py      files that are either written whole or not at all                               (no torch)
alone.py       one process at a time in a folder                                               (no torch)
csv_file.py    rows of cells as CSV, which spreadsheets do not run and readers take back exactly  (no torch)
find.py        the images of folders, each once; what was passed over is counted                (no torch)
opening.py     files of other people's folders, opened without waiting for anybody             (no torch)
image.py       decode anything safely                                                          (no torch)
formats.py     what an untrusted image file is, and opening it quietly                        (no torch)
pixels.py      pixels of any mode to 8-bit RGB                                                 (no torch)
sizes.py       sizes that a picture may have                                                   (no torch)
jpeg.py        JPEG files; what is damaged inside is told from what is whole                   (no torch)
png.py         PNG files: chunks, checksums, all 16 bits                                       (no torch)
gif.py         the first frame of a GIF on its canvas                                          (no torch)
boxed.py       HEIC, HEIF, AVIF and JPEG 2000                                                  (no torch)
tiff.py        the directories that TIFF files and EXIF blocks are made of                     (no torch)
tiff_layout.py how the pixels of a TIFF image lie in its file                                  (no torch)
tiff_pixels.py TIFF samples of any depth                                                       (no torch)
transforms.py  images to tensors of one size, for training and for evaluation
dataset.py     samples, batches, and loaders that give the same images whatever the workers
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
