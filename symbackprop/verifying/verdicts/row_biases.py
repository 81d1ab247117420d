r"""Gradients of biases that are added to the rows of a batch: `∂L/∂b = 1ᵀ G` beside `Z = X W + b`.

Such a b stands for a row, though it is a vector like any other elsewhere; its gradient may be written as a
row or as a column.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula.tree import Add, Array, Chain, Deriv, Formula, Grad, MatMul, Transpose
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import ADJOINT, Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.understanding.settled import written_ranks
from symbackprop.verifying.understanding.statement import Statement, Understanding, base_letter
from symbackprop.verifying.verdicts.verifier import Verifier

WEIGHTS = frozenset({"W", "V", "U", "Theta", "A", "B", "C"})


def judge_row_bias(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict | None:
    """The verdict with the gradient as a row; None where the claim is about no such bias."""
    name = _by(chain.members[0])
    if not name or name not in row_biases(verifier.u):
        return None
    turned = Chain((Transpose(chain.members[0]), *chain.members[1:]), chain.relations)
    verdict, _ = ask(verifier.session, s, turned, functions)
    return verdict if verdict.accepted or verdict.kind == "refuted" else None


def row_biases(u: Understanding) -> frozenset[str]:
    """The names of vectors that definitions add to `X W`, whose rows are examples."""
    ranks = {**u.resolver.ranks, **written_ranks(u.resolver)}
    found: set[str] = set()
    for d in u.definitions:
        for n in d.rhs.walk():
            if isinstance(n, Add) and any(_of_rows(t, ranks, u) for t in n.terms):
                found |= {
                    t.name for t in n.terms if isinstance(t, Array) and ranks.get(t.name) == 1
                }
    return frozenset(found)


def _of_rows(f: Formula, ranks: Mapping[str, int], u: Understanding) -> bool:
    """`X W`, a matrix of rows by a matrix of weights."""
    if not isinstance(f, MatMul) or len(f.factors) != 2:
        return False
    left, right = f.factors
    body = right.body if isinstance(right, Transpose) else right
    if not isinstance(left, Array) or not isinstance(body, Array):
        return False
    if ranks.get(left.name, 0) != 2 or ranks.get(body.name, 0) != 2:
        return False
    return _letter(body, u) in WEIGHTS and _letter(left, u) not in WEIGHTS - {"A"}


def _letter(f: Array, u: Understanding) -> str:
    """The W of `W_1` and of `W1`."""
    return base_letter(f, u).rstrip("0123456789")


def _by(head: Formula) -> str:
    """The name that a head differentiates by."""
    if isinstance(head, Deriv | Grad) and isinstance(head.by, Array):
        return head.by.name
    return (
        head.name.removeprefix(ADJOINT)
        if isinstance(head, Array) and head.name.startswith(ADJOINT)
        else ""
    )


__all__ = ["judge_row_bias", "row_biases"]
