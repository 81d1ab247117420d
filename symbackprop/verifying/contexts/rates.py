"""Which scalars of a document are learning rates."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Ref
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.understanding.differentials import RATES
from symbackprop.verifying.understanding.momentum import of_an_algorithm
from symbackprop.verifying.understanding.statement import has_derivative


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
            # `Δw = -η ∂J/∂w` is a claim about a step: its rate is that of the updates.
            step = (s.sort == "claim" and has_derivative(s.meant)) or of_an_algorithm(s)
            outside |= {n for n in names if not (step and session.letter_of(n) in RATES)}
    return inside - outside


def is_rate(session: Session, name: str, context: Context) -> bool:
    return (
        name not in context.system.by_name
        and not name.startswith("d.")
        and name not in context.named
    )
