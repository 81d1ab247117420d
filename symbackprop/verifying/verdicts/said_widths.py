"""Widths of layers that a text gives as numbers: "with one output unit, so n^{[L]} = 1"."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Chain, Num, Ref
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.one_output import has_one_output
from symbackprop.verifying.understanding.statement import Statement, Understanding
from symbackprop.verifying.verdicts.verifier import Verifier


def of_one_output(u: Understanding, chain: Chain) -> bool:
    """Whether a claim reads the last layer, and that is said to have one unit: other shapes fit it then."""
    counts = {v for k, v in u.size_values.items() if k in SIZE_LETTERS}
    last = any(
        affine_of(n.indices[0])[0] in SIZE_LETTERS
        or (isinstance(n.indices[0], Num) and n.indices[0].value in counts)
        for n in chain.walk()
        if isinstance(n, Array | Ref) and n.indices
    )
    return last and has_one_output(u)


def judge_one_output(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict:
    """The verdict where the last layer has one unit; of a failure in shapes, nothing is said."""
    verdict, context = ask(verifier.session, s, chain, functions, single=True)
    known = context is not None and context.judge.single
    if known and (verdict.accepted or verdict.kind == "refuted"):
        return verdict
    return Verdict("not_understood", reason="the width of a layer is said to be 1")


__all__ = ["judge_one_output", "of_one_output"]
