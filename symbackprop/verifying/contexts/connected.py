"""The definitions that bear upon a statement: the network, and names for formulas with derivatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import Array, Call, Formula, Idx, MatMul, Ref, Sum
from symbackprop.judging.letters import free_letters
from symbackprop.verifying.contexts.depth import LAST_LAYERS, at_last
from symbackprop.verifying.contexts.joined import substituted
from symbackprop.verifying.contexts.parts import Part
from symbackprop.verifying.contexts.rates import rates
from symbackprop.verifying.contexts.recurring import missing_indices, written_arities
from symbackprop.verifying.contexts.session import SIZE, Session, Split, pattern_of, reads_of
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import COSTS, SIZE_LETTERS
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.entrywise import entrywise
from symbackprop.verifying.systems.share import shared
from symbackprop.verifying.understanding.apart import visible
from symbackprop.verifying.understanding.statement import has_derivative


def split_at(
    session: Session,
    place: int,
    part: Part,
    replaced: Mapping[int, Definition],
    derived: bool = True,
) -> Split:
    """The definitions of a part that hold at a place."""
    chosen = session.current(place, visible(session.u, place, part.definitions), replaced)
    which = (derived, *(id(d) for d in chosen))
    if which not in session.splits:
        forward, named = split(session, chosen, derived)
        table = [(d, session.reads(d) | {d.target}) for d in forward]
        session.splits[which] = Split(chosen, table, named)
    return session.splits[which]


def connected(
    session: Session, known: Split, about: Formula, names: set[str], cost: str | None
) -> tuple[list[Definition], frozenset[str]]:
    """The definitions that are joined to a statement by common names, and its own names."""
    table, named = known.forward, known.named
    own, names = names, set(names)
    for n in list(names):
        if n in named:
            names |= reads_of(named[n][1])
    grown = True
    while grown:
        grown = False
        for _, inside in table:
            if inside & names and not inside <= names:
                names |= inside
                grown = True
    kept = [d for d, inside in table if inside & names]
    if cost is not None and any(d.target == cost for d in kept):
        kept = made_of(own | {cost}, kept, named)
    covered = {n for d in kept for n in (d.target, *session.reads(d))}
    loose = own - covered - set(named) - set(session.u.errors) - rates(session)
    formulas = [about, *(named[n][1] for n in own if n in named)]
    sizes = {n.name for f in formulas for n in f.walk() if isinstance(n, Idx)}
    loose |= {SIZE + n for n in sizes & session.u.resolver.sizes}
    return kept, frozenset(loose)


def made_of(
    names: set[str],
    forward: list[Definition],
    named: dict[str, tuple[tuple[str, ...], Formula]],
) -> list[Definition]:
    """The definitions that these names are made of; what only stands beside them is left out.

    `Z = W A + b` for many samples reads the same W as the network of one sample, and the cost of
    one sample does not depend on it.
    """
    reach: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name in reach:
            continue
        reach.add(name)
        if name in named:
            stack.extend(reads_of(named[name][1]))
        for d in forward:
            if d.target == name:
                stack.extend(reads_of(d.rhs))
    return [d for d in forward if d.target in reach]


def split(
    session: Session, chosen: list[Definition], derived_by: bool
) -> tuple[list[Definition], dict[str, tuple[tuple[str, ...], Formula]]]:
    """Equations of the network, and names for formulas with derivatives.

    The cost of sample t is left open only where something is differentiated: its value is as defined.
    """
    chosen = [at_last(session, d) for d in chosen]
    forward: list[Definition] = []
    named: dict[str, tuple[tuple[str, ...], Formula]] = {}
    derived = {
        d.target
        for d in chosen
        if session.once("derivative", d.rhs, lambda d=d: has_derivative(d.rhs) or _formal(d.rhs))  # type: ignore[misc]
    } | set(session.u.errors)
    named.update(session.accumulated)
    for d in chosen:
        if d.target in session.u.errors or loose_letters(session, d):
            continue
        if derived_by and of_one_sample(session, d):
            continue
        if d.target in derived or session.reads(d) & derived:
            letters = tuple(affine_of(i)[0] or "" for i in d.indices)
            if (
                all(letters)
                and d.target not in named
                and all(isinstance(i, Idx) for i in d.indices)
                and not {*letters} & {*session.u.resolver.sizes, *SIZE_LETTERS}
                and d.target not in session.reads(d)
            ):
                named[d.target] = (letters, substituted(session, d.rhs))
            derived.add(d.target)
            continue
        forward.append(d)
    forward = general_only(forward)
    return shared(forward, entry_forms(session, forward)), named


def entry_forms(session: Session, forward: list[Definition]) -> list[Definition]:
    """`z = W a + b` entry by entry, where other definitions are written with indices."""
    whole = [d for d in forward if d.whole and any(isinstance(n, MatMul) for n in d.rhs.walk())]
    if not whole or not any(isinstance(n, Sum) for d in forward for n in d.rhs.walk()):
        return []
    arity = dict(missing_indices(session))
    for name, count in written_arities(session, [d.rhs for d in forward]).items():
        arity[name] = max(arity.get(name, 0), count)
    found = []
    for d in whole:
        builder = Builder(arity, session.u.resolver.sizes, ())
        try:
            found.append(entrywise(builder, d))
        except ReadingError:
            continue
    return found


def _formal(f: Formula) -> bool:
    """`diag(f'(u))`: no equation of the network, a name for a formula."""
    return any(isinstance(n, Call) and n.primes for n in f.walk())


def of_one_sample(session: Session, d: Definition) -> bool:
    """`J^{(t)} = …` of the values for sample t, which the document defines for one sample only."""
    if not d.indices or session.letter_of(d.target) not in COSTS or has_derivative(d.rhs):
        return False
    counts = session.once(
        "targets", session.u, lambda: Counter(x.target for x in session.u.definitions)
    )
    if any(counts[n] > (n == d.target) for n in session.reads(d)):
        return False
    # Of inputs and weights alone it is told in full.
    letters = {session.letter_of(name) for name in counts if name != d.target}
    own = {affine_of(i)[0] for i in d.indices}
    return any(
        isinstance(n, Ref | Array)
        and session.letter_of(n.name) in letters
        and own & {affine_of(i)[0] for i in n.indices}
        for n in d.rhs.walk()
    )


def loose_letters(session: Session, d: Definition) -> list[str]:
    """Index letters on the right that neither the left side nor a sum binds."""
    return session.once("loose", d, lambda: find_loose(session, d))


ONES = "?"
"""The size of a column of ones before what it stands beside tells it."""


def find_loose(session: Session, d: Definition) -> list[str]:
    known = {affine_of(i)[0] for i in d.indices} | set(session.u.resolver.sizes) | set(SIZE_LETTERS)
    return [x for x in free_letters(d.rhs, {}) if x not in known and x != ONES]


def general_only(chosen: list[Definition]) -> list[Definition]:
    """Instances (`a_1^{(2)} = …`) left out where a general equation (`a^{(l+1)} = …`) covers them.

    A base case (the first layer) stays: no recurrence covers it.
    """
    general = {}
    for d in chosen:
        marks = pattern_of(d)[1]
        if marks and all(m == "*" for m in marks):
            shifts = [affine_of(i)[1] for i in d.indices]
            general[d.target] = shifts
    kept = []
    for d in chosen:
        marks = pattern_of(d)[1]
        if (
            (d.target in general and "*" in "".join(marks[:1] or ("*",)))
            or (
                d.target in general
                and marks[0] in ("#0", "#1")
                and all(m == "*" for m in marks[1:])
            )
            or d.target not in general
            or _of_last_alone(d, chosen)
        ):
            kept.append(d)
    return kept


def _of_last_alone(d: Definition, chosen: list[Definition]) -> bool:
    """`A^{[L]} = σ(Z^{[L]})` beside another function at any layer: the last one is of its own kind."""
    last = d.indices[0] if d.indices else None
    if not d.whole or not isinstance(last, Idx) or last.name not in LAST_LAYERS:
        return False
    return any(
        o.target == d.target and o.whole and len(o.indices) == len(d.indices) == 1
        and isinstance(o.indices[0], Idx) and o.indices[0].name not in SIZE_LETTERS
        and functions_in(o.rhs) != functions_in(d.rhs)
        for o in chosen
    )  # fmt: skip


def functions_in(f: Formula) -> set[str]:
    return {n.name for n in f.walk() if isinstance(n, Call)}
