r"""Indices with an index: `h = \frac{1}{2m} \sum_{j=1}^{2m} v_{c_j}`, `\sum_k \log σ(-u_{w_k}^T v)`.

Which entry `c_j` is, is not told. Where nothing else of v stands in the formula and nothing defines v,
`v_{c_1}, v_{c_2}, …` are quantities of their own. Anywhere else such a sum cannot be understood: without
the letter below the letter, all its terms would seem to be one.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.formula.tree import Chain, Formula, Opaque, Prod, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement, has_derivative
from symbackprop.verifying.understanding.unread import NESTED

Family = tuple[str, str]
"""The letter of a quantity and the one below it: v and c of `v_{c_j}`."""


def read_nested(statements: Sequence[Statement]) -> dict[str, Family]:
    """Gives each family a name of its own; what the names stand for."""
    chains = [s.chain for s in statements]
    inside = {p for c in chains for p in _summed(c)}
    if not inside:
        return {}
    heads = {
        c.members[0].base for c in chains
        if c.relations[:1] in (("=",), (":=",)) and isinstance(c.members[0], Sym)
    }  # fmt: skip
    mixed = {
        n.base
        for c in chains
        if not has_derivative(c) and any(_summed(c))
        for n in c.walk()
        if isinstance(n, Sym) and len(n.sub) == 1 and n.sub[0] in _bound(c)
    }
    names = {(base, letter): base + letter for base, letter in inside if base not in heads | mixed}
    taken = {n.base for c in chains for n in c.walk() if isinstance(n, Sym)}
    names = {family: name for family, name in names.items() if name not in taken}

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or not _is_nested(n):
            return None
        name = names.get((n.base, n.sub[0]))
        if name is not None:
            return Sym(name, n.sub[2:], n.sup, n.primes, n.accent, span=n.span)
        return None

    def refuse(n: Formula) -> Formula | None:
        if isinstance(n, Sum | Prod) and any(
            isinstance(x, Sym) and _holds(x, n.index.name) for x in n.body.walk()
        ):
            return Opaque("", NESTED, span=n.span)
        return None

    for s in statements:
        s.chain = s.chain.rewrite_members(change).rewrite_members(refuse)
    return {name: family for family, name in names.items()}


def as_nested(f: Formula, families: dict[str, Family]) -> Formula:
    """The formula with `v_{c_j}` for the entries of these families."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in families and n.sub:
            base, letter = families[n.base]
            return Sym(base, (letter, "_", *n.sub), n.sup, n.primes, n.accent)
        return None

    return f.rewrite(change) if families else f


def _is_nested(s: Sym) -> bool:
    return len(s.sub) == 3 and s.sub[1] == "_" and len(s.sub[0]) == len(s.sub[2]) == 1


def _holds(s: Sym, letter: str) -> bool:
    """Whether a letter stands below a letter of the subscript."""
    return any(a == "_" and b.strip("{}") == letter for a, b in zip(s.sub, s.sub[1:], strict=False))


def _bound(chain: Chain) -> set[str]:
    return {n.index.name for n in chain.walk() if isinstance(n, Sum | Prod)}


def _summed(chain: Chain) -> list[Family]:
    """The families over which a formula sums."""
    return [
        (x.base, x.sub[0])
        for n in chain.walk()
        if isinstance(n, Sum | Prod)
        for x in n.body.walk()
        if isinstance(x, Sym) and _is_nested(x) and x.sub[2] == n.index.name
    ]
