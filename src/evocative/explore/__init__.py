"""What a model has learnt: pictures that it finds emotional, made by evolution, by a generator, by gradients.

judge.py        Judge: a frozen model that looks at pictures; load_judge

genome.py       the kinds of genomes and what all can: Genome, Species, SPECIES, make_species, distance
cppn.py         CPPN: networks from place to colour; cppn_variation.py: how they are drawn, varied and crossed
expressions.py  Expression: trees of functions; expression_variation.py: the same for them
weights.py      FixedCPPN: a network of fixed shape, whose weights are the genome; differentiable
program.py      many formulas as one program of rows; functions.py and colors.py: what these are written in

atlas.py        make_atlas: the search that fills an archive; atlas_settings.py: AtlasSettings
archives.py     what pictures compete for: emotions × confidence, valence × arousal, probabilities, the cube
emitters.py     where genomes come from: mutation, random search, CMA-ME, CMA-MEGA
fitness.py      Jury: confidence of one model, agreement of several and of views; views.py: these
journal.py      what was said of every batch, so that a killed run goes on without loss
atlas_rows.py   an archive as rows and pictures
atlas_cells.py  the axes of an atlas, its cells' numbers, the columns of its files
atlas_folder.py Atlas: pictures in the cells of an archive, on disk; read_atlas, write_atlas
atlas_check.py  what an atlas must hold
atlas_mosaic.py an atlas's pictures in its cells
atlas_comparison.py several atlases at as many evaluations; atlas_tables.py writes that down
conditions.py   what is asked of a generator: emotions, places in valence, arousal and dominance
generator.py    Generator: pictures from random numbers and a condition
generator_store.py  a generator's folder; load_generator, save_generator
gan.py          a conditional GAN on a table, of discriminator, adversarial, diff_augment, small_pictures
prior_free.py   a generator that sees no pictures and answers to a judge
generator_settings.py  their recipes; generator_training.py: their loop; generator_checkpoint.py: its state
samples.py      a generator's samples: sheets, and the rows of a made table

spectrum.py     Parameters: pictures as Fourier spectra with decorrelated colours, and back
random_views.py Views: random shifts, turns and scales that gradients flow through
goals.py        Goal: an emotion, a dimension high or low, a place; parse_goal
optimised.py    optimise: pictures that gradients paint, from noise or from a photograph
latent_search.py  search_latents: pictures found in a trained generator's space; latent_moves.py: how
paint.py        settings, goals, photographs and rows of both

made.py         a folder of pictures and the Table that says what they were made for; write_made
fresh_views.py  mirror, crop, JPEG, blur, noise: what no maker has looked at
looked.py       what judges say of ways of making pictures; ways_of, look
achieved.py     what was asked for against what was said; what is left on fresh views; transfer
spread.py       how different pictures and genomes of a way are; the nearest real images
style_found.py  what pictures of an emotion look like, made ones beside real ones
comparison.py   Comparison: all of this of several ways and judges; compare_pictures
comparison_text.py the comparison as tables of text
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.explore.achieved import agreement as agreement
    from evocative.explore.achieved import robust as robust
    from evocative.explore.atlas import Progress as Progress
    from evocative.explore.atlas import make_atlas as make_atlas
    from evocative.explore.atlas_cells import Axis as Axis
    from evocative.explore.atlas_cells import cell_columns as cell_columns
    from evocative.explore.atlas_cells import elite_columns as elite_columns
    from evocative.explore.atlas_comparison import compare_atlases as compare_atlases
    from evocative.explore.atlas_folder import Atlas as Atlas
    from evocative.explore.atlas_folder import JudgedBy as JudgedBy
    from evocative.explore.atlas_folder import read_atlas as read_atlas
    from evocative.explore.atlas_folder import write_atlas as write_atlas
    from evocative.explore.atlas_mosaic import plot_atlas as plot_atlas
    from evocative.explore.atlas_settings import AtlasSettings as AtlasSettings
    from evocative.explore.comparison import Comparison as Comparison
    from evocative.explore.comparison import compare_pictures as compare_pictures
    from evocative.explore.comparison import write_comparison as write_comparison
    from evocative.explore.conditions import Conditions as Conditions
    from evocative.explore.fitness import Jury as Jury
    from evocative.explore.fitness import Verdict as Verdict
    from evocative.explore.gan import train_gan as train_gan
    from evocative.explore.generator import Generator as Generator
    from evocative.explore.generator_settings import GanRecipe as GanRecipe
    from evocative.explore.generator_settings import PriorFreeRecipe as PriorFreeRecipe
    from evocative.explore.generator_settings import load_generator_recipe as load_generator_recipe
    from evocative.explore.generator_store import load_generator as load_generator
    from evocative.explore.generator_store import save_generator as save_generator
    from evocative.explore.genome import SPECIES as SPECIES
    from evocative.explore.genome import Genome as Genome
    from evocative.explore.genome import Species as Species
    from evocative.explore.genome import distance as distance
    from evocative.explore.genome import make_species as make_species
    from evocative.explore.genome import read_genome as read_genome
    from evocative.explore.goals import Goal as Goal
    from evocative.explore.goals import default_goals as default_goals
    from evocative.explore.goals import parse_goal as parse_goal
    from evocative.explore.judge import Judge as Judge
    from evocative.explore.judge import load_judge as load_judge
    from evocative.explore.judge import quantized as quantized
    from evocative.explore.latent_search import LatentSettings as LatentSettings
    from evocative.explore.latent_search import search_latents as search_latents
    from evocative.explore.looked import Looked as Looked
    from evocative.explore.looked import Way as Way
    from evocative.explore.looked import look as look
    from evocative.explore.looked import ways_of as ways_of
    from evocative.explore.made import read_made as read_made
    from evocative.explore.made import write_made as write_made
    from evocative.explore.optimised import Optimised as Optimised
    from evocative.explore.optimised import OptimiseSettings as OptimiseSettings
    from evocative.explore.optimised import optimise as optimise
    from evocative.explore.prior_free import train_prior_free as train_prior_free
    from evocative.explore.random_views import Views as Views
    from evocative.explore.samples import make_samples as make_samples
    from evocative.explore.spectrum import Parameters as Parameters
    from evocative.explore.spread import genome_spreads as genome_spreads
    from evocative.explore.spread import neighbours as neighbours
    from evocative.explore.spread import spreads as spreads
    from evocative.explore.weights import FixedCPPN as FixedCPPN

_EXPORTS = {
    "LatentSettings": "latent_search",
    "search_latents": "latent_search",
    "GanRecipe": "generator_settings",
    "PriorFreeRecipe": "generator_settings",
    "load_generator_recipe": "generator_settings",
    "make_samples": "samples",
    "train_gan": "gan",
    "train_prior_free": "prior_free",
    "Atlas": "atlas_folder",
    "AtlasSettings": "atlas_settings",
    "Axis": "atlas_cells",
    "Comparison": "comparison",
    "Conditions": "conditions",
    "FixedCPPN": "weights",
    "Generator": "generator",
    "Genome": "genome",
    "Goal": "goals",
    "Judge": "judge",
    "JudgedBy": "atlas_folder",
    "Jury": "fitness",
    "Looked": "looked",
    "OptimiseSettings": "optimised",
    "Optimised": "optimised",
    "Parameters": "spectrum",
    "Progress": "atlas",
    "SPECIES": "genome",
    "Species": "genome",
    "Verdict": "fitness",
    "Views": "random_views",
    "Way": "looked",
    "agreement": "achieved",
    "cell_columns": "atlas_cells",
    "compare_atlases": "atlas_comparison",
    "compare_pictures": "comparison",
    "default_goals": "goals",
    "distance": "genome",
    "elite_columns": "atlas_cells",
    "genome_spreads": "spread",
    "load_generator": "generator_store",
    "load_judge": "judge",
    "look": "looked",
    "make_atlas": "atlas",
    "make_species": "genome",
    "neighbours": "spread",
    "optimise": "optimised",
    "parse_goal": "goals",
    "plot_atlas": "atlas_mosaic",
    "quantized": "judge",
    "read_atlas": "atlas_folder",
    "read_genome": "genome",
    "read_made": "made",
    "robust": "achieved",
    "save_generator": "generator_store",
    "spreads": "spread",
    "ways_of": "looked",
    "write_atlas": "atlas_folder",
    "write_comparison": "comparison",
    "write_made": "made",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
