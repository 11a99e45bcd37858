"""Read a TOML file, and say what is wrong with it: recipes, studies, tables, backbones."""

import tomllib
from pathlib import Path
from typing import Any

from evocative.errors import RecipeError


def read_toml(path: Path, *, wanted: str = "a TOML file", where: str = "") -> dict[str, Any]:
    """Return a file's values.

    Args:
        path: The file, in UTF-8.
        wanted: What should be given in its place where it cannot be read, as "a study's TOML file".
        where: What errors call it; the path, where it is not given.

    Raises:
        RecipeError: It cannot be read, or is not TOML.
    """
    where = where or str(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{where}: cannot be read ({error.strerror or error}); give {wanted}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError(f"{where}: not a TOML file: {error}") from error
