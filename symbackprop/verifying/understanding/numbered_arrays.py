r"""Entries of numbered arrays: `(W_1)_{dh}` and `b_{2,k}` beside `W_1` and `b_2` alone.

Where a letter is only ever numbered, and never has an index in the number's place, `b_2` is an array of
its own, and `b_{2,k}` its entry k; else the number is an index like the others: `(h_t)_i` is `h_{t,i}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.scripts import ENTRY
from symbackprop.formula.tree import Formula, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_entries_of_numbered(statements: Sequence[Statement], arrays: bool) -> None:
    """Marks the entries of numbered arrays, and no others."""
    symbols = {
        n for s in statements for n in s.chain.walk() if isinstance(n, Sym) and n.sub and not n.sup
    }
    if not any(ENTRY in s.sub or "," in s.sub for s in symbols):
        return
    heads = _numbered(symbols) if arrays else frozenset()

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or not (ENTRY in n.sub or "," in n.sub):
            return None
        at = _head(n.sub)
        head = replace(n, sub=n.sub[:at], span=None)
        rest = n.sub[at + 1 :]
        sep = "," if head not in heads or rest == () else ENTRY
        if n.sub[at] == sep or (sep == ENTRY and not any(t.isalpha() for t in rest)):
            return None
        return replace(n, sub=(*n.sub[:at], sep, *rest))

    rewrite_all(statements, change)


def _numbered(symbols: set[Sym]) -> frozenset[Sym]:
    """The arrays `W_1`, `b_2`, …, that stand alone, of letters that are only ever numbered."""
    lettered = {_letter(s) for s in symbols if not _is_number(s.sub[: _head(s.sub)])}
    return frozenset(
        replace(s, span=None) for s in symbols
        if _head(s.sub) == len(s.sub) and _letter(s) not in lettered
    )  # fmt: skip


def _letter(s: Sym) -> tuple[str, str, int]:
    return s.base, s.accent, s.primes


def _head(sub: tuple[str, ...]) -> int:
    """How much of a subscript stands before the first separator."""
    return next((i for i, t in enumerate(sub) if t in (ENTRY, ",")), len(sub))


def _is_number(tokens: tuple[str, ...]) -> bool:
    return bool(tokens) and all(t.isdigit() for t in tokens)


__all__ = ["read_entries_of_numbered"]
