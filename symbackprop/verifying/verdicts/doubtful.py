"""Doubt about one's own reading: a document in which hardly anything holds was not understood.

Authors err in one equation of six. Where more claims fail, without a small repair that makes them
true, than hold, the failure may be the reader's: it is said, and those claims are not called wrong.

What is wrong by the document's own definitions stays wrong, whatever its neighbours are: a derivative or
a step of learning whose every name is defined or read by a definition, where nothing that these
definitions rest upon was lost, contradicted or of a shape that does not fit.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Array, Call, Chain, Formula, Neg, Num, Ref, Sym
from symbackprop.judging.letters import free_letters
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.contexts.cost_in_force import default_cost
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.differentials import RATES
from symbackprop.verifying.understanding.functions import function_name
from symbackprop.verifying.understanding.statement import has_derivative, names_of
from symbackprop.verifying.verdicts.verifier import Verifier

LEAST = 2
"""So many failures are needed: one proves nothing about the reading."""

LEAST_OF_A_NAME = 4
"""So many failures about one name."""

LEAST_WITH_REPAIRS, FEW = 5, 3
"""So many failures, and so many times those that hold, put even those with a repair in doubt."""


def doubt(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Turns refutations without a repair into `not_understood` where too few claims hold."""
    statements = verifier.u.statements
    judged = [
        i for i in found
        if statements[i].sort in ("claim", "update", "definition", "cost")
        and not _in_numbers(statements[i].chain, found[i])
    ]  # fmt: skip
    held = sum(found[i].kind in ("proved", "agrees", "misprint") for i in judged)
    failed = [i for i in judged if found[i].kind in ("refuted", "ill_formed")]
    lost = [
        i
        for i in failed
        if not verifier.repairs.get(i)
        and not verifier.diagnoses.get(i)
        and i not in verifier.origins
    ]
    for i in lost:
        unknown = _unknown_function(verifier, found[i], i)
        if unknown:
            found[i] = _open(found[i], f"the document does not say what the function {unknown} is")
            verifier.codes.pop(i, None)
    lost = [
        i for i in lost if found[i].kind != "not_understood" and not _is_firm(verifier, found, i)
    ]
    unsure = [i for i in failed if i not in verifier.origins and not _is_firm(verifier, found, i)]
    if len(unsure) >= LEAST_WITH_REPAIRS and len(unsure) > FEW * held:
        lost = unsure  # what mends a reading is no proof that the text is wrong
        for i in lost:
            verifier.repairs.pop(i, None)
            verifier.diagnoses.pop(i, None)
    if len(lost) >= LEAST and len(lost) > held:
        said = dict.fromkeys(lost, f"{len(failed)} claims of this document fail and {held} hold")
    else:
        said = _about_one_name(verifier, found, judged, lost)
    for i, what in said.items():
        found[i] = _open(found[i], f"as it was read, {what}: the reading is in doubt")
        verifier.codes.pop(i, None)


def _about_one_name(
    verifier: Verifier, found: dict[int, Verdict], judged: list[int], lost: list[int]
) -> dict[int, str]:
    """The lost ones among claims about one name of which hardly any hold, and how many that are."""
    about: dict[str, list[int]] = {}
    for i in judged:
        meant = verifier.u.statements[i].meant
        for name in () if meant is None else {n.removeprefix("d.") for n in names_of(meant)}:
            about.setdefault(name, []).append(i)
    said: dict[int, str] = {}
    for name, places in sorted(about.items()):
        fails = [i for i in places if i in lost]
        held = sum(found[i].kind in ("proved", "agrees", "misprint") for i in places)
        if len(fails) >= LEAST_OF_A_NAME and len(fails) > held:
            shown = verifier.session.shown(name)
            for i in fails:
                said.setdefault(i, f"{len(fails)} claims about {shown} fail and {held} hold")
    return said


def _in_numbers(chain: Chain, verdict: Verdict) -> bool:
    """Whether only the numbers behind a formula are wrong: that tells nothing about the reading."""
    last = chain.members[-1]
    number = isinstance(last.body if isinstance(last, Neg) else last, Num)
    example = verdict.counterexample
    return verdict.kind == "refuted" and number and example is not None and not example.values


def _open(verdict: Verdict, reason: str) -> Verdict:
    members = tuple(
        replace(m, kind="not_understood", counterexample=None)
        if m.kind in ("refuted", "ill_formed") else m
        for m in verdict.members
    )  # fmt: skip
    return replace(
        verdict, kind="not_understood", reason=reason, counterexample=None, members=members
    )


def _unknown_function(verifier: Verifier, verdict: Verdict, i: int) -> str:
    """A function of a refuted claim that stands for no formula and in no definition."""
    u = verifier.u
    meant = u.statements[i].meant
    if verdict.kind != "refuted" or meant is None:
        return ""
    defined = {n.name for d in u.definitions for n in d.rhs.walk() if isinstance(n, Call)}
    for n in meant.walk():
        if isinstance(n, Call) and n.name not in defined:
            rows = next((f for name, f in u.functions.items() if function_name(name) == n.name), [])
            if rows and all(f.expression is None for f in rows):
                return n.name
    return ""


def _is_firm(verifier: Verifier, found: dict[int, Verdict], i: int) -> bool:
    """Whether a refutation rests on nothing but definitions that leave no doubt."""
    u, session = verifier.u, verifier.session
    s = u.statements[i]
    # Where all entries are written as in the definitions, their letters alone tell the sizes.
    ranges = found[i].kind == "ill_formed" and found[i].reason.startswith("the letter ")
    ranges = ranges and s.meant is not None and _entries(s.meant) <= _defined_entries(verifier)
    if not (found[i].kind == "refuted" or ranges) or s.meant is None or s.lost or s.under:
        return False
    names = {n.removeprefix("d.") for n in names_of(s.meant)}
    errors = names & set(u.errors)
    if not (s.sort == "update" or errors or has_derivative(s.meant)):
        return False  # a formula said to be another one: either may be a definition
    letters = set(free_letters(s.meant.members[-1], {})) - set(SIZE_LETTERS)
    if letters - set(free_letters(s.meant.members[0], {})) - set(u.resolver.sizes):
        return False
    names |= {u.errors[n] for n in errors}
    if s.sort == "update" or errors:
        names |= {n for n in (default_cost(session, s.place, s.meant),) if n}
    known = {n for d in u.definitions for n in (d.target, *session.reads(d))}
    known |= set(u.errors) | set(session.accumulated)
    free = {n for n in names - known if session.letter_of(n) not in RATES}
    if free:
        return False
    below = set(names)
    grown = True
    while grown:
        more = {n for d in u.definitions if d.target in below for n in session.reads(d)} - below
        grown = bool(more)
        below |= more
    return not {session.letter_of(n) for n in below} & _uncertain(verifier, found)


def _entries(f: Formula) -> set[tuple[str, int]]:
    """The quantities with indices in a formula, each with how many it has."""
    return {(n.name, len(n.indices)) for n in f.walk() if isinstance(n, Ref | Array) and n.indices}


def _defined_entries(verifier: Verifier) -> set[tuple[str, int]]:
    found = {(d.target, len(d.indices)) for d in verifier.u.definitions}
    return found.union(*(_entries(d.rhs) for d in verifier.u.definitions))


def _uncertain(verifier: Verifier, found: dict[int, Verdict]) -> set[str]:
    """Letters that the document defines in a way that was lost, contradicted or does not fit."""
    letters: set[str] = set()
    for i, verdict in found.items():
        s = verifier.u.statements[i]
        head = s.chain.members[0]
        if verdict.accepted or not isinstance(head, Sym) or s.sort == "update":
            continue
        claimed = s.meant is not None and (
            has_derivative(s.meant)
            or bool(names_of(s.meant.members[0]) & set(verifier.u.errors))
            or any(isinstance(n, Call) and n.primes for n in s.meant.walk())
        )
        if not claimed or verdict.kind == "ill_formed":
            letters.add(head.base)
    for context in verifier.session.contexts.values():
        if not isinstance(context, str):
            letters |= {verifier.session.letter_of(n) for n in context.dropped}
    return letters
