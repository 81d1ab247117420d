"""The parts of the document that is judged: what its definitions and claims join."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import Array, Formula, Ref
from symbackprop.verifying.contexts.parts import Part, Parts, merged
from symbackprop.verifying.contexts.rates import rates
from symbackprop.verifying.contexts.session import Session, reads_of


def part_at(session: Session, names: Iterable[str]) -> Part:
    """What the document says about these names and all that are joined with them."""
    found = parts_of(session).of(names)
    key = tuple(p.number for p in found)
    if key not in session.wholes:
        session.wholes[key] = merged(found)
    return session.wholes[key]


def whole(session: Session) -> Part:
    """All that the document says."""
    return session.once("whole", session.u, lambda: merged(parts_of(session).every()))


def parts_of(session: Session) -> Parts:
    """Definitions and statements by the names that they join; learning rates join nothing."""
    if session.parts is None:
        session.parts = find_parts(session)
    return session.parts


def find_parts(session: Session) -> Parts:
    used = [
        (f, reads_of(f))
        for s in session.u.statements
        if s.meant is not None and s.sort not in ("remark", "shape")
        for f in (substituted(session, s.meant),)
    ]
    joined: list[set[str]] = [{a, b} for a, b in session.u.errors.items()]
    joined += [{name, *reads_of(f)} for name, (_, f) in session.accumulated.items()]
    return Parts(
        [(d, (d.target, *session.reads(d))) for d in session.u.definitions],
        used,
        joined,
        rates(session),
    )


def substituted(session: Session, f: Formula) -> Formula:
    """Named errors replaced by the derivative that they are."""
    errors = session.u.errors

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.name in errors:
            return type(n)(f"d.{errors[n.name]}", n.indices, span=n.span)
        return None

    return f.rewrite(change) if errors else f
