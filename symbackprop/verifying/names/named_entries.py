r"""Entries of arrays whose subscript is a name: `(W_{hh})_{ij}` and `b_{h,i}` beside `W_{hh}` and `b_h`.

The reader writes both as one subscript, `W_{hh,ij}`. What stands before the comma is a name only
where it cannot be an index and the document writes the array with it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from symbackprop.formula.scripts import ENTRY
from symbackprop.formula.tree import Sym
from symbackprop.verifying.names.scripts import Item

IndexItems = Callable[[tuple[str, ...]], list[Item] | None]
"""The parts of a subscript as indices; None where one of them can only be a name."""


def named_entries(symbols: Iterable[Sym], index_items: IndexItems) -> dict[Sym, int]:
    """The arrays with such entries, and how many indices these have."""
    symbols = list(symbols)
    whole = set(symbols)
    found: dict[Sym, int] = {}
    for s in symbols:
        name, items = entry_of(s, index_items)
        if name in whole and any(i.letters for i in items):
            found[name] = max(found.get(name, 0), len(items))
    return found


def entry_of(s: Sym, index_items: IndexItems) -> tuple[Sym, list[Item]]:
    """`W_{hh,ij}` as `W_{hh}` and its indices; no indices where it is no such entry."""
    if ENTRY in s.sub:
        at = s.sub.index(ENTRY)
        return replace(s, sub=s.sub[:at]), index_items(s.sub[at + 1 :]) or []
    if "," not in s.sub or index_items(s.sub) is not None:
        return s, []
    at = s.sub.index(",")
    return replace(s, sub=s.sub[:at]), index_items(s.sub[at + 1 :]) or []


def letters_of_entries(symbols: Iterable[Sym]) -> set[str]:
    """The d and h of `(W_1)_{dh}`: they can be nothing else than indices."""
    return {
        t for s in symbols if ENTRY in s.sub for t in s.sub[s.sub.index(ENTRY) + 1 :]
        if len(t) == 1 and t.islower()
    }  # fmt: skip


__all__ = ["entry_of", "letters_of_entries", "named_entries"]
