"""Brackets that were left out, that are too many, or that open or close at the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, places

MOST_TERMS = 8
"""Longer sums get no bracket around a part of them."""


def brackets(f: t.Formula, s: Setting) -> Formulas:
    """`a (1 - a) x` for `a - a x`; a bracket's border moved over its neighbours."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add) and len(n.terms) <= MOST_TERMS:
            yield from inserted(n)
        if isinstance(n, t.Mul):
            for k, factor in enumerate(n.factors):
                if isinstance(factor, t.Add):
                    yield from moved(n.factors[:k], factor, n.factors[k + 1 :])

    yield from places(f, change)


def inserted(n: t.Add) -> Formulas:
    """A bracket from some factor of one term to some factor of a later one."""
    terms = n.terms
    for i in range(len(terms)):
        for j in range(i + 1, len(terms)):
            for new in _around(terms[i], terms[i + 1 : j], terms[j]):
                yield t.add(*terms[:i], new, *terms[j + 1 :])


def _around(first: t.Formula, middle: tuple[t.Formula, ...], last: t.Formula) -> Formulas:
    minus, opening = _signed(first)
    negative, closing = _signed(last)
    # The factors of the last term without the 1 that a printed `a \cdot 1` leaves.
    for q in range(1, len(closing) + 1):
        ending = t.mul(*closing[:q])
        inner_last: t.Formula = t.Neg(ending) if negative else ending
        tail = closing[q:]
        # Up to all of the first term: what the bracket begins with is a 1 then, `a (1 - b) c`.
        for p in range(len(opening) + 1):
            head, rest = opening[:p], t.mul(*opening[p:])
            body = t.add(rest, *middle, inner_last)
            whole = t.mul(*head, body, *tail)
            yield t.Neg(whole) if minus else whole
            if minus and not p and tail:
                yield t.mul(t.add(first, *middle, inner_last), *tail)
            for power in _powers(closing[q - 1]):
                base = t.mul(*closing[: q - 1], power.base)
                closed = t.add(rest, *middle, t.Neg(base) if negative else base)
                raised = t.mul(*head, t.Pow(closed, power.exponent), *tail)
                yield t.Neg(raised) if minus else raised


def _powers(f: t.Formula) -> Iterator[t.Pow]:
    if isinstance(f, t.Pow):
        yield f


def _signed(f: t.Formula) -> tuple[bool, tuple[t.Formula, ...]]:
    """Whether a term is subtracted, and its factors."""
    body = f.body if isinstance(f, t.Neg) else f
    factors = body.factors if isinstance(body, t.Mul) else (body,)
    return isinstance(f, t.Neg), tuple(x for x in factors if x != t.ONE) or factors[:1]


def moved(head: tuple[t.Formula, ...], inside: t.Add, tail: tuple[t.Formula, ...]) -> Formulas:
    """The bracket of a product taken away, or its borders further out."""
    first, *middle, last = inside.terms
    yield t.add(_times(head, first, ()), *middle, _times((), last, tail))
    for q in range(1, len(tail) + 1):
        grown = t.add(first, *middle, _times((), last, tail[:q]))
        yield t.mul(*head, grown, *tail[q:])
    for p in range(len(head)):
        grown = t.add(_times(head[p:], first, ()), *middle, last)
        yield t.mul(*head[:p], grown, *tail)
        for q in range(1, len(tail) + 1):
            both = t.add(_times(head[p:], first, ()), *middle, _times((), last, tail[:q]))
            yield t.mul(*head[:p], both, *tail[q:])
    for k in range(len(middle)):
        # the bracket closes after an earlier term
        front, back = [first, *middle][: k + 1], [first, *middle, last][k + 1 :]
        yield t.add(t.mul(*head, t.add(*front)), *back[:-1], _times((), back[-1], tail))


def _times(head: tuple[t.Formula, ...], term: t.Formula, tail: tuple[t.Formula, ...]) -> t.Formula:
    if isinstance(term, t.Neg):
        return t.Neg(t.mul(*head, term.body, *tail))
    return t.mul(*head, term, *tail)


def partial_sums(f: t.Formula, s: Setting) -> Formulas:
    """A product where a sum of two of its parts belongs, and a sum where a product belongs."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul) and 2 < len(n.factors) <= MOST_TERMS:
            count = len(n.factors)
            for i in range(count):
                for j in range(i + 2, count + 1):
                    if (i, j) == (0, count):
                        continue  # the whole product: `product_for_sum`
                    for m in range(i + 1, j):
                        a, b = t.mul(*n.factors[i:m]), t.mul(*n.factors[m:j])
                        yield t.mul(*n.factors[:i], t.add(a, b), *n.factors[j:])
                        yield t.mul(*n.factors[:i], t.sub(a, b), *n.factors[j:])
        if isinstance(n, t.Add) and 2 < len(n.terms) <= MOST_TERMS:
            count = len(n.terms)
            for i in range(count):
                for j in range(i + 2, count + 1):
                    if (i, j) == (0, count):
                        continue
                    for m in range(i + 1, j):
                        product = t.mul(t.add(*n.terms[i:m]), t.add(*n.terms[m:j]))
                        yield t.add(*n.terms[:i], product, *n.terms[j:])

    yield from places(f, change)
