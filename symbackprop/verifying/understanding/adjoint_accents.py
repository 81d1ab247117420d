r"""`\bar Z` for `∂L/∂Z`: an accent that the text says to mean the derivative by what carries it.

"We write $\bar Z$ for $∂L/∂Z$" speaks of every quantity: each `\bar X` of a known X is the derivative by X then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from symbackprop.formula.tree import Deriv, Formula, Grad, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

_SAYS = re.compile(
    r"\s*(?:for|denotes?|means?|is|stands\s+for|abbreviates|short\s+for|:?=)\s*(?:the\s+)?$"
)


def read_adjoint_accents(statements: Sequence[Statement]) -> None:
    """Writes accented symbols as the derivatives that they are said to be."""
    said = dict(_said(statements))
    if not said:
        return
    plain = {
        n.base
        for s in statements
        for n in s.chain.walk()
        if isinstance(n, Sym) and not n.accent
    }  # fmt: skip

    def derivative(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or n.accent not in said or n.base not in plain:
            return None
        return Deriv(said[n.accent], replace(n, accent=""), span=n.span)

    rewrite_all(statements, derivative)


def _said(statements: Sequence[Statement]) -> list[tuple[str, Formula]]:
    """Accents with the cost, of which the text says so about a letter that no equation defines."""
    heads = {
        s.chain.members[0].base
        for s in statements
        if s.chain.relations and isinstance(s.chain.members[0], Sym)
    }
    found: list[tuple[str, Formula]] = []
    for one, two in pairwise(statements):
        name, meant = one.chain.members[0], two.chain.members[0]
        if one.chain.relations or two.chain.relations or one.piece is two.piece:
            pair = one.chain.members if len(one.chain.members) == 2 else ()
            if not pair or one.chain.relations[0] not in ("=", ":=", "equiv"):
                continue
            name, meant = pair
        elif not _SAYS.match(two.piece.before):
            continue
        if not isinstance(name, Sym) or not name.accent or not isinstance(meant, Deriv | Grad):
            continue
        if meant.by == replace(name, accent="", span=None) and name.base not in heads:
            found.append((name.accent, meant.of))
    return found


__all__ = ["read_adjoint_accents"]
