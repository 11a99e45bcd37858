"""What this room exports, and from where; `__init__.py` reads it."""

from .conditions import Conditions as Conditions
from .gan import train_gan as train_gan
from .generator import Generator as Generator
from .generator_settings import GanRecipe as GanRecipe
from .generator_settings import PriorFreeRecipe as PriorFreeRecipe
from .generator_settings import load_generator_recipe as load_generator_recipe
from .generator_store import load_generator as load_generator
from .generator_store import save_generator as save_generator
from .goals import Goal as Goal
from .goals import default_goals as default_goals
from .goals import parse_goal as parse_goal
from .latent_search import LatentSettings as LatentSettings
from .latent_search import search_latents as search_latents
from .optimised import Optimised as Optimised
from .optimised import OptimiseSettings as OptimiseSettings
from .optimised import optimise as optimise
from .prior_free import train_prior_free as train_prior_free
from .random_views import Views as Views
from .samples import make_samples as make_samples
from .spectrum import Parameters as Parameters
