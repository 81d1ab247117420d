"""Systems of a document, place by place: what a claim at a place is a claim about."""

from __future__ import annotations

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import ZERO, Array, Chain, Formula, Ref
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.building import build_context
from symbackprop.verifying.contexts.connected import connected, split_at
from symbackprop.verifying.contexts.joined import part_at
from symbackprop.verifying.contexts.later_ends import without_later_ends
from symbackprop.verifying.contexts.one_line import in_one_line
from symbackprop.verifying.contexts.parts import Part
from symbackprop.verifying.contexts.recurring import under_logs
from symbackprop.verifying.contexts.session import Context, Named, Session, reads_of
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import has_derivative, names_of


def context_at(
    session: Session,
    place: int,
    cost: str | None,
    functions: dict[str, Function],
    replaced: dict[int, Definition] | None = None,
    about: Formula = ZERO,
) -> Context | str:
    """The System at a place, with `cost` as its cost; a text that says why there is none.

    Only what is connected with `about` goes into it.
    """
    names = reads_of(about)
    if cost is not None and any(
        isinstance(n, Ref | Array) and n.name.startswith("d.") for n in about.walk()
    ):
        names.add(cost)
    replaced = replaced or {}
    mended = {n for d in replaced.values() for n in reads_of(d.rhs)}
    part = part_at(session, names | mended)
    step = isinstance(about, Chain) and about.relations == ("<-",)  # w - eta dC/dw
    derived = step or has_derivative(about) or any(n.startswith("d.") for n in names_of(about))
    known = split_at(session, place, part, replaced, derived)
    named = known.named
    forward, loose = connected(session, known, about, names, cost)
    if cost is not None:
        forward = without_later_ends(session, forward, place, cost, names)
    positive = under_logs(about, forward)
    key: tuple[object, ...] = (
        tuple(key_of(d) for d in forward),
        tuple(sorted(named)),
        loose,
        cost,
        tuple(sorted((n, repr(f.expression)) for n, f in functions.items())),
        positive,
    )
    if key not in session.contexts:
        try:
            session.contexts[key] = build_some(
                session, part, forward, named, cost, functions, loose, frozenset(names), positive
            )
        except SymbackpropError as error:
            session.contexts[key] = in_one_line(session, error.message or str(error))
        except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
            session.contexts[key] = (
                f"its definitions do not fit together ({type(error).__name__}: {error})"
            )
    return session.contexts[key]


def build_some(
    session: Session,
    part: Part,
    forward: list[Definition],
    named: Named,
    cost: str | None,
    functions: dict[str, Function],
    loose: frozenset[str],
    own: frozenset[str] = frozenset(),
    positive: frozenset[str] = frozenset(),
) -> Context:
    """The context; a definition that alone spoils the System is left out (its names are free).

    own: the names of the statement, which stay when the definition that read them goes.
    positive: those whose logarithms it holds.
    """
    try:
        return build_context(session, part, forward, named, cost, functions, loose, positive)
    except SymbackpropError as error:
        first = error
    targets = list(dict.fromkeys(d.target for d in forward))
    trials = [{t} for t in reversed(targets)] + [set(targets[-n:]) for n in (2, 3, 4)]
    for left_out in trials[:12]:
        good = [d for d in forward if d.target not in left_out]
        if not good:
            continue
        bad = [d for d in forward if d.target in left_out]
        lost = {n for d in bad for n in session.reads(d)} - left_out
        lost -= {n for d in good for n in session.reads(d)}
        try:
            context = build_context(
                session, part, good, named, cost, functions, loose | (own & lost), positive
            )
        except SymbackpropError:
            continue
        said = in_one_line(session, first.message or str(first))
        context.dropped.update(dict.fromkeys(left_out, said))
        return context
    raise first


def key_of(d: Definition) -> tuple[int, int]:
    return id(d.rhs), id(d.indices)
