r"""Labels that are signs: `y_i \in \{-1, +1\}`, so that `y_i^2 = 1`."""

from __future__ import annotations

import re

from symbackprop.formula.tree import Chain, Sym
from symbackprop.system.model import Fact
from symbackprop.verifying.understanding.statement import Statement, Understanding

_SIGNS = re.compile(
    r"\\in\s*(?:\\left\s*)?\\\{\s*(?:-\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*-\s*1|\\pm\s*1)\s*(?:\\right\s*)?\\\}"
    r"(?:\s*\^\s*(?:\w|\{[^{}]*\}))?\s*[.,;]?\s*"
)


def keep_signs(s: Statement, u: Understanding) -> None:
    """Notes of a letter that it is 1 or -1, if the text does not define it by an equation."""
    head = s.chain.members[0]
    if not isinstance(head, Sym) or head.primes or head.sup:
        return
    at = s.piece.latex.find("\\in")
    if not _SIGNS.fullmatch(s.piece.latex, max(at, 0)):
        return
    if not any(_defines(x.chain, head) for x in u.statements):
        u.facts.setdefault(u.resolver.symbols.resolve(head).name, set()).add(Fact("in {-1,1}"))


def _defines(chain: Chain, head: Sym) -> bool:
    """Whether an equation has the letter on its left; a number for one case is no definition."""
    first = chain.members[0]
    return (
        chain.relations[:1] in (("=",), (":=",))
        and isinstance(first, Sym)
        and (first.base, first.accent) == (head.base, head.accent)
        and any(isinstance(n, Sym) for m in chain.members[1:] for n in m.walk())
    )
