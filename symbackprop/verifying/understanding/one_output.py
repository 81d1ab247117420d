r"""Networks with one output unit: `n^{[L]} = 1`, "Y has shape (1, m)", `y \log a + (1 - y) \log(1 - a)`."""

from __future__ import annotations

import re
from itertools import pairwise

from symbackprop.formula.tree import ONE, Add, Call, Formula, MatMul, Mul, Neg, Num, Sym
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.statement import Understanding

WIDTHS = frozenset("nsdmNDKHS")
_TARGET = re.compile(r"\s*(?:\\(?:mathbf|bm|boldsymbol)\s*)?\{?[YT]\}?\s*")
_ROW = re.compile(r"\s*[(\[]?\s*1\s*(?:,|\\times)\s*[A-Za-z]\s*[)\]]?\s*")
_ROW_SPACE = re.compile(
    r"\s*[YT]\s*\\in\s*\\(?:mathbb|R)\s*\{?\s*R?\s*\}?\s*\^\s*\{\s*1\s*\\times\s*\w+\s*\}\s*"
)


def has_one_output(u: Understanding) -> bool:
    """Whether the text says so, by a width, by the shape of the targets or by the loss of one number."""
    return _says_width(u) or _says_targets(u) or any(
        s.sort == "cost" and _is_loss_of_number(n) for s in u.statements for n in s.chain.walk()
    )  # fmt: skip


def _says_width(u: Understanding) -> bool:
    for s in u.statements:
        head = s.chain.members[0]
        if s.sort != "numeric" or s.chain.members[1:] != (ONE,) or not isinstance(head, Sym):
            continue
        letters = {t for t in (*head.sub, *head.sup) if t.isalnum()}
        if head.base in WIDTHS and len(letters) == 1 and letters <= SIZE_LETTERS:
            return True
    return False


def _says_targets(u: Understanding) -> bool:
    pieces = u.scan.pieces
    if any(_ROW_SPACE.fullmatch(p.latex) for p in pieces):
        return True
    return any(
        _TARGET.fullmatch(a.latex) and _ROW.fullmatch(b.latex) and "shape" in b.before[-30:]
        for a, b in pairwise(pieces)
    )


def _is_loss_of_number(f: Formula) -> bool:
    r"""`(1 - y) \log(1 - a)`, where neither is written with the index of an output."""
    if not isinstance(f, Mul | MatMul) or len(f.factors) != 2:
        return False
    weight, log = f.factors
    if not isinstance(log, Call) or log.name != "log" or len(log.args) != 1:
        return False
    return _is_rest(weight) and _is_rest(log.args[0])


def _is_rest(f: Formula) -> bool:
    """`1 - y^{(i)}`."""
    match f:
        case Add((Num("1"), Neg(Sym(sub=())))):
            return True
        case _:
            return False


__all__ = ["has_one_output"]
