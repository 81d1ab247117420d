"""Factors and terms that are too many; slopes of activations."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, entries, places, without


def slope(f: t.Formula, s: Setting) -> Formulas:
    """A missing or an extra f'."""

    def drop(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Hadamard):
            for k, factor in enumerate(n.factors):
                if isinstance(factor, t.Call) and factor.primes:
                    yield without(n, k)
        if isinstance(n, t.Call) and n.name in s.system.function_by_name:
            yield replace(n, primes=0 if n.primes else 1)
        if isinstance(n, t.Add) and len(n.terms) == 2 and n.terms[0] == t.ONE:
            last = n.terms[1]  # the slope of tanh for that of sigmoid, and back
            if isinstance(last, t.Neg) and isinstance(last.body, t.Pow):
                a = last.body.base
                yield t.mul(a, t.sub(t.ONE, a))
        if isinstance(n, t.Mul):
            for k, a in enumerate(n.factors):
                other = t.sub(t.ONE, a)
                if other in n.factors:
                    rest = [x for m, x in enumerate(n.factors) if m != k and x != other]
                    yield t.mul(*rest, t.sub(t.ONE, t.Pow(a, t.Num("2"))))

    yield from places(f, drop)
    arrays = any(isinstance(n, t.Array) for n in f.walk())
    for function in s.system.functions:
        for q in s.system.quantities:
            if q.role == "pre-activation":
                for leaf in entries(q.name, s, arrays):
                    factor = t.Call(function.name, (leaf,), 1)
                    yield t.Hadamard((f, factor)) if arrays else t.mul(f, factor)
    for q in s.system.quantities:
        if q.role == "activation" and not arrays:
            for leaf in entries(q.name, s, False):
                both = t.mul(leaf, t.sub(t.ONE, leaf))
                yield t.mul(f, both)


def dropped(f: t.Formula, s: Setting) -> Formulas:
    """A factor or a term too many."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Mul | t.Hadamard | t.MatMul) and len(n.factors) > 1:
            for k in range(len(n.factors)):
                yield without(n, k)
            if isinstance(n, t.Mul):
                for k, a in enumerate(n.factors):
                    for m, b in enumerate(n.factors):
                        if k < m and isinstance(a, t.Ref) and isinstance(b, t.Add):
                            rest = [x for i, x in enumerate(n.factors) if i not in (k, m)]
                            yield t.mul(*rest)
        if isinstance(n, t.Add):
            for k in range(len(n.terms)):
                yield t.add(*n.terms[:k], *n.terms[k + 1 :])
        if isinstance(n, t.Div):
            yield n.num

    yield from places(f, change)
