r"""Sections about numbers beside sections about vectors: `s(x) = x σ(βx)` in a text that has matrices, too.

A small letter counts as a vector in such a text. Where nothing that it is connected with is an array (no
capital letter, transpose, norm or entry-wise product), and it is multiplied by itself or by a function of
itself, it is a number, and so are the letters that it is connected with.
"""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Mul,
    Norm,
    Num,
    Pow,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS

ARRAYS = frozenset({"softmax", "diag", "list", "tuple", "max", "min", "Diag", "trace", "tr"})
"""Functions of arrays."""
Letter = tuple[str, tuple[str, ...]]


def lone_numbers(chains: Iterable[Chain]) -> frozenset[Letter]:
    """The letters, with their superscripts, of the parts of a document that are about numbers alone."""
    groups: list[tuple[set[Letter], bool, bool]] = []
    for c in chains:
        letters = {(n.base, n.sup) for n in c.walk() if isinstance(n, Sym)}
        arrays = any(_is_array(n) for n in c.walk())
        product = any(_by_itself(n) for n in c.walk())
        apart = []
        for others, any_array, any_product in groups:
            if letters & others:
                letters |= others
                arrays, product = arrays or any_array, product or any_product
            else:
                apart.append((others, any_array, any_product))
        groups = [*apart, (letters, arrays, product)]
    return frozenset(n for letters, arrays, product in groups if product and not arrays for n in letters)  # fmt: skip


def costs_with_more(chains: Iterable[Chain], numerators: frozenset[str]) -> frozenset[Letter]:
    """The R of `R = J + …`, where J is a cost, and one of them is differentiated: a number, too."""
    found: set[Letter] = set()
    for c in chains:
        head = c.members[0]
        if c.relations[:1] not in (("=",), (":=",)) or not isinstance(head, Sym):
            continue
        if head != Sym(head.base) or not isinstance(c.members[1], Add):
            continue
        plain = {t.base for t in c.members[1].terms if isinstance(t, Sym) and t == Sym(t.base)}
        usual = COSTS - {"F", "Q"} if head.base in numerators else COSTS & numerators
        if plain & usual:
            found.add((head.base, ()))
    return frozenset(found)


def _is_array(n: Formula) -> bool:
    if isinstance(n, Sym):
        capital = n.base[:1].isupper() and n.base not in COSTS
        return capital or " " in n.base or bool(n.sub)
    if isinstance(n, Call):
        return n.name in ARRAYS
    return isinstance(n, Transpose | Norm | Hadamard | Grad | Sum)


def _by_itself(n: Formula) -> bool:
    """`x^2`, `x σ(βx)`: what vectors do not do."""
    if isinstance(n, Pow):
        return isinstance(n.base, Sym) and isinstance(n.exponent, Num)
    if not isinstance(n, Mul | MatMul):
        return False
    plain = {x for x in n.factors if isinstance(x, Sym)}
    calls = [x for x in n.factors if isinstance(x, Call)]
    return any(s in set(c.walk()) for s in plain for c in calls)


__all__ = ["costs_with_more", "lone_numbers"]
