"""`canonical` and `same`: formulas compared up to what does not change their meaning on sight.

Order of commuting terms and factors, nesting of sums and products, where a minus sign stands, and
the names of summation letters. Nothing is calculated: `2 x` and `x + x` stay different.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from symbackprop.formula.tree import (
    Add,
    Bracket,
    Chain,
    Deriv,
    Div,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Prod,
    Ref,
    Sum,
    Sym,
    add,
    mul,
)


def same(left: Formula, right: Formula) -> bool:
    """Whether the two are one formula up to order, superfluous brackets and bound names."""
    return canonical(left) == canonical(right)


def canonical(formula: Formula) -> Formula:
    """A representative of all formulas that are the `same`."""
    return _canonical(_renamed(formula, {}, 0))


def _canonical(f: Formula) -> Formula:
    f = f.map(_canonical)
    match f:
        case Add(terms=terms):
            flat: list[Formula] = []
            for term in terms:
                flat.extend(_terms(term))
            return add(*sorted(flat, key=key))
        case Neg(body=Neg(body=inner)):
            return inner
        case Neg(body=Add(terms=terms)):
            return add(*sorted((_negative(t) for t in terms), key=key))
        case Mul(factors=factors):
            return _product(factors)
        case Hadamard(factors=factors):
            flat = []
            for factor in factors:
                flat.extend(factor.factors if isinstance(factor, Hadamard) else (factor,))
            return Hadamard(tuple(sorted(flat, key=key)))
        case MatMul(factors=factors):
            flat = []
            for factor in factors:
                flat.extend(factor.factors if isinstance(factor, MatMul) else (factor,))
            return MatMul(tuple(flat))
        case Div(num=Neg(body=num), den=den):
            return Neg(Div(num, den))
        case Bracket(condition=Chain(members=members, relations=("=",))):
            return Bracket(Chain(tuple(sorted(members, key=key)), ("=",)))
    return f


def _product(factors: tuple[Formula, ...]) -> Formula:
    flat: list[Formula] = []
    negative = False
    for factor in factors:
        if isinstance(factor, Neg):
            negative, factor = not negative, factor.body
        flat.extend(factor.factors if isinstance(factor, Mul) else (factor,))
    product = mul(*sorted((f for f in flat if f != Num("1")), key=key))
    return _negative(product) if negative else product


def _terms(f: Formula) -> tuple[Formula, ...]:
    if isinstance(f, Add):
        return f.terms
    return (f,)


def _negative(f: Formula) -> Formula:
    return f.body if isinstance(f, Neg) else Neg(f)


def key(f: Formula) -> str:
    """A text that orders formulas; equal formulas have equal keys."""
    parts: list[str] = []
    for node in f.walk():
        parts.append(type(node).__name__)
        parts.append(repr([v for v in _plain(node)]))
    return "|".join(parts)


def _plain(node: Formula) -> list[Any]:
    """The fields of a node that are no formulas, and how many children it has."""
    own = [
        getattr(node, f.name)
        for f in fields(node)
        if f.compare and not isinstance(getattr(node, f.name), Formula)
    ]
    return [*(v for v in own if isinstance(v, (str, int, bool))), *_texts(own), len(own)]


def _texts(values: list[Any]) -> list[Any]:
    return [
        v if all(isinstance(x, str) for x in v) else len(v) for v in values if isinstance(v, tuple)
    ]


# --- bound names --------------------------------------------------------------------------------


def _renamed(f: Formula, names: dict[str, str], depth: int) -> Formula:
    """Summation letters become #0, #1, … counted from outside, in indices and scripts too."""
    if isinstance(f, Sum | Prod):
        lower = _renamed(f.lower, names, depth) if f.lower is not None else None
        upper = _renamed(f.upper, names, depth) if f.upper is not None else None
        inner = {**names, f.index.name: f"#{depth}"} if f.index.name else names
        body = _renamed(f.body, inner, depth + 1)
        index = Idx(inner.get(f.index.name, f.index.name))
        return type(f)(body, index, lower, upper)
    if not names:
        return f.map(lambda c: _renamed(c, names, depth))
    if isinstance(f, Idx):
        return Idx(names.get(f.name, f.name))
    if isinstance(f, Sym):
        if not (f.sub or f.sup or f.accent or f.primes) and f.base in names:
            return Sym(names[f.base])
        sub = tuple(names.get(t, t) for t in f.sub)
        sup = tuple(names.get(t, t) for t in f.sup)
        return f if sub == f.sub and sup == f.sup else Sym(f.base, sub, sup, f.primes, f.accent)
    if isinstance(f, Ref | Deriv):
        return f.map(lambda c: _renamed(c, names, depth))
    return f.map(lambda c: _renamed(c, names, depth))
