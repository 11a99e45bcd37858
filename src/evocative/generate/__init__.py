"""Pictures that a model should find emotional, made by networks and by gradients.

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
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
