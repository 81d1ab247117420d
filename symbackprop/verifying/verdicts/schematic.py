r"""Chain rules that are written as schemes: `∂C/∂z = ∂C/∂a · ∂a/∂z` with vectors.

With columns for gradients the product has to be written the other way round, with the Jacobians
transposed. Who writes it in the order of the rule for numbers leaves order and transposes open: it
is neither confirmed nor wrong, where the turned product is equal. Where that is not, it is wrong.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import (
    Array,
    Chain,
    Deriv,
    Formula,
    Grad,
    MatMul,
    Mul,
    Ref,
    Transpose,
)
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.verifier import Verifier

REASON = "a chain rule as a scheme: the order of its factors and the transposes are left open"


def judge_schematic(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict | None:
    """The verdict with schematic members left open; None where that changes nothing."""
    for backwards in (False, True):
        members = tuple(_turned(verifier, m, backwards) for m in chain.members[1:])
        changed = [m != old for m, old in zip(members, chain.members[1:], strict=True)]
        if not any(changed):
            return None
        turned = replace(chain, members=(chain.members[0], *members))
        verdict, _ = ask(verifier.session, s, turned, functions)
        if not verdict.members:
            continue
        open_ = Verdict("not_understood", reason=REASON)
        own = tuple(
            open_ if c and m.kind in ACCEPTED else m
            for m, c in zip(verdict.members, changed, strict=True)
        )
        if all(m.kind in (*ACCEPTED, "not_understood") for m in own):
            return replace(open_, members=own)
    return None


def _turned(verifier: Verifier, f: Formula, backwards: bool) -> Formula:
    """Products of derivatives with the Jacobians transposed and the gradient last.

    backwards: the Jacobians in the other order than they are written.
    """

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, MatMul | Mul):
            return None
        jacobians = [x for x in n.factors if _is_jacobian(x)]
        others = [x for x in n.factors if not _is_jacobian(x)]
        if not jacobians or len(others) != 1 or not _is_gradient(verifier, others[0]):
            return None
        order = jacobians[::-1] if backwards else jacobians
        return MatMul((*map(Transpose, order), others[0]), span=n.span)

    return f.rewrite(change)


def _is_jacobian(f: Formula) -> bool:
    return isinstance(f, Deriv) and isinstance(f.of, Array) and isinstance(f.by, Array)


def _is_gradient(verifier: Verifier, f: Formula) -> bool:
    """The derivative of a number by an array, or an error that the text names."""
    if isinstance(f, Deriv | Grad):
        return isinstance(f.of, Ref) and isinstance(f.by, Array)
    return isinstance(f, Array) and f.name in verifier.u.errors
