"""Units that stand for biases: the `z_0 = 1` beside `z_j = tanh(a_j)` and `y_k = Σ_{j=0}^M w_{kj} z_j`."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import ONE, Chain, Num, Sum, Sym

ZERO = Num("0")


def is_bias_unit(chain: Chain, all_chains: Iterable[Chain]) -> bool:
    """Whether an entry 0 is set to 1 of what other equations calculate, and sums count it."""
    head = chain.members[0]
    if not (isinstance(head, Sym) and head.sub[-1:] == ("0",) and chain.members[1:] == (ONE,)):
        return False
    calculated = counted = False
    for c in all_chains:
        first = c.members[0]
        if _is_like(first, head) and len(c.members) > 1 and _has_symbols(c):
            calculated = True
        for n in c.walk():
            if isinstance(n, Sum) and n.lower == ZERO:
                counted |= any(
                    _is_like(x, head) and isinstance(x, Sym) and x.sub[-1] == n.index.name
                    for x in n.body.walk()
                )
    return calculated and counted


def _is_like(x: object, head: Sym) -> bool:
    """The same quantity with a letter for its entry."""
    return (
        isinstance(x, Sym)
        and (x.base, x.sup, x.accent, x.sub[:-1]) == (head.base, head.sup, head.accent, head.sub[:-1])
        and x.sub[-1:] != ()
        and x.sub[-1].isalpha()
    )  # fmt: skip


def _has_symbols(c: Chain) -> bool:
    return any(isinstance(n, Sym) for m in c.members[1:] for n in m.walk())


__all__ = ["is_bias_unit"]
