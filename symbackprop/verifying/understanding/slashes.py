"""Derivatives in plain letters: `dJ/dw`, `d J / d w`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbackprop.formula.tree import Chain, Deriv, Div, Formula, Mul, Sym, mul
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.statement import Statement


def read_slashes(statements: list[Statement]) -> None:
    """Replaces the quotients that are derivatives, in every statement."""
    bases = {n.base for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    for s in statements:
        s.chain = slashed_derivatives(s.chain, bases)


def slashed_derivatives(chain: Chain, bases: set[str]) -> Chain:
    """`dJ/dw` in plain letters is the derivative where the document speaks of J."""

    def under(s: Formula) -> Sym | None:
        if isinstance(s, Sym) and len(s.base) > 1 and s.base[0] == "d":
            return replace(s, base=s.base[1:].strip())
        return None

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Div):
            top, bottom = under(n.num), under(n.den)
            if top is not None and bottom is not None and top.base in bases | COSTS:
                return Deriv(top, bottom, span=n.span)
        if isinstance(n, Mul):
            return _spaced(n, change)
        return None

    return chain.rewrite_members(change)


def _spaced(n: Mul, change: Callable[[Formula], Formula | None]) -> Formula | None:
    """`d J / d w`, read as the product d (J/d) w."""
    d = Sym("d")
    factors: list[Formula] = []
    left = list(n.factors)
    while left:
        first = left.pop(0)
        if first == d and len(left) > 1 and isinstance(left[0], Div) and left[0].den == d:
            middle = left.pop(0)
            assert isinstance(middle, Div)
            first = Deriv(middle.num, left.pop(0))
        factors.append(first)
    if len(factors) == len(n.factors):
        return None
    return mul(*(f.rewrite(change) for f in factors))
