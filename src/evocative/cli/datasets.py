"""`evocative datasets`: which data sets this package reads, and what is to be known about each."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evocative.datasets.card import DatasetCard

WIDTH = 100


def datasets(
    name: Annotated[
        str | None, typer.Argument(help="A data set, to see its card; all of them without.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """List the data sets that can be prepared, or print one's card: paper, terms, counts, traps."""
    import json

    from evocative.datasets.catalogue import DATASETS, dataset

    cards = list(DATASETS.values()) if name is None else [dataset(name)]
    if as_json:
        for card in cards:
            typer.echo(json.dumps(card.to_dict(), ensure_ascii=False))
    elif name is None:
        width = max(map(len, DATASETS))
        for card in cards:
            typer.echo(f"{card.name:<{width}}  {card.title}")
        typer.echo("\nA card: evocative datasets NAME. A table: evocative prepare NAME ROOT --output TABLE.")
    else:
        typer.echo(describe(cards[0]))


def describe(card: "DatasetCard") -> str:
    """Return a card as text of at most 100 columns."""
    images = f"{card.expected['images']:,}" if "images" in card.expected else ""
    variants = "; ".join(_labels(name, counts) for name, counts in card.variants.items())
    drawn = ", ".join(f"{name} {count:,}" for name, count in card.drawn.items())
    entries = [
        ("paper", card.paper),
        ("licence", card.licence),
        ("obtain", card.obtain),
        ("files", card.layout),
        ("images", images),
        ("labels", _labels(card.taxonomy, card.expected) if card.taxonomy else ""),
        ("or", variants),
        ("drawn", drawn),
        ("dimensions", ", ".join(card.dimensions)),
    ]
    lines = [card.title, ""]
    lines += [_entry(name, text) for name, text in entries if text]
    for number, (name, option) in enumerate(card.options.items()):
        default = f" (without it: {option.default})" if option.default else ""
        lines.append(
            _entry(
                "--set" if number == 0 else "",
                f"{name}={'|'.join(option.choices) or '…'}  {option.help}{default}",
            )
        )
    lines += [_entry("mind" if number == 0 else "", trap) for number, trap in enumerate(card.traps)]
    return "\n".join(lines)


def _labels(taxonomy: str, counts: "Mapping[str, int]") -> str:
    """Return a taxonomy's name, and how many images of each label are published, where they are."""
    published = ", ".join(f"{name} {count:,}" for name, count in counts.items() if name != "images")
    return f"{taxonomy}: {published}" if published else taxonomy


def _entry(name: str, text: str) -> str:
    from textwrap import fill

    return fill(text, WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12)
