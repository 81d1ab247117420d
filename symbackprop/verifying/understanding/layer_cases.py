r"""Cases over layers: `δ^l = \begin{cases} … & l = L \\ … & l < L \end{cases}` and `… \text{ for } l = L`.

What is said of the last layer is said with its letter: `δ^L = …`. The other case is the statement for any layer
that has one above it.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Cases, Chain, Formula, Sum, Sym
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.statement import Statement

LETTERS = ("l", "ell")
FAMILY = 2_000_000
"""Families of cases are counted from here."""


def split_layer_cases(statements: list[Statement]) -> None:
    """Replaces each statement with cases over layers by one for every case."""
    found: list[Statement] = []
    for s in statements:
        copies = _copies(s)
        for one in copies if len(copies) > 1 else ():
            one.family = FAMILY + len(found)
        found.extend(copies)
    statements[:] = found


def _copies(s: Statement) -> list[Statement]:
    for c in s.under:
        last = _last(c)
        if last is not None:
            rest = tuple(x for x in s.under if x is not c)
            return [replace(s, chain=_at(s.chain, *last), under=rest, defines=[])]
    chain = s.chain
    if len(chain.members) != 2 or not isinstance(chain.members[1], Cases):
        return [s]
    rows = chain.members[1].rows
    if not any(isinstance(c, Chain) and _last(c) for _, c in rows):
        return [s]
    copies: list[Statement] = []
    for value, condition in rows:
        one = Chain((chain.members[0], value), chain.relations, span=chain.span)
        if condition is not None:
            last = _last(condition) if isinstance(condition, Chain) else None
            if last is not None:
                one = _at(one, *last)
            elif not (isinstance(condition, Chain) and _is_below(condition)):
                return [s]
        copies.append(replace(s, chain=one, defines=[]))
    return copies


def _last(c: Chain) -> tuple[str, str] | None:
    """The letter and the last layer of `l = L`."""
    if c.relations != ("=",) or not all(isinstance(m, Sym) and m == Sym(m.base) for m in c.members):
        return None
    letter, last = (m.base for m in c.members)  # type: ignore[attr-defined]
    return (letter, last) if letter in LETTERS and last in SIZE_LETTERS else None


def _is_below(c: Chain) -> bool:
    """`l < L`, `l \\neq L`, `1 \\le l < L`: the other layers."""
    letters = [m.base for m in c.members if isinstance(m, Sym)]
    return any(x in LETTERS for x in letters) and set(c.relations) <= {"<", "<=", "!="}


def _at(chain: Chain, letter: str, last: str) -> Chain:
    """The statement about the last layer."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum) and n.index.name == letter:
            return n
        if not isinstance(n, Sym) or letter not in (*n.sub, *n.sup):
            return None
        sub, sup = (tuple(last if t == letter else t for t in s) for s in (n.sub, n.sup))
        return replace(n, sub=sub, sup=sup)

    return chain.rewrite_members(change)


__all__ = ["split_layer_cases"]
