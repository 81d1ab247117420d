"""Tables: which columns hold numbers, how wide a column prints, how a big table is cut."""

from __future__ import annotations

import re

from symbackprop.documents.blocks import Grid
from symbackprop.documents.spacing import MATHEMATICS, wide
from symbackprop.formula.widths import width

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
SEPARATION = 1.2
"""Room between two columns in em."""


def is_number(cell: str) -> bool:
    """Plain digits, as the section of numbers writes them."""
    return NUMBER.fullmatch(cell) is not None


def number_columns(grid: Grid) -> tuple[bool, ...]:
    """For each column whether all its filled cells are numbers: it is set flush right then."""
    found = []
    for column in range(len(grid.header)):
        cells = [row[column] for row in grid.rows if row[column]]
        found.append(bool(cells) and all(map(is_number, cells)))
    return tuple(found)


def is_words(grid: Grid, column: int) -> bool:
    """Whether a column holds sentences rather than formulas."""
    return not any(row[column].startswith("$") for row in grid.rows)


def cell_width(cell: str) -> float:
    """The printed width in em, estimated: mathematics by its signs, text by its letters."""
    total, end = 0.0, 0
    for found in MATHEMATICS.finditer(cell):
        total += _text_width(cell[end : found.start()]) + width(found.group().strip("$`"))
        end = found.end()
    return total + _text_width(cell[end:])


def _text_width(text: str) -> float:
    letters = re.sub(r"\\[A-Za-z]+|[{}*]", "", text)
    return sum(1.0 if wide(c) else 0.5 for c in letters)


def column_widths(grid: Grid) -> tuple[float, ...]:
    """The widest cell of each column."""
    return tuple(
        max(cell_width(cell) for cell in (head, *(row[i] for row in grid.rows)))
        for i, head in enumerate(grid.header)
    )


def cut(grid: Grid, room: float, rows: int, text: float) -> tuple[Grid, ...]:
    """The table in parts of at most `rows` rows and about `room` em, all with the first column.

    A table that fits is one part. Each part has at least two columns, however wide they are. A column
    of words counts `text` em at most, because its lines can be broken.
    """
    widths = tuple(
        min(w, text) if is_words(grid, i) else w for i, w in enumerate(column_widths(grid))
    )
    groups: list[list[int]] = [[]]
    used = widths[0]
    for column in range(1, len(widths)):
        more = widths[column] + SEPARATION
        if groups[-1] and used + more > room:
            groups.append([])
            used = widths[0]
        groups[-1].append(column)
        used += more
    parts = []
    for group in groups:
        chosen = (0, *group)
        for start in range(0, max(len(grid.rows), 1), rows):
            parts.append(
                Grid(
                    tuple(grid.header[i] for i in chosen),
                    tuple(tuple(r[i] for i in chosen) for r in grid.rows[start : start + rows]),
                )
            )
    return tuple(parts)
