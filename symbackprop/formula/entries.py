r"""Entries of what stands in brackets: `(W_1)_{dh}`, `(\hat y - y)_k`, `(W^\top \delta)_j`, `(\delta a^\top)_{jk}`.

They are written out entry by entry where the letters tell what is a matrix and what a vector; else
the formula stays unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.hints import Hints
from symbackprop.formula.scripts import ENTRY
from symbackprop.formula.tree import (
    Add,
    Call,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Sum,
    Sym,
    Transpose,
)

FRESH = "\u026a"
"""An index letter that no document uses, for sums whose own letter is taken or not written."""


def entry_letters(tokens: Sequence[str] | None) -> tuple[str, ...]:
    r"""The indices of an entry; `{n,:}`, a row, ends with a colon. Empty where they are none."""
    letters = [t for t in tokens or () if t != ","]
    row = len(letters) == 2 and letters[1] == ":"
    plain = letters[:1] if row else letters
    if not plain or not all(len(t) == 1 and t.isalnum() for t in plain):
        return ()
    return (letters[0], ",", ":") if row else tuple(letters)


def entry(f: Formula, letters: tuple[str, ...], hints: Hints) -> Formula | None:
    r"""One entry of an array; None where it is not clear what that is.

    `(\partial L/\partial b)_k` is the derivative by b_k, `(\partial z/\partial x)_{ij}` of z_i by x_j.
    """
    match f:
        case Sym():
            return None if f.sup and f.sub else _indexed(f, letters)
        case Neg(body):
            inner = entry(body, letters, hints)
            return None if inner is None else Neg(inner)
        case Add(parts) | Hadamard(parts):
            each = [entry(x, letters, hints) for x in parts]
            made = tuple(x for x in each if x is not None)
            if len(made) != len(each) or (":" in letters and isinstance(f, Hadamard)):
                return None
            return Add(made) if isinstance(f, Add) else Mul(made)
        case Call(args=(Sym() as body,)) if f.name not in ("softmax", "sequence"):
            inner = entry(body, letters, hints)
            return None if inner is None or ":" in letters else replace(f, args=(inner,))
        case Transpose(body) if len(letters) == 2:
            return entry(body, letters[::-1], hints)
        case MatMul((left, right)) | Mul((left, right)):
            return _of_product(left, right, letters, hints)
        case Deriv(of, by) if isinstance(by, Sym):
            if len(letters) == 2 and isinstance(of, Sym) and hints.array(of):
                return Deriv(_indexed(of, letters[:1]), _indexed(by, letters[1:]))
            return Deriv(of, _indexed(by, letters))
        case Grad(of, by) if isinstance(by, Sym):
            return Deriv(of, _indexed(by, letters))
        case _:
            return None


def _of_product(
    left: Formula, right: Formula, letters: tuple[str, ...], hints: Hints
) -> Formula | None:
    if ":" in letters:
        return None
    if isinstance(left, Num):
        inner = entry(right, letters, hints)
        return None if inner is None else Mul((left, inner))
    rows, columns = _rank(left), _rank(right)
    first: tuple[str, ...]
    second: tuple[str, ...]
    if len(letters) == 2 and rows == 1 and isinstance(right, Transpose) and columns == 1:
        pair = entry(left, letters[:1], hints), entry(right.body, letters[1:], hints)
        return None if pair[0] is None or pair[1] is None else Mul((pair[0], pair[1]))
    if len(letters) == 1 and (rows, columns) == (2, 1) and not isinstance(right, Transpose):
        first, second = (letters[0], FRESH), (FRESH,)
    elif len(letters) == 1 and (rows, columns) == (1, 2) and not isinstance(left, Transpose):
        first, second = (FRESH,), (FRESH, letters[0])
    elif len(letters) == 2 and rows + columns >= 3:  # one that two letters pick from is no vector
        first, second = (letters[0], FRESH), (FRESH, letters[1])
    else:
        return None
    a, b = entry(left, first, hints), entry(right, second, hints)
    return None if a is None or b is None else Sum(Mul((a, b)), Idx(FRESH))


def _rank(f: Formula) -> int:
    """2 for a capital, 1 for a small letter, 0 where nothing is known."""
    body = f.body if isinstance(f, Transpose) else f
    if not isinstance(body, Sym):
        return 0
    return 2 if body.base[:1].isupper() else 1


def _indexed(s: Sym, letters: Sequence[str]) -> Sym:
    """`W_1` with the entry's indices behind its name."""
    sub = (*s.sub, ENTRY, *letters) if s.sub else tuple(letters)
    return replace(s, sub=sub, span=None)


__all__ = ["FRESH", "entry", "entry_letters"]
