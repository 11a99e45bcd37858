"""What a command line names as runs: folders of runs and studies, files of predictions, printed figures.

runs/center-0                 a run's folder: its recipe says seed and fold
studies/x/runs/center         a folder of runs, as a study makes them
center=first.parquet          a file of predictions, and what to call it
accuracy=81.368±0.174%:5      mean ± SD of so many runs, as a paper prints it
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonpath
from pathlib import Path
from typing import Any, Final

from evocative.errors import DataError, reading
from evocative.inference.predictions import SUFFIXES
from evocative.metrics.significance import Sample

PREDICTIONS: Final = "predictions.parquet"
RECIPE: Final = "recipe.json"
ANONYMOUS: Final = "value"
"""What a printed figure is called that comes without a name."""
_FREE: Final = ("seed", "name", "data.fold")
"""Settings in which repeats of one recipe may differ."""
_SHOWN: Final = 3
"""Settings that a name holds."""
_PRINTED: Final = re.compile(
    r"(?:(?P<name>[^=]+)=)?(?P<mean>[-−+]?\d*\.?\d+) *(?P<percents>%?) *(?:±|\+/?-) *"
    r"(?P<sd>\d*\.?\d+) *(?P<percent>%?):(?P<n>\d+)"
)


@dataclass(frozen=True)
class Member:
    """One run: where its predictions lie, and what its recipe says of it."""

    predictions: Path
    name: str | None = None
    """As the command line calls it."""
    recipe: Mapping[str, Any] | None = None

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.predictions.parent

    @property
    def seed(self) -> int | None:
        """Of the recipe."""
        return None if self.recipe is None else int(self.recipe.get("seed", 0))

    @property
    def fold(self) -> Any:
        """Of the recipe."""
        return None if self.recipe is None else self.recipe.get("data", {}).get("fold")

    @property
    def settings(self) -> dict[str, Any]:
        """The recipe's settings by dotted keys, without those in which repeats may differ."""
        found = {} if self.recipe is None else _flat(self.recipe)
        return {key: value for key, value in found.items() if key not in _FREE}


@dataclass(frozen=True)
class Group:
    """Runs of one recipe, or a paper's figures of such runs."""

    name: str
    members: tuple[Member, ...] = ()
    printed: Mapping[str, Sample] | None = None

    @property
    def repeats(self) -> list[list[Member]]:
        """The folds of each seed; runs without a recipe or without folds are repeats of their own.

        Raises:
            DataError: A fold and seed stands twice.
        """
        if all(member.fold is None for member in self.members):
            return [[member] for member in self.members]
        by_seed: dict[int | None, list[Member]] = {}
        for member in self.members:
            by_seed.setdefault(member.seed, []).append(member)
        for seed, members in by_seed.items():
            folds = [member.fold for member in members]
            if len(set(folds)) < len(folds):
                raise DataError(f"{self.name}: a fold of seed {seed} stands twice among its runs: {folds}")
        return list(by_seed.values())


def groups_of(texts: Iterable[str]) -> list[Group]:
    """Read what a command line names, and put repeats of one recipe together.

    Runs with a name of their own (`NAME=PATH`) go by it; others by their recipe, all settings but seed, fold
    and name being the same; files of predictions without a recipe are repeats of each other; so are all
    printed figures.

    Raises:
        DataError: Something is neither, or there is nothing there.
    """
    printed: dict[str, Sample] = {}
    members: list[Member] = []
    told = ""
    for text in texts:
        found = read_printed(text)
        if found is None:
            members += read_source(text)
        elif found[0] in printed:
            raise DataError(
                f"{text}: {found[0]} is given twice. Printed figures make one side: compare one printed "
                "system at a time, and name each of its figures, as accuracy=81.8±0.2%:5"
            )
        else:
            printed[found[0]], told = found[1], text
    grouped: dict[str, list[Member]] = {}
    for member in members:
        key = member.name or json.dumps(member.settings, sort_keys=True)
        grouped.setdefault(key, []).append(member)
    names = _names(list(grouped.values()))
    groups = told_apart(
        [Group(name, tuple(some)) for name, some in zip(names, grouped.values(), strict=True)]
    )
    return [*groups, *([Group(told if len(printed) == 1 else "printed", printed=printed)] if printed else [])]


def read_printed(text: str) -> tuple[str, Sample] | None:
    """Read `[FIGURE=]MEAN±SD:N` (`+-` for ±; with `%` both are percents); None where it is something else.

    Example:
        >>> read_printed("81.806±0.177:5")
        ('value', Sample(mean=81.806, sd=0.177, n=5))
    """
    found = _PRINTED.fullmatch(text.strip())
    if found is None:
        return None
    scale = 100 if found["percents"] or found["percent"] else 1
    mean, sd = (float(found[name].replace("−", "-")) / scale for name in ("mean", "sd"))
    return (found["name"] or ANONYMOUS).strip(), Sample(mean, sd, int(found["n"]))


def read_source(text: str) -> list[Member]:
    """Find the runs that one word of a command line names.

    Raises:
        DataError: There are none.
    """
    name, path = _named(text)
    if path.is_dir():
        found = [path / PREDICTIONS] if (path / PREDICTIONS).is_file() else sorted(path.rglob(PREDICTIONS))
        if found:
            return [Member(file, name, _recipe(file.parent)) for file in found]
        raise DataError(f"{path}: no run is in this folder: expected {PREDICTIONS} in it or below it")
    if not path.is_file():
        raise DataError(f"{path}: there is no such run; give a run's folder, a file or MEAN±SD:N")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{path}: predictions end in {' or '.join(SUFFIXES)}, found {path.suffix or 'nothing'}"
        )
    recipe = _recipe(path.parent) if path.name == PREDICTIONS else None
    return [Member(path, name, recipe)]


def _named(text: str) -> tuple[str | None, Path]:
    """Part a name from a path; either may hold an equals sign, as `λ = 5=runs/lr=0.1`."""
    if Path(text).exists() or "=" not in text:
        return None, Path(text)
    places = [place for place, letter in enumerate(text) if letter == "=" and place]
    there = [place for place in places if Path(text[place + 1 :]).exists()]
    place = (there or places or [-1])[0]
    return text[:place].strip() if place > 0 else None, Path(text[place + 1 :])


def merged(groups: Sequence[Group]) -> Group:
    """Return the one group that several must be.

    Raises:
        DataError: They are not repeats of one recipe; the settings that differ are named.
    """
    if len(groups) == 1:
        return groups[0]
    settings = [group.members[0].settings if group.members else {} for group in groups[:2]]
    keys = sorted(
        key for key in {**settings[0], **settings[1]} if settings[0].get(key) != settings[1].get(key)
    )
    told = f"; {groups[0].name} and {groups[1].name} differ in {', '.join(keys[:8])}" if keys else ""
    raise DataError(
        f"--against takes repeats of one recipe, found {len(groups)} groups{told}. Give them one name, as "
        "in base=RUN, if they are to count as repeats"
    )


def _recipe(folder: Path) -> dict[str, Any] | None:
    path = folder / RECIPE
    if not path.is_file():
        return None
    with reading(path, DataError, "remove it, or name the predictions' file"):
        recipe = json.loads(path.read_text(encoding="utf-8"))
    return recipe if isinstance(recipe, dict) else None


def told_apart(groups: Sequence[Group]) -> list[Group]:
    """Return the sides of a comparison with names that tell them apart.

    Sides of one name get what differs between them, the first of these that tells all of them apart: the
    name of their recipe, the settings in which their recipes differ, seeds and folds, what their folders
    or files are called, where these lie; two or more of these together; or else their number. A name that
    is nobody else's stays.

    Example:
        >>> a, b = (
        ...     Group("plain", (Member(Path(f"{x}/predictions.parquet"), None, {"lr": x}),)) for x in (1, 2)
        ... )
        >>> [group.name for group in told_apart([a, b])]
        ['plain (lr = 1)', 'plain (lr = 2)']
    """
    names = [group.name for group in groups]
    for name in {name for name in names if names.count(name) > 1}:
        places = [place for place, one in enumerate(names) if one == name]
        told = _differences([groups[place] for place in places])
        for place, said in zip(places, told, strict=True):
            names[place] = f"{name} ({said})"
    taken: list[str] = []
    for name in names:
        number = next(n for n in range(1, len(names) + 1) if _numbered(name, n) not in taken)
        taken.append(_numbered(name, number))
    return [replace(group, name=name) for group, name in zip(groups, taken, strict=True)]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _differences(groups: Sequence[Group]) -> list[str]:
    """Return what is particular to each of several groups of one name."""
    ways = [
        [_recipe_name(group) for group in groups], _settings(groups), _seeds(groups), _runs(groups),
        _folders(groups),
    ]  # fmt: skip
    ways = [told for told in ways if len(set(told)) > 1]
    together = [[", ".join(filter(None, one)) for one in zip(*ways[:n], strict=True)] for n in range(2, 6)]
    for told in [*ways, *together]:
        if all(told) and len(set(told)) == len(groups):
            return told
    return [f"{place + 1}" for place in range(len(groups))]


def _recipe_name(group: Group) -> str:
    names = {str(member.recipe.get("name", "")) for member in group.members if member.recipe is not None}
    return names.pop() if len(names) == 1 else ""


def _settings(groups: Sequence[Group]) -> list[str]:
    """Return the settings in which recipes differ, at most three; nothing where a group has none."""
    found = [group.members[0].settings if group.members else {} for group in groups]
    keys = sorted({key for one in found for key in one})
    differ = [key for key in keys if len({json.dumps(one.get(key), sort_keys=True) for one in found}) > 1]
    if not all(found) or not differ:
        return [""] * len(groups)
    # those first that tell the most groups apart
    differ.sort(key=lambda key: -len({json.dumps(one.get(key), sort_keys=True) for one in found}))
    shown, more = differ[:_SHOWN], len(differ) - _SHOWN
    rest = f", and {more} more" if more > 0 else ""
    return [", ".join(f"{key} = {_value(one.get(key))}" for key in shown) + rest for one in found]


def _value(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value)


def _seeds(groups: Sequence[Group]) -> list[str]:
    """Return the seeds, and the folds where there are any, of each group's runs."""
    told = []
    for group in groups:
        seeds = sorted({member.seed for member in group.members if member.seed is not None})
        folds = sorted({str(member.fold) for member in group.members if member.fold is not None})
        parts = [("seed", list(map(str, seeds))), ("fold", folds)]
        told.append(
            ", ".join(f"{word}{'s' * (len(some) > 1)} {' '.join(some)}" for word, some in parts if some)
        )
    return told


def _runs(groups: Sequence[Group]) -> list[str]:
    """Return what each group's folders or files are called, at most three."""
    told = []
    for group in groups:
        names = [place.name for place in _places(group)]
        told.append(
            ", ".join(names[:_SHOWN]) + (f", and {len(names) - _SHOWN} more" if names[_SHOWN:] else "")
        )
    return told


def _folders(groups: Sequence[Group]) -> list[str]:
    """Return where each group's runs lie, without the folders that all share."""
    places = [_places(group) for group in groups]
    if not all(places):
        return [""] * len(groups)
    each = [Path(commonpath(some)) for some in places]
    shared = Path(commonpath(each))
    return [str(one.relative_to(shared)) if one != shared else one.name for one in each]


def _places(group: Group) -> list[Path]:
    """Return the folder of each run, or its file where that bears a name of its own."""
    named = [one.folder if one.predictions.name == PREDICTIONS else one.predictions for one in group.members]
    return [path.absolute() for path in named]


def _names(groups: Sequence[Sequence[Member]]) -> list[str]:
    """Name groups as the command line does, or by recipe, or by folder where recipes' names are alike.

    Where folders are alike as well, names stay alike: `told_apart` says what differs.
    """
    plain = [_plain_name(members) for members in groups]
    folders = [_folder_name(members) for members in groups]
    alike = [[one for one, name in zip(folders, plain, strict=True) if name == mine] for mine in plain]
    return [
        folder if 1 < len(others) == len(set(others)) else name
        for name, folder, others in zip(plain, folders, alike, strict=True)
    ]


def _plain_name(members: Sequence[Member]) -> str:
    first = members[0]
    if first.name is not None:
        return first.name
    if first.recipe is not None:
        return str(first.recipe.get("name", first.folder.name))
    return first.predictions.stem if len(members) == 1 else "files"


def _folder_name(members: Sequence[Member]) -> str:
    folder = members[0].folder
    return folder.name if len(members) == 1 else folder.parent.name


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        key = f"{above}.{name}" if above else name
        found |= _flat(value, key) if isinstance(value, Mapping) else {key: value}
    return found
