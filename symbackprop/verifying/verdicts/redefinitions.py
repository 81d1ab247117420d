"""One definition whose edit makes several refuted claims true: the claims are right, it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Chain, Formula, Ref
from symbackprop.judging.clock import Deadline, within
from symbackprop.judging.problems import Problem
from symbackprop.judging.redefined import Claim, Redefiner
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.contexts.session import Context
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.verdicts.like_siblings import Again, lacking, like_siblings
from symbackprop.verifying.verdicts.roots import Root
from symbackprop.verifying.verdicts.verifier import Verifier

SECONDS = 1.5
"""The search takes no longer, whatever the document."""
MOST_JUDGED = 3
"""So many edits that fit by their numbers are judged."""
LEAST = 2

Asked = tuple[Context, Chain, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A definition, and what it would have to mend or to leave as it is."""

    definition: Definition
    redefiner: Redefiner
    wrong: tuple[Claim, ...]
    right: tuple[Claim, ...]
    doubt: int


def find_redefinition(
    verifier: Verifier, found: Mapping[int, Verdict], again: Again
) -> tuple[list[Root], frozenset[int]]:
    """The definition at fault with the statements that its edit mends; nothing if there is none."""
    try:
        return _find(verifier, found, again)
    except (SymbackpropError, Problem, RecursionError, ValueError, TypeError, LookupError,
            ArithmeticError, AttributeError, AssertionError):  # fmt: skip
        return [], frozenset()


def _find(
    verifier: Verifier, found: Mapping[int, Verdict], again: Again
) -> tuple[list[Root], frozenset[int]]:
    asked = {i: verifier.session.last_asked.get(id(v)) for i, v in found.items()}
    root = like_siblings(verifier, found, again)
    if root is not None:
        return [root], frozenset(i for i in root.mends if found[i].kind == "refuted")
    refuted = [i for i, v in found.items() if v.kind == "refuted" and asked[i] is not None]
    if len(refuted) < LEAST:
        return [], frozenset()
    deadline = within(SECONDS)
    good = [i for i, v in found.items() if v.kind in ("proved", "agrees") and asked[i] is not None]
    wrong = [*refuted, *(i for i, v in found.items() if lacking(v))]
    # Claims about the same part of the network are compared by numbers; all others are only judged.
    groups: dict[int, list[int]] = {}
    for i in refuted:
        groups.setdefault(id(asked[i][0]), []).append(i)  # type: ignore[index]
    here = max(groups.values(), key=len)
    context = asked[here[0]][0]  # type: ignore[index]
    near = [i for i in good if asked[i][0] is context]  # type: ignore[index]
    if len(here) < LEAST or context.depth[1]:
        return [], frozenset()
    for suspect in suspects(verifier, context, asked, here, near, deadline):
        suspect.redefiner.deadline = deadline
        fitting = suspect.redefiner.found((*suspect.wrong, *suspect.right))
        for row, rhs in islice(fitting, MOST_JUDGED):
            mended = replace(suspect.definition, rhs=rhs)
            swap = {id(suspect.definition): mended}
            statements = verifier.u.statements
            mends = frozenset(i for i in wrong if again(statements[i], swap).kind in ACCEPTED)
            if enough(len(mends), len(wrong)) and all(
                again(statements[i], swap).kind in ACCEPTED for i in good
            ):
                root = Root(suspect.definition, row.meaning, mended, mends, "", whole=True)
                return [root], mends & frozenset(refuted)
    return [], frozenset()


def enough(mended: int, refuted: int) -> bool:
    """Two claims are mended and no other is wrong, or at least three and most of them."""
    return mended >= LEAST and (mended == refuted or (mended > LEAST and 4 * mended >= 3 * refuted))


def suspects(
    verifier: Verifier,
    context: Context,
    asked: Mapping[int, Asked | None],
    refuted: list[int],
    good: list[int],
    deadline: Deadline,
) -> list[Suspect]:
    """Definitions through which the wrong claims pass, those that true claims need least first."""
    found: list[Suspect] = []
    for d in verifier.u.definitions:
        if d.whole or d.target not in context.system.equations_of or deadline.passed:
            continue
        head = Ref(d.target, d.indices)
        try:
            redefiner = Redefiner(context.judge, head, d.rhs, context.named, (), deadline)
        except (Problem, SymbackpropError, LookupError, ValueError, TypeError):
            continue
        wrong = claims_of(redefiner, asked, refuted)
        right = claims_of(redefiner, asked, good)
        if len(wrong) < LEAST:
            continue
        missed = sum(not redefiner.through(c) for c in wrong)
        doubt = 3 * missed + sum(redefiner.through(c) for c in right)
        found.append(Suspect(d, redefiner, tuple(wrong[:3]), tuple(right[:3]), doubt))
    return sorted(found, key=lambda s: s.doubt)[:8]


def claims_of(
    redefiner: Redefiner, asked: Mapping[int, Asked | None], statements: list[int]
) -> list[Claim]:
    """The statements that say what a derivative of the cost is, as nodes."""
    made: list[Claim] = []
    for i in statements:
        a = asked[i]
        if a is None:
            continue
        members: tuple[Formula, ...] = a[1].members
        claim = redefiner.claim(members[0], members[-1])
        if claim is not None:
            made.append(claim)
    return made
