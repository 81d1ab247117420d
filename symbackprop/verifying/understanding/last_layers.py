"""The last layer by another capital than L: `a^D` beside `a^l` is no power of a."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import Chain, Formula, Pow, Sym

LAST = "L"


def last_layer(chains: Iterable[Chain]) -> str:
    """The capital above a base that has layers elsewhere, where it was read as an exponent.

    '' where there is none, or more than one, or where L itself stands above such a base.
    """
    layered: set[tuple[str, str]] = set()
    found: set[str] = set()
    nodes = [n for c in chains for n in c.walk()]
    for n in nodes:
        if isinstance(n, Sym) and "l" in n.sup:
            layered.add((n.base, n.accent))
    for n in nodes:
        if isinstance(n, Sym) and LAST in n.sup and (n.base, n.accent) in layered:
            return ""
        match n:
            case Pow(base=Sym(base=base, accent=accent, sup=()), exponent=Sym(base=c) as e):
                if (base, accent) in layered and e == Sym(c) and len(c) == 1 and c.isupper():
                    found.add(c)
    found -= {"T", "H"}
    return found.pop() if len(found) == 1 else ""


def with_last_layer(chain: Chain, letter: str) -> Chain:
    """The chain with L for this letter in superscripts."""
    if not letter:
        return chain

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and letter in n.sup:
            sup = tuple(LAST if t == letter else t for t in n.sup)
            return Sym(n.base, n.sub, sup, n.primes, n.accent, span=n.span)
        return None

    return chain.rewrite_members(change)
