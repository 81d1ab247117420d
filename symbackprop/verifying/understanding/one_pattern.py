"""The error of one pattern, `E_n = 1/2 Σ_k (y_k - t_k)^2`, where every other symbol drops the n.

There the n is part of the name: `δ_k = ∂E_n/∂a_k` has no n that anything could bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from symbackprop.formula.tree import Chain, Formula, Prod, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

ONE_OF_THEM = ("one",)


def read_one_pattern(statements: Iterable[Statement]) -> None:
    """Makes the letter of a pattern a word wherever it stands on the error of one pattern only."""
    statements = list(statements)
    names = _errors_of_one([s.chain for s in statements if s.chain.relations])
    if names:
        rewrite_all(
            statements,
            lambda n: replace(n, sub=ONE_OF_THEM) if isinstance(n, Sym) and n in names else None,
        )


def _errors_of_one(chains: Sequence[Chain]) -> set[Sym]:
    heads = {
        c.members[0]
        for c in chains
        if c.relations[:1] in (("=",), (":=",), ("equiv",)) and _defines_one(c)
    }
    return {h for h in heads if isinstance(h, Sym) and not _stands_elsewhere(h, chains)}


def _defines_one(c: Chain) -> bool:
    head = c.members[0]
    if not (isinstance(head, Sym) and len(head.sub) == 1 and not head.sup and not head.accent):
        return False
    letter = head.sub[0]
    if not (len(letter) == 1 and letter.isalpha() and letter.islower()):
        return False
    inside = [n for m in c.members[1:] for n in m.walk()]
    sums = [n for n in inside if isinstance(n, Sum)]
    return bool(sums) and not any(_has(n, letter) for n in inside)


def _has(n: Formula, letter: str) -> bool:
    if isinstance(n, Sum | Prod):
        return n.index.name == letter
    return isinstance(n, Sym) and (letter in n.sub or letter in n.sup or n == Sym(letter))


def _stands_elsewhere(head: Sym, chains: Sequence[Chain]) -> bool:
    """Whether its letter counts anything but this quantity: on other symbols, or in sums over others."""
    letter = head.sub[0]
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sym) and n != head and _has(n, letter):
                return True
            counts = isinstance(n, Sum | Prod) and n.index.name == letter
            if counts and not any(x == head for x in n.walk()):
                return True
    return False


__all__ = ["read_one_pattern"]
