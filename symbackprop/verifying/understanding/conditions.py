r"""Conditions beside a formula in a display: `… \quad (i \neq j)`, `… \text{ if } z > 0`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbackprop.formula.latex_reader import Statement as Written
from symbackprop.formula.tree import Call, Chain, Opaque, Sym

_INEQUALITIES = frozenset(("!=", "<", ">", "<=", ">="))
_WHEN = re.compile(r"[\s(,:]*(?:if|when|whenever|for|wenn|falls|für|si|当|若|对)\b", re.IGNORECASE)


def conditions_of(statements: Sequence[Written]) -> dict[int, tuple[Chain, ...]]:
    """For each statement of a display, by number, the conditions that stand behind it or lead it.

    A range (`l = 1, …, L`) and a reason ("since …") are none.
    """
    found: dict[int, tuple[Chain, ...]] = {}
    cases = {k for k in range(len(statements)) if is_index_case(statements, k)}
    claims = [k for k, s in enumerate(statements) if not _is_condition(s) and k not in cases]
    for k, s in enumerate(statements):
        if ((_is_condition(s) and _restricts(s)) or k in cases) and claims:
            at = max((c for c in claims if c < k), default=claims[0])
            found[at] = (*found.get(at, ()), s.chain)
    return found


def is_index_case(statements: Sequence[Written], k: int) -> bool:
    """`\\quad i = j` behind a formula with both letters below its symbols."""
    chain = statements[k].chain
    if chain.relations != ("=",) or k == 0:
        return False
    letters = [m.base for m in chain.members if isinstance(m, Sym) and m == Sym(m.base)]
    scripts = {x for n in statements[k - 1].chain.walk() if isinstance(n, Sym) for x in n.sub}
    return len(letters) == 2 and letters[0] != letters[1] and set(letters) <= scripts


def is_inequality(chain: Chain) -> bool:
    """`i \\neq j`, `z > 0`."""
    return bool(chain.relations) and set(chain.relations) <= _INEQUALITIES


def _is_condition(s: Written) -> bool:
    return s.condition or is_inequality(s.chain)


def _restricts(s: Written) -> bool:
    if is_inequality(s.chain):
        return True
    told = any(
        isinstance(n, Opaque) or (isinstance(n, Call) and n.name == "sequence")
        for n in s.chain.walk()
    )
    simple = s.chain.relations == ("=",) and isinstance(s.chain.members[0], Sym)
    return simple and not told and bool(s.notes) and bool(_WHEN.match(s.notes[0]))


__all__ = ["conditions_of", "is_index_case", "is_inequality"]
