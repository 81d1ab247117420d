"""Sums and products with a big sign: bounds, conditions, and how far they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.scripts import script_tokens
from symbackprop.formula.tree import (
    Bracket,
    Chain,
    Formula,
    Idx,
    Mul,
    Neg,
    Prod,
    Sum,
)

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

Bound = tuple[Idx, Formula | None, Formula | None]


def big_operator(p: Parser) -> Formula:
    r"""`\sum_{i=1}^{m} …`, `\sum_k …`, `\sum_{i,j} …`, `\sum …` (index `Idx("")`).

    The body is the product that follows; the hint `sum_reach` lets it run past a plus.
    """
    first = p.at
    kind = Sum if p.next().text in ("sum", "Sigma") else Prod
    below: tuple[int, int] | None = None
    above: tuple[int, int] | None = None
    while p.sees("_", "^"):
        mark = p.next().text
        if p.sees("{"):
            start, stop = p.group(p.at)
            p.at = stop + 1
        else:
            start, stop = p.at, p.at + 1
            p.at += 1
            if stop > p.stop:
                p.fail("a bound is missing")
        if start == stop or (below if mark == "_" else above):
            p.fail("bounds that are not understood", p.tokens[first])
        if mark == "_":
            below = (start, stop)
        else:
            above = (start, stop)
    after = p.at
    upper = p.within(*above, p.expression) if above else None
    bounds, guards = _bounds(p, below, upper) if below else ([(Idx(""), None, upper)], [])
    p.at = after
    body = _body(p)
    if guards:
        body = Mul((*guards, body))
    for index, lower, limit in reversed(bounds):
        body = kind(body, index, lower, limit, span=p.span(first))
    return body


def _body(p: Parser) -> Formula:
    start = p.at
    if p.sees("cdot", "times", "*"):
        p.fail("a sum without its summand")
    if p.hints.sum_reach == "all":
        return p.expression()
    if p.sees("-"):
        p.at += 1
        body: Formula = Neg(p.term(), span=p.span(start))
    else:
        body = p.term()
    if p.sees("+", "-"):
        p.ambiguous.add("sum reach")
    return body


def _bounds(
    p: Parser, below: tuple[int, int], upper: Formula | None
) -> tuple[list[Bound], list[Formula]]:
    """Indices with their bounds, and the conditions that restrict them (`j \\neq i`)."""
    start, stop = below
    level = p.brackets.depth[start]
    marks = [
        i
        for i in range(start, stop)
        if p.brackets.depth[i] == level
        and p.tokens[i].kind in ("char", "cmd")
        and (p.tokens[i].text in abc.RELATIONS or p.tokens[i].text == ",")
    ]
    texts = [abc.RELATIONS.get(p.tokens[i].text, ",") for i in marks]
    if not marks:
        return [(_index(p, start, stop), None, upper)], []
    if texts == ["="]:
        lower = p.within(marks[0] + 1, stop, p.expression)
        return [(_index(p, start, marks[0]), lower, upper)], []
    if all(t == "," for t in texts) and upper is None:
        edges = [start, *(m + 1 for m in marks)]
        ends = [*marks, stop]
        return [(_index(p, a, b), None, None) for a, b in zip(edges, ends, strict=True)], []
    if texts in (["<=", "<="], ["<=", "<"]) and upper is None and texts[1] == "<=":
        lower = p.within(start, marks[0], p.expression)
        limit = p.within(marks[1] + 1, stop, p.expression)
        return [(_index(p, marks[0] + 1, marks[1]), lower, limit)], []
    if texts == ["in"] and stop - marks[0] == 2 and p.tokens[marks[0] + 1].kind != "number":
        # \sum_{j \in C}: all of them; a set of one letter has no members left out
        return [(_index(p, start, marks[0]), None, upper)], []
    if len(texts) == 1 and texts[0] != ",":
        index = _index(p, start, marks[0])
        left = p.within(start, marks[0], p.expression)
        right = p.within(marks[0] + 1, stop, p.expression)
        return [(index, None, upper)], [Bracket(Chain((left, right), (texts[0],)))]
    p.fail("bounds that are not understood", p.tokens[start])


def _index(p: Parser, start: int, stop: int) -> Idx:
    tokens = script_tokens(p.tokens[start:stop])
    if not tokens or not (tokens[0].isalpha() and len(tokens) <= 4):
        p.fail("an index letter is missing here", p.tokens[start])
    if len(tokens) > 1 and any(t != "'" for t in tokens[1:]) and tokens[1] != "_":
        p.fail("an index of several letters: commas are missing", p.tokens[start])
    return Idx("".join(tokens))
