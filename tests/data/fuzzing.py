"""Damaged files for the readers of tables: sound ones, changed by a seeded chance until the time is over."""

import os
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any


def executions(seconds: float = 2.0) -> Iterator[int]:
    """Yield 0, 1, 2, … for so many seconds, or for EVOCATIVE_FUZZ_SECONDS where that is set."""
    end = time.monotonic() + float(os.environ.get("EVOCATIVE_FUZZ_SECONDS", seconds))
    run = 0
    while time.monotonic() < end:
        yield run
        run += 1


def damaged(content: bytes, chance: random.Random, *, words: Sequence[bytes]) -> bytes:
    """Return bytes with one to six changes: cut, repeated, flipped, or with a word put in."""
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(content) + 1)
        end = min(len(content), place + chance.choice((1, 2, 8, 40)))
        kind = chance.randrange(5)
        if kind == 0:
            content = content[:place] + chance.choice(words) + content[place:]
        elif kind == 1:
            content = content[:place] + chance.choice(words) + content[end:]
        elif kind == 2:
            content = content[:place] + content[end:]
        elif kind == 3:
            content = content[:end] + content[place:]
        elif place < len(content):
            content = (
                content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]
            )
    return content


STRANGE: tuple[Any, ...] = (
    *(None, True, 0, -1, 2.5, 1e308, 2**70, float("nan"), float("inf")),
    *("", " ", "awe", "Awe ", "../x", "a\0b", "é", "x" * 5000, "1", "1.0", "\ud800"),
    *([], {}, [[]], {"a": 1}, ["awe"], {"label2idx": {"awe": 0}}),
)
"""What may stand in a JSON value's place."""


def changed(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one thing inside it replaced, left out, repeated or put elsewhere."""
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inside = list(named)
    if not inside or chance.random() < 0.2:
        return chance.choice(STRANGE)
    key, one = chance.choice(inside)
    kind = chance.randrange(5)
    if isinstance(value, dict):
        rest = {name: each for name, each in value.items() if name != key}
        added = {} if kind == 0 else {"x": one} if kind == 1 else {key: changed(one, chance)}
        return {**rest, **added}
    if kind == 0:
        return value[:key] + value[key + 1 :]
    if kind == 1:
        return [*value, one]
    if kind == 2:
        return chance.sample(value, len(value))
    return [*value[:key], changed(one, chance), *value[key + 1 :]]
