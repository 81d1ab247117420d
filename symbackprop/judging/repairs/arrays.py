"""Transposes, the order of factors, and kinds of products."""

from __future__ import annotations

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, places


def transpose(f: t.Formula, s: Setting) -> Formulas:
    """A missing or an extra transpose, an order of factors."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Transpose):
            yield n.body
        elif isinstance(n, t.Array):
            yield t.Transpose(n)
        if isinstance(n, t.MatMul) and len(n.factors) == 2:
            a, b = n.factors
            yield t.MatMul((b, a))
            yield t.MatMul((_turned(b), _turned(a)))
            yield t.MatMul((_turned(a), _turned(b)))
            yield t.MatMul((a, _turned(b)))
            yield t.MatMul((b, _turned(a)))
            yield t.MatMul((_turned(a), b))

    yield from places(f, change)


def _turned(f: t.Formula) -> t.Formula:
    return f.body if isinstance(f, t.Transpose) else t.Transpose(f)


def product_kind(f: t.Formula, s: Setting) -> Formulas:
    """A dot product for a product entry by entry, and back."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.MatMul):
            yield t.Hadamard(n.factors)
            if len(n.factors) > 2:
                yield t.Hadamard((t.MatMul(n.factors[:-1]), n.factors[-1]))
        if isinstance(n, t.Hadamard):
            yield t.MatMul(n.factors)
            if len(n.factors) == 2:
                a, b = n.factors
                yield t.MatMul((a, _turned(b)))
                yield t.MatMul((_turned(a), b))
                yield t.MatMul((b, _turned(a)))
        if isinstance(n, t.Mul) and any(isinstance(x, t.Array) for x in n.walk()):
            yield t.Hadamard(n.factors)

    yield from places(f, change)
