"""A Context: the System of some definitions with its judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symbackprop.formula.tree import Array, Chain, Deriv, Formula, Grad, Idx, Num, Ones, Ref
from symbackprop.judging.judges import judge_of
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.connected import of_one_sample
from symbackprop.verifying.contexts.depth import beyond, deeper
from symbackprop.verifying.contexts.later_ends import given_of
from symbackprop.verifying.contexts.parts import Part
from symbackprop.verifying.contexts.rates import rates
from symbackprop.verifying.contexts.recurring import (
    arities,
    facts_of,
    first_layer,
    last_layer,
    recurring,
)
from symbackprop.verifying.contexts.session import (
    NO_COST,
    SIZE,
    Context,
    Named,
    Session,
    reads_of,
)
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import CHANGE
from symbackprop.verifying.systems.build import build
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.shapes import Shape
from symbackprop.verifying.understanding.numbered_times import numbered_times
from symbackprop.verifying.understanding.statement import has_derivative


def build_context(
    session: Session,
    part: Part,
    forward: list[Definition],
    named: Named,
    cost: str | None,
    functions: dict[str, Function],
    loose: frozenset[str],
    positive: frozenset[str] = frozenset(),
) -> Context:
    """The System of these definitions of a part, with its judge. Raises ReadingError, IllFormedSystem."""
    u = session.u
    used = part.used
    numerators, of_unknown = session.once(
        "derivatives", part, lambda: derivatives_in(session, part)
    )
    unknown: dict[str, tuple[str, ...]] = {}
    defined = {d.target for d in forward}
    for of, by in of_unknown:
        if by not in defined:
            unknown[of] = (*unknown.get(of, ()), by)
    numerators = numerators - set(unknown)
    arity = arities(session, part, forward)
    by_layer, by_time = recurring(session, forward, used)
    hidden = (numerators - defined) | set(named) | set(u.errors)
    if cost is not None and cost not in defined:
        hidden.add(cost)
    first = first_layer(session, forward, used, by_layer)
    last = last_layer(session, "L", ("n_l", "L", "n_L", "N", "H"))
    # Where they go up to L + 1, L already counts the layers with weights.
    shift = max(0, first - beyond(forward, by_layer, last)) if by_layer else 0
    if shift:
        forward = [
            replace(
                d,
                rhs=deeper(d.rhs, last, shift),
                indices=tuple(deeper(i, last, shift) for i in d.indices),
            )
            for d in forward
        ]
        named = {n: (letters, deeper(f, last, shift)) for n, (letters, f) in named.items()}
    wanted = loose | {d.target for d in forward} | {n for d in forward for n in reads_of(d.rhs)}
    for lost, under in unknown.items():
        if lost in wanted:
            wanted |= set(under)
    read = session.once("reads", part, lambda: [reads_of(f) for f in part.used])
    # What only stands beside these names in other statements is no part of this System.
    hidden |= {n for names in read if names & wanted for n in names} - wanted
    bearing = [(f, names) for f, names in zip(used, read, strict=True) if names & wanted]
    beside = [
        d for d in part.definitions
        if by_layer and d.target not in defined and session.reads(d) & wanted & by_layer
        and session.u.scopes.at(d.place) not in session.u.apart and not has_derivative(d.rhs)
    ]  # fmt: skip
    moved = sorted(n for n in loose if n.endswith(CHANGE))
    for n in moved:
        arity[n] = arity.get(n.removesuffix(CHANGE), 0)
        if n.removesuffix(CHANGE) in by_layer:
            by_layer |= {n}
    builder = Builder(
        arity,
        u.resolver.sizes,
        tuple(functions.values()),
        facts_of(session, arity, positive),
        by_layer,
        by_time,
        first=first,
        last=last,
        last_time="tau" if "tau" in u.resolver.sizes and "T" not in u.resolver.sizes else "T",
        widths=bool(u.resolver.widths),
        fixed_sizes=last_step(session, [*used, *(d.rhs for d in forward)], by_time),
        unknown=unknown,
        more_sizes=tuple(sorted(n[len(SIZE) :] for n in loose if n.startswith(SIZE))),
        beside=tuple(beside),
        given=frozenset(given_of(session, cost)) if cost else frozenset(),
        said=tuple(_deeper_shape(one, last, shift) for one in u.said),
        names=u.resolver.symbols.names,
        columns=not u.profile.rows,
    )
    hidden |= rates(session)
    clean = [
        prepared(session, f, (last, shift), tuple(sorted(names & hidden)), arity)
        for f, names in bearing
    ]
    alike = [_alike(n.removesuffix(CHANGE), n, arity[n]) for n in moved]
    system = build(
        builder,
        "document",
        forward,
        [*clean, *alike],
        cost or NO_COST,
    )
    upstream = upstream_of(session, forward)
    for lost, under in unknown.items():
        for name, above in list(upstream.items()):
            if lost in above:
                upstream[name] = above | set(under)
        upstream[lost] = frozenset(under)
    if cost is not None and cost not in defined:
        upstream[cost] = frozenset(defined) | frozenset(x for v in upstream.values() for x in v)
    return Context(
        system,
        judge_of(system, session.budget),
        named,
        frozenset(defined | set(unknown) | ({cost} if cost else set())),
        upstream,
        dict(u.errors),
        u.resolver.symbols.names,
        (last, shift),
    )


def last_step(
    session: Session, formulas: Sequence[Formula], by_time: frozenset[str]
) -> dict[str, int]:
    """T is 3 where the text counts so far, or writes the steps one by one and tells no other end."""
    u = session.u
    if u.steps:
        return {"T": u.steps}
    chains = session.once("steps", u, lambda: numbered_times(s.chain for s in u.statements))
    if not by_time or not chains or {"T", "tau"} & u.resolver.sizes:
        return {}
    numbers = [
        affine_of(n.indices[0])
        for f in formulas
        for n in f.walk()
        if isinstance(n, Ref | Array) and n.indices and n.name.removeprefix("d.") in by_time
    ]
    last = max((at for letter, at in numbers if letter is None), default=0)
    return {"T": last} if last > 1 else {}


def _deeper_shape(shape: Shape, last: str, shift: int) -> Shape:
    ref, ranges = shape
    return (
        Ref(ref.name, tuple(deeper(i, last, shift) for i in ref.indices)),
        {x: (low, deeper(high, last, shift)) for x, (low, high) in ranges.items()},
    )


def _alike(name: str, other: str, count: int) -> Chain:
    """`name[…] = other[…]`: two quantities with the same axes."""
    letters = tuple(Idx(x) for x in ("l", "j", "k")[3 - count :])
    return Chain((Ref(name, letters), Ref(other, letters)), ("=",))


def derivatives_in(session: Session, part: Part) -> tuple[set[str], list[tuple[str, str]]]:
    """What is differentiated in a part; and derivatives (of, by) of entries that nothing defines."""
    somewhere = session.once(
        "defined",
        session.u,
        lambda: {d.target for d in session.u.definitions if not of_one_sample(session, d)},
    )
    found: set[str] = set()
    pairs: dict[tuple[str, str], None] = {}
    for f in part.used:
        for n in f.walk():
            if not isinstance(n, Deriv | Grad) or not isinstance(n.of, Ref):
                continue
            found.add(n.of.name)
            known = n.of.name in somewhere or n.of.name in session.u.errors
            if (
                n.of.indices
                and isinstance(n.by, Ref | Array)
                and not known
                and n.by.name != n.of.name
            ):
                pairs.setdefault((n.of.name, n.by.name))
    return found, list(pairs)


def prepared(
    session: Session,
    f: Formula,
    depth: tuple[str, int],
    hidden: tuple[str, ...],
    arity: Mapping[str, int],
) -> Formula:
    """A statement for learning sizes and names; other contexts of the part ask for it too."""
    moved = session.once(f"deeper {depth}", f, lambda: deeper(f, *depth)) if depth[1] else f
    if not hidden:
        return moved
    vectors = frozenset(
        n.name for n in f.walk() if isinstance(n, Array) and n.name in hidden
        and arity.get(n.name, 0) - len(n.indices) == 1
    )  # fmt: skip
    key = f"without {hidden} {tuple(sorted(vectors))}"
    return session.once(key, moved, lambda: without_hidden(moved, hidden, vectors))


def without_hidden(f: Formula, hidden: tuple[str, ...], vectors: frozenset[str]) -> Formula:
    """The formula with hidden names left out: they are no free quantities; `vectors` stay vectors."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.name in hidden:
            return Ones(Idx("?")) if n.name in vectors else Num("1")
        return None

    return f.rewrite(change)


def upstream_of(session: Session, forward: list[Definition]) -> dict[str, frozenset[str]]:
    reads: dict[str, set[str]] = {}
    for d in forward:
        reads.setdefault(d.target, set()).update(session.reads(d))
    found: dict[str, frozenset[str]] = {}

    def visit(name: str) -> frozenset[str]:
        seen: set[str] = set()
        stack = [name]
        while stack:
            for other in reads.get(stack.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return frozenset(seen)

    for name in reads:
        found[name] = visit(name)
    return found
