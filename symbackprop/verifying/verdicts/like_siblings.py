"""A definition that is wrong where it differs from its siblings, or that lacks what claims speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Ref
from symbackprop.judging.clock import within
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import ADJOINT
from symbackprop.verifying.contexts.session import reads_of
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.roots import Root
from symbackprop.verifying.verdicts.sibling_forms import apart, forms, with_lost
from symbackprop.verifying.verdicts.verifier import Verifier

SECONDS = 0.6
"""The search takes no longer, whatever the document."""
MOST_FAILED = 4
"""A form that mends none of so many claims mends nothing."""
UNLIKE = "it is not like its siblings"
LACKS = "it lacks what the claims speak of"

Again = Callable[[Statement, dict[int, Definition]], Verdict]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A definition with another right side, what was wrong, and how many claims must speak for it."""

    definition: Definition
    rhs: Formula
    lacks: str
    least: int


def like_siblings(verifier: Verifier, found: Mapping[int, Verdict], again: Again) -> Root | None:
    """The definition that mends most wrong claims when it is written like its siblings.

    No claim that holds may suffer. Where nothing is refuted, all claims that the network as it is
    defined knows nothing about must hold then.
    """
    statements, names = verifier.u.statements, verifier.u.resolver.symbols.names
    wrong = sorted(
        i for i, v in found.items()
        if v.kind == "refuted" or (lacking(v) and tells_a_value(statements[i]))
    )  # fmt: skip
    refuted = {i for i in wrong if found[i].kind == "refuted"}
    good = [i for i, v in found.items() if v.kind in ("proved", "agrees")]
    deadline = within(SECONDS)
    best: Root | None = None
    for one in rewritten(verifier, wrong) if wrong else ():
        if deadline.passed:
            break
        if any(isinstance(n, Ref) and n.name not in names for n in one.rhs.walk()):
            continue
        mended = replace(one.definition, rhs=one.rhs)
        swap = {id(one.definition): mended}
        mends: set[int] = set()
        for done, i in enumerate(wrong):
            if done == MOST_FAILED and not mends:
                break
            if again(statements[i], swap).kind in ACCEPTED:
                mends.add(i)
        if len(mends) < one.least or (best is not None and len(mends) <= len(best.mends)):
            continue
        if not mends & refuted and len(mends) < len(wrong):
            continue
        if all(again(statements[i], swap).kind in ACCEPTED for i in good):
            best = Root(one.definition, one.lacks, mended, frozenset(mends), "", whole=True)
            if len(mends) == len(wrong):
                break
    return best


def rewritten(verifier: Verifier, wrong: list[int]) -> Iterator[Rewritten]:
    """What may have been meant, the likeliest first."""
    definitions = [d for d in verifier.u.definitions if not d.whole]
    alike = [(rank, d, rhs) for d in definitions for rank, rhs in forms(d, definitions)]
    alike.sort(key=lambda x: x[0])
    for rank, d, rhs in alike:
        if rank < 2:
            yield Rewritten(d, rhs, UNLIKE, 1)
    lost = unread(verifier, wrong)
    near = {id(d): apart(d.rhs, lost - {d.target}) for d in definitions}
    fellows = [d for d in reversed(definitions) if near[id(d)] is not None]
    for d in sorted(fellows, key=lambda d: near[id(d)] or 0):
        for rhs in with_lost(d.rhs, lost - {d.target}):
            yield Rewritten(d, rhs, LACKS, 2)
    for rank, d, rhs in alike:
        if rank >= 2:
            yield Rewritten(d, rhs, UNLIKE, 1 if rank == 2 else 2)
    for d in reversed(definitions):
        own = lost - {d.target}
        if own and near[id(d)] is None:
            for rhs in with_lost(d.rhs, own):
                yield Rewritten(d, rhs, LACKS, 2)


def unread(verifier: Verifier, wrong: list[int]) -> frozenset[str]:
    """Names that the document defines, or that wrong claims differentiate by, and no definition reads."""
    definitions = verifier.u.definitions
    spoken = {d.target for d in definitions}
    for i in wrong:
        meant = verifier.u.statements[i].meant
        if meant is not None and isinstance(meant.members[0], Deriv):
            spoken |= reads_of(meant.members[0].by)
    read = {n for d in definitions for n in reads_of(d.rhs)}
    costs = {d.target for d in definitions if verifier.session.letter_of(d.target) in COSTS}
    return frozenset(spoken - read - costs)


def lacking(v: Verdict) -> bool:
    """A claim about a derivative by what the cost does not depend on, as it is defined."""
    return v.kind == "not_understood" and "does not depend on" in v.reason


def tells_a_value(s: Statement) -> bool:
    """Whether a claim says what a derivative is without derivatives: no chain rule holds so."""
    return s.meant is not None and any(
        not any(
            isinstance(n, Deriv | Grad)
            or (isinstance(n, Ref | Array) and n.name.startswith(ADJOINT))
            for n in m.walk()
        )
        for m in s.meant.members[1:]
    )
