"""Entries of arrays that stand for formulas: `δ_k` where only `δ = ∇_a C ⊙ σ'(z)` is said."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Formula, Ref
from symbackprop.verifying.contexts.session import Named
from symbackprop.verifying.systems.entries import Entries
from symbackprop.verifying.systems.rename import rename


def with_entries(f: Formula, named: Named, arity: dict[str, int]) -> Formula:
    """The formula, entries of named arrays written out. Raises ReadingError where shapes do not fit."""
    entries = Entries(lambda a: max(arity.get(a.name.removeprefix("d."), 0) - len(a.indices), 0))

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Ref) or n.name not in named:
            return None
        letters, body = named[n.name]
        if len(n.indices) <= len(letters) or isinstance(body, Array):
            return None
        kept, rest = n.indices[: len(letters)], n.indices[len(letters) :]
        inside = rename(body, dict(zip(letters, kept, strict=True))) if letters else body
        if entries.rank(inside) != len(rest):
            return None
        return entries.at(inside, rest).rewrite(change)

    return f.rewrite(change)
