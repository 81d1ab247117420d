r"""Costs of other letters than the usual ones: the Φ that a text only ever differentiates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from symbackprop.formula.tree import Chain, Deriv, Grad, Sym
from symbackprop.verifying.names.letters import COSTS


def open_cost_letters(chains: Iterable[Chain]) -> frozenset[str]:
    """Letters that stand alone, in derivatives only, by two quantities at least, and are defined nowhere."""
    every: Counter[str] = Counter()
    derived: Counter[str] = Counter()
    by: dict[str, set[object]] = {}
    for c in chains:
        if not c.relations:
            continue
        for n in c.walk():
            if isinstance(n, Sym):
                every[n.base] += 1
            if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym) and n.of == Sym(n.of.base):
                derived[n.of.base] += 1
                by.setdefault(n.of.base, set()).add(n.by)
    return frozenset(
        b for b, count in derived.items()
        if count == every[b] and len(by[b]) > 1 and b not in COSTS and not b.islower()
    )  # fmt: skip


__all__ = ["open_cost_letters"]
