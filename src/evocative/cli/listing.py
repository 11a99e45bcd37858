"""Answers as aligned lines for people, one an image, printed as they come.

The image's name stands last, so that nothing is cut off and no width has to be known beforehand.
"""

from collections.abc import Iterable, Sequence
from typing import IO, cast

from rich.console import Console
from rich.text import Text as Line

from evocative.inference.answer import Answer
from evocative.inference.stream import Text
from evocative.taxonomy.labels import Taxonomy


def print_answers(
    answers: Iterable[Answer], file: Text, *, taxonomy: Taxonomy | None, dimensions: Sequence[str]
) -> None:
    """Print a header and a line an answer; in colour if the file is a terminal.

    Args:
        answers: Any number, consumed once.
        file: Where to.
        taxonomy: Of the model; None leaves the emotions out.
        dimensions: Which of valence, arousal and dominance the model predicts.
    """
    console = Console(file=cast("IO[str]", file), highlight=False, soft_wrap=True)
    names = () if taxonomy is None else taxonomy.names
    colors = {} if taxonomy is None else dict(zip(names, taxonomy.colors, strict=True))
    width = max(map(len, (*names, "emotion")))
    header = f"{'emotion':{width}}   prob  {'next':{width}}   prob  sentiment  " if names else ""
    header += "".join(f"{name:>9}  " for name in dimensions)
    console.print(Line(header + "image", style="bold"))
    for answer in answers:
        line = _emotions(answer, width, colors) if names else Line()
        for name in dimensions:
            value = getattr(answer, name)
            line.append(f"{'-' if value is None else f'{value:+.2f}':>9}  ")
        line.append(printable(answer.error or answer.path or ""), style="red" if answer.error else "")
        console.print(line)
        file.flush()


def _emotions(answer: Answer, width: int, colors: dict[str, str]) -> Line:
    """Return the two most probable emotions and the sentiment of the first."""
    line = Line()
    best = [*answer.top(2), ("-", None), ("-", None)][:2]
    for name, probability in best:
        line.append(f"{name:{width}}", style=colors.get(name, ""))
        line.append(f"  {'-' if probability is None else f'{probability:.2f}':>5}  ")
    line.append(f"{answer.sentiment or '-':9}  ")
    return line


def printable(text: str) -> str:
    """Return a text without characters that would move the cursor or that no terminal can show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
