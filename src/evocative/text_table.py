"""Rows of cells as text: in columns for a terminal, or as Markdown."""

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return lines whose cells stand in columns, three blanks apart.

    Example:
        >>> print(aligned([["arm", "n"], ["cma-me", "3"]]))
        arm      n
        cma-me   3
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def piped(rows: Sequence[Sequence[str]]) -> str:
    r"""Return a Markdown table, its head the first row; bars inside cells are escaped.

    Example:
        >>> print(piped([["arm", "n"], ["a|b", "3"]]))
        | arm | n |
        | --- | --- |
        | a\|b | 3 |
    """
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)
