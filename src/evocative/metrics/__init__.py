"""Arrays in, numbers out: how good predictions and embeddings are. No torch.

Everywhere: (labels, predictions) in this order, as scikit-learn does; label -1 and NaN targets mean "missing"
and those rows are left out; `n` says how many rows a figure rests on; what is undefined is nan, never 0.

    classification   accuracy, precision, recall, F1, confusion matrix, ROC-AUC
    clustering       k-means on the embedding, ARI, NMI, the ambiguous sample ratio (ASR) and its threshold
    pairwise         the k-th smallest of all pairwise distances, exactly, in little memory
    sentiment        top-2 cross-sentiment: how often the two best labels are of opposite sentiment
    dimensional      MAE, RMSE, Pearson's r, Spearman's ρ and CCC of valence, arousal, dominance
    ceiling          how well means of ratings could be predicted at best, by their SD and number of raters
    uncertainty      whether predicted SDs are right: NLL, CRPS, coverage, sharpness, PIT
    calibration      expected calibration error, negative log-likelihood, Brier score
    diversity        how different rows of features are (cosine, Vendi score), and whether they are copies
    saliency         maps against fixations: AUC-Judd, AUC-Borji, shuffled AUC, NSS, CC, SIM, KL, EMD
    saliency_auc     its areas under ROC curves
    saliency_emd     its earth mover's distance
    map_values       what maps and fixations must be; a map at another size
    intervals        bootstrap and jackknife intervals, grouped where rows belong together; paired differences
    agreement        ARI and NMI with intervals, which a bootstrap cannot give
    quality_diversity coverage, QD score and profile of an archive of pictures; a figure over seeds
    many_tests       correlations with their p, and p corrected for how many there are
    significance     Welch's t-test of repeated runs, measured or printed; McNemar's of the same images
    checks           what the metrics accept, and what they say about the rest
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
