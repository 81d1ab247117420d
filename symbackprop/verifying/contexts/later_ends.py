"""What an undefined cost depends on: not on a quantity that the text only comes to later.

The upstream gradients `∂L/∂y_i` of a text with no formula for L say that L is a function of y. A
layer that a later section defines beside it, and by which L is never differentiated, is another one.
"""

from __future__ import annotations

from symbackprop.formula.tree import Array, Deriv, Grad, Ref
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.systems.definition import Definition


def without_later_ends(
    session: Session, forward: list[Definition], place: int, cost: str, about: set[str]
) -> list[Definition]:
    """The definitions without those that only lead to such ends; `about` are a statement's names."""
    if any(d.target == cost for d in forward) or all(d.place <= place for d in forward):
        return forward
    given = about | given_of(session, cost)
    early = {d.target for d in forward if d.place <= place}
    kept = forward
    while later := _ends(session, kept) - early - given:
        kept = [d for d in kept if d.target not in later]
    return kept if _ends(session, kept) & early & given else forward


def _ends(session: Session, definitions: list[Definition]) -> set[str]:
    """What no other definition reads."""
    read = {n for d in definitions for n in session.reads(d) if n != d.target}
    return {d.target for d in definitions} - read


def given_of(session: Session, cost: str) -> set[str]:
    """What the document differentiates a quantity without indices by."""
    every = session.once("upstream", session.u, lambda: differentiated_by(session))
    return every.get(cost, set())


def differentiated_by(session: Session) -> dict[str, set[str]]:
    """For every quantity without indices: by what the document differentiates it."""
    found: dict[str, set[str]] = {}
    for s in session.u.statements:
        for n in s.meant.walk() if s.meant is not None else ():
            if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and not n.of.indices:
                by = {x.name for x in n.by.walk() if isinstance(x, Ref | Array)}
                found.setdefault(n.of.name, set()).update(by)
    return found
