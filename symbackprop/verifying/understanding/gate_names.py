"""Letters that name a gate in the scripts of its weights: the r of `W_r`, `U_r` and `b_r` beside `r = σ(v)`.

Alone such a letter looks like an index, and `W_r` like one entry of a vector. A letter that a formula
computes runs over nothing: `W_r` is a matrix, as `W` is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Call, Chain, Formula, Hadamard, MatMul, Prod, Sum, Sym

TIMES = frozenset({"t", "T"})


def gate_names(chains: Iterable[Chain]) -> frozenset[str]:
    """Letters that are computed, alone or at each time, and that nothing else makes an index."""
    found: set[str] = set()
    indices: set[str] = set()
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sum | Prod):
                indices.add(n.index.name)
            elif isinstance(n, Sym) and len(n.sub) > 1:
                indices |= set(n.sub)
        head = c.members[0]
        if len(c.members) < 2 or c.relations[0] not in ("=", ":=") or not isinstance(head, Sym):
            continue
        plain = not head.sup and not head.primes and not head.accent
        letter = len(head.base) == 1 and head.base.islower()
        if letter and plain and set(head.sub) <= TIMES and any(map(computes, c.members[1].walk())):
            found.add(head.base)
    return frozenset(found - indices)


def computes(f: Formula) -> bool:
    """What no index is made of: a function, a product of arrays."""
    return isinstance(f, Call | MatMul | Hadamard)


def without_gate(s: Sym, gates: frozenset[str]) -> Sym:
    """`W_r` as `W`, to be judged by its letter; any other symbol as it is."""
    return replace(s, sub=()) if len(s.sub) == 1 and s.sub[0] in gates else s
