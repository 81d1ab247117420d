"""Signs, constant factors and squares."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, is_term, places
from symbackprop.system.model import System


def sign(f: t.Formula, s: Setting) -> Formulas:
    """A difference the wrong way round, a sign too many or missing."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add) and len(n.terms) == 2:
            a, b = n.terms
            if isinstance(b, t.Neg) and not isinstance(a, t.Neg):
                yield t.sub(b.body, a)
        if isinstance(n, t.Neg):
            yield n.body
        elif is_term(n) and not isinstance(n, t.Bracket | t.Transpose):
            yield t.Neg(n)

    yield from places(f, change)


def constant(f: t.Formula, s: Setting) -> Formulas:
    """2, 1/2, 1/N and N at any place; numbers that should not be there."""
    two = t.Num("2")
    sizes: list[t.Formula] = [t.Idx(x.name) for x in s.system.sizes]
    sizes += [t.Num(n) for n in sorted(_counts(s.system))]

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Num):
            if n != t.ONE:
                yield t.ONE
            if n == t.ONE:
                yield two
            return
        if isinstance(n, t.Div) and isinstance(n.num, t.Num | t.Idx) and n.den in (two, *sizes):
            yield t.ONE
        if isinstance(n, t.Pow) and n.exponent == two:
            yield n.base
        if is_term(n) and not isinstance(n, t.Transpose | t.Bracket):
            yield halved(n)
            yield doubled(n)

    yield from places(f, change)
    for count in sizes:
        yield t.mul(t.Div(t.ONE, count), f)
        yield t.mul(count, f)


def halved(f: t.Formula) -> t.Formula:
    """`2 x` is mended to `x`, anything else to its half."""
    two = t.Num("2")
    return _without(f, two) or t.Div(f, two)


def doubled(f: t.Formula) -> t.Formula:
    """`x / 2` and `1/2 x` are mended to `x`, anything else to its double."""
    two = t.Num("2")
    if isinstance(f, t.Div) and f.den == two and f.num != t.ONE:
        return f.num
    return _without(f, t.Div(t.ONE, two)) or t.mul(two, f)


def _without(f: t.Formula, factor: t.Formula) -> t.Formula | None:
    """A product with this factor left out; None where it has none."""
    if not isinstance(f, t.Mul | t.MatMul) or factor not in f.factors:
        return None
    k = f.factors.index(factor)
    rest = (*f.factors[:k], *f.factors[k + 1 :])
    return replace(f, factors=rest) if len(rest) > 1 else rest[0]


def _counts(system: System) -> set[str]:
    """Concrete numbers of outputs and samples."""
    found = set()
    for q in system.quantities:
        if q.role == "target":
            found |= {str(a.upper) for a in q.axes if a.upper.is_Integer and a.upper > 1}
    return found - {"2"}


def square(f: t.Formula, s: Setting) -> Formulas:
    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add | t.Ref):
            yield t.Pow(n, t.Num("2"))

    yield from places(f, change)
