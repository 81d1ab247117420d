"""Brackets, and sums confused with products."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.brackets import brackets
from symbackprop.judging.repairs.setting import Formulas, Setting, places


def regroup(f: t.Formula, s: Setting) -> Formulas:
    """`a - b c` for `(a - b) c` and back; a sum that should reach further."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Add):
            last = n.terms[-1]
            minus = isinstance(last, t.Neg)
            inner = last.body if isinstance(last, t.Neg) else last
            if isinstance(inner, t.Mul) and len(inner.factors) > 1:
                for cut in range(1, len(inner.factors)):
                    head, tail = t.mul(*inner.factors[:cut]), inner.factors[cut:]
                    term = t.Neg(head) if minus else head
                    yield t.mul(t.add(*n.terms[:-1], term), *tail)
            first = n.terms[0]
            if isinstance(first, t.Sum):
                yield replace(first, body=t.add(first.body, *n.terms[1:]))
            if isinstance(first, t.Mul):
                *head_, tail_ = first.factors
                yield t.mul(*head_, t.add(tail_, *n.terms[1:]))
            if isinstance(first, t.Mul) and isinstance(first.factors[-1], t.Sum):
                inner_sum = first.factors[-1]
                body = t.add(inner_sum.body, *n.terms[1:])
                yield t.mul(*first.factors[:-1], replace(inner_sum, body=body))
        if isinstance(n, t.Mul):
            for k, factor in enumerate(n.factors):
                rest = n.factors[k + 1 :]
                if isinstance(factor, t.Add) and rest:
                    *terms, last = factor.terms
                    grown = (
                        t.Neg(t.mul(last.body, *rest))
                        if isinstance(last, t.Neg)
                        else t.mul(last, *rest)
                    )
                    yield t.mul(*n.factors[:k], t.add(*terms, grown))
                if isinstance(factor, t.Sum):
                    others = (*n.factors[:k], *rest)
                    yield replace(factor, body=t.mul(factor.body, *others))

    yield from places(f, change)
    yield from brackets(f, s)


def product_for_sum(f: t.Formula, s: Setting) -> Formulas:
    """A product where a sum belongs, with every grouping; and back."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul) and len(n.factors) > 1:
            for cut in range(1, len(n.factors)):
                left, right = t.mul(*n.factors[:cut]), t.mul(*n.factors[cut:])
                yield t.add(left, right)
                yield t.sub(left, right)
        if isinstance(n, t.Add):
            yield t.mul(*n.terms)
            for cut in range(1, len(n.terms)):
                yield t.mul(t.add(*n.terms[:cut]), t.add(*n.terms[cut:]))
        if isinstance(n, t.Prod):
            yield t.Sum(n.body, n.index, n.lower, n.upper)
        if isinstance(n, t.Sum):
            yield n.body
        if isinstance(n, t.Div):
            yield t.mul(n.num, n.den)
        if isinstance(n, t.Mul) and len(n.factors) == 2:
            yield t.Div(n.factors[0], n.factors[1])

    yield from places(f, change)


def missing_sum(f: t.Formula, s: Setting) -> Formulas:
    """A sum sign that was left out: over a letter that is free on the right only."""
    left = {n.name for n in s.left.walk() if isinstance(n, t.Idx)}
    bound = {n.index.name for n in f.walk() if isinstance(n, t.Sum | t.Prod)}
    sizes = {x.name for x in s.system.sizes}
    names = {n.name for n in f.walk() if isinstance(n, t.Idx)} - left - bound - sizes
    for name in sorted(names):
        yield t.Sum(f, t.Idx(name))
    # One term for the whole sum: its fixed index becomes the summed letter.
    fixed = {i for n in f.walk() if isinstance(n, t.Ref) for i in n.indices if isinstance(i, t.Num)}
    fixed -= {i for n in s.left.walk() if isinstance(n, t.Ref) for i in n.indices}
    used = {n.name for m in (f, s.left) for n in m.walk() if isinstance(n, t.Idx)}
    letter = next((t.Idx(x) for x in ("j", "k", "i", "q") if x not in used), t.Idx("r"))
    for i in sorted(fixed, key=str):

        def freed(n: t.Formula, i: t.Formula = i) -> t.Formula | None:
            if isinstance(n, t.Ref) and i in n.indices:
                return replace(n, indices=tuple(letter if x == i else x for x in n.indices))
            return None

        yield t.Sum(f.rewrite(freed), letter)
