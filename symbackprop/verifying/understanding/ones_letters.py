r"""Letters for the column of ones: "let $e$ be the column of ones"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import Chain, Formula, Sym

_LETTER = re.compile(
    r"\s*(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*)?\\?(?P<letter>[a-zA-Z]+)\s*\}?\s*"
    r"(?:\\in\s*\\mathbb.*)?"
)
_ONES = (
    r"(?:(?:column\s+)?(?:vector|column)\s+(?:(?:consisting\s+)?of|with)\s+(?:all\s+|only\s+)?ones"
    r"|all[- ]ones?\s+(?:column\s+)?(?:vector|column))\b"
)
_SAID_AFTER = re.compile(
    r"\s*,?\s*(?:which\s+|to\s+)?(?:be|is|denotes?|stands\s+for|means|for)?\s*(?:the|an?)\s+"
    + _ONES
)
_SAID_BEFORE = re.compile(r"\b" + _ONES + r"\s*(?:\(|by|is)?\s*$")


def ones_letters(pieces: Iterable[Piece]) -> frozenset[str]:
    """The letters, if no equation gives them another meaning."""
    pieces = list(pieces)
    found = set()
    for p in pieces:
        m = None if p.display else _LETTER.fullmatch(p.latex)
        if m and (_SAID_AFTER.match(p.after) or _SAID_BEFORE.search(p.before)):
            found.add(m["letter"])
    return frozenset(
        x for x in found
        if not any(re.match(rf"\s*\\?{x}\s*&?\s*:?=", p.latex) for p in pieces)
    )  # fmt: skip


def with_ones_letters(chain: Chain, letters: frozenset[str]) -> Chain:
    """The chain with the columns of ones as such."""
    if not letters:
        return chain

    def change(f: Formula) -> Formula | None:
        one = isinstance(f, Sym) and f.base in letters and not (f.sub or f.sup or f.accent)
        return Sym("1", span=f.span) if one else None

    return chain.rewrite_members(change)
