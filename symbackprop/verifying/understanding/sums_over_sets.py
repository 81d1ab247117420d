r"""Sums over sets, `\sum_{n \in A}`: what is in a set is not known, so two sets are not told apart.

A document with one set for a letter sums over all that there is. With several, or with a set and a range, nothing
tells which terms are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.documents.scan import Piece

_SET = re.compile(
    r"\\sum(?:\\limits)?\s*_\s*\{\s*(?P<letter>\\?[A-Za-z]+)\s*\\in\s*"
    r"(?P<set>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
)
_RANGE = re.compile(r"\\sum(?:\\limits)?\s*_\s*\{\s*(?P<letter>\\?[A-Za-z]+)\s*=")

REASON = "a sum over one of several sets"


def over_several_sets(pieces: Iterable[Piece]) -> frozenset[int]:
    """The numbers of the pieces that sum over a set which is not the only one."""
    sets: dict[str, set[str]] = {}
    found: dict[int, set[str]] = {}
    for number, piece in enumerate(pieces):
        for m in _SET.finditer(piece.latex):
            sets.setdefault(m["letter"], set()).add(re.sub(r"\s", "", m["set"]))
            found.setdefault(number, set()).add(m["letter"])
        for m in _RANGE.finditer(piece.latex):
            sets.setdefault(m["letter"], set()).add("=")
    several = {letter for letter, own in sets.items() if len(own) > 1}
    return frozenset(number for number, letters in found.items() if letters & several)


__all__ = ["REASON", "over_several_sets"]
