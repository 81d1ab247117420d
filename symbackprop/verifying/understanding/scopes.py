"""Scopes: stretches of a document in which names stand for themselves alone.

"Samples as rows, weights sender first": what follows is another way to write the same network. A name
that is defined again there is defined anew, and what is defined there holds there only. Headings and
phrases of any author open such a stretch; the next heading or phrase ends it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from symbackprop.documents.scan import Piece

HEADING = re.compile(
    r"^[ ]{0,3}#{1,6}[ \t]|^(?:\*\*|__)[^*_\n]+(?:\*\*|__)|^.+\n(?:=+|-+)[ \t]*$"
    r"|^[ ]{0,3}\d{1,2}[.)][ \t]+[A-Z][A-Z -]{3,}(?:[,:][A-Z ,:-]+)?$"
    r"|\\(?:chapter|(?:sub)*section|(?:sub)?paragraph)\*?\s*\{",
    re.MULTILINE,
)
ANOTHER_WAY = re.compile(
    r"\b(?:samples?|examples?|observations?|data points?|inputs?)\s+(?:\w+\s+){0,2}"
    r"(?:as|in|form|are(?: the)?|along(?: the)?)\s+(?:\w+\s+)?(?:rows?|columns?)\b"
    r"|\b(?:row|column)[- ]vector\s+(?:convention|notation|form)"
    r"|\b(?:sender|receiver|input|output)s?\s+first\b"
    r"|\b(?:other|another|opposite|alternative|transposed)\s+(?:convention|layout|notation)\b"
    r"|\balternatively\b"
    r"|样本\s*(?:按|为|作为|是|排成)\s*[行列]|先\s*(?:发送者|接收者)|(?:另一种|其他|相反的)\s*(?:约定|写法|记法)",
    re.IGNORECASE,
)
"""Prose that begins another way of writing the same network."""

NEAR = 240
"""The phrase stands in the last characters before the mathematics."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Pieces `start` up to (not with) `end`; `another` where a phrase says that it is another way."""

    start: int
    end: int
    another: bool = False

    def __contains__(self, place: object) -> bool:
        return isinstance(place, int) and self.start <= place < self.end


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a document in order; every piece is in one of them."""

    scopes: tuple[Scope, ...] = (Scope(0, 1 << 60),)

    def at(self, place: int) -> Scope:
        return self.scopes[bisect_right(self.scopes, place, key=lambda s: s.start) - 1]


def scopes_of(pieces: Iterable[Piece]) -> Scopes:
    """Headings and phrases cut the document into scopes."""
    starts: list[tuple[int, bool]] = [(0, False)]
    for number, piece in enumerate(pieces):
        last = piece.before.rstrip().rpartition("\n\n")[2][-NEAR:]
        if piece.display and ANOTHER_WAY.search(last):
            starts.append((number, True))
        elif HEADING.search(piece.before):
            starts.append((number, False))
    if len(starts) > 1 and starts[1][0] == 0:
        del starts[0]
    ends = [s for s, _ in starts[1:]] + [1 << 60]
    return Scopes(tuple(Scope(s, e, a) for (s, a), e in zip(starts, ends, strict=True)))
