r"""Rows of matrices: `\sum_n (\delta_2)_{n,:}` is `1ᵀ δ_2`, and `\sum_n X_{n,:}^\top \delta_{n,:}` is `Xᵀ δ`.

So is `\sum_i dZ_i` beside `Z = X W + b`, whose rows are examples. A row anywhere else is said to be not
understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.scripts import ENTRY
from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Div,
    Formula,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Opaque,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

ROW = (",", ":")
ONES = Sym("1")
UNREAD = "a row that is taken out of a matrix"


def read_rows_of_matrices(statements: Sequence[Statement]) -> None:
    """Writes sums of rows as products of matrices."""
    stacked = _stacked([s.chain for s in statements if s.chain.relations])
    if stacked:
        rewrite_all(statements, lambda n: _sum_of_stacked(n, stacked))
    if any(isinstance(n, Sym) and n.sub[-1:] == (":",) for s in statements for n in s.chain.walk()):
        rewrite_all(statements, _sum_of_rows)
        rewrite_all(statements, _lone_row)


def _stacked(chains: Sequence[Chain]) -> frozenset[str]:
    """The Z of `Z = X W + b`, a capital, and the names of what is a gradient by it: its rows are examples."""
    found: set[str] = set()
    for c in chains:
        head = c.members[0]
        if c.relations[0] not in ("=", ":=") or not isinstance(head, Sym) or not _is_capital(head):
            continue
        products = [n for n in c.members[1].walk() if isinstance(n, MatMul) and len(n.factors) == 2]
        if any(_is_weight(n.factors[1]) and not _is_weight(n.factors[0]) for n in products):
            found |= {head.base, f"d{head.base}"}
    # `ŷ = σ(Z)` beside `ŷ_i`: one output, so that Z is a vector
    entries = {n.base for c in chains for n in c.walk() if isinstance(n, Sym) and len(n.sub) == 1}
    single = {
        n.base for c in chains for n in c.members[-1].walk()
        if isinstance(c.members[0], Sym) and c.members[0].base.islower()
        and c.members[0].base in entries and isinstance(c.members[-1], Call)
        and isinstance(n, Sym)
    }  # fmt: skip
    return frozenset(found - single - {f"d{b}" for b in single})


def _is_capital(s: Sym) -> bool:
    return not s.sub and not s.sup and s.base[:1].isupper() and not s.base[1:].isalpha()


def _is_weight(f: Formula) -> bool:
    return isinstance(f, Sym) and f.base[:1] in ("W", "V", "U")


def _sum_of_stacked(n: Formula, stacked: frozenset[str]) -> Formula | None:
    if not isinstance(n, Sum) or n.lower not in (None, Num("1")) or not isinstance(n.body, Sym):
        return None
    if n.body.base not in stacked or n.body.sub != (n.index.name,) or n.body.sup:
        return None
    return MatMul((Transpose(ONES), replace(n.body, sub=(), span=None)), span=n.span)


def _sum_of_rows(n: Formula) -> Formula | None:
    if not isinstance(n, Sum) or n.lower not in (None, Num("1")):
        return None
    found = _summed(n.body, n.index)
    return None if found is None else replace(found, span=n.span)


def _summed(f: Formula, index: Idx) -> Formula | None:
    """The sum of a formula over the rows that it speaks of; None where it is none."""
    match f:
        case Neg(body):
            inner = _summed(body, index)
            return None if inner is None else Neg(inner)
        case Mul((Num() | Div() as number, body)):
            inner = _summed(body, index)
            return None if inner is None else Mul((number, inner))
        case Add(terms):
            parts = [_summed(t, index) for t in terms]
            made = tuple(x for x in parts if x is not None)
            return Add(made) if len(made) == len(parts) else None
        case Sym():
            whole = _whole(f, index)
            return None if whole is None else MatMul((Transpose(ONES), whole))
        case MatMul((Transpose(Sym() as left), Sym() as right)) | Mul(
            (Transpose(Sym() as left), Sym() as right)
        ):
            a, b = _whole(left, index), _whole(right, index)
            return None if a is None or b is None else MatMul((Transpose(a), b))
    return None


def _whole(s: Sym, index: Idx) -> Sym | None:
    """The X of `X_{n,:}`, the `δ_2` of `(δ_2)_{n,:}`."""
    if s.sub[-3:] != (index.name, *ROW):
        return None
    rest = s.sub[:-3]
    if rest and rest[-1] not in (ENTRY, ","):
        return None
    return replace(s, sub=rest[:-1], span=None)


def _lone_row(n: Formula) -> Formula | None:
    if isinstance(n, Sym) and n.sub and (n.sub[-1] == ":" or n.sub[0] == ":"):
        return Opaque(n.base, UNREAD, span=n.span)
    return None


__all__ = ["read_rows_of_matrices"]
