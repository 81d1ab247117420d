r"""Sums over the rows of a batch: `\sum_i \|A_i - Y_i\|^2` beside `A = σ(X W)` is `\|A - Y\|^2`.

The squares of all entries are summed, whether A_i is a row or a column of A.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Add, Formula, Neg, Norm, Num, Pow, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_row_norms(statements: Iterable[Statement]) -> None:
    """Writes such sums with whole matrices, where the text writes all of these matrices whole too."""
    statements = list(statements)
    whole = {
        n for s in statements for n in s.chain.walk()
        if isinstance(n, Sym) and n.base[:1].isupper() and not n.sub
    }  # fmt: skip
    if not whole:
        return

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sum):
            return None
        match n.body:
            case Pow(base=Norm(body=body), exponent=Num("2")) as square:
                parts = [p.body if isinstance(p, Neg) else p for p in _terms(body)]
                rows = [p for p in parts if isinstance(p, Sym) and p.sub == (n.index.name,)]
                if len(rows) != len(parts) or not all(_matrix(p) in whole for p in rows):
                    return None
                matrices = body.rewrite(lambda x: _matrix(x) if x in rows else None)
                return replace(square, base=Norm(matrices))
            case _:
                return None

    rewrite_all(statements, change)


def _terms(f: Formula) -> tuple[Formula, ...]:
    return f.terms if isinstance(f, Add) else (f,)


def _matrix(f: Formula) -> Formula:
    """`A` of `A_i`."""
    return replace(f, sub=(), span=None) if isinstance(f, Sym) else f


__all__ = ["read_row_norms"]
