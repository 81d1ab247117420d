"""Sums of products of arrays: matrix products where possible, else tensor contractions.

A[n,k] B[j,k] summed over k, wanted as [n,j]   ->   A @ B.T
A[n,j] B[n,k] summed over n, wanted as [j,k]   ->   A.T @ B
A[n,j] B[n,j] summed over n and j              ->   vdot(A, B)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from symbackprop.export.graph import Node

if TYPE_CHECKING:
    from symbackprop.export.vectorise import Letters, Valued, Vectoriser


def contraction(v: Vectoriser, factors: list[Valued], bound: set[sp.Symbol]) -> Valued:
    """The sum over `bound` of the product of the factors (each has a bound letter)."""
    factors = [_summed_alone(v, f, factors, bound) for f in factors]
    left = {x for f in factors for x in f.letters} & bound
    if not left:
        product = factors[0]
        for f in factors[1:]:
            product = v.elementwise("multiply", product, f)
        return product
    factors = _merged(v, factors)
    if len(factors) == 1:
        return _reduced(v, factors[0], bound)
    if len(factors) == 2:
        return _pair(v, factors[0], factors[1], bound)
    return _einsum(v, factors, bound)


def _summed_alone(
    v: Vectoriser, factor: Valued, factors: list[Valued], bound: set[sp.Symbol]
) -> Valued:
    """Sum letters that no other factor has, first."""
    others = {x for f in factors if f is not factor for x in f.letters}
    if sum(f is factor for f in factors) > 1:
        return factor
    own = set(factor.letters) & bound - others
    if not own or len(factors) == 1:
        return factor
    return _reduced(v, factor, own)


def _reduced(v: Vectoriser, value: Valued, letters: set[sp.Symbol]) -> Valued:
    from symbackprop.export.vectorise import Valued

    axes = tuple(i for i, x in enumerate(value.letters) if x in letters)
    node = v.graph.reduce("sum", value.node, axes)
    return Valued(node, tuple(x for x in value.letters if x not in letters))


def _merged(v: Vectoriser, factors: list[Valued]) -> list[Valued]:
    """While there are more than two: multiply one into another that has all its letters."""
    factors = sorted(factors, key=lambda f: len(f.letters))
    while len(factors) > 2:
        for i, small in enumerate(factors):
            into = next(
                (
                    k
                    for k, f in enumerate(factors)
                    if k != i and set(small.letters) <= set(f.letters)
                ),
                None,
            )
            if into is not None:
                product = v.elementwise("multiply", factors[into], small)
                factors = [f for k, f in enumerate(factors) if k not in (i, into)]
                factors.append(product)
                break
        else:
            return factors
    return factors


def _pair(v: Vectoriser, a: Valued, b: Valued, bound: set[sp.Symbol]) -> Valued:
    from symbackprop.export.vectorise import Valued

    shared = set(a.letters) & set(b.letters)
    summed = shared & bound
    batch = shared - bound
    if batch:
        return _einsum(v, [a, b], bound)
    free_a = tuple(x for x in a.letters if x not in summed)
    free_b = tuple(x for x in b.letters if x not in summed)
    if not free_a and not free_b:
        if len(a.letters) == 1 or a.letters == b.letters:
            return Valued(v.graph.make("vdot", (a.node, b.node)), ())
        return Valued(v.graph.make("vdot", (a.node, v.aligned(b, a.letters))), ())
    wanted = v.sorted(set(free_a) | set(free_b))
    if free_b and (not free_a or wanted[0] in free_b):
        a, b, free_a, free_b = b, a, free_b, free_a
    if len(summed) == 1:
        (letter,) = summed
        found = _matmul(v, a, b, letter, free_a, free_b)
        if found is not None:
            return found
    order = [x for x in a.letters if x in summed]
    axes = (tuple(a.letters.index(x) for x in order), tuple(b.letters.index(x) for x in order))
    dims = tuple(v.count(x) for x in (*free_a, *free_b))
    node = v.graph.make("tensordot", (a.node, b.node), axes, dims)
    return Valued(node, (*free_a, *free_b))


def _matmul(
    v: Vectoriser, a: Valued, b: Valued, letter: sp.Symbol, free_a: Letters, free_b: Letters
) -> Valued | None:
    from symbackprop.export.vectorise import Valued

    if len(free_b) > 1:
        return None
    if len(free_a) > 1 and a.letters[-1] != letter:
        return None
    left = _ordered(v, a, (*free_a, letter))
    right = _ordered(v, b, (letter, *free_b))
    dims = tuple(v.count(x) for x in (*free_a, *free_b))
    node = v.graph.make("matmul", (left, right), (), dims)
    return Valued(node, (*free_a, *free_b))


def _ordered(v: Vectoriser, value: Valued, letters: Letters) -> Node:
    return v.graph.transpose(value.node, tuple(value.letters.index(x) for x in letters))


def _einsum(v: Vectoriser, factors: list[Valued], bound: set[sp.Symbol]) -> Valued:
    from symbackprop.export.vectorise import Valued

    found: list[sp.Symbol] = []
    for f in factors:
        found += [x for x in f.letters if x not in found]
    name = {x: "abcdefghijklmnopqrstuvw"[i] for i, x in enumerate(found)}
    result = v.sorted({x for x in found if x not in bound})
    text = ",".join("".join(name[x] for x in f.letters) for f in factors)
    text += "->" + "".join(name[x] for x in result)
    dims = tuple(v.count(x) for x in result)
    node = v.graph.make("einsum", tuple(f.node for f in factors), (text,), dims)
    return Valued(node, result)
