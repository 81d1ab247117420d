r"""Rows with names of their own: "let $q_i, k_j$ be the rows of $Q$ and $K$ as vectors".

`q_i` is then the row i of Q: the Q of the equations with the one index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import Chain, Formula, Sym

_ROW = r"(?:\\mathbf\s*\{?\s*)?(?P<base>[a-z])\s*\}?\s*_\s*\{?\s*[a-z]\s*\}?"
_ROWS = re.compile(rf"\s*{_ROW}(?:\s*,\s*{_ROW.replace('(?P<base>[a-z])', '[a-z]')})*\s*")
_EACH = re.compile(_ROW)
_SAID = re.compile(r"\s*(?:be|are|is|denotes?|for)\s+(?:the\s+)?(?:corresponding\s+)?rows?\b")
_SAID_WITH_NUMBER = re.compile(r"\s*(?:be|are|is|denotes?|for)\s+the\s*")
_NUMBERED = re.compile(r"\s*-?\s*th\s+rows?\b")


def named_rows(pieces: Iterable[Piece]) -> frozenset[str]:
    """The small letters of rows, where an equation defines the matrix with the same capital letter."""
    pieces = list(pieces)
    text = "\n".join(p.latex for p in pieces)
    found: set[str] = set()
    for k, p in enumerate(pieces):
        if p.display or not _ROWS.fullmatch(p.latex):
            continue
        numbered = (
            _SAID_WITH_NUMBER.fullmatch(p.after)
            and k + 2 < len(pieces)
            and re.fullmatch(r"\s*[a-z]\s*", pieces[k + 1].latex)
            and _NUMBERED.match(pieces[k + 1].after)
        )
        if _SAID.match(p.after) or numbered:
            found |= {m["base"] for m in _EACH.finditer(p.latex)}
    return frozenset(x for x in found if _is_defined(x.upper(), text) and not _is_bare(x, text))


def _is_defined(capital: str, text: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z\\_^{{]){capital}\s*&?\s*:?=", text))


def _is_bare(letter: str, text: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z\\_^{{]){letter}(?![A-Za-z_])\s*&?\s*:?=", text))


def is_row(s: Sym, letters: frozenset[str]) -> bool:
    """`q_i`, or the derivative `dq_i` by it."""
    base = s.base[1:] if len(s.base) == 2 and s.base[0] == "d" else s.base
    return base in letters and len(s.sub) == 1 and s.sub[0].isalpha() and not s.sup


def with_named_rows(chain: Chain, letters: frozenset[str]) -> Chain:
    """The chain with the rows as those of their matrices."""

    def change(f: Formula) -> Formula | None:
        if not isinstance(f, Sym) or not is_row(f, letters):
            return None
        base = f.base[:-1] + f.base[-1].upper()
        return Sym(base, f.sub, accent=f.accent, span=f.span)

    return chain.rewrite_members(change) if letters and chain.relations else chain


def rows_written(chains: Iterable[Chain], letters: frozenset[str]) -> frozenset[str]:
    """The capitals that have one index where a row is meant."""
    capitals = {x.upper() for x in letters}
    return frozenset(
        n.base for c in chains for n in c.walk()
        if isinstance(n, Sym) and n.base in capitals and len(n.sub) == 1
    )  # fmt: skip
