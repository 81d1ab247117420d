"""Matrices, cases and stacked rows inside a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.tree import Call, Cases, Formula, Matrix

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

OTHERWISE = ("otherwise", "else", "sonst", "其他", "否则", "其他情况")


def environment(p: Parser) -> Formula:
    """The environment that begins here."""
    first = p.at
    name = p.tokens[first].text
    start, stop = p.group(first)
    rows = _cells(p, start, stop)
    if name in abc.CASE_ENVIRONMENTS:
        found: Formula = _cases(p, rows)
    elif name in abc.MATRIX_ENVIRONMENTS:
        if name == "vmatrix":
            p.fail("a determinant is not understood", p.tokens[first])
        read = tuple(tuple(p.within(a, b, p.expression) for a, b in row) for row in rows)
        if not read or any(len(row) != len(read[0]) for row in read):
            p.fail("a matrix with rows of different length", p.tokens[first])
        found = Matrix(read)
        if name == "Vmatrix":
            found = Call("norm", (found,))
    else:
        p.fail(f"the environment '{name}' is not understood here", p.tokens[first])
    p.at = stop + 1
    return found


def _cells(p: Parser, start: int, stop: int) -> list[list[tuple[int, int]]]:
    """The token ranges of the cells, row by row; an empty last row is none."""
    level = p.brackets.depth[start - 1] + 1
    rows: list[list[tuple[int, int]]] = [[]]
    begin = start
    for i in range(start, stop + 1):
        token = p.tokens[i]
        inside = i < stop and p.brackets.depth[i] == level
        if i == stop or (inside and (token.kind == "row" or token.text == "&")):
            rows[-1].append((begin, i))
            begin = i + 1
            if i < stop and token.kind == "row":
                rows.append([])
    if rows and rows[-1] == [(stop, stop)]:
        rows.pop()
    for row in rows:
        for a, b in row:
            if a == b:
                p.fail("an empty cell", p.tokens[min(a, len(p.tokens) - 1)])
    return rows


def _cases(p: Parser, rows: list[list[tuple[int, int]]]) -> Formula:
    from symbackprop.formula.enclosures import condition

    found: list[tuple[Formula, Formula | None]] = []
    for row in rows:
        if len(row) == 1:
            row = _split_at_text(p, row[0])
        if len(row) != 2:
            p.fail("a case needs a value and a condition", p.tokens[row[0][0]])
        (a, b), (c, d) = row
        b = _trim(p, a, b)
        d = _trim(p, c, d)
        value = p.within(a, b, p.expression)
        otherwise = False
        while c < d and p.tokens[c].kind in ("text", "word", "run"):
            words = p.tokens[c].text.strip(" ,.").lower()
            otherwise = otherwise or words.startswith(OTHERWISE)
            if not otherwise and words not in ("if", "for", "when", "若", "当", "wenn", "falls"):
                p.fail("a condition that is not understood", p.tokens[c])
            c += 1
        if c < d and "".join(t.text for t in p.tokens[c:d]) == "if":
            c = d
        if c + 1 < d and p.tokens[c].text == "i" and p.tokens[c + 1].text == "f":
            c += 2
        if otherwise:
            if c < d:
                p.fail("a condition after 'otherwise'", p.tokens[c])
            found.append((value, None))
        else:
            found.append((value, condition(p, c, d)))
    if not found:
        p.fail("cases without a row")
    return Cases(tuple(found))


def _split_at_text(p: Parser, cell: tuple[int, int]) -> list[tuple[int, int]]:
    start, stop = cell
    for i in range(start, stop):
        if p.tokens[i].kind in ("text", "word") or p.tokens[i].text == "quad":
            after = i + 1 if p.tokens[i].text == "quad" else i
            return [(start, i), (after, stop)]
    return [cell]


def _trim(p: Parser, start: int, stop: int) -> int:
    while stop > start and (
        p.tokens[stop - 1].text in (",", ".", ";", "quad") and p.tokens[stop - 1].kind != "number"
    ):
        stop -= 1
    return stop
