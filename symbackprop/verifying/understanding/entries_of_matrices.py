r"""Entries in small letters, `x_{ij}` of the matrix `X`, in a text that has a vector x besides.

Where no x stands alone, the two letters are one quantity anyway. A vector has no entry with two indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import Formula, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_entries_of_matrices(statements: Sequence[Statement]) -> None:
    """Writes `X_{ij}` for `x_{ij}`, where x has no other subscripts, and X and x stand whole."""
    chains = [s.chain for s in statements if s.chain.relations]
    symbols = {n for c in chains for n in c.walk() if isinstance(n, Sym)}
    heads = {
        c.members[0].base for c in chains if isinstance(c.members[0], Sym) and c.members[0].sub
    }
    found: set[str] = set()
    for base in {s.base for s in symbols if len(s.base) == 1 and s.base.islower()}:
        own = [s for s in symbols if s.base == base]
        subs = {s.sub for s in own if s.sub}
        large = [s for s in symbols if s.base == base.upper()]
        if not subs or base in heads or Sym(base) not in own or Sym(base.upper()) not in large:
            continue
        pairs = all(len(t) == 2 and all(x.isalpha() and len(x) == 1 for x in t) for t in subs)
        if pairs and not any(s.sub for s in large):
            found.add(base)
    if not found:
        return

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in found and n.sub:
            return replace(n, base=n.base.upper())
        return None

    rewrite_all(statements, change)


__all__ = ["read_entries_of_matrices"]
