"""From a pile of images to a data set one can trust: checks say what they find, nothing is deleted or moved.

findings.py    Finding, Findings: what checks say, and the table without what should go      (no torch)
corrupt.py     unreadable files, one colour, absurd sizes; placeholders.py: tiles             (no torch)
leaks.py       copies and groups across a split; splits that have none                        (no torch)
balance.py     rows left out or weighted until labels have stated shares                      (no torch)
text.py        images that show text: find_text, text_table, by ocr.py (reads) or a trained network (torch)
labels.py      labels that out-of-fold answers contradict: confident_learning.py, out_of_fold.py    (torch)
windows.py     the parts of an image that are worth another look                              (no torch)
looks.py       what a detector says of an image, and what counts as one                      (no torch)
label_text.py  valence, arousal, dominance and a label from an image's texts, by word norms      (no torch)
check_list.py  what of it a person should look at, and what becomes of the verdicts           (no torch)
duplicates.py  one picture more than once, and labels that contradict each other              (no torch)
fingerprint.py a kilobyte of an image, to find it again
hamming.py     an index over 64-bit hashes; alignment.py confirms, clusters.py joins; similar.py: by features
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
