"""The verdict with slips of the pen mended, and other readings where it does not hold."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Array, Chain, Ref, Sym
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.charity.reading import Reading
from symbackprop.verifying.charity.readings import readings
from symbackprop.verifying.charity.slips import slips
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.meaning import find_meaning
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.claims import judge_claim
from symbackprop.verifying.verdicts.statements import judge_statement
from symbackprop.verifying.verdicts.verifier import Verifier


def with_charity(verifier: Verifier, s: Statement, i: int) -> Verdict:
    """The verdict, slips of the pen mended first; other readings where it does not hold."""
    found = slips(s, verifier.u, verifier.known)
    if found:
        verdict = reread(verifier, s, found[-1].chain)
        if verdict is None and s.sort in ("definition", "cost"):
            verdict = Verdict("definition")
        if verdict is not None and verdict.kind not in ACCEPTED and s.defines:
            verdict = without_schemas(verifier, s, found[-1].chain)
        if verdict is None and s.sort in ("shape", "cost"):
            verdict = Verdict("definition")
        if verdict is not None and verdict.kind in ACCEPTED:
            return misprint(verifier, s, i, found, verdict)
    else:
        verdict = None
    if verdict is None or verdict.kind == "not_understood":
        verdict = judge_statement(verifier, s)
    calculated = not any(isinstance(n, Sym) for m in s.chain.members[1:] for n in m.walk())
    if verdict.kind in ACCEPTED or s.sort in ("numeric", "update") or calculated:
        return verdict
    written = found[-1].chain if found else s.chain
    for reading in readings(s, verifier.u, written):
        if not helps(verifier, s, written, reading.chain, verdict):
            continue
        other = reread(verifier, s, reading.chain)
        if other is not None and other.kind in ("proved", "agrees"):
            return misprint(verifier, s, i, [*found, reading], other)
    return verdict


def helps(verifier: Verifier, s: Statement, written: Chain, other: Chain, verdict: Verdict) -> bool:
    """Whether another reading may mend a chain: its first wrong link is tried by itself."""
    size = len(written.members)
    if size < 4 or len(verdict.members) != size - 1 or len(other.members) != size:
        return True
    at = next((k for k, m in enumerate(verdict.members, start=1) if m.kind not in ACCEPTED), 0)
    if not at:
        return True
    link = Chain((other.members[0], other.members[at]), ("=",))
    if link.members == (written.members[0], written.members[at]):
        return False
    tried = reread(verifier, replace(s, defines=[]), link)
    return tried is not None and tried.kind in ("proved", "agrees")


def without_schemas(verifier: Verifier, s: Statement, chain: Chain) -> Verdict | None:
    """A definition without those members that speak of nothing the document defines or uses."""
    used = {
        n.name for d in verifier.u.definitions
        if d not in s.defines and verifier.session.letter_of(d.target) not in COSTS for n in d.rhs.walk()
        if isinstance(n, Ref | Array)
    } | {d.target for d in verifier.u.definitions}  # fmt: skip
    other = Statement(s.place, s.piece, chain, s.label, s.sort)
    find_meaning(other, verifier.u)
    if other.meant is None:
        return None
    kept = [other.meant.members[0]]
    for m in other.meant.members[1:]:
        names = {n.name for n in m.walk() if isinstance(n, Ref | Array)}
        if names & used:
            kept.append(m)
    if len(kept) == len(other.meant.members) or len(kept) < 2:
        return None
    if len(kept) == 2:
        return Verdict("definition", how="introduces a name")
    return judge_claim(verifier, s, Chain(tuple(kept), ("=",) * (len(kept) - 1)))


def misprint(
    verifier: Verifier, s: Statement, i: int, found: list[Reading], verdict: Verdict
) -> Verdict:
    """A statement that is true only as it was meant; what was meant is its repair."""
    verifier.codes[i] = found[-1].code
    verifier.repairs[i] = meant_text(s.chain, found[-1].chain)
    message = "; ".join(r.message for r in found)
    return Verdict("misprint", verdict.how, message, verdict.members, facts=verdict.facts)


def meant_text(written: Chain, meant: Chain) -> str:
    """The member that was meant otherwise, or the whole chain where several were."""
    from symbackprop.formula.latex_writer import write

    if len(written.members) != len(meant.members):
        return write(meant)
    changed = [m for m, o in zip(meant.members, written.members, strict=True) if m != o]
    return write(changed[0]) if len(changed) == 1 else write(meant) if changed else ""


def reread(verifier: Verifier, s: Statement, chain: Chain) -> Verdict | None:
    """The verdict on another chain in the place of the statement; None if it has no meaning."""
    other = Statement(s.place, s.piece, chain, s.label, s.sort)
    find_meaning(other, verifier.u)
    if other.meant is None:
        return None
    if s.sort in ("definition", "cost") and s.defines:
        other.defines = s.defines
    return judge_statement(verifier, other)
