"""Damage to what is read back: every field of a JSON value changed in every way, and bytes of any file.

    for name, values in damaged(config):        # "preprocessing.sd.0: negative", a changed copy
    for name, content in damaged_bytes(b"…"):   # "cut at 100", …

Nothing here is random but by a seed, so that a finding has a name that finds it again.
"""

import os
import random
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]
_NOTHING = object()


def fuzz_seconds(usual: float = 2.0) -> float:
    """Return how long a fuzzer may go on: EVOCATIVE_FUZZ_SECONDS where that is set."""
    return float(os.environ.get("EVOCATIVE_FUZZ_SECONDS", usual))


def within(seconds: float, things: Iterator[Any]) -> Iterator[Any]:
    """Pass things on until the time is over."""
    end = time.monotonic() + seconds
    for thing in things:
        if time.monotonic() > end:
            return
        yield thing


def places(value: Any, above: Path = ()) -> Iterator[Path]:
    """Yield the path of every value inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*above, key)
        yield from places(each, (*above, key))


def at(values: Any, path: Path) -> Any:
    """Return the value at a path."""
    for key in path:
        values = values[key]
    return values


def changed(values: Any, path: Path, value: Any) -> Any:
    """Return a copy with another value at a path; without the field where the value is not given."""
    copy = deepcopy(values)
    parent = at(copy, path[:-1])
    if value is _NOTHING:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return copy


def damaged(values: Any, *, leaving: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield each way of damaging each field, as its name and a changed copy.

    Args:
        values: What JSON holds.
        leaving: First keys whose insides are left alone.
    """
    for path in places(values):
        if len(path) > 1 and path[0] in leaving:
            continue
        name, before = ".".join(map(str, path)), at(values, path)
        for kind, after in ways(before):
            yield f"{name}: {kind}", changed(values, path, after)
        if isinstance(before, dict):
            yield f"{name}: unknown key", changed(values, path, {**before, "surprise": 1})
    yield "unknown key", {**values, "surprise": 1}


def ways(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what may stand in a value's place: of other types, out of every range, or nothing."""
    yield "dropped", _NOTHING
    others = {
        "null": None, "true": True, "text": "ß…", "empty text": "", "number": 3, "fraction": 0.3721,
        "negative": -1, "zero": 0, "huge": 10**12, "tiny": 1e-300,
        "NaN": float("nan"), "infinite": float("inf"),
        "empty list": [], "list": [1, "a", None], "empty object": {}, "object": {"a": 1},
    }  # fmt: skip
    for kind, other in others.items():
        if type(other) is not type(value) or other != value:
            yield kind, other
    if isinstance(value, bool):
        yield "the opposite", not value
    elif isinstance(value, int | float):
        yield "as text", str(value)
        yield "times 255", value * 255
        yield "one more", value + 1
        yield "a little less", value * 0.9
    elif isinstance(value, str):
        yield "upper case", value.upper() + "X"
        yield "with NUL", value + "\0"
    elif isinstance(value, list) and value:
        yield "one fewer", value[:-1]
        yield "one twice", [*value, value[0]]
        yield "turned", value[::-1]
        yield "in a list", [value]
        if all(isinstance(each, int | float) for each in value):
            yield "all times 255", [each * 255 for each in value]


def damaged_bytes(content: bytes, *, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of a file's content without end: cut, emptied, with bytes changed or inserted."""
    yield "empty", b""
    yield "zeros", bytes(len(content))
    yield "text", b"this is no such file\n"
    yield "an HTML page", b"<!DOCTYPE html><html><body>404</body></html>"
    yield "null", b"null"
    yield "twice", content + content
    rng = random.Random(seed)
    number = 0
    while True:
        number += 1
        place = rng.randrange(max(1, min(len(content), rng.choice((64, 1024, len(content))))))
        kind = rng.choice(("cut", "flip", "flip", "insert", "remove", "zero"))
        if kind == "cut":
            yield f"{number}: cut at {place}", content[:place]
        elif kind == "flip":
            changed_byte = bytes([content[place] ^ (1 << rng.randrange(8))])
            yield f"{number}: bit at {place}", content[:place] + changed_byte + content[place + 1 :]
        elif kind == "insert":
            yield f"{number}: inserted at {place}", content[:place] + rng.randbytes(3) + content[place:]
        elif kind == "remove":
            yield f"{number}: removed at {place}", content[:place] + content[place + 3 :]
        else:
            yield f"{number}: zeros at {place}", content[:place] + bytes(9) + content[place + 9 :]
