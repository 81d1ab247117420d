"""A Context: the System of some definitions with its judge."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Num, Ref
from symbackprop.judging.judge import Judge
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.connected import of_one_sample, substituted
from symbackprop.verifying.contexts.cost_in_force import rates
from symbackprop.verifying.contexts.depth import deeper
from symbackprop.verifying.contexts.recurring import (
    arities,
    facts_of,
    first_layer,
    last_layer,
    recurring,
)
from symbackprop.verifying.contexts.session import NO_COST, SIZE, Context, Session, reads_of
from symbackprop.verifying.systems.build import build
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition


def build_context(
    session: Session,
    forward: list[Definition],
    named: dict[str, tuple[tuple[str, ...], Formula]],
    cost: str | None,
    functions: dict[str, Function],
    loose: frozenset[str] | None = None,
) -> Context:
    u = session.u
    used: list[Formula] = []
    names: set[str] = set()
    for s in u.statements:
        if s.meant is not None and s.sort not in ("remark", "shape"):
            used.append(substituted(session, s.meant))
    numerators = {
        n.of.name for f in used for n in f.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref)
    }  # fmt: skip
    unknown: dict[str, tuple[str, ...]] = {}
    defined = {d.target for d in forward}
    somewhere = {d.target for d in u.definitions if not of_one_sample(session, d)}
    for f in used:
        for n in f.walk():
            if (
                isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and n.of.indices
                and isinstance(n.by, Ref | Array) and n.of.name not in somewhere
                and n.by.name not in defined and n.of.name not in u.errors
            ):  # fmt: skip
                known = unknown.get(n.of.name, ())
                if n.by.name not in known:
                    unknown[n.of.name] = (*known, n.by.name)
    numerators -= set(unknown)
    arity = arities(session, used, forward)
    by_layer, by_time = recurring(session, forward, used)
    hidden = (numerators - defined) | set(named) | set(u.errors)
    if cost is not None and cost not in defined:
        hidden.add(cost)
    first = first_layer(session, forward, used, by_layer)
    last = last_layer(session, "L", ("n_l", "L", "n_L", "N", "H"))
    shift = first if by_layer else 0
    if shift:
        forward = [
            replace(
                d,
                rhs=deeper(d.rhs, last, shift),
                indices=tuple(deeper(i, last, shift) for i in d.indices),
            )
            for d in forward
        ]
        used = [deeper(f, last, shift) for f in used]
        named = {n: (letters, deeper(f, last, shift)) for n, (letters, f) in named.items()}
    wanted = (
        (loose or frozenset())
        | {d.target for d in forward}
        | {n for d in forward for n in reads_of(d.rhs)}
    )
    if loose is not None:
        for lost, by in unknown.items():
            if lost in wanted:
                wanted |= set(by)
        used = [f for f in used if reads_of(f) & wanted]
        # What only stands beside these names in other statements is no part of this System.
        hidden |= {n for f in used for n in reads_of(f)} - wanted
    builder = Builder(
        arity,
        u.resolver.sizes,
        tuple(functions.values()),
        facts_of(session, arity),
        by_layer,
        by_time,
        first=first,
        last=last,
        last_time="T",
        widths=bool(u.resolver.widths),
        unknown=unknown,
        more_sizes=tuple(sorted(n[len(SIZE) :] for n in loose or () if n.startswith(SIZE))),
        names=u.resolver.symbols.names,
    )
    hidden |= rates(session)
    clean = [without_hidden(f, hidden) for f in used]
    system = build(
        builder, "document", forward, [c for c in clean if c is not None], cost or NO_COST
    )
    names |= {q.name for q in system.quantities}
    upstream = upstream_of(forward)
    for lost, by in unknown.items():
        for name, above in list(upstream.items()):
            if lost in above:
                upstream[name] = above | set(by)
        upstream[lost] = frozenset(by)
    if cost is not None and cost not in defined:
        upstream[cost] = frozenset(defined) | frozenset(x for v in upstream.values() for x in v)
    return Context(
        system,
        Judge(system, session.budget),
        named,
        frozenset(defined | set(unknown) | ({cost} if cost else set())),
        upstream,
        dict(u.errors),
        u.resolver.symbols.names,
        (last, shift),
    )


def without_hidden(f: Formula, hidden: set[str]) -> Formula | None:
    """The formula for learning sizes and names, hidden names left out (they are no free quantities)."""
    if not hidden:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.name in hidden:
            return Num("1")
        return None

    return f.rewrite(change)


def upstream_of(forward: list[Definition]) -> dict[str, frozenset[str]]:
    reads: dict[str, set[str]] = {}
    for d in forward:
        reads.setdefault(d.target, set()).update(reads_of(d.rhs))
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
