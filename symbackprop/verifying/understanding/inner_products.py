r"""Vectors told by inner products: the x_i of `s_i = w^\top x_i`, the u_w and v_c of `u_w^\top v_c`.

Nobody transposes a number. Read as numbers, `x_i^\top x_i` and `x_i x_i^\top` were the same, and a
claim about vectors would be proved of single numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from symbackprop.formula.tree import Chain, Deriv, Grad, MatMul, Mul, Sym, Transpose


def factors_of_inner_products(chains: Iterable[Chain]) -> list[Sym]:
    """The symbols with one letter below them in inner products of equations without derivatives.

    The other factor is a small letter alone, the w of `w^\\top x_i`, or another letter with one
    letter below it. None that has two letters below it elsewhere: its rows are known as such.
    """
    chains = list(chains)
    entries = {n.base for c in chains for n in c.walk() if isinstance(n, Sym) and len(n.sub) > 1}
    found: dict[Sym, None] = {}
    for c in chains:
        if c.relations[:1] != ("=",) or any(isinstance(n, Deriv | Grad) for n in c.walk()):
            continue
        for one, other in _products(c):
            one, other = _any_example(one), _any_example(other)
            if one.base == other.base or not all(map(_is_small, (one, other))):
                continue
            if all(_is_lettered(x) or x == Sym(x.base) for x in (one, other)):
                found |= dict.fromkeys(
                    x for x in (one, other) if _is_lettered(x) and x.base not in entries
                )
    return list(found)


def _products(c: Chain) -> Iterator[tuple[Sym, Sym]]:
    for n in c.walk():
        if isinstance(n, Mul | MatMul):
            for a, b in pairwise(n.factors):
                if isinstance(a, Transpose) and isinstance(a.body, Sym) and isinstance(b, Sym):
                    yield a.body, b


def _any_example(s: Sym) -> Sym:
    """The φ of `φ^{(t)}`, an example; the l of a layer stays."""
    example = len(s.sup) == 3 and (s.sup[0], s.sup[2]) == ("(", ")") and not s.sub
    if example and s.sup[1].isalpha() and s.sup[1] not in ("l", "L", "ell"):
        return replace(s, sup=())
    return s


def _is_small(s: Sym) -> bool:
    return s.base[:1].islower() and not s.sup


def _is_lettered(s: Sym) -> bool:
    return len(s.sub) == 1 and len(s.sub[0]) == 1 and s.sub[0].isalpha()
