"""Derivatives that a text sets to 0 to find a minimum: `Setting ∂C/∂w = 0 …`, `∇J = 0 ⇒ XᵀX w = Xᵀ y`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Grad, Num
from symbackprop.verifying.understanding.statement import Statement

_SETS = re.compile(
    r"\b(?:set(?:ting|s)?|equat\w+|let(?:ting)?|requir\w+|solv\w+|put(?:ting)?|demand\w*|setzen)\b[^.;]{0,40}$",
    re.IGNORECASE,
)
_ARROW = re.compile(
    r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|Longleftrightarrow)(?![A-Za-z])|⇒|⟹|⇔|⟺"
)
_SPACE = re.compile(r"(?:\s|~|\\[,;:! ]|\\q?quad|&|,)*")


def is_set_to_zero(s: Statement) -> bool:
    """`Setting ∂C/∂w = 0 …`, `∇J = 0 ⇒ …`: looked for is where it is 0; that it always is, nobody says."""
    chain = s.chain
    if chain.relations != ("=",) or chain.members[1] != Num("0"):
        return False
    if not any(_is_slope(n) for n in chain.members[0].walk()):
        return False
    behind = s.piece.latex[chain.span.end :] if chain.span else ""
    return bool(_SETS.search(s.piece.before)) or bool(_ARROW.match(_SPACE.sub("", behind, count=1)))


def _is_slope(f: Formula) -> bool:
    """`∂C/∂w`, `∇_w C`, or `∇C` by all that is learned."""
    return isinstance(f, Deriv | Grad) or (isinstance(f, Call) and f.name == "nabla")


def without_zero(s: Statement) -> Statement:
    """`Setting ∂C/∂w = … = 0`: what stands before the 0 is claimed, the 0 is looked for."""
    chain = s.chain
    if len(chain.members) > 2 and chain.members[-1] == Num("0") and _SETS.search(s.piece.before):
        s.chain = Chain(chain.members[:-1], chain.relations[:-1], span=chain.span)
    return s


def follows_from_zero(s: Statement, statements: Sequence[Statement]) -> bool:
    """Whether it stands behind an arrow from what is set to 0."""
    return bool(_ARROW.search(s.piece.latex)) and any(
        x is not s and x.piece is s.piece and is_set_to_zero(x)
        and x.chain.span and s.chain.span and x.chain.span.end <= s.chain.span.start
        for x in statements
    )  # fmt: skip


__all__ = ["follows_from_zero", "is_set_to_zero", "without_zero"]
