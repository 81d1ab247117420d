"""Errors as rows: `δ = ∂J/∂z = (p - y)^T`, where a derivative by a column is a row.

Texts with Jacobians write so; in the numerator layout every derivative of a number by a vector is a row,
`∂s/∂w = x^T`. It is decided for the whole document: only where more claims hold with rows than with
columns, and at least two. A gradient with a nabla is a column all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.formula.tree import Array, Chain, Deriv, Formula, Grad, Ref, Transpose
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.understanding.settled import written_ranks
from symbackprop.verifying.verdicts.claims import judge_claim
from symbackprop.verifying.verdicts.verifier import Verifier

LEAST = 2


def with_row_errors(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Replaces the verdicts on wrong claims that hold if errors, or derivatives of numbers, are rows."""
    u = verifier.u
    if not u.profile.arrays:
        return
    if u.errors:
        _turn(verifier, found, lambda n: _is_error(verifier, n))
    ranks = {**u.resolver.ranks, **written_ranks(u.resolver)}
    _turn(verifier, found, lambda n: _is_row(n, ranks))


def _turn(verifier: Verifier, found: dict[int, Verdict], is_row: Callable[[Formula], bool]) -> None:
    u = verifier.u
    about = [
        i for i in found
        if u.statements[i].meant is not None and u.statements[i].sort == "claim"
        and any(is_row(n) for n in u.statements[i].meant.walk())  # type: ignore[union-attr]
    ]  # fmt: skip
    wrong = [i for i in about if found[i].kind in ("refuted", "ill_formed")]
    if len(wrong) < LEAST:
        return
    turned: dict[int, Verdict] = {}
    for i in wrong:
        s = u.statements[i]
        assert s.meant is not None
        chain = s.meant.rewrite(lambda n: Transpose(n) if is_row(n) else None)
        assert isinstance(chain, Chain)
        verdict = judge_claim(verifier, s, chain)
        if verdict.kind in ACCEPTED:
            turned[i] = verdict
    held = sum(found[i].kind in ACCEPTED for i in about)
    if len(turned) >= LEAST and len(turned) > held:
        found.update(turned)


def _is_row(n: Formula, ranks: dict[str, int]) -> bool:
    """The derivative of a number by a vector."""
    plain = isinstance(n, Deriv) and isinstance(n.of, Ref) and isinstance(n.by, Array)
    return plain and ranks.get(n.by.name) == 1  # type: ignore[attr-defined]


def _is_error(verifier: Verifier, n: Formula) -> bool:
    """A named error as a whole, or the derivative of a number by what the text defines."""
    u = verifier.u
    if isinstance(n, Array):
        return n.name in u.errors
    if not isinstance(n, Deriv | Grad) or not isinstance(n.of, Ref) or n.of.indices:
        return False
    return isinstance(n.by, Array) and any(d.target == n.by.name for d in u.definitions)
