"""Worked examples: a number that is right in itself, but is not what its left side is worth.

`∂L/∂w_21 = 0.555 · 0.475 = 0.263` calculates rightly, with a wrong number put in. What a name or a derivative is
worth follows from the network and from the numbers before. Authors round on the way, and a text may have other
values than those that were understood; so a far number is called wrong only where the text's other numbers
are near theirs, else it is left open. Only the first number of each left side is looked at, until weights change.
"""

from __future__ import annotations

from symbackprop.judging.verdict import ACCEPTED, Counterexample, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.verifier import Verifier
from symbackprop.verifying.verdicts.worths import (
    ROUND,
    Worth,
    definitions,
    one_each,
    text_of,
    worths,
)


def worth_of(verifier: Verifier, s: Statement) -> Worth | None:
    """What the left side of a statement that ends in a number is worth; None where it is not known."""
    return verifier.session.once("worth", verifier.u, lambda: worths(verifier)).get(id(s))


def against_definition(verifier: Verifier, s: Statement, verdict: Verdict) -> Verdict:
    """The verdict on a calculation, unless its number is far from what its left side is worth."""
    if verdict.kind not in ("agrees", "definition"):
        return verdict
    worth = worth_of(verifier, s)
    if worth is None:
        return verdict
    if worth.off == "near":
        return verdict if verdict.kind == "agrees" else Verdict("agrees", how="by its definition")
    own = of_worth(worth, s)
    if own.kind != "refuted":
        if verdict.kind == "definition" and not worth.sure:
            return verdict
        return Verdict("not_understood", reason=own.reason, members=verdict.members)
    members = verdict.members
    if members and members[-1].kind in ACCEPTED:
        members = (*members[:-1], own)
    return Verdict(
        "refuted", reason=own.reason, members=members, counterexample=own.counterexample
    )  # fmt: skip


def of_worth(worth: Worth, s: Statement) -> Verdict:
    """The verdict on a printed number alone."""
    if worth.off == "near":
        return Verdict("agrees", how="by the numbers before, but for rounding")
    shown = text_of(s.chain.members[-1])
    reason = (
        f"by the definitions and the numbers before the left side is {worth.shown}, not {shown}"
    )
    if worth.off == "far" and worth.sure:
        return Verdict("refuted", reason=reason, counterexample=Counterexample((), worth.shown, shown))  # fmt: skip
    return Verdict("not_understood", reason=reason)


__all__ = ["ROUND", "against_definition", "definitions", "of_worth", "one_each", "worth_of"]
