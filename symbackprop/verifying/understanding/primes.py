"""`L'(a)` of a quantity that the document defines as `L = …`: the derivative of L by a."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Sym
from symbackprop.verifying.understanding.statement import Statement


def read_primes(statements: list[Statement]) -> None:
    """Writes such derivatives with a fraction: L is no function of one letter of its own."""
    names = primed_quantities(s.chain for s in statements)
    if not names:
        return

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Call) and n.name in names and n.primes:
            return Deriv(Sym(n.name), n.args[0], span=n.span)
        return None

    for s in statements:
        s.chain = s.chain.map(lambda m: m.rewrite(change))  # type: ignore[assignment]


def primed_quantities(chains: Iterable[Chain]) -> frozenset[str]:
    """Names of quantities, defined by a bare left side, that are primed once before one letter only."""
    chains = list(chains)
    heads = {
        c.members[0].base
        for c in chains
        if c.relations and c.relations[0] in ("=", ":=", "equiv")
        and isinstance(c.members[0], Sym) and c.members[0] == Sym(c.members[0].base)
    }  # fmt: skip
    found: set[str] = set()
    other: set[str] = set()
    for c in chains:
        for n in c.walk():
            if isinstance(n, Call) and n.name in heads:
                single = n.primes == 1 and len(n.args) == 1 and isinstance(n.args[0], Sym)
                (found if single else other).add(n.name)
    return frozenset(found - other)
