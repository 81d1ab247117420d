"""The cheapest true edit of every wrong statement that inherits nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Chain, Formula
from symbackprop.judging.clock import within
from symbackprop.judging.diagnose import Repair
from symbackprop.judging.judges import judge_of
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.charity.slips import slips
from symbackprop.verifying.codes import BY_REPAIR
from symbackprop.verifying.contexts.depth import shallower
from symbackprop.verifying.contexts.session import Context
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.names.rewriter import Rewriter
from symbackprop.verifying.names.row_vectors import is_row, of_rows
from symbackprop.verifying.understanding.labels import as_label
from symbackprop.verifying.understanding.layers_below import lowered
from symbackprop.verifying.understanding.nested import as_nested
from symbackprop.verifying.understanding.positions import as_written
from symbackprop.verifying.understanding.statement import ANY_NUMBER, Statement
from symbackprop.verifying.verdicts.charitable import reread
from symbackprop.verifying.verdicts.mending import edits
from symbackprop.verifying.verdicts.other_costs import other_costs
from symbackprop.verifying.verdicts.verifier import Verifier


def diagnose_all(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """The cheapest true edit of every wrong statement that inherits nothing."""
    from symbackprop.formula.normal import same
    from symbackprop.judging.diagnose import diagnose

    deadline = within(max(4.0, 2 * verifier.session.budget))
    for i, v in found.items():
        if v.kind not in ("refuted", "ill_formed") or i in verifier.origins:
            continue
        if deadline.passed:
            return
        asked = verifier.session.last_asked.get(id(v))
        if asked is None:
            continue
        context, chain, constants = asked
        session = verifier.session
        session.give(max(0.0, min(verifier.left.get(i, 0.0), deadline.left)))
        try:
            with context.judge.clock.limited(session.until):
                repair = diagnose(
                    chain,
                    context.judge,
                    session.broken.get(id(v), v),
                    context.named,
                    constants=constants,
                    seconds=1.0,
                    costs={},
                )
        except (SymbackpropError, RecursionError, ValueError, TypeError, LookupError, ArithmeticError,
                AttributeError, AssertionError):  # fmt: skip
            repair = None
        other = right_for(context, chain, constants) if repair is None or repair.cost > 2 else ""
        if repair is None:
            mend(verifier, i, v)
            if other:
                verifier.codes[i], verifier.diagnoses[i] = "R110", f"right for {other}"
            continue
        verifier.codes[i] = BY_REPAIR.get(repair.code.split("+")[0], "R101")
        verifier.diagnoses[i] = repair.meaning
        # A document's names for errors are those of its own cost, not of what is differentiated here.
        own = session.letter_of(context.system.cost) in COSTS
        errors = context.errors if own else {}
        rows = partial(_in_its_letters, verifier, chain.members[0])
        rewriter = Rewriter(
            verifier.u.resolver.symbols,
            errors,
            context.system.cost,
            partial(_as_read, verifier, verifier.u.statements[i]),
        )
        written = [rewriter(rows(shallower(verifier.session, repair.after, context)))]
        written += [
            rewriter(rows(shallower(verifier.session, t.after, context)))
            for t in repair.ties[:2]
            if t.code != repair.code
            and not same(t.after, repair.after)
            and _size(t) <= _size(repair)
        ]
        zero = " = 0" if verifier.u.statements[i].optimum is not None else ""
        verifier.repairs[i] = "  or  ".join(one + zero for one in dict.fromkeys(written))
        if other:
            verifier.codes[i], verifier.diagnoses[i] = "R110", f"right for {other}"


def _in_its_letters(verifier: Verifier, head: Formula, f: Formula) -> Formula:
    return as_written(as_rows(verifier, head, f), verifier.u.positions)


def _as_read(verifier: Verifier, s: Statement, f: Formula) -> Formula:
    """With the letters that were changed when the text was read."""
    f = as_nested(as_label(f, verifier.u.label), verifier.u.families)
    if s.argument is not None:
        f = f.rewrite(lambda n: s.argument if n == ANY_NUMBER else None)
    return lowered(f, verifier.u.profile.below)


def as_rows(verifier: Verifier, head: Formula, f: Formula) -> Formula:
    """A mended side as the document writes it, where its vectors are rows."""
    resolver = verifier.u.resolver
    return of_rows(f, resolver.vectors, is_row(head, resolver.vectors)) if resolver.rows else f


def _size(repair: Repair) -> int:
    return sum(1 for _ in repair.after.walk())


def right_for(context: Context, chain: Chain, constants: tuple[str, ...]) -> str:
    """The cost for which the statement would be right as it stands, in words; '' if there is none."""
    for words, system in other_costs(context.system).items():
        judge = judge_of(system, 0.5)
        try:
            verdict = judge.judge(chain, context.named, constants=constants)
        except (SymbackpropError, ValueError, TypeError, LookupError, ArithmeticError):
            continue
        if verdict.kind in ("proved", "agrees"):
            return words
    return ""


def mend(verifier: Verifier, i: int, v: Verdict) -> None:
    """The first edit of the written statement that the judge accepts."""
    from symbackprop.formula.latex_writer import write

    s = verifier.u.statements[i]
    found = slips(s, verifier.u, verifier.known)
    chain = found[-1].chain if found else s.chain
    wrong = [k + 1 for k, m in enumerate(v.members) if m.kind not in ACCEPTED]
    places = wrong or list(range(1, len(chain.members)))
    for broken in [k for k in places if k < len(chain.members)][:3]:
        for code, meaning, member in islice(edits(chain, broken, verifier.known), 30):
            if verifier.session.left <= 0:
                return
            pair = Chain((chain.members[0], member), ("=",))
            verdict = reread(verifier, replace(s, defines=[]), pair)
            if verdict is not None and verdict.kind in ("proved", "agrees"):
                verifier.codes[i], verifier.diagnoses[i] = code, meaning
                verifier.repairs[i] = write(member)
                return
