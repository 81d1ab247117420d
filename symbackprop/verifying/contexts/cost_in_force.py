"""Which cost holds at a place, and which scalars are learning rates."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Ref
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.names.letters import COSTS


def costs_of(session: Session, f: Formula) -> list[str]:
    """Scalars that are differentiated in a formula, the most cost-like first."""
    found: dict[str, None] = {}
    for n in f.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and not n.of.indices:
            found.setdefault(n.of.name)
    return sorted(found, key=lambda n: session.letter_of(n) not in COSTS)


def default_cost(session: Session, place: int) -> str | None:
    """The cost in force at a place: a defined cost letter, else the most differentiated scalar."""
    counts = session.cost_counts
    last: str | None = None
    if not counts:
        counts["#"] = 0
        for s in session.u.statements:
            for c in costs_of(session, s.meant) if s.meant is not None else ():
                counts[c] = counts.get(c, 0) + 1
    defined = {d.target for d in session.u.definitions if not d.indices}
    for d in session.u.definitions:
        if not d.indices and session.letter_of(d.target) in COSTS and d.place <= place:
            last = d.target
    likely = sorted(
        (c for c in counts if c != "#"),
        key=lambda c: (session.letter_of(c) not in COSTS, c not in defined, -counts[c]),
    )
    if likely and session.letter_of(likely[0]) in COSTS:
        return likely[0]
    if last is not None:
        return last
    return None


def whole_cost(session: Session) -> str | None:
    """The cost of the whole training set, where a document tells it from that of one example."""
    for d in session.u.definitions:
        if d.target.endswith("_all") and not d.indices:
            return d.target
    return None


def rates(session: Session) -> set[str]:
    """Scalars that only stand in updates: learning rates and their like."""
    if session.known_rates is None:
        session.known_rates = find_rates(session)
    return session.known_rates


def find_rates(session: Session) -> set[str]:
    inside: set[str] = set()
    outside: set[str] = set()
    for s in session.u.statements:
        if s.meant is None or s.sort in ("remark", "shape"):
            continue
        names = {n.name for n in s.meant.walk() if isinstance(n, Ref) and not n.indices}
        if s.sort == "update":
            targets = {m.name for m in s.meant.members[:1] if isinstance(m, Ref | Array)}
            inside |= names - targets
            outside |= targets
        elif s.sort != "numeric":
            outside |= names
    return inside - outside


def is_rate(session: Session, name: str, context: Context) -> bool:
    return (
        name not in context.system.by_name
        and not name.startswith("d.")
        and name not in context.named
    )
