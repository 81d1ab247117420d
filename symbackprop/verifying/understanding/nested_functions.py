r"""Functions made of other functions of the document: `g(x) = x Φ(x)` where `Φ(x)` has a formula of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Sym
from symbackprop.judging.leaves import PI

MOST = 500
"""A formula with more parts than this is not made."""

Formulas = Mapping[str, tuple[Sym, Formula]]


def closed_formulas(chains: Iterable[Chain]) -> dict[str, tuple[Sym, Formula]]:
    """The letters that have one formula, of their one argument alone: (argument, formula)."""
    found: dict[str, tuple[Sym, Formula]] = {}
    several: set[str] = set()
    for c in chains:
        first = c.members[0]
        if not c.relations or c.relations[0] not in ("=", ":=", "equiv"):
            continue
        if not isinstance(first, Call) or first.primes or len(first.args) != 1:
            continue
        argument, rhs = first.args[0], c.members[1]
        if not isinstance(argument, Sym) or argument.sub or argument.sup:
            continue
        inside = {n for n in rhs.walk() if isinstance(n, Sym)} - {PI}
        if inside != {argument} or any(isinstance(n, Deriv) for n in rhs.walk()):
            several.add(first.name)  # `σ(x) = y`: it says something else
        elif found.setdefault(first.name, (argument, rhs)) != (argument, rhs):
            several.add(first.name)
    return {n: f for n, f in found.items() if n not in several}


def with_formulas(f: Formula, formulas: Formulas, name: str) -> Formula:
    """A formula of the function `name`, with those of other functions put in unless they make it too long."""

    def put(n: Formula, above: frozenset[str]) -> Formula:
        def change(x: Formula) -> Formula | None:
            if not isinstance(x, Call) or x.primes or len(x.args) != 1:
                return None
            if x.name not in formulas or x.name in above:
                return None
            argument, rhs = formulas[x.name]
            at = put(x.args[0], above)
            inner = put(rhs, above | {x.name})
            count = sum(1 for y in inner.walk() if y == argument)
            if _size(inner) + count * _size(at) > MOST:
                return None
            return inner.rewrite(lambda y: at if y == argument else None)

        return n.rewrite(change)

    return put(f, frozenset({name}))


def _size(f: Formula) -> int:
    return sum(1 for _ in f.walk())


__all__ = ["closed_formulas", "with_formulas"]
