r"""Ranges beside a formula: `y_t = … \quad (t = 0..T-K)`, `$$z_i = …$$ for $i = 0, \dots, m - 1$`.

They say how far the letters run that stand below the left side, and so how many entries it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from symbackprop.documents.scan import Piece
from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Add, Chain, Formula, Idx, Neg, Num, Ref, Sum, Sym
from symbackprop.verifying.names.resolve import Resolver, Unclear
from symbackprop.verifying.names.scripts import items_of
from symbackprop.verifying.systems.shapes import Shape
from symbackprop.verifying.understanding.conditions import right_behind
from symbackprop.verifying.understanding.statement import Range, Statement

_DOTS = r"(?:\.\.\.?|\\[lc]?dots[bcmo]?(?![A-Za-z])|…)"
_END = r"[A-Za-z0-9](?:\s*[-+]\s*[A-Za-z0-9])*(?![\s]*[_^\w])"
_LISTED = re.compile(
    rf"(?<![A-Za-z\\_{{])(?P<letter>[a-z])\s*=\s*(?P<low>[01])\s*(?:,\s*\d\s*)*,?\s*{_DOTS}\s*,?\s*"
    rf"(?P<high>{_END})"
)
_LE = r"(?:\\leq?(?:slant)?(?![A-Za-z])|≤)"
_BETWEEN = re.compile(
    rf"(?P<low>[01])\s*{_LE}\s*(?P<letter>[a-z])\s*(?:{_LE}\s*(?P<high>{_END})|<\s*(?P<below>{_END}))"
)
_STEPS = re.compile(
    rf"(?<![A-Za-z\\_{{])t\s*=\s*1\s*(?:,\s*\d\s*)*,\s*(?P<last>\d)(?!\s*,?\s*{_DOTS})"
)
_FOR = re.compile(r"\s*(?:,\s*)?(?:for|where|with|für)\s*$", re.IGNORECASE)


def read_ranges(statements: Sequence[Statement], pieces: Sequence[Piece]) -> None:
    """Notes with each statement the ranges that stand beside it."""
    for s in statements:
        head = s.chain.members[0]
        if not s.chain.relations or not isinstance(head, Sym) or not head.sub:
            continue
        letters = {x for item in items_of(head.sub) for x in item.letters}
        told = ranges_in(s.piece.latex)
        following = pieces[s.place + 1] if s.place + 1 < len(pieces) else None
        if (
            following is not None
            and not following.display
            and right_behind(following, s.piece)
            and _FOR.match(following.before)
        ):
            told += ranges_in(following.latex)
        # The letter of two ranges, of which each is that of another statement of the display, is open.
        names = [letter for letter, _, _ in told]
        s.ranges = tuple(r for r in told if r[0] in letters and names.count(r[0]) == 1)


def ranges_in(latex: str) -> list[Range]:
    """All ranges in a formula: the letter, its first and its last value."""
    found: list[Range] = []
    for match in _LISTED.finditer(latex):
        found.append((match["letter"], Num(match["low"]), _sum(match["high"])))
    for match in _BETWEEN.finditer(latex):
        below = match["below"]
        high = _sum(match["high"] or f"{below}-1")
        found.append((match["letter"], Num(match["low"]), high))
    return found


def steps_told(pieces: Iterable[Piece]) -> int:
    """The 3 of `t = 1, 2, 3`, where that ends there and no other end is told; 0 where nothing is."""
    found = {
        int(m["last"]) for p in pieces for m in _STEPS.finditer(p.latex)
        if [int(x) for x in re.findall(r"\d+", m[0])] == list(range(1, int(m["last"]) + 1))
    }  # fmt: skip
    return found.pop() if len(found) == 1 else 0


def shapes_told(statements: Iterable[Statement], resolver: Resolver) -> tuple[Shape, ...]:
    """The entries on the left with the ranges of their letters."""
    found: list[Shape] = []
    for s in statements:
        head = s.chain.members[0]
        if not s.ranges or not isinstance(head, Sym):
            continue
        w = resolver.symbols.resolve(head)
        if w.power is not None or w.missing:
            continue
        ranges: dict[str, tuple[Formula, Formula]] = {}
        for letter, low, high in s.ranges:
            try:
                meant = resolver(Sum(Num("1"), Idx("r"), low, high))
            except (Unclear, SymbackpropError):
                continue
            if isinstance(meant, Sum) and meant.upper is not None and Idx(letter) in w.indices:
                ranges[letter] = (low, meant.upper)
        if ranges:
            found.append((Ref(w.name, w.indices), ranges))
    return tuple(found)


def bounds_told(statements: Iterable[Statement]) -> list[Chain]:
    """Sums with these ends: so the letters of lengths are found where those of sums are."""
    return [
        Chain((Sum(Num("1"), Idx("r"), low, high),), ())
        for s in statements
        for _, low, high in s.ranges
    ]


def _sum(text: str) -> Formula:
    """`T - K + 1`."""
    terms: list[Formula] = []
    for sign, name in re.findall(r"([-+]?)\s*([A-Za-z0-9])", text):
        term: Formula = Num(name) if name.isdigit() else Sym(name)
        terms.append(Neg(term) if sign == "-" else term)
    return terms[0] if len(terms) == 1 else Add(tuple(terms))
