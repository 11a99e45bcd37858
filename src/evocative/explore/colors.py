"""From hue, saturation and brightness to red, green and blue, as rows of a program."""

from evocative.explore.program import ONE, Program


def rgb_rows(program: Program, hue: int, saturation: int, brightness: int) -> tuple[int, int, int]:
    """Return the rows of red, green and blue.

    With k = (n + 6 hue) mod 6 a channel is  v - v s max(0, min(k, 4 - k, 1)),  n = 5, 3, 1 for red, green,
    blue: the hexcone of Smith 1978 without its six cases.

    Args:
        program: Where the rows stand and are written.
        hue: Row in turns, of any value: 1 is 0 again.
        saturation: Row in [0, 1].
        brightness: Row in [0, 1].

    Returns:
        Rows in [0, 1].
    """
    depth = program.binary("multiply", brightness, saturation)
    rows = []
    for offset in (5.0, 3.0, 1.0):
        lack = program.weighted("ramp", [hue, ONE], [6.0, offset])
        taken = program.binary("multiply", depth, lack)
        rows.append(program.weighted("unit", [brightness, taken], [1.0, -1.0]))
    return rows[0], rows[1], rows[2]
