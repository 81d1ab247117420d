r"""Numbers put in for some of the letters: `∂L/∂z_1 = ∂L/∂h_1 \cdot 1`, where 1 is the slope of the ReLU at z_1.

Such a formula is wrong in general, and right at the numbers of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from symbackprop.formula.tree import Chain, Formula, Hadamard, Mul, Num
from symbackprop.judging.arena import Key
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.model_values import quantity
from symbackprop.verifying.verdicts.numeric import is_rounded
from symbackprop.verifying.verdicts.verifier import Verifier

EQUAL = 1e-9


def at_the_numbers(
    verifier: Verifier, s: Statement, chain: Chain, found: Verdict, points: tuple[Mapping[Key, Fraction], ...]
) -> Verdict:  # fmt: skip
    """The verdict on a chain in letters, once members with numbers put in are compared at those of the text."""
    if found.kind != "refuted" or len(found.members) != len(chain.members) - 1:
        return found
    members = list(found.members)
    for k, member in enumerate(chain.members[1:]):
        if members[k].kind in ACCEPTED:
            continue
        if not _put_in(member) or not _equal(verifier, s, chain.members[0], member, points):
            return found
        members[k] = Verdict("agrees", how="at the numbers of the text")
    return Verdict("agrees", how="at the numbers of the text", members=tuple(members))


def _put_in(f: Formula) -> list[Num]:
    """The factors of a product that are a 1 or a decimal: they stand for what the network gives there."""
    factors = f.factors if isinstance(f, Mul | Hadamard) else ()
    return [n for n in factors if isinstance(n, Num) and (n.text == "1" or "." in n.text)]


def _equal(
    verifier: Verifier, s: Statement, head: Formula, member: Formula,
    points: tuple[Mapping[Key, Fraction], ...],
) -> bool:  # fmt: skip
    """Whether both are worth the same, and not 0: there almost anything would do."""
    bare = replace(s, meant=None)
    one, two = (quantity(verifier, bare, f) for f in (head, member))
    if one is None or two is None:
        return False
    room = EQUAL + sum(
        10.0 ** -len(n.text.partition(".")[2]) / float(n.value)
        for n in _put_in(member)
        if is_rounded(n)
    )
    for point in points:
        left, right = one.at(point), two.at(point)
        if left and right and abs(left - right) <= room * abs(left):
            return True
    return False


__all__ = ["at_the_numbers"]
