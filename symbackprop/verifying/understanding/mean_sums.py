r"""Means whose sum has no ends: `\mu = \frac1m \sum_i x_i` runs over the m examples that it divides by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import ONE, Div, Formula, Mul, Num, Prod, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

_SIZES = frozenset("mnNMBTKdDHpPqQ")


def read_means(statements: Iterable[Statement]) -> None:
    """Gives every sum behind `1/m` the ends 1 and m, where nothing else tells how far its letter runs."""
    statements = list(statements)
    chains = [s.chain for s in statements]
    ends: dict[str, set[Formula | None]] = {}
    letters: set[str] = set()
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sum | Prod):
                letters.add(n.index.name)
                if n.upper is not None:
                    ends.setdefault(n.index.name, set()).add(n.upper)
    scripts = {x for c in chains for n in c.walk() if isinstance(n, Sym) for x in (*n.sub, *n.sup)}
    heads = {c.members[0] for c in chains if c.relations}
    sizes = {Sym(x) for x in _SIZES - letters - scripts} - heads
    told: dict[str, set[Sym]] = {}
    for c in chains:
        for n in c.walk():
            for total, size in _means(n, sizes):
                told.setdefault(total.index.name, set()).add(size)
    known = {
        letter: next(iter(found))
        for letter, found in told.items()
        if len(found) == 1 and ends.get(letter, found) == found
    }
    if not known:
        return

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Mul):
            return None
        ended = {total: size for total, size in _means(n, sizes) if total.index.name in known}
        if not ended:
            return None
        factors = (
            replace(f, lower=ONE, upper=ended[f]) if isinstance(f, Sum) and f in ended else f
            for f in n.factors
        )
        return Mul(tuple(factors), span=n.span)

    rewrite_all(statements, change)


def _means(f: Formula, sizes: set[Sym]) -> list[tuple[Sum, Sym]]:
    """The sums without ends that a formula divides by a size."""
    if not isinstance(f, Mul):
        return []
    by = [size for x in f.factors if (size := _divided_by(x, sizes)) is not None]
    open_ = [x for x in f.factors if isinstance(x, Sum) and x.lower is None and x.upper is None]
    return [(open_[0], by[0])] if len(by) == len(open_) == 1 else []


def _divided_by(f: Formula, sizes: set[Sym]) -> Sym | None:
    r"""The m of `\frac1m` and `\frac{1}{2m}`."""
    if not isinstance(f, Div) or not isinstance(f.num, Num):
        return None
    parts = f.den.factors if isinstance(f.den, Mul) else (f.den,)
    found = [replace(p, span=None) for p in parts if isinstance(p, Sym)]
    plain = all(isinstance(p, Num | Sym) for p in parts)
    return found[0] if plain and len(found) == 1 and found[0] in sizes else None


__all__ = ["read_means"]
