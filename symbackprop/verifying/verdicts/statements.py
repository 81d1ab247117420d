"""The verdict on one statement, by its sort."""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Array,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    MatMul,
    Mul,
    Neg,
    Num,
    Pow,
    Ref,
)
from symbackprop.judging.claims import joined
from symbackprop.judging.letters import free_letters
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import ADJOINT
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.contexts.joined import part_at
from symbackprop.verifying.contexts.session import reads_of
from symbackprop.verifying.names.letters import COSTS, SIZE_LETTERS
from symbackprop.verifying.understanding.statement import Optimum, Statement
from symbackprop.verifying.verdicts.accumulators import accumulates
from symbackprop.verifying.verdicts.claims import functions_at, judge_claim
from symbackprop.verifying.verdicts.directions import UP, direction
from symbackprop.verifying.verdicts.numbered_steps import judge_step_in_numbers
from symbackprop.verifying.verdicts.numeric import judge_numbers
from symbackprop.verifying.verdicts.optima import judge_optimum, of_given
from symbackprop.verifying.verdicts.values import judge_mixed, judge_values
from symbackprop.verifying.verdicts.verifier import Verifier
from symbackprop.verifying.verdicts.worked_numbers import of_worth, worth_of
from symbackprop.verifying.verdicts.worths import last_lettered

ASCENT = re.compile(r"\bascent\b|\bascend|\buphill\b|\bmaximi[sz]", re.IGNORECASE)
"""Prose before a step that goes up: the likelihood is maximised."""


DESCENT = re.compile(r"\bdescent\b|\bdescend|\bdownhill\b|\bminimi[sz]", re.IGNORECASE)

LIKELIHOOD = re.compile(r"(?<!negative )(?<!minus the )\b(?:log[- ]?)?likelihood\b", re.IGNORECASE)
"""Prose right beside the only cost of a text: it is made large."""


def judge_statement(verifier: Verifier, s: Statement) -> Verdict:
    if s.sort == "numeric":
        return judge_values(verifier, s)
    mixed = judge_mixed(verifier, s)
    if mixed is not None:
        return mixed
    if s.reason:
        return Verdict("not_understood", reason=s.reason)
    if s.sort == "cost" and all(r == "to" for r in s.chain.relations):
        return Verdict("definition", how="a cost without a left side")
    if s.sort in ("shape", "fact"):
        return Verdict("definition", how="a statement of shape or fact")
    if s.optimum is not None:
        return judge_optimum(verifier, s, s.optimum)
    if s.sort == "update" and (step := judge_step_in_numbers(verifier, s)) is not None:
        return step
    if s.meant is None:
        return Verdict("not_understood", reason=s.reason or "not understood")
    if s.sort == "update":
        return judge_numbered_update(verifier, s) or judge_update(verifier, s)
    if s.defines and len(s.meant.members) == len(s.defines) + 1:
        return Verdict("definition", how="introduces a name")
    verdict = judge_claim(verifier, s, s.meant)
    if verdict.kind == "refuted" and of_given(verifier, s.meant):
        where = judge_optimum(verifier, s, Optimum(s.meant))
        return where if where.kind in ACCEPTED else verdict
    return verdict


def judge_numbered_update(verifier: Verifier, s: Statement) -> Verdict | None:
    r"""The verdict on `w <- w - η ∂C/∂w \approx 0.45`: on the step, and on its numbers; None without these."""
    worth, at = worth_of(verifier, s), last_lettered(s.chain)
    if worth is None or s.meant is None or len(s.meant.members) != len(s.chain.members):
        return None
    short = Chain(s.meant.members[: at + 1], s.meant.relations[:at], span=s.meant.span)
    step = judge_update(verifier, replace(s, meant=short))
    if step.kind not in ACCEPTED:
        return step
    own = of_worth(worth, s)
    alone = Chain(s.chain.members[at + 1 :], s.chain.relations[at + 1 :])
    calculated = judge_numbers(alone, {}) if len(alone.members) > 1 else None
    wrong = own if calculated is None or own.kind == "refuted" else calculated
    return wrong if wrong.kind != "agrees" else own


def judge_update(verifier: Verifier, s: Statement) -> Verdict:
    """The verdict on a step; one that is written in several forms, with that on each of them."""
    assert s.meant is not None
    target, *forms = s.meant.members
    found = [judge_step(verifier, s, target, new) for new in forms]
    if len(found) == 1:
        return found[0]
    verdict = joined(found)
    session = verifier.session
    broken = next((v for v in found if v.kind not in ACCEPTED), None)
    if broken is not None and id(broken) in session.last_asked:
        session.broken[id(verdict)] = broken
        session.last_asked[id(verdict)] = session.last_asked[id(broken)]
        session.kept.append(verdict)
    return verdict


def judge_step(verifier: Verifier, s: Statement, target: Formula, new: Formula) -> Verdict:
    assert s.meant is not None
    if accumulates(verifier, target, new):
        return Verdict("definition", how="accumulates over the examples")
    states = carried(verifier)
    if isinstance(target, Ref | Array) and target.name in states:
        return Verdict("definition", how="a value that is carried from step to step")
    if states & reads_of(new) - {getattr(target, "name", "")}:
        found = direction(verifier, target, new, states)
        upwards = _is_likelihood(verifier) or _announced(verifier, s)
        if found is None or upwards:
            reason = "a step made of what is carried from step to step"
            return Verdict("not_understood", reason=reason)
        if found > 0:
            return Verdict("refuted", reason=UP)
        return Verdict("definition", how="a step along what is carried from step to step")
    chain = Chain((target, new), ("<-",), span=s.meant.span)
    verdict = judge_claim(verifier, s, chain)
    wrong = verdict.kind in ("refuted", "ill_formed")
    strange = _never_told(verifier, new) if wrong else ""
    if strange:
        return Verdict("not_understood", reason=f"{strange} is never defined in the document")
    if verdict.kind == "ill_formed" and any(_divides_by_curvature(n) for n in new.walk()):
        return Verdict("not_understood", reason="a step that is scaled by second derivatives")
    unknown = "never defined" in verdict.reason or "is not declared" in verdict.reason
    upwards, announced = _is_likelihood(verifier), _announced(verifier, s)
    if verdict.kind in ACCEPTED and upwards and not DESCENT.search(s.piece.before):
        return Verdict("not_understood", reason="a step that makes the likelihood smaller")
    if verdict.kind in ACCEPTED and announced and not DESCENT.search(s.piece.before):
        return Verdict("not_understood", reason="a step down, where the text speaks of steps up")
    if verdict.kind in ACCEPTED or (verdict.kind != "refuted" and not unknown):
        return verdict
    if announced or upwards:
        flipped = Add((Mul((Num("2"), target)), Neg(new)))
        up = judge_claim(verifier, s, Chain((target, flipped), ("<-",), span=s.meant.span))
        if up.kind in ACCEPTED:
            return up
        if announced and not DESCENT.search(s.piece.before):
            chain = Chain((target, flipped), ("<-",), span=s.meant.span)
    # Another cost of the document may be meant: the one of the whole training set.
    session = verifier.session
    for d in part_at(session, reads_of(target)).definitions:
        if not d.indices and _is_cost(verifier, d.target):
            other, _ = ask(session, s, chain, functions_at(verifier, s), wanted=d.target)
            if other.kind in ACCEPTED:
                return other
            if unknown and other.kind == "refuted":
                verdict, unknown = other, False
    if wrong and any(_divides_by_curvature(n) for n in new.walk()):
        return Verdict("not_understood", reason="a step that is scaled by second derivatives")
    if verdict.kind == "refuted" and _of_one_example(verifier, target, new):
        return Verdict("not_understood", reason="a step for one example, by a cost of all")
    return verdict


def _divides_by_curvature(f: Formula) -> bool:
    """The `(∂²C/∂w²)^{-1}` of Newton's step, and `(XᵀSX)^{-1}`, the inverse of a matrix."""
    inverse = f.base if isinstance(f, Pow) and f.exponent == Neg(Num("1")) else None
    if inverse is not None and any(isinstance(n, MatMul) for n in inverse.walk()):
        return True
    inverse = f.den if isinstance(f, Div) else inverse
    return inverse is not None and any(
        isinstance(n, Deriv) and isinstance(n.of, Deriv) for n in inverse.walk()
    )


def _goes_on(step: Chain) -> bool:
    """`θ <- θ - …`: a step of what is learned, though no cost may read it."""
    head = step.members[0]
    return any(head in (m.terms if isinstance(m, Add) else (m,)) for m in step.members[1:])


def _told(verifier: Verifier) -> set[str]:
    """The names that definitions define or read, errors and what adds up over the examples."""
    u = verifier.u
    known = {d.target for d in u.definitions} | set(u.errors) | set(verifier.session.accumulated)
    return known | {n for d in u.definitions for n in verifier.session.reads(d)}


def _never_told(verifier: Verifier, new: Formula) -> str:
    """An array in a step that no definition defines or reads: the `δ` of `W - η δ xᵀ`."""
    known = _told(verifier)
    for n in new.walk():
        if isinstance(n, Array) and not n.name.startswith(ADJOINT) and n.name not in known:
            return verifier.session.shown(n.name)
    return ""


def carried(verifier: Verifier) -> frozenset[str]:
    """What steps are taken of, and no definition reads: the momentum of `m <- β m + (1 - β) ∂C/∂w`."""
    u = verifier.u

    def found() -> frozenset[str]:
        heads = {
            s.meant.members[0].name
            for s in u.statements
            if s.sort == "update"
            and s.meant
            and isinstance(s.meant.members[0], Ref | Array)
            and not _goes_on(s.meant)
        }
        under = {
            n.by.name for s in u.statements if s.meant for n in s.meant.walk()
            if isinstance(n, Deriv | Grad) and isinstance(n.by, Ref | Array)
        }  # fmt: skip
        return frozenset(heads - under - _told(verifier))

    return verifier.session.once("carried", u, found)


def _of_one_example(verifier: Verifier, target: Formula, new: Formula) -> bool:
    """Whether letters are left open in the new value that the target does not have."""
    sizes = dict.fromkeys((*verifier.u.resolver.sizes, *SIZE_LETTERS), 1)
    return bool(set(free_letters(new, sizes)) - set(free_letters(target, sizes)))


def _is_likelihood(verifier: Verifier) -> bool:
    """Whether the text calls its only cost a likelihood, and not the negative of one."""
    costs = [d for d in verifier.u.definitions if _is_cost(verifier, d.target)]
    if len(costs) != 1 or isinstance(costs[0].rhs, Neg):
        return False
    piece = verifier.u.scan.pieces[costs[0].place]
    words = (
        re.split(r"[.!?\n]\s", piece.before)[-1][-80:],
        re.split(r"[.!?\n]", piece.after)[0][:80],
    )
    said = " ".join(words)
    return bool(LIKELIHOOD.search(said)) and "negative" not in said.lower()


def _announced(verifier: Verifier, s: Statement) -> bool:
    """Whether the prose before this step, else that before the steps before it, says that it goes up."""
    here = next((k for k, x in enumerate(verifier.u.statements) if x is s), 0)
    for x in reversed(verifier.u.statements[: here + 1]):
        if x is s or x.sort == "update":
            up, down = (p.search(x.piece.before) for p in (ASCENT, DESCENT))
            if up or down:
                return up is not None
    return False


def _is_cost(verifier: Verifier, name: str) -> bool:
    """A cost letter, or a number that the document differentiates (`G`, `M`)."""
    letter = verifier.session.letter_of(name)
    return letter in COSTS or letter in verifier.u.resolver.symbols.numerators
