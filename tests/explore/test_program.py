"""Programs of rows: shared rows, bands, coordinates."""

import colorsys

import numpy as np
import pytest
import torch

from evocative.explore import program as programs
from evocative.explore.colors import rgb_rows
from evocative.explore.program import ONE, RADIUS, Program, X, Y, coordinates, run


def test_the_same_row_is_written_once() -> None:
    program = Program()
    first = program.weighted("sine", [X, Y], [1.0, 2.0])
    assert program.weighted("sine", [X, Y], [1.0, 2.0]) == first
    assert program.weighted("sine", [X, Y], [1.0, 2.5]) != first
    assert program.binary("multiply", first, X) == program.binary("multiply", first, X)
    assert len(program.rows) == 7


def test_coordinates_are_those_of_the_pixels_centres() -> None:
    assert coordinates(4).tolist() == [-0.75, -0.25, 0.25, 0.75]
    for size in (7, 64, 224):
        assert torch.equal(coordinates(3 * size)[1::3], coordinates(size))


def test_rows_against_numpy() -> None:
    program = Program()
    wave = program.weighted("sine", [X, Y, ONE], [3.0, -2.0, 0.5])
    line = program.weighted("gaussian", [Y], [2.0])
    both = program.binary("minimum", line, wave)
    fixed = program.constant(0.25)
    total = program.weighted("linear", [fixed, line, RADIUS, both], [1.0, 2.0, 3.0, 4.0])
    found = run(program, [total, X, Y, fixed, wave, total], size=9, dtype=torch.float64).numpy()
    steps = (2 * np.arange(9) - 8) / 9
    y, x = np.meshgrid(steps, steps, indexing="ij")
    waves, lines = np.sin(3 * x - 2 * y + 0.5), np.exp(-4 * y * y)
    totals = 0.25 + 2 * lines + 3 * np.hypot(x, y) + 4 * np.minimum(lines, waves)
    for row, wanted in zip(found, (totals, x, y, np.full_like(x, 0.25), waves, totals), strict=True):
        np.testing.assert_allclose(row, wanted, atol=1e-12)


def test_bands_do_not_change_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program()
    wave = program.weighted("sine", [X, RADIUS], [9.0, -5.0])
    rows = [program.binary("maximum", wave, Y), program.weighted("cosine", [Y], [4.0]), wave]
    whole = run(program, rows, size=21)
    monkeypatch.setattr(programs, "BAND", 50)
    assert torch.equal(run(program, rows, size=21), whole)


def test_a_program_can_be_run_again() -> None:
    program = Program()
    row = program.weighted("absolute", [X], [1.0])
    first = run(program, [row], size=4)
    assert torch.equal(run(program, [row, row], size=4)[1], first[0])


def test_colours_are_those_of_the_hexcone() -> None:
    program = Program()
    hues = program.weighted("linear", [X], [2.5])
    saturation, brightness = (program.weighted("absolute", [row], [0.9]) for row in (Y, X))
    found = run(program, rgb_rows(program, hues, saturation, brightness), size=15, dtype=torch.float64)
    steps = (2 * np.arange(15) - 14) / 15
    for i, y in enumerate(steps):
        for j, x in enumerate(steps):
            wanted = colorsys.hsv_to_rgb(2.5 * x % 1, 0.9 * abs(y), 0.9 * abs(x))
            np.testing.assert_allclose(found[:, i, j], wanted, atol=1e-12)
