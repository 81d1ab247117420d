r"""`\mathrm{d}M` for `∂L/∂M`, `δq` for `∂E/∂q`: a sign in front of a quantity that means the derivative by it.

Where the text says so of one quantity, it says so of all: each `δx` is the derivative by x then. Where it
does not, the equations tell: small changes are linear in each other, so a term without any change, as in
`\mathrm{d}O = O - T`, stands in no equation between them, and no matrix is transposed on the way on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from symbackprop.formula.tree import (
    Add,
    Deriv,
    Diff,
    Formula,
    Grad,
    MatMul,
    Mul,
    Num,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

DELTA = Sym("delta")

_SAYS = re.compile(
    r"\s*(?:for|(?:will\s+|shall\s+)?(?:denotes?|means?|abbreviates|stands?\s+for)|(?:is|be)"
    r"|(?:is|as|be)\s+(?:an?\s+|the\s+|our\s+)?(?:short|shorthand|abbreviation|notation)\s+(?:for|of)|:?=)"
    r"\s*(?:the\s+)?(?:derivative\s+|gradient\s+)?$",
    re.IGNORECASE,
)
"""Prose between the sign and the derivative that it stands for."""

_OF = re.compile(r"(?:derivative|gradient)s?\s+of\b[^.;:]*$", re.IGNORECASE)
_OF_LOSS = re.compile(
    r"(?:derivative|gradient)s?\s+of\s+the\s+(?:[a-z]+\s+)?(?:loss|cost|error|objective)(?:\s+function)?\s+"
    r"(?:with\s+respect\s+to|w\.?r\.?t\.?|by)\s+[^.;:]*$",
    re.IGNORECASE,
)
_BY = re.compile(r"[^.;:]*\b(?:with\s+respect\s+to|w\.?r\.?t\.?|by)\b[^.;:]*$", re.IGNORECASE)


def read_adjoint_signs(statements: Sequence[Statement]) -> None:
    """Writes quantities with such a sign as the derivatives that they are said to be."""
    for kind in ("d", "delta"):
        if any(_signed(s.chain.members[0], kind) for s in statements) and _only_signs(
            statements, kind
        ):
            _read(statements, kind)


def _read(statements: Sequence[Statement], kind: str) -> None:
    cost = _said(statements, kind)
    if cost is None and not (_said_of_loss(statements, kind) or _tell(statements, kind)):
        return
    known = {
        n for s in statements if s.chain.relations for m in s.chain.members for n in _plain(m, kind)
    }  # fmt: skip

    def meant(x: Sym) -> Formula:
        if cost is None:
            return replace(x, base=f"d{x.base}")
        if x not in known and not x.sub and not x.sup:
            return Sym("delta", (x.base,), span=x.span)  # any quantity: it says what the sign means
        return Deriv(cost, replace(x, span=None), span=x.span)

    def change(n: Formula) -> Formula | None:
        if kind == "d":
            match n:
                case Diff(body=Sym() as x):
                    return meant(x)
                case Diff(body=Transpose(body=Sym() as x)):
                    return Transpose(meant(x), span=n.span)
            return None
        if not isinstance(n, Mul | MatMul) or DELTA not in n.factors:
            return None
        factors: list[Formula] = []
        for f in n.factors:
            if not factors or factors[-1] != DELTA:
                factors.append(f)
            elif isinstance(f, Transpose) and isinstance(f.body, Sym):
                factors[-1] = Transpose(meant(f.body), span=f.span)
            elif isinstance(f, Sym):
                factors[-1] = meant(f)
        factors = [f if isinstance(f, Deriv) else f.rewrite(change) for f in factors]
        return factors[0] if len(factors) == 1 else replace(n, factors=tuple(factors))

    rewrite_all(statements, change)


def _signed(f: Formula, kind: str) -> Sym | None:
    """The quantity that this formula is, with the sign in front of it."""
    if kind == "d":
        return f.body if isinstance(f, Diff) and isinstance(f.body, Sym) else None
    if isinstance(f, Mul | MatMul) and len(f.factors) == 2 and f.factors[0] == DELTA:
        return f.factors[1] if isinstance(f.factors[1], Sym) else None
    return None


def _only_signs(statements: Sequence[Statement], kind: str) -> bool:
    """Whether the sign stands in front of quantities only, and of no cost: `dC = …` speaks of changes."""
    for s in statements:
        head = _signed(s.chain.members[0], kind)
        if s.chain.relations and head is not None and head.base in COSTS and head.base != "Q":
            return False
        if kind == "d":
            continue
        for f in (m for m in s.chain.walk() if isinstance(m, Mul | MatMul)):
            if DELTA in f.factors and not all(
                isinstance(two.body if isinstance(two, Transpose) else two, Sym) and two != DELTA
                for one, two in pairwise((*f.factors, Num("0"))) if one == DELTA
            ):  # fmt: skip
                return False
        alone = sum(1 for n in s.chain.walk() if n == DELTA)
        if alone != sum(
            f.factors.count(DELTA) for f in s.chain.walk() if isinstance(f, Mul | MatMul)
        ):
            return False
    return True


def _plain(f: Formula, kind: str) -> set[Sym]:
    """The symbols of a formula but for those of `δx = ∂E/∂x`."""
    if isinstance(f, Deriv | Grad) or _signed(f, kind) is not None:
        return set()
    return {n for n in f.walk() if isinstance(n, Sym)}


def _said(statements: Sequence[Statement], kind: str) -> Formula | None:
    """The cost of which the text says that the sign is the derivative of it."""
    for s in statements:
        c = s.chain
        of = _signed(c.members[0], kind)
        if of is not None and c.relations[:1] in (("=",), (":=",), ("equiv",)):
            for m in c.members[1:]:
                if isinstance(m, Deriv | Grad) and m.by == of:
                    return m.of
    for one, two in pairwise(statements):
        of, meant = _signed(one.chain.members[0], kind), two.chain.members[0]
        if of is None or one.chain.relations or two.chain.relations or one.piece is two.piece:
            continue
        if isinstance(meant, Deriv | Grad) and meant.by == of and _SAYS.match(two.piece.before):
            return meant.of
    for one, two, three in zip(statements, statements[1:], statements[2:], strict=False):
        if any(s.chain.relations for s in (one, two, three)):
            continue
        cost, by = two.chain.members[0], three.chain.members[0]
        if (
            _signed(one.chain.members[0], kind) != by
            or not isinstance(cost, Sym)
            or cost.base not in COSTS
        ):
            continue
        if _OF.search(two.piece.before) and _BY.match(three.piece.before):
            return cost
    return None


def _said_of_loss(statements: Sequence[Statement], kind: str) -> bool:
    """Whether the text says that the sign means the derivative of the loss, without its letter."""
    return any(
        not one.chain.relations
        and not two.chain.relations
        and _signed(one.chain.members[0], kind) == two.chain.members[0]
        and _OF_LOSS.search(two.piece.before)
        for one, two in pairwise(statements)
    )


def _tell(statements: Sequence[Statement], kind: str) -> bool:
    """Whether equations between the signs are no equations between small changes."""
    apart = turned = False
    for c in (s.chain for s in statements if s.chain.relations):
        if _signed(c.members[0], kind) is None:
            continue
        for m in c.members[1:]:
            apart |= not any(
                _is_sign(n, kind) or isinstance(n, Deriv | Grad) for n in m.walk()
            ) and any(isinstance(n, Add) for n in m.walk())
            turned |= any(
                isinstance(n, MatMul)
                and any(isinstance(f, Transpose) for f in n.factors)
                and any(_is_sign(f, kind) for f in n.factors)
                for n in m.walk()
            )
    return apart and turned


def _is_sign(f: Formula, kind: str) -> bool:
    return isinstance(f, Diff) if kind == "d" else f == DELTA


__all__ = ["read_adjoint_signs"]
