"""evocative: which emotions a picture evokes, how sure that is, and what a model has learnt.

    import evocative
    predictor = evocative.load()                # the embedded model; or a folder, or "hf-hub:org/name"
    answer = predictor.predict("photo.jpg")     # .emotion .probability .probabilities .valence .arousal
"""

__version__ = "0.1.0"
