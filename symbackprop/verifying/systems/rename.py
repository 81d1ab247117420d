"""Index letters and shifts in resolved formulas: renaming, tidying, and back from SymPy."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symbackprop.formula.remembered import remembered
from symbackprop.formula.tree import (
    Array,
    Formula,
    Idx,
    Matrix,
    Neg,
    Num,
    Prod,
    Ref,
    Sum,
    add,
)
from symbackprop.verifying.names.affine import affine_of


def rename(f: Formula, letters: Mapping[str, Formula]) -> Formula:
    """Free index letters replaced; bound ones of the same name are left alone."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Idx):
            return letters.get(node.name)
        if isinstance(node, Sum | Prod) and node.index.name in letters:
            inner = {k: v for k, v in letters.items() if k != node.index.name}
            return type(node)(
                rename(node.body, inner),
                node.index,
                rename(node.lower, letters) if node.lower is not None else None,
                rename(node.upper, letters) if node.upper is not None else None,
            )
        if isinstance(node, Sum | Prod):
            return type(node)(
                rename(node.body, letters),
                node.index,
                rename(node.lower, letters) if node.lower is not None else None,
                rename(node.upper, letters) if node.upper is not None else None,
            )
        return None

    return f.rewrite(change)


def tidy(f: Formula) -> Formula:
    """Index sums with their numbers added: (l - 1) + 1 is l."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Ref | Array) and node.indices:
            return type(node)(
                node.name, tuple(_tidy_index(i) for i in node.indices), span=node.span
            )
        return None

    return f.rewrite(change)


def _tidy_index(i: Formula) -> Formula:
    letter, shift = affine_of(i)
    if letter is None:
        return signed(shift) if affine_constant(i) else i
    if shift == 0:
        return Idx(letter)
    return add(Idx(letter), signed(shift))


def affine_constant(i: Formula) -> bool:
    return all(not isinstance(n, Idx | Ref) for n in i.walk())


def from_sympy(e: sp.Expr, swap: Mapping[str, Formula]) -> Formula | None:
    e = sp.expand(e)
    if e.is_Integer:
        return signed(int(e))
    if e.is_Symbol:
        return swap.get(e.name, Idx(e.name))
    if isinstance(e, sp.Indexed):
        inner = [from_sympy(i, swap) for i in e.indices]
        if any(i is None for i in inner):
            return None
        return Ref("size:" + str(e.base.label), tuple(i for i in inner if i is not None))
    if e.is_Add:
        parts = [from_sympy(a, swap) for a in e.args]
        if any(p is None for p in parts):
            return None
        return add(*[p for p in parts if p is not None])
    return None


def signed(n: int) -> Formula:
    return Num(str(n)) if n >= 0 else Neg(Num(str(-n)))


@remembered
def refs_in(f: Formula) -> tuple[Ref | Array, ...]:
    """All entries and arrays in a formula, in writing order."""
    return tuple(n for n in f.walk() if isinstance(n, Ref | Array))


@remembered
def names_in(f: Formula) -> tuple[str, ...]:
    """The names of quantities in a formula, in writing order."""
    names = (r.name for r in refs_in(f) if not r.name.startswith(("d.", "size:")))
    return tuple(dict.fromkeys(names))


@remembered
def sums_in(f: Formula) -> tuple[Sum | Matrix, ...]:
    """What tells lengths in a formula: its sums and written-out matrices."""
    return tuple(n for n in f.walk() if isinstance(n, Sum | Matrix))
