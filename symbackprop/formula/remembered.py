"""What was read off a formula once is kept: the same trees are asked again and again.

A formula never changes, so what it holds does not either. It is known by identity, which costs nothing; the formula
is kept with the answer, so that an identity cannot be given to another one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from symbackprop.formula.tree import Formula

T = TypeVar("T")

MOST = 20_000
"""So many formulas at most are kept for one question; then all are forgotten."""


def remembered(ask: Callable[[Formula], T]) -> Callable[[Formula], T]:
    """`ask`, answered once for each formula; its answers must not be changed by callers."""
    known: dict[int, tuple[Formula, T]] = {}

    @wraps(ask)
    def once(f: Formula) -> T:
        found = known.get(id(f))
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[id(f)] = (f, ask(f))
        return found[1]

    return once


__all__ = ["remembered"]
