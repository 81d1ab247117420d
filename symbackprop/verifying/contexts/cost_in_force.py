"""Which cost holds at a place of a document."""

from __future__ import annotations

from collections import Counter

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Ref
from symbackprop.verifying.contexts.joined import part_at, whole
from symbackprop.verifying.contexts.parts import Part
from symbackprop.verifying.contexts.session import Session, reads_of
from symbackprop.verifying.names.letters import COSTS


def costs_of(session: Session, f: Formula) -> list[str]:
    """Scalars that are differentiated in a formula, the most cost-like first."""
    found: dict[str, None] = {}
    for n in f.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and not n.of.indices:
            found.setdefault(n.of.name)
    return sorted(found, key=lambda n: session.letter_of(n) not in COSTS)


def cost_of_errors(session: Session, chain: Formula) -> str | None:
    """The cost that the errors of a formula are derivatives of, where their definitions say one."""
    by = {n.name[2:] for n in chain.walk() if isinstance(n, Ref | Array) and n.name[:2] == "d."}
    told = set()
    for d in session.u.definitions:
        if session.u.errors.get(d.target) in by and isinstance(d.rhs, Deriv | Grad):
            told |= {n.name for n in (d.rhs.of,) if isinstance(n, Ref) and not n.indices}
    defined = {d.target for d in session.u.definitions if not d.indices}
    return told.pop() if len(told) == 1 and told <= defined else None


def default_cost(session: Session, place: int, about: Formula) -> str | None:
    """The cost in force at a place: the most differentiated cost letter, else the last that is defined.

    Costs of the same part of the document come first: another network has another cost.
    """
    near = part_at(session, reads_of(about))
    return cost_of(session, near, place) or cost_of(session, whole(session), place)


def cost_of(session: Session, part: Part, place: int) -> str | None:
    """The cost in force in a part of the document."""
    likely, defined = session.once("costs", part, lambda: costs_in(session, part))
    if likely is not None:
        return likely
    return next((name for at, name in reversed(defined) if at <= place), None)


def costs_in(session: Session, part: Part) -> tuple[str | None, list[tuple[int, str]]]:
    """The cost letter that a part differentiates most; and the places where cost letters are defined."""
    counts = Counter(c for f in part.used for c in costs_of(session, f))
    scalars = [d for d in part.definitions if not d.indices]
    defined = [(d.place, d.target) for d in scalars if session.letter_of(d.target) in COSTS]
    names = {d.target for d in scalars}
    letters = [c for c in counts if session.letter_of(c) in COSTS]
    likely = min(letters, key=lambda c: (c not in names, -counts[c]), default=None)
    return likely, defined


def whole_cost(session: Session) -> str | None:
    """The cost of the whole training set, where a document tells it from that of one example."""
    for d in session.u.definitions:
        if d.target.endswith("_all") and not d.indices:
            return d.target
    return None
