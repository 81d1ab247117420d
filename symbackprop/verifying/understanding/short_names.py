r"""Short names for quantities that have one: "write `S = Z_3`", and then `∂P_{nc}/∂S_{nk}`.

Nothing is computed from such an S; what depends on `Z_3` is differentiated by it all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.scripts import ENTRY
from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Sym
from symbackprop.verifying.understanding.statement import Statement


def read_short_names(statements: Sequence[Statement]) -> None:
    """Writes `Z_3` for S where something is differentiated by S, and only `S = Z_3` defines it."""
    chains = [s.chain for s in statements if s.chain.relations]
    heads = [c.members[0] for c in chains if c.relations[0] in ("=", ":=", "equiv")]
    by = {
        n.by.base for c in chains for n in c.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.by, Sym)
    }  # fmt: skip
    short: dict[str, tuple[Sym, Chain]] = {}
    for c in chains:
        meant = _meant(c)
        if meant is None or c.members[0] == meant or heads.count(c.members[0]) > 1:
            continue
        name = c.members[0]
        assert isinstance(name, Sym)
        earlier = chains[: chains.index(c)]
        if name.base not in by or meant not in heads or any(_holds(e, name.base) for e in earlier):
            continue
        if not any(_holds_scripts(e, name.base) for e in chains):
            short[name.base] = meant, c
    if not short:
        return
    for s in statements:
        if all(s.chain is not c for _, c in short.values()):
            s.chain = s.chain.rewrite_members(lambda n: _written(n, short))


def _meant(c: Chain) -> Sym | None:
    """The `Z_3` of `S = Z_3`."""
    if len(c.members) != 2 or c.relations[0] not in ("=", ":=", "equiv"):
        return None
    name, meant = c.members
    plain = isinstance(name, Sym) and name == Sym(name.base)
    if not plain or not isinstance(meant, Sym) or meant.sup or not meant.sub:
        return None
    return replace(meant, span=None) if all(t.isdigit() for t in meant.sub) else None


def _holds(c: Chain, base: str) -> bool:
    return any(isinstance(n, Sym) and n.base == base for n in c.walk())


def _holds_scripts(c: Chain, base: str) -> bool:
    """Whether the short name is written with anything but indices of an entry."""
    return any(
        isinstance(n, Sym) and n.base == base and (n.sup or n.primes or any(t.isdigit() for t in n.sub))
        for n in c.walk()
    )  # fmt: skip


def _written(n: Formula, short: dict[str, tuple[Sym, Chain]]) -> Formula | None:
    if not isinstance(n, Sym) or n.base not in short:
        return None
    meant = short[n.base][0]
    sub = (*meant.sub, ENTRY, *(t for t in n.sub if t != ",")) if n.sub else meant.sub
    return replace(meant, sub=sub, span=n.span)


__all__ = ["read_short_names"]
