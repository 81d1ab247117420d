r"""Jacobians of functions that act entry by entry, written as vectors: `∂a/∂z = σ'(z)`, `∂c/∂i = g`.

Such a Jacobian is a diagonal matrix. Who writes its diagonal alone means entry by entry, and products
with it too. A Jacobian that is not diagonal has no such reading.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import (
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Hadamard,
    MatMul,
    Mul,
    Num,
    Ones,
    Transpose,
)
from symbackprop.formula.tree import Idx as Index
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.verifier import Verifier


def judge_entrywise(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict | None:
    """The verdict entry by entry; None where it has no such reading."""
    if not any(_is_jacobian(n) for n in chain.walk()):
        return None
    if any(isinstance(n, Transpose) for n in chain.walk()):
        return None  # who turns factors round means matrices
    members = tuple(_entry_by_entry(m) for m in chain.members)
    if _is_jacobian(chain.members[0]):
        ones = Ones(Index("?"))
        members = tuple(Mul((m, ones)) if isinstance(m, Num) else m for m in members)
    verdict, _ = ask(verifier.session, s, replace(chain, members=members), functions)
    return verdict if verdict.kind in (*ACCEPTED, "refuted") else None


def _entry_by_entry(f: Formula) -> Formula:
    """Jacobians as their diagonals, products of columns as products of entries."""
    if _is_jacobian(f):
        return Call("diag", (f,), span=f.span)
    if isinstance(f, Call) and f.name == "diag":
        return f
    g = f.map(_entry_by_entry)
    if isinstance(g, Mul | MatMul):
        columns = [x for x in g.factors if _is_column(x)]
        rest = tuple(x for x in g.factors if not _is_column(x))
        if len(columns) > 1:
            product = Hadamard(tuple(columns), span=g.span)
            return Mul((*rest, product), span=g.span) if rest else product
    return g


def _is_jacobian(f: Formula) -> bool:
    return isinstance(f, Deriv) and isinstance(f.of, Array) and isinstance(f.by, Array)


def _is_column(f: Formula) -> bool:
    """As far as its form tells: the judge looks at the shapes."""
    return any(isinstance(n, Array) for n in f.walk())


__all__ = ["judge_entrywise"]
