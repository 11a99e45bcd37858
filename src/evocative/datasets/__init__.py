"""Published data sets, and people's own: a card each, and how its files become a Table.

catalogue.py         DATASETS, and finding one by its name
card.py              what a card says, what a reading gives, expected against found counts
folder.py            any folder with a folder an emotion
csv.py               any CSV, TSV or Parquet file with a column of paths
votes.py             the label that most raters chose
sadness.py           labels and draws of sadness against others
fi8.py               FI-8 (You et al. 2016): eight emotions
emoset118k.py        EmoSet-118K (Yang et al. 2023): eight emotions, six attributes
caer_s.py            CAER-S (Lee et al. 2019): seven expressions, frames of television shows
webemo.py            WEBEmo (Panda et al. 2018): 2, 7, 8 or 25 labels
webemo_sadness.py    WEBEmo sadness (Motiejauskas 2026): sadness against others, without text
unbiasedemo.py       UnBiasedEmo (Panda et al. 2018): six emotions of the same objects, or sadness
emotion6_sadness.py  Emotion-6 (Panda et al. 2018): six emotions, or sadness
emotion6.py          Emotion6 (Peng et al. 2015): seven emotions' shares, valence and arousal
wikiart_emotions.py  WikiArt Emotions (Mohammad & Kiritchenko 2018): twenty emotions, or three sentiments
artphoto.py          ArtPhoto (Machajdik & Hanbury 2010): eight emotions
abstract.py          abstract paintings (Machajdik & Hanbury 2010): votes for eight emotions
iaps_subset.py       the IAPS pictures of Mikels et al. 2005: eight emotions
flickr_ldl.py        Flickr_LDL (Yang et al. 2017): votes for eight emotions
twitter_ldl.py       Twitter_LDL (Yang et al. 2017): votes for eight emotions
iesn.py              IESN (Zhao et al. 2016): emotions, valence, arousal, dominance from words
oasis.py             OASIS (Kurdi et al. 2017): valence and arousal
gaze.py              where people looked: images, fixations by viewer, and which layout a folder has
osie.py              OSIE (Xu et al. 2014): fixations of 15 people
mit1003.py           MIT1003 (Judd et al. 2009): fixations of 15 people, pooled
gaze_folder.py       any images with fixations or fixation maps beside them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
