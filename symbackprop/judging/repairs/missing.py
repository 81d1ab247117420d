"""Factors and terms that are missing: by the numbers where that is possible, else one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, entries, places
from symbackprop.system.model import ADJOINT

MOST_ARRAYS = 40


def missing_factor(f: t.Formula, s: Setting) -> Formulas:
    """A quantity, a slope or a local derivative as a factor, anywhere."""
    if _arrays(f, s):
        yield from _array_factors(f, s)
        return
    guide = s.guide()
    if guide is not None:
        yield from guide.factors()
    leaves = [leaf for q in s.system.quantities if q.role != "cost" for leaf in _leaves(q.name, s)]

    def change(n: t.Formula) -> Formulas:
        # Below a sum sign the numbers of the whole say nothing of one term.
        if isinstance(n, t.Sum):
            for leaf in leaves:
                yield replace(n, body=t.mul(n.body, leaf))
                for function in s.system.functions:
                    if isinstance(leaf, t.Ref) and not leaf.name.startswith(ADJOINT):
                        yield replace(n, body=t.mul(n.body, t.Call(function.name, (leaf,), 1)))

    yield from places(f, change)
    for leaf in leaves:
        yield t.mul(f, leaf)


def missing_term(f: t.Formula, s: Setting) -> Formulas:
    """A bias, a decay term, a path that was forgotten, or another quantity as a term."""
    arrays = _arrays(f, s)
    if not arrays:
        guide = s.guide()
        if guide is not None:
            yield from guide.terms()
    leaves = [
        leaf
        for q in s.system.quantities
        if q.role not in ("cost", "constant")
        for leaf in entries(q.name, s, arrays)
    ]
    constants = [q.name for q in s.system.quantities if q.role == "constant" and not q.axes]
    for leaf in leaves:
        yield t.add(f, leaf)
        yield t.sub(f, leaf)
        for name in constants:
            yield t.add(f, t.mul(t.Ref(name), leaf))

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Sum) or (arrays and n is not f and not isinstance(n, t.Transpose)):
            for leaf in leaves:
                for new in (t.add, t.sub):
                    if isinstance(n, t.Sum):
                        yield replace(n, body=new(n.body, leaf))
                    elif isinstance(n, t.Array | t.MatMul | t.Ref):
                        yield new(n, leaf)

    yield from places(f, change)


def _arrays(f: t.Formula, s: Setting) -> bool:
    return any(isinstance(n, t.Array | t.Ones | t.Grad) for n in (*f.walk(), *s.left.walk()))


def _leaves(name: str, s: Setting) -> Iterator[t.Formula]:
    """The quantity at the claim's indices, and its error."""
    computed = name in s.system.equations_of
    for leaf in entries(name, s):
        yield leaf
        if computed and isinstance(leaf, t.Ref):
            yield t.Ref(f"{ADJOINT}{name}", leaf.indices)


def _array_factors(f: t.Formula, s: Setting) -> Formulas:
    """A matrix or vector as a factor, entry by entry or of a matrix product, on either side."""
    given = [n for m in (f, s.left) for n in m.walk()]
    layers = dict.fromkeys(n.indices for n in given if isinstance(n, t.Array))
    found: dict[t.Formula, None] = {}
    for n in given:
        if isinstance(n, t.Array):
            found.setdefault(n)
    for q in s.system.quantities:
        if q.role in ("cost", "constant") or not q.axes:
            continue
        for indices in layers:
            if 1 <= len(q.axes) - len(indices) <= 2:
                found.setdefault(t.Array(q.name, indices))
                if q.name in s.system.equations_of:
                    found.setdefault(t.Array(f"{ADJOINT}{q.name}", indices))
                    for function in s.system.functions:
                        slope = t.Call(function.name, (t.Array(q.name, indices),), 1)
                        found.setdefault(slope)
    factors = list(islice(found, MOST_ARRAYS))

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Transpose | t.Num | t.Idx | t.Ones):
            return
        for x in factors:
            yield t.Hadamard((*n.factors, x) if isinstance(n, t.Hadamard) else (n, x))
            if isinstance(x, t.Call):
                continue
            turned = t.Transpose(x)
            yield t.MatMul((x, n))
            yield t.MatMul((turned, n))
            yield t.MatMul((n, x))
            yield t.MatMul((n, turned))

    yield from places(f, change)
