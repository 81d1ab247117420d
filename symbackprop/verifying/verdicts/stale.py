"""Claims that hold with one of two contradicting definitions only: they are not called proved.

Where nothing says that a letter means something else from here on, the second definition is judged as a
claim about the first and is refuted. Which of the two the author means below is not known then: what
follows is proved only if it holds with both, and wrong only if it holds with neither.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.formula.tree import Array, Chain, Ref
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.contexts.cost_in_force import default_cost
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.anew import concluded, contradicts
from symbackprop.verifying.understanding.statement import names_of
from symbackprop.verifying.verdicts.claims import functions_at
from symbackprop.verifying.verdicts.verifier import Verifier

JUDGED = ("proved", "agrees", "refuted")
MOST = 40
"""So many claims are judged again; what comes after them stays open."""

Pair = tuple[int, Definition, Definition]


def find_stale(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Turns verdicts that only one of two contradicting definitions gives into `not_understood`."""
    find_left_behind(verifier, found)
    statements = verifier.u.statements
    tried = 0
    for at, old, new in contradictions(verifier, found):
        first = verifier.u.scan.pieces[old.place]
        for i in range(at + 1, len(statements)):
            s = statements[i]
            if i not in found or found[i].kind not in JUDGED or s.meant is None:
                continue
            names = names_of(s.meant)
            if s.sort == "update" or names & set(verifier.u.errors):
                names |= {default_cost(verifier.session, s.place, s.meant) or ""}
            if not _reaches(verifier, names, old.target):
                continue
            name = verifier.session.shown(old.target)
            twice = (
                f"{name} is defined in two ways, at line {first.line} and line "
                f"{statements[at].piece.line}"
            )
            if tried >= MOST:
                found[i] = _open(found[i], f"{twice}; which one holds here was not looked into")
                continue
            tried += 1
            chain = s.meant
            if s.sort == "update":
                chain = Chain((chain.members[0], chain.members[-1]), ("<-",), span=chain.span)
            verdict, _ = ask(verifier.session, s, chain, functions_at(verifier, s), {id(old): new})
            held = found[i].kind in ACCEPTED
            if held != (verdict.kind in ACCEPTED):
                only = "first" if held else "second"
                found[i] = _open(found[i], f"{twice}; this holds with the {only} only")


_BEFORE = re.compile(
    r"\bas\s+(?:in\s+(?:section\s+|part\s+|case\s+)?\(?\d|before\b|above\b)", re.IGNORECASE
)
"""Prose that takes over what was defined before."""


def find_left_behind(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Opens refuted claims about what was made of a name before the text defined that name anew.

    `s_w = u_w . h` in a new section, "p_w as before": p_w is then meant of the new s_w, which nothing states.
    """
    definitions = [d for d in verifier.u.definitions if not d.weak]
    for new in definitions:
        olds = [d for d in definitions if d.target == new.target and d.place < new.place]
        made = {
            d.target for d in definitions
            if olds and olds[-1].place <= d.place < new.place and d.target != new.target
            and new.target in names_of(d.rhs)
        }  # fmt: skip
        made -= {d.target for d in definitions if d.place >= new.place}
        if not made:
            continue
        name = verifier.session.shown(new.target)
        reason = f"{name} is defined anew, and what is made of it is not stated again"
        for i, s in enumerate(verifier.u.statements):
            if i not in found or found[i].kind not in ("refuted", "ill_formed") or s.meant is None:
                continue
            between = verifier.u.scan.pieces[new.place + 1 : s.place + 1]
            if not any(_BEFORE.search(f"{p.before} {p.latex}") for p in between):
                continue
            if _reaches(verifier, names_of(s.meant), new.target):
                found[i] = _open(found[i], reason)


def _open(verdict: Verdict, reason: str) -> Verdict:
    return replace(verdict, kind="not_understood", reason=reason, counterexample=None, members=())


def contradictions(verifier: Verifier, found: dict[int, Verdict]) -> list[Pair]:
    """Refuted statements that define a name again: their number, the old and the new definition."""
    pairs: list[Pair] = []
    for i, s in enumerate(verifier.u.statements):
        if i not in found or found[i].kind != "refuted" or s.meant is None or s.defines:
            continue
        head, *rest = s.meant.members
        if not isinstance(head, Ref | Array) or set(s.meant.relations) - {"=", ":=", "equiv"}:
            continue
        earlier = [
            d for d in verifier.u.definitions
            if d.target == head.name and not d.weak and d.place < s.place
        ]  # fmt: skip
        if not earlier or concluded(s.piece) or head.name in names_of(rest[-1]):
            continue
        if contradicts(head, tuple(rest), earlier[-1]):
            pairs.append((i, earlier[-1], replace(earlier[-1], indices=head.indices, rhs=rest[-1])))
    return pairs


def _reaches(verifier: Verifier, names: set[str], target: str) -> bool:
    """Whether a claim's names are made of a definition, or a derivative is taken through it."""
    seen: set[str] = set()
    stack = [*names, *(e for n in names for e in (verifier.u.errors.get(n),) if e)]
    while stack:
        name = stack.pop().removeprefix("d.")
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            for d in verifier.u.definitions:
                if d.target == name:
                    stack.extend(names_of(d.rhs))
    return False
