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
    intervals        bootstrap intervals, grouped where rows belong together, and of paired differences
    quality_diversity coverage, QD score and profile of an archive of pictures; a figure over seeds
    significance     Welch's t-test of repeated runs, measured or printed; McNemar's of the same images
    checks           what the metrics accept, and what they say about the rest
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.metrics.calibration import CalibrationMetrics as CalibrationMetrics
    from evocative.metrics.calibration import ReliabilityBin as ReliabilityBin
    from evocative.metrics.calibration import calibration_metrics as calibration_metrics
    from evocative.metrics.ceiling import Ceiling as Ceiling
    from evocative.metrics.ceiling import rating_ceiling as rating_ceiling
    from evocative.metrics.classification import ClassFigures as ClassFigures
    from evocative.metrics.classification import ClassificationMetrics as ClassificationMetrics
    from evocative.metrics.classification import classification_metrics as classification_metrics
    from evocative.metrics.classification import confusion_matrix as confusion_matrix
    from evocative.metrics.classification import roc_auc as roc_auc
    from evocative.metrics.clustering import ClusteringMetrics as ClusteringMetrics
    from evocative.metrics.clustering import Clusters as Clusters
    from evocative.metrics.clustering import adjusted_rand_index as adjusted_rand_index
    from evocative.metrics.clustering import asr as asr
    from evocative.metrics.clustering import asr_threshold as asr_threshold
    from evocative.metrics.clustering import clustering_metrics as clustering_metrics
    from evocative.metrics.clustering import kmeans as kmeans
    from evocative.metrics.clustering import normalized_mutual_information as normalized_mutual_information
    from evocative.metrics.dimensional import DimensionMetrics as DimensionMetrics
    from evocative.metrics.dimensional import ccc as ccc
    from evocative.metrics.dimensional import dimension_metrics as dimension_metrics
    from evocative.metrics.dimensional import mae as mae
    from evocative.metrics.dimensional import pearson_r as pearson_r
    from evocative.metrics.dimensional import rmse as rmse
    from evocative.metrics.dimensional import spearman_rho as spearman_rho
    from evocative.metrics.diversity import Diversity as Diversity
    from evocative.metrics.diversity import copying as copying
    from evocative.metrics.diversity import mean_cosine_distance as mean_cosine_distance
    from evocative.metrics.diversity import nearest as nearest
    from evocative.metrics.diversity import vendi_score as vendi_score
    from evocative.metrics.intervals import Interval as Interval
    from evocative.metrics.intervals import bootstrap as bootstrap
    from evocative.metrics.intervals import bootstrap_difference as bootstrap_difference
    from evocative.metrics.intervals import bootstrap_figures as bootstrap_figures
    from evocative.metrics.map_values import resize_map as resize_map
    from evocative.metrics.pairwise import kth_smallest_distance as kth_smallest_distance
    from evocative.metrics.quality_diversity import OverSeeds as OverSeeds
    from evocative.metrics.quality_diversity import QualityDiversity as QualityDiversity
    from evocative.metrics.quality_diversity import archive_profile as archive_profile
    from evocative.metrics.quality_diversity import at_evaluations as at_evaluations
    from evocative.metrics.quality_diversity import over_seeds as over_seeds
    from evocative.metrics.quality_diversity import quality_diversity as quality_diversity
    from evocative.metrics.saliency import SaliencyMetrics as SaliencyMetrics
    from evocative.metrics.saliency import cc as cc
    from evocative.metrics.saliency import kl as kl
    from evocative.metrics.saliency import nss as nss
    from evocative.metrics.saliency import saliency_metrics as saliency_metrics
    from evocative.metrics.saliency import sim as sim
    from evocative.metrics.saliency_auc import auc_borji as auc_borji
    from evocative.metrics.saliency_auc import auc_judd as auc_judd
    from evocative.metrics.saliency_auc import auc_shuffled as auc_shuffled
    from evocative.metrics.saliency_emd import emd as emd
    from evocative.metrics.sentiment import CrossSentiment as CrossSentiment
    from evocative.metrics.sentiment import top2_cross_sentiment as top2_cross_sentiment
    from evocative.metrics.significance import McNemar as McNemar
    from evocative.metrics.significance import Sample as Sample
    from evocative.metrics.significance import Welch as Welch
    from evocative.metrics.significance import mcnemar as mcnemar
    from evocative.metrics.significance import welch as welch
    from evocative.metrics.uncertainty import Uncertainty as Uncertainty
    from evocative.metrics.uncertainty import pit_values as pit_values
    from evocative.metrics.uncertainty import sd_factor as sd_factor
    from evocative.metrics.uncertainty import uncertainty_metrics as uncertainty_metrics

_EXPORTS = {
    "CalibrationMetrics": "calibration",
    "Ceiling": "ceiling",
    "ClassFigures": "classification",
    "ClassificationMetrics": "classification",
    "ClusteringMetrics": "clustering",
    "Clusters": "clustering",
    "CrossSentiment": "sentiment",
    "DimensionMetrics": "dimensional",
    "Diversity": "diversity",
    "Interval": "intervals",
    "McNemar": "significance",
    "OverSeeds": "quality_diversity",
    "QualityDiversity": "quality_diversity",
    "ReliabilityBin": "calibration",
    "SaliencyMetrics": "saliency",
    "Sample": "significance",
    "Uncertainty": "uncertainty",
    "Welch": "significance",
    "adjusted_rand_index": "clustering",
    "archive_profile": "quality_diversity",
    "asr": "clustering",
    "asr_threshold": "clustering",
    "at_evaluations": "quality_diversity",
    "auc_borji": "saliency_auc",
    "auc_judd": "saliency_auc",
    "auc_shuffled": "saliency_auc",
    "bootstrap": "intervals",
    "bootstrap_difference": "intervals",
    "bootstrap_figures": "intervals",
    "calibration_metrics": "calibration",
    "cc": "saliency",
    "ccc": "dimensional",
    "classification_metrics": "classification",
    "clustering_metrics": "clustering",
    "confusion_matrix": "classification",
    "copying": "diversity",
    "dimension_metrics": "dimensional",
    "emd": "saliency_emd",
    "kl": "saliency",
    "kmeans": "clustering",
    "kth_smallest_distance": "pairwise",
    "mae": "dimensional",
    "mcnemar": "significance",
    "mean_cosine_distance": "diversity",
    "nearest": "diversity",
    "normalized_mutual_information": "clustering",
    "nss": "saliency",
    "over_seeds": "quality_diversity",
    "pearson_r": "dimensional",
    "pit_values": "uncertainty",
    "quality_diversity": "quality_diversity",
    "sd_factor": "uncertainty",
    "rating_ceiling": "ceiling",
    "resize_map": "map_values",
    "rmse": "dimensional",
    "roc_auc": "classification",
    "saliency_metrics": "saliency",
    "sim": "saliency",
    "spearman_rho": "dimensional",
    "top2_cross_sentiment": "sentiment",
    "uncertainty_metrics": "uncertainty",
    "vendi_score": "diversity",
    "welch": "significance",
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
