r"""Matrices whose columns the prose names: "the outside vectors are the columns of $U$".

A capital beside its small letter, U beside the `u_w`, is read as the matrix of their rows; where the text says
columns it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.documents.scan import Piece

_CAPITAL = re.compile(r"\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm)\s*\{?\s*)?([A-Z])\b")
_BEFORE = re.compile(r"\bcolumns\b[^.;:,]*$", re.IGNORECASE)
_AFTER = re.compile(r"[^.;:,$]{0,60}?\b(?:columns|column-wise|columnwise)\b", re.IGNORECASE)


def named_columns(pieces: Iterable[Piece]) -> frozenset[str]:
    """The capitals of matrices that the prose beside them speaks of as columns."""
    found: set[str] = set()
    for p in pieces:
        capital = _CAPITAL.match(p.latex)
        if p.display or capital is None:
            continue
        if _BEFORE.search(p.before[-60:]) or _AFTER.match(p.after[:100]):
            found.add(capital[1])
    return frozenset(found)


__all__ = ["named_columns"]
