r"""The identity in texts of single numbers: the I of `\partial h_{l+1}/\partial h_l = I + F'(h_l)` is 1 there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import Add, Formula, Num, Sym
from symbackprop.verifying.understanding.statement import Statement, has_derivative, rewrite_all

_I = Sym("I")


def read_identities(statements: Sequence[Statement]) -> None:
    """Where I is only ever a term beside others in claims about derivatives, and nothing defines it."""
    places = [s.chain for s in statements if any(_is_identity(n) for n in s.chain.walk())]
    letters = {n.base for s in statements for n in s.chain.walk() if isinstance(n, Sym) and n.sub}
    if not places or "I" in letters:
        return
    for c in places:
        inside = [n for n in c.walk() if isinstance(n, Add) and any(map(_is_identity, n.terms))]
        terms = sum(_is_identity(t) for n in inside for t in n.terms)
        derivative = any(has_derivative(m) for m in c.members)
        if not derivative or terms != sum(_is_identity(n) for n in c.walk()):
            return

    def change(f: Formula) -> Formula | None:
        if not isinstance(f, Add) or not any(map(_is_identity, f.terms)):
            return None
        return replace(f, terms=tuple(Num("1") if _is_identity(t) else t for t in f.terms))

    rewrite_all(statements, change)


def _is_identity(f: Formula) -> bool:
    return isinstance(f, Sym) and f == _I


__all__ = ["read_identities"]
