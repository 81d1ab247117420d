r"""Indicators with a bold 1: `\mathbf{1}[z > 0]` is 1 where the condition holds, no vector of ones times it."""

from __future__ import annotations

from symbackprop.formula.tree import Bracket, Chain, Formula, MatMul, Mul, Sym

ONE = Sym("1")


def with_indicators(chain: Chain) -> Chain:
    """The statement without the 1 beside each bracket with a condition."""

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, MatMul | Mul) or ONE not in n.factors:
            return None
        if not any(isinstance(f, Bracket) for f in n.factors):
            return None
        factors = [f for f in n.factors if f != ONE]
        inner = [f.rewrite(change) for f in factors]
        return inner[0] if len(inner) == 1 else type(n)(tuple(inner), span=n.span)

    return chain.rewrite_members(change)
