r"""What is not read, in plain words: values at a point, calls of programs, indices with indices."""

from __future__ import annotations

import re
from itertools import pairwise

from symbackprop.formula.tree import Opaque, Sym

NESTED = "an entry that a label picks (an index with an index) is not understood"

_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:\||\\[rl]?vert)\s*_"), "a value at a point is not understood"),
    (
        re.compile(r"(?<![A-Za-z])(?:np|numpy|torch|tf|jnp|plt)\s*\}?\s*\.|\baxis\s*=|keepdims"),
        "the call of a program is not understood",
    ),
)


def reason_of(lost: Opaque) -> str:
    """Why a part was not read, for people."""
    for pattern, said in _PLAIN:
        if pattern.search(lost.text):
            return said
    return lost.reason or "a part was not understood"


LABELS = frozenset({"y", "t", "c", "Y", "T"})


def picked_by_label(s: Sym) -> bool:
    r"""`P_{i,y_i}`, the entry that a label picks: which one it is, is not told by its name."""
    return any(a in LABELS and b == "_" for a, b in pairwise(s.sub))


__all__ = ["NESTED", "picked_by_label", "reason_of"]
