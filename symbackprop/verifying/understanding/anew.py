"""Letters that are defined anew: "now let", "with cross-entropy:", a new heading.

`C = ½(a - y)²` in one section and `C = -y log a - …` in the next are two costs, no contradiction: from
there on the letter means the second one. Without a heading or such words between them the second
statement is a claim about the first.
"""

from __future__ import annotations

import re

from symbackprop.documents.scan import Piece
from symbackprop.formula.normal import canonical, same
from symbackprop.formula.tree import Add, Array, Call, Formula, Idx, Norm, Ref, Sum
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.scopes import HEADING
from symbackprop.verifying.understanding.statement import Understanding, has_derivative

OTHERWISE = re.compile(
    r"\b(?:now|next)\W+(?:we\s+|let\s+us\s+|let's\s+)?"
    r"(?:let|take|use|set|choose|put|suppose|assume|consider|define|replace|change|switch|redefine)\b"
    r"|\b(?:let|take|use|set|choose|suppose|assume|consider|define|if|replace|switch)\b[^.]{0,60}\binstead\b"
    r"|\binstead\b[^.]{0,60}\b(?:let|take|use|set|choose|suppose|assume|consider|define)\b"
    r"|\binstead\s*[,:]?\s*$"
    r"|(?:^|[.!?]\s+)with(?:out)?\s+(?:(?:the|an?|no)\s+)?[\w\s-]{2,40}(?:instead)?:\s*$"
    r"|\b(?:for|with)\s+(?:an?\s+|the\s+)?(?:[\w-]+\s+){0,2}(?:cross[- ]entropy|squared error|mse|hinge|likelihood|"
    r"loss|cost|activation|regression|classification)\s*[^.:]{0,20}[:,]?\s*$"
    r"|\b(?:another|a\s+different|a\s+new|the\s+(?:second|third|other|next))\s+"
    r"(?:model|network|cost|loss|activation|example|case|variant|choice)\b"
    r"|(?:现在|现)\s*(?:令|设|取|考虑|改)|改为|换成|而是|另一[种个]",
    re.IGNORECASE,
)
"""Prose that gives a letter another meaning from here on."""

FOLLOWS = re.compile(
    r"\b(?:so|hence|thus|therefore|then|i\.e\.|that\s+is|expand\w*|rewrit\w*|equivalent\w*|simplif\w*|"
    r"equals?|becomes|gives|follows|written\s+out)\b[^.]{0,40}$|(?:因此|所以|即|展开)[^。]{0,20}$"
    r"|(?:改写|写成\s*(?:范数|矩阵|向量|分量|求和|平方和))[^。]{0,40}$",
    re.IGNORECASE,
)
"""Prose before what is concluded from a definition, not defined."""

NEAR_LINES = 2
NEAR = 200


def is_anew(
    head: Ref | Array, rest: tuple[Formula, ...], old: Definition, place: int, u: Understanding
) -> bool:
    """Whether members behind a defined name give it another meaning from this piece on."""
    if not contradicts(head, rest, old):
        return False
    pieces = u.scan.pieces
    between = pieces[old.place + 1 : place + 1]
    here = pieces[place]
    if any(_says_otherwise(p) for p in between if 0 <= here.line - p.line <= NEAR_LINES):
        return True
    headed = any(HEADING.search(p.before) for p in between)
    if not headed or concluded(here) or _is_short_of(rest[0], old.rhs):
        return False
    # Under a heading alone, the same quantities and functions are the same thing in another form: a sum
    # written out, or as a norm. Whether it is, is judged.
    return not any(_other_form(m, old.rhs) for m in rest)


def _other_form(one: Formula, two: Formula) -> bool:
    """The same quantities and functions, as a sum, a norm, whole arrays or another number of terms."""
    whole = any(isinstance(n, Norm | Sum | Array) for f in (one, two) for n in f.walk())
    return _made_of(one) == _made_of(two) and (whole or len(_terms(one)) != len(_terms(two)))


def _made_of(f: Formula) -> tuple[set[str], set[str]]:
    """The names and the functions in a formula."""
    names = {n.name for n in f.walk() if isinstance(n, Ref | Array)}
    return names, {n.name for n in f.walk() if isinstance(n, Call)}


def contradicts(head: Ref | Array, rest: tuple[Formula, ...], old: Definition) -> bool:
    """Whether the members define the name again, in general and by another formula."""
    if not rest or len(head.indices) != len(old.indices):
        return False
    letters: dict[str, Idx] = {}
    for i, o in zip(head.indices, old.indices, strict=True):
        if not isinstance(i, Idx) or not isinstance(o, Idx):
            return False
        letters[i.name] = o
    if not _is_plain(old.rhs) or not all(_is_plain(m) for m in rest):
        return False

    def renamed(n: Formula) -> Formula | None:
        return letters.get(n.name) if isinstance(n, Idx) else None

    return not any(same(m.rewrite(renamed), old.rhs) for m in rest)


def concluded(piece: Piece) -> bool:
    """Whether the prose before a piece says that it follows from what was said."""
    return bool(FOLLOWS.search(_paragraph(piece)))


def _paragraph(piece: Piece) -> str:
    return piece.before.rstrip().rpartition("\n\n")[2][-NEAR:]


def _says_otherwise(piece: Piece) -> bool:
    return bool(OTHERWISE.search(_paragraph(piece)))


def _is_plain(f: Formula) -> bool:
    """No derivative, no `σ'`: what makes up a network."""
    return not has_derivative(f) and not any(isinstance(n, Call) and n.primes for n in f.walk())


def _is_short_of(new: Formula, old: Formula) -> bool:
    """`x_1 w_1 + b` after `x_1 w_1 + x_2 w_2 + b`: the same with a term left out."""
    terms = [canonical(f) for f in _terms(old)]
    own = [canonical(f) for f in _terms(new)]
    return len(own) < len(terms) and len(own) > 1 and all(t in terms for t in own)


def _terms(f: Formula) -> tuple[Formula, ...]:
    return f.terms if isinstance(f, Add) else (f,)
