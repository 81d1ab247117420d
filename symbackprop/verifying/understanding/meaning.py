"""A statement with every symbol resolved."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Call, Chain, Ref, Sym
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.understanding.statement import Statement, Understanding


def find_meaning(s: Statement, u: Understanding) -> None:
    s.chain = _argument_is_a_number(s.chain)
    try:
        meant = u.resolver(s.chain)
    except (Unclear, SymbackpropError) as error:
        s.reason = getattr(error, "reason", "") or getattr(error, "message", "not understood")
        return
    assert isinstance(meant, Chain)
    s.meant = meant


ARGUMENT = Ref("arg")


def _argument_is_a_number(chain: Chain) -> Chain:
    """`f'(x) = f(x)(1 - f(x))` speaks of any number x, whatever x is elsewhere."""
    symbols = {n for n in chain.walk() if isinstance(n, Sym)}
    if len(symbols) != 1 or not any(isinstance(n, Call) for n in chain.walk()):
        return chain
    only = next(iter(symbols))
    if only.sub or only.sup or chain.members[0] == only:
        return chain
    new = chain.rewrite(lambda n: replace(ARGUMENT, span=n.span) if n == only else None)
    assert isinstance(new, Chain)
    return new
