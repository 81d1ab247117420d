"""Systems of a document, place by place: what a claim at a place is a claim about."""

from __future__ import annotations

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Formula
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.building import build_context
from symbackprop.verifying.contexts.connected import connected, split
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.systems.definition import Definition


def context_at(
    session: Session,
    place: int,
    cost: str | None,
    functions: dict[str, Function],
    replaced: dict[int, Definition] | None = None,
    about: Formula | None = None,
) -> Context | str:
    """The System at a place, with `cost` as its cost; a text that says why there is none.

    Only what is connected with `about` goes into it.
    """
    chosen = session.current(place, replaced)
    which = tuple(id(d) for d in chosen)
    if which not in session.splits:
        session.splits[which] = (chosen, *split(session, chosen))
    _, forward, named = session.splits[which]
    loose: frozenset[str] | None = None
    if about is not None:
        forward, loose = connected(session, forward, named, about, cost)
    key: tuple[object, ...] = (
        tuple(key_of(d) for d in forward),
        tuple(sorted(named)),
        loose,
        cost,
        tuple(sorted((n, repr(f.expression)) for n, f in functions.items())),
    )
    if key not in session.contexts:
        try:
            session.contexts[key] = build_some(session, forward, named, cost, functions, loose)
        except SymbackpropError as error:
            session.contexts[key] = error.message or str(error)
        except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
            session.contexts[key] = (
                f"its definitions do not fit together ({type(error).__name__}: {error})"
            )
    return session.contexts[key]


def build_some(
    session: Session,
    forward: list[Definition],
    named: dict[str, tuple[tuple[str, ...], Formula]],
    cost: str | None,
    functions: dict[str, Function],
    loose: frozenset[str] | None,
) -> Context:
    """The context; a definition that alone spoils the System is left out (its names are free)."""
    try:
        return build_context(session, forward, named, cost, functions, loose)
    except SymbackpropError as error:
        first = error
    targets = list(dict.fromkeys(d.target for d in forward))
    trials = [{t} for t in reversed(targets)] + [set(targets[-n:]) for n in (2, 3, 4)]
    for left_out in trials[:12]:
        good = [d for d in forward if d.target not in left_out]
        if not good:
            continue
        try:
            context = build_context(session, good, named, cost, functions, loose)
        except SymbackpropError:
            continue
        said = (first.message or str(first)).split("\n")[0]
        context.dropped.update(dict.fromkeys(left_out, said))
        return context
    raise first


def key_of(d: Definition) -> tuple[int, int]:
    return id(d.rhs), id(d.indices)
