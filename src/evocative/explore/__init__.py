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
conditions.py   what is asked of a generator: emotions, places in valence, arousal and dominance
generator.py    Generator: pictures from random numbers and a condition
generator_store.py  a generator's folder; load_generator, save_generator

spectrum.py     Parameters: pictures as Fourier spectra with decorrelated colours, and back
random_views.py Views: random shifts, turns and scales that gradients flow through
goals.py        Goal: an emotion, a dimension high or low, a place; parse_goal
optimised.py    optimise: pictures that gradients paint, from noise or from a photograph

made.py         a folder of pictures and the Table that says what they were made for; write_made
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evocative.explore.atlas import Progress as Progress
    from evocative.explore.atlas import make_atlas as make_atlas
    from evocative.explore.atlas_cells import Axis as Axis
    from evocative.explore.atlas_cells import cell_columns as cell_columns
    from evocative.explore.atlas_cells import elite_columns as elite_columns
    from evocative.explore.atlas_folder import Atlas as Atlas
    from evocative.explore.atlas_folder import JudgedBy as JudgedBy
    from evocative.explore.atlas_folder import read_atlas as read_atlas
    from evocative.explore.atlas_folder import write_atlas as write_atlas
    from evocative.explore.atlas_settings import AtlasSettings as AtlasSettings
    from evocative.explore.conditions import Conditions as Conditions
    from evocative.explore.fitness import Jury as Jury
    from evocative.explore.fitness import Verdict as Verdict
    from evocative.explore.generator import Generator as Generator
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
    from evocative.explore.made import read_made as read_made
    from evocative.explore.made import write_made as write_made
    from evocative.explore.optimised import Optimised as Optimised
    from evocative.explore.optimised import OptimiseSettings as OptimiseSettings
    from evocative.explore.optimised import optimise as optimise
    from evocative.explore.random_views import Views as Views
    from evocative.explore.spectrum import Parameters as Parameters
    from evocative.explore.weights import FixedCPPN as FixedCPPN

_EXPORTS = {
    "Parameters": "spectrum",
    "Views": "random_views",
    "Optimised": "optimised",
    "OptimiseSettings": "optimised",
    "optimise": "optimised",
    "default_goals": "goals",
    "parse_goal": "goals",
    "Goal": "goals",
    "make_atlas": "atlas",
    "Progress": "atlas",
    "AtlasSettings": "atlas_settings",
    "Jury": "fitness",
    "Verdict": "fitness",
    "Conditions": "conditions",
    "Generator": "generator",
    "load_generator": "generator_store",
    "save_generator": "generator_store",
    "read_genome": "genome",
    "make_species": "genome",
    "distance": "genome",
    "Species": "genome",
    "SPECIES": "genome",
    "Genome": "genome",
    "FixedCPPN": "weights",
    "Atlas": "atlas_folder",
    "Axis": "atlas_cells",
    "Judge": "judge",
    "JudgedBy": "atlas_folder",
    "cell_columns": "atlas_cells",
    "elite_columns": "atlas_cells",
    "load_judge": "judge",
    "quantized": "judge",
    "read_atlas": "atlas_folder",
    "read_made": "made",
    "write_atlas": "atlas_folder",
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
