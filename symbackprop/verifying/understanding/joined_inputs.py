r"""Vectors one below the other: the `[h_{t-1}, x_t]` of `f_t = σ(W_f [h_{t-1}, x_t] + b_f)`.

Such a W_f has a block for each: `W_f [h, x]` is `W_{fh} h + W_{fx} x`, and so it is read where all that is
multiplied with the same vectors are matrices. What is said of the whole W_f is then about nothing known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Add, Call, Formula, MatMul, Matrix, Mul, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_joined_inputs(statements: Iterable[Statement]) -> None:
    """Writes products with joined vectors block by block."""
    statements = list(statements)

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Mul | MatMul) or len(n.factors) < 2:
            return None
        lists = [x for x in n.factors if _joined(x)]
        matrices = [x for x in n.factors if isinstance(x, Sym) and x.base[:1].isupper()]
        before = tuple(x for x in n.factors if x not in (*lists, *matrices))
        if len(lists) != 1 or len(matrices) != 1:
            return None
        weights, joined = matrices[0], _joined(lists[0])
        blocks = tuple(
            MatMul((replace(weights, base=weights.base + v.base, span=None), v)) for v in joined
        )
        whole = Add(blocks, span=n.span)
        return type(n)((*before, whole), span=n.span) if before else whole

    if any(_joined(n) for s in statements for n in s.chain.walk()):
        rewrite_all(statements, change)


def _joined(f: Formula) -> tuple[Sym, ...]:
    """The vectors of `[h, x]` or of a column with these two; empty for anything else."""
    if isinstance(f, Call) and f.name == "list":
        parts = f.args
    elif isinstance(f, Matrix) and all(len(row) == 1 for row in f.rows):
        parts = tuple(row[0] for row in f.rows)
    else:
        return ()
    found = tuple(a for a in parts if isinstance(a, Sym))
    return found if len({a.base for a in found}) == len(parts) > 1 else ()
