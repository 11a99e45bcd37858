"""What emotions are: names, sentiments, colours, dimensions, and how one account of them maps to another.

    labels.py      Label, Taxonomy, the published taxonomies, and which of them a set of names could be
    recognise.py   whose labels a set of names are: exactly a published taxonomy's, or a person's own words
    spelling.py    when two words are the same word
    trees.py       the published hierarchies as plain words
    colors.py      colours that stay apart under colour vision deficiency
    wheel.py       Mikels' wheel: the order of the eight emotions, and how far apart two of them are
    dimensions.py  scales (1 to 7, 1 to 9, …) and the spaces VA, VAD and ATW
    circumplex.py  labels among the dimensions, both ways
    emotion_words.py  published places of emotion words
    mapping.py     from one taxonomy's labels to another's
    lexicon.py     word norms: valence, arousal and dominance of words; the label nearest to such a point
    negation.py    which sentences of an English text are negated
    text.py        a text's valence, arousal and dominance by its words

The published accounts and their sources stand in docs/taxonomy.md. The function `mapping` is taken from its
module, since here the name is the module's own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
